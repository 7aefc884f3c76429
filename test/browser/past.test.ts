/** Back in time by mouse and by keyboard: the page shows what was, and goes on from there as a branch. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { gone, see, soon, useBrowser, type Bench } from './bench.ts';
import {
  banner,
  clock,
  doStep,
  eventGrid,
  face,
  host,
  inspector,
  jump,
  playHead,
  queuePage,
  search,
  eventRow,
  select,
  view,
} from './parts.ts';

const open = useBrowser();

/** A is off since Monday morning, and a message waits at C; the clock stands. */
async function waiting(): Promise<Bench> {
  const bench = await open('one-mx-waits');
  const { page } = bench;
  await doStep(page, 2);
  await doStep(page, 3);
  await jump(page, '+1 h');
  await soon(() => face(page).textContent()).toBe('10:00:00.000');
  await see(
    host(page, 'A').and(page.getByRole('button', { name: /, off,/ })),
    host(page, 'C').and(page.getByRole('button', { name: /, 1 message in/ })),
  );
  return bench;
}

const past = (page: Page) => ({
  up: host(page, 'A').and(page.getByRole('button', { name: /, up, 0 messages/ })),
  none: host(page, 'C').and(page.getByRole('button', { name: /, 0 messages/ })),
});
const at = async (page: Page): Promise<number> => Number(await playHead(page).getAttribute('aria-valuenow'));

/** With the mouse on the play head, to so far from the left edge of the line. */
async function drag(page: Page, toX: number): Promise<void> {
  const head = (await playHead(page).boundingBox())!;
  await page.mouse.move(head.x + head.width / 2, head.y + 4);
  await page.mouse.down();
  await page.mouse.move(head.x - 60, head.y + 6, { steps: 3 });
  await page.mouse.move(toX, head.y + 8, { steps: 5 });
  await page.mouse.up();
}

describe('the past', () => {
  it('comes by dragging the play head; map, queue and list are as they were, and now comes back', async () => {
    const { page } = await waiting();
    const now = await at(page);
    const nowTime = await face(page).textContent();
    await drag(page, 14);
    await see(banner(page).getByText(/Mon 09:0\d:\d\d/), past(page).up, past(page).none);
    expect(await at(page)).toBeLessThan(10);
    await see(eventGrid(page).getByText('you are here'), page.getByText('Looking at the past'));
    await soon(() => page.getByRole('button', { name: 'Send mail' }).isDisabled()).toBe(true);
    await view(page, 'Queue').click();
    await see(
      queuePage(page).getByRole('button', { name: 'In the queue 0' }),
      queuePage(page).getByText('No mail waits anywhere'),
      banner(page),
    );
    await banner(page).getByRole('button', { name: 'Back to now' }).click();
    await gone(banner(page));
    await see(queuePage(page).getByRole('button', { name: 'In the queue 1' }));
    await view(page, 'Bench').click();
    await see(host(page, 'A').and(page.getByRole('button', { name: /, off,/ })));
    expect(await at(page)).toBe(now);
    expect(await face(page).textContent()).toBe(nowTime);
  });

  it('comes by keyboard: the play head is a slider', async () => {
    const { page } = await waiting();
    const now = await at(page);
    await playHead(page).focus();
    await page.keyboard.press('ArrowLeft');
    await see(banner(page));
    await soon(() => at(page)).toBeLessThan(now);
    const before = await at(page);
    await page.keyboard.press('PageDown');
    await soon(() => at(page)).toBeLessThan(before - 5);
    await page.keyboard.press('Home');
    const first = Number(await playHead(page).getAttribute('aria-valuemin'));
    await soon(() => at(page)).toBe(first);
    await see(past(page).up, past(page).none);
    expect(await playHead(page).getAttribute('aria-valuetext')).toMatch(
      new RegExp(`^Monday 09:00:00, event ${first} of \\d+$`),
    );
    await page.keyboard.press('End');
    await gone(banner(page));
    expect(await playHead(page).getAttribute('aria-valuetext')).toMatch(/^now, /);
    await see(host(page, 'A').and(page.getByRole('button', { name: /, off,/ })));
  });

  it('comes by a click on an event, by Back and Forward, and by a time typed', async () => {
    const { page } = await waiting();
    await search(page, 'switched off');
    await eventRow(page, /Switched off A/).click();
    await see(banner(page));
    const there = await at(page);
    await clock(page)
      .getByRole('button', { name: /^Forward/ })
      .click();
    await soon(() => at(page)).toBeGreaterThan(there);
    await clock(page)
      .getByRole('button', { name: /^Back:/ })
      .click();
    await soon(() => at(page)).toBe(there);
    await clock(page).getByRole('button', { name: 'Go to…' }).click();
    await page.getByRole('textbox', { name: 'Go to' }).fill('Monday 9');
    await page.keyboard.press('Enter');
    await see(page.getByText('“Monday 9” is not a time that I know.', { exact: false }));
    await page.getByRole('textbox', { name: 'Go to' }).fill('09:00:01');
    await page.keyboard.press('Enter');
    await see(
      host(page, 'C').and(page.getByRole('button', { name: /, 1 message in/ })),
      banner(page).getByText(/Mon 09:00:0[01]/),
    );
  });

  it('lets nobody act, and says why', async () => {
    const { page } = await waiting();
    await playHead(page).press('ArrowLeft');
    await see(banner(page));
    await page.getByRole('button', { name: 'Menu of host A' }).click();
    const start = page.getByRole('menuitem', { name: 'Start' });
    expect([await start.getAttribute('aria-disabled'), await start.getAttribute('title')]).toEqual([
      'true',
      'You are looking at the past: go back to now, or go on from here as a branch',
    ]);
    await page.keyboard.press('Escape');
    await gone(page.getByRole('menu'));
    await select(page, 'C', 'Queue');
    await soon(() => inspector(page).getByRole('button', { name: 'Retry now' }).isDisabled()).toBe(true);
  });

  it('goes on from there as a branch, and the run as it was stays', async () => {
    const { page } = await waiting();
    await playHead(page).press('Home');
    await see(past(page).up);
    await banner(page).getByRole('button', { name: 'Go on from here' }).click();
    const labs = page.getByRole('button', { name: 'Labs and open worlds' });
    await see(
      labs.getByText('branch 1'),
      page.getByRole('img', { name: /One MX waits, branch 1 began here, at 09:00/ }),
    );
    await gone(banner(page));
    await see(past(page).up, past(page).none);
    await clock(page).getByRole('button', { name: 'Play' }).waitFor();
    await page.getByRole('button', { name: 'Send mail' }).click();
    await page.getByRole('dialog', { name: 'Send mail' }).getByRole('button', { name: 'Send', exact: true }).click();
    await jump(page, '+5 min');
    await see(page.getByText('A put “Minutes of the meeting” into alice’s mailbox'));
    await labs.click();
    await page.getByRole('menuitem', { name: 'One MX waits', exact: true }).first().click();
    await gone(labs.getByText('branch 1'));
    await see(page.getByRole('img', { name: /Branch 1 left here, at 09:00/ }));
    await see(
      host(page, 'A').and(page.getByRole('button', { name: /, off,/ })),
      host(page, 'C').and(page.getByRole('button', { name: /, 1 message in/ })),
    );
    await labs.click();
    await page.getByRole('menuitem', { name: 'One MX waits, branch 1' }).click();
    await see(past(page).up, labs.getByText('branch 1'));
  });
});
