/** The other pages: queue, who knew what, two worlds, and the dialog in which one writes. */
import { button, doStep, fillSend, openLab, view } from './moves.ts';
import type { Scene } from './scene.ts';

export const pageScenes: Scene[] = [
  { name: 'welcome', play: (stage) => stage.save('welcome') },
  {
    name: 'licences',
    play: async (stage) => {
      await button(stage.page, 'Licences').click();
      await stage.page.getByRole('dialog').getByText('Permission is hereby granted').waitFor();
      await stage.save('licences');
    },
  },
  {
    name: 'kept',
    play: async (stage) => {
      const { page } = stage;
      for (const title of ['One MX waits', 'A relay through the firewall']) {
        await openLab(page, title);
        await doStep(page, 3);
        await button(page, /Labs and open worlds/).click();
        await page.getByRole('menuitem', { name: /^Close / }).click();
        await page.getByRole('region', { name: 'Where you stopped' }).getByText(title).waitFor();
      }
      await button(page, /^Delete One MX waits/).click();
      await stage.save('kept');
    },
  },
  {
    name: 'queue',
    play: async (stage) => {
      const { page } = stage;
      await openLab(page, "The backup's disk fills (552)");
      for (const step of [2, 3, 4]) await doStep(page, step);
      await view(page, 'Queue').click();
      await stage.save('queue');
      await page.getByRole('row').nth(1).click();
      await stage.save('queue-detail');
      for (const step of [5, 6]) await doStep(page, step);
      await stage.save('queue-full');
    },
  },
  {
    name: 'knew',
    play: async (stage) => {
      const { page } = stage;
      await openLab(page, 'The backup hides the delay');
      for (const step of [2, 4, 5]) await doStep(page, step);
      await view(page, 'Who knew what').click();
      await stage.save('knew');
    },
  },
  {
    name: 'worlds',
    play: async (stage) => {
      const { page } = stage;
      await openLab(page, 'The backup hides the delay');
      await view(page, 'Two worlds').click();
      await stage.save('worlds-empty');
      await page.getByRole('button', { name: /^The same outage without a backup/ }).click();
      const worlds = page.getByRole('region', { name: /two worlds/i });
      const table = worlds.getByRole('table');
      await table.waitFor();
      for (const side of [0, 1]) {
        const play = table
          .getByRole('columnheader')
          .nth(side)
          .getByRole('button', { name: /^Play the guide’s/ });
        await play.click();
        await play.waitFor({ state: 'detached' });
      }
      await table.getByRole('columnheader').getByRole('status').first().waitFor({ state: 'detached' });
      await stage.save('worlds');
    },
  },
  {
    name: 'send',
    play: async (stage) => {
      const { page } = stage;
      await openLab(page, 'A relay through the firewall');
      await fillSend(page, {
        from: 'carol@elsewhere.test',
        to: 'alice@theorganisation.test',
        subject: 'Minutes of the meeting',
      });
      await stage.save('send');
      await page.getByLabel('To', { exact: true }).fill('alice at theorganisation');
      await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();
      await stage.save('send-mistake');
      await button(page, 'Cancel').click();
    },
  },
];
