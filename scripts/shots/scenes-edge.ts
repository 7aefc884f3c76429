/** What goes wrong, and what is much or little. */
import { button, hostCard, openLab, send, view } from './moves.ts';
import type { Scene } from './scene.ts';

const BAD_LAB = `title: A lab with mistakes
shows: Nothing.
clock: { start: yesterday }
hosts:
  a: { name: a.theorganisation.test, address: 192.0.2.300 }
zonez: {}
`;
const EMPTY_LAB = `title: An empty lab
shows: Nothing at all.
summary: Nothing.
clock: { start: 2026-03-02T09:00Z, seed: 1 }
networks: { office: 192.0.2.0/24 }
hosts: {}
zones: {}
`;

export const edgeScenes: Scene[] = [
  {
    name: 'mistakes',
    play: async (stage) => {
      const { page } = stage;
      const chooser = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Open a lab file …' }).click();
      await (await chooser).setFiles({ name: 'my-lab.yaml', mimeType: 'text/yaml', buffer: Buffer.from(BAD_LAB) });
      await page.getByText('my-lab.yaml').first().waitFor();
      await stage.save('mistakes');
    },
  },
  {
    name: 'empty',
    play: async (stage) => {
      const { page } = stage;
      const chooser = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Open a lab file …' }).click();
      await (await chooser).setFiles({ name: 'empty.yaml', mimeType: 'text/yaml', buffer: Buffer.from(EMPTY_LAB) });
      await page.getByRole('region', { name: 'Clock' }).or(page.getByText('empty.yaml')).first().waitFor();
      await stage.save('empty');
      if (await view(page, 'Queue').isVisible()) {
        await view(page, 'Queue').click();
        await stage.save('empty-queue');
        await view(page, 'Who knew what').click();
        await stage.save('empty-knew');
      }
    },
  },
  {
    name: 'long-words',
    play: async (stage) => {
      const { page } = stage;
      await openLab(page, 'One MX waits');
      await hostCard(page, 'A').click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Switch off' }).click();
      const from = `${'the.secretary.of.the.general.assembly.of.everybody'.slice(0, 60)}@elsewhere.test`;
      await send(
        page,
        {
          from,
          to: 'alice@theorganisation.test',
          subject:
            'Minutes of the extraordinary meeting of the committee for the revision of the rules of procedure, second part, with all enclosures',
        },
        { startClock: true },
      );
      await button(page, '+5 min').click();
      await page
        .getByRole('gridcell', { name: /Tries again in/ })
        .first()
        .waitFor();
      await stage.save('long-bench');
      await view(page, 'Queue').click();
      await page.getByRole('row').nth(1).click();
      await stage.save('long-queue');
    },
  },
  {
    name: 'many',
    play: async (stage) => {
      const { page } = stage;
      await openLab(page, 'One MX waits');
      await hostCard(page, 'A').click({ button: 'right' });
      await page.getByRole('menuitem', { name: 'Switch off' }).click();
      await send(
        page,
        { from: 'carol@elsewhere.test', to: 'alice@theorganisation.test', subject: 'Newsletter', number: 2000 },
        { startClock: true },
      );
      await page.getByRole('slider', { name: 'Speed' }).focus();
      await page.keyboard.press('End');
      await page.getByRole('link', { name: /Queue 2,?000/ }).waitFor();
      await stage.save('many-bench');
      await view(page, 'Queue').click();
      await stage.save('many-queue');
    },
  },
  {
    name: 'trouble',
    play: async (stage) => {
      const { page } = stage;
      stage.expected = /WebSocket|ERR_CONNECTION/;
      await openLab(page, 'A relay through the firewall');
      await stage.cutOff();
      await page.getByRole('alert').filter({ hasText: 'Not connected' }).waitFor();
      await stage.save('disconnected');
      await button(page, 'Next change').click();
      await stage.save('trouble');
    },
  },
];
