/** What the inspector shows of each thing. */
import type { Scene } from './scene.ts';
import { relayToTheWall } from './scenes-bench.ts';
import { button, doStep, findRow, hostCard, onMap, openLab } from './moves.ts';

export const inspectorScenes: Scene[] = [
  {
    name: 'host',
    play: async (stage) => {
      const { page } = stage;
      await openLab(page, "The backup's disk fills (552)");
      await doStep(page, 2);
      await doStep(page, 3);
      await doStep(page, 4);
      await hostCard(page, 'B').click();
      const inspector = page.getByRole('complementary', { name: 'Inspector' });
      for (const tab of await inspector.getByRole('tab').all()) {
        const name = ((await tab.textContent()) ?? '').toLowerCase().replaceAll(/[^a-z]/g, '');
        await tab.click();
        await stage.save(`host-${name}`);
      }
    },
  },
  {
    name: 'zone',
    play: async (stage) => {
      const { page } = stage;
      await openLab(page, 'A relay through the firewall');
      await onMap(page, /^Zone theorganisation\.test|^theorganisation\.test/).click();
      await stage.save('zone');
      await page.getByRole('textbox', { name: 'Zone theorganisation.test' }).click();
      await page.keyboard.press('Control+End');
      await page.keyboard.type('\n@   MX ten b\n');
      await stage.save('zone-mistake', page.getByText('MX needs a preference number').first());
    },
  },
  {
    name: 'firewall',
    play: async (stage) => {
      const { page } = stage;
      await relayToTheWall(stage);
      await onMap(page, /firewall/i).click();
      await stage.save('firewall');
      const text = page
        .getByRole('complementary', { name: 'Inspector' })
        .getByRole('tab', { name: 'Text' })
        .or(button(page, 'Text'));
      if (await text.first().isVisible()) {
        await text.first().click();
        await stage.save('firewall-text');
      }
    },
  },
  {
    name: 'attempt',
    play: async (stage) => {
      const { page } = stage;
      await openLab(page, 'A relay through the firewall');
      await doStep(page, 3);
      await (await findRow(page, 'B answers for')).click();
      await button(page, 'Show all').click();
      await button(page, 'Back to now').first().click();
      await stage.save('attempt');
      await page.getByRole('button', { name: 'B’s attempt' }).click();
      await stage.save('attempt-of-b');
      const inspector = page.getByRole('complementary', { name: 'Inspector' });
      await inspector.getByRole('button', { name: '“Minutes of the meeting”' }).click();
      for (const tab of ['Story', 'Text', 'Headers', 'Parts', 'Raw']) {
        await inspector.getByRole('tab', { name: tab }).click();
        await stage.save(`mail-${tab.toLowerCase()}`);
      }
    },
  },
  {
    name: 'report',
    play: async (stage) => {
      const { page } = stage;
      await openLab(page, 'One MX waits');
      for (const step of [2, 3, 4]) await doStep(page, step);
      await hostCard(page, 'C').click();
      const inspector = page.getByRole('complementary', { name: 'Inspector' });
      await inspector.getByRole('tab', { name: /^Mailboxes/ }).click();
      await inspector.getByRole('list', { name: 'Mailbox of carol' }).getByRole('button').first().click();
      await inspector.getByRole('region', { name: /^Delay notice/ }).waitFor();
      await stage.save('report');
      await inspector.getByRole('button', { name: /“Minutes of the meeting”/ }).click();
      await stage.save('report-about');
    },
  },
];
