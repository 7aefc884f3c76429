/** The bench: the map with mail on its way, menus, the guide, the past. */
import { button, doStep, findRow, forwardUntil, hostCard, openLab, openStep, send } from './moves.ts';
import type { Scene } from './scene.ts';
import type { Stage } from './stage.ts';

const MINUTES = {
  from: 'carol@elsewhere.test',
  to: 'alice@theorganisation.test',
  subject: 'Minutes of the meeting',
  name: 'minutes',
};

/** Lab 4 to the moment at which B hands on what C could not bring to A; the clock stands. */
export async function relayToTheWall({ page }: Stage): Promise<void> {
  await openLab(page, 'A relay through the firewall');
  await openStep(page, 3);
  await send(page, MINUTES);
  await forwardUntil(page, page.getByRole('button', { name: /from B to A/ }));
}

export const benchScenes: Scene[] = [
  {
    name: 'bench-start',
    play: async (stage) => {
      await openLab(stage.page, 'A relay through the firewall');
      await stage.save('bench-start');
    },
  },
  {
    name: 'bench-wall',
    play: async (stage) => {
      const { page } = stage;
      await relayToTheWall(stage);
      await stage.save('bench-wall');
      await (await findRow(page, 'dropped by rule')).click();
      await button(page, 'Show all').click();
      await page.getByText('You are looking at').waitFor();
      await stage.save('bench-past');
      await button(page, 'Back to now').first().click();
      await hostCard(page, 'B').click({ button: 'right' });
      await page.getByRole('menu').waitFor();
      await stage.save('menu-host', page.getByRole('menu'));
    },
  },
  {
    // The picture of README: much of it at once.
    name: 'bench-why',
    play: async (stage) => {
      const { page } = stage;
      await relayToTheWall(stage);
      await (await findRow(page, 'B answers for')).click();
      await button(page, 'Show all').click();
      await button(page, 'Back to now').first().click();
      await page.getByRole('complementary', { name: 'Inspector' }).getByText('gave it to B').waitFor();
      await stage.save('bench-why');
    },
  },
  {
    name: 'bench-menus',
    play: async (stage) => {
      const { page } = stage;
      await openLab(page, 'A relay through the firewall');
      await page.getByRole('button', { name: /labs and open worlds/i }).click();
      await stage.save('menu-lab', page.getByRole('menu'));
      await page.keyboard.press('Escape');
      await hostCard(page, 'B').click({ button: 'right' });
      await page.getByRole('menuitem', { name: /^Fault/ }).click();
      await stage.save('fault-form', page.getByRole('dialog'));
    },
  },
  {
    name: 'guide-question',
    play: async (stage) => {
      const { page } = stage;
      await openLab(page, 'A relay through the firewall');
      await openStep(page, 2);
      await stage.save('guide-question');
      await page
        .getByRole('button', { name: 'It bounces, for A can’t be reached' })
        .or(page.getByRole('button', { name: "It bounces, for A can't be reached" }))
        .click();
      await button(page, 'Next step').click();
      await stage.save('guide-answer');
      await doStep(page, 3);
      await stage.save('bench-done');
    },
  },
  ...(
    ['The line is cut', 'The sender inside', 'The backup hides the delay', 'One MX waits', 'One MX expires'] as const
  ).map((title): Scene => {
    const name = `lab-${title.toLowerCase().replaceAll(' ', '-')}`;
    return {
      name,
      play: async (stage) => {
        const { page } = stage;
        await openLab(page, title);
        await stage.save(`${name}-begin`);
        const guide = page.getByRole('complementary', { name: 'Guide and checks' });
        for (let turns = 0; turns < 20 && !(await guide.getByText('That was the lab.').isVisible()); turns += 1) {
          const at = Number((await guide.getByText(/^Step \d+$/).textContent())?.slice(5));
          if (await guide.getByRole('button', { name: 'Do it for me' }).isVisible()) {
            await doStep(page, at);
            await stage.save(`${name}-${at}`);
          } else {
            await guide.getByRole('button', { name: 'Step after' }).click();
          }
        }
      },
    };
  }),
];
