/** The clock bar: speed, play and pause, jumps. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { see, soon, useBrowser } from './bench.ts';
import { banner, clock, doStep, eventRow, face, host, jump, pause, search } from './parts.ts';

const open = useBrowser();

/** What the face shows, in ms. */
const time = async (page: Page): Promise<number> => Date.parse((await face(page).getAttribute('datetime'))!);
const HOUR_MS = 3_600_000;

describe('the clock', () => {
  it('runs and stands by its button and by Space', async () => {
    const { page } = await open('one-mx-waits');
    await see(clock(page).getByText('09:00'), page.getByText('Paused, wires quiet'));
    const first = await time(page);
    await clock(page).getByRole('button', { name: 'Play' }).click();
    await soon(() => time(page)).toBeGreaterThan(first + 5_000);
    await pause(page);
    await see(page.getByText('Paused, wires quiet'));
    const stands = await time(page);
    await page.keyboard.press('Space');
    await see(clock(page).getByRole('button', { name: 'Pause' }));
    await soon(() => time(page)).toBeGreaterThan(stands + 5_000);
    await page.keyboard.press('Space');
    await see(clock(page).getByRole('button', { name: 'Play' }));
  });

  it('has six speeds on a slider', async () => {
    const { page, api } = await open('one-mx-waits');
    const slider = clock(page).getByRole('slider', { name: 'Speed' });
    expect(await slider.getAttribute('aria-valuetext')).toBe('60×, a minute each second');
    await slider.press('ArrowRight');
    await see(clock(page).getByText('ten minutes a second'));
    await slider.press('Home');
    await see(clock(page).getByText('as in life'));
    await slider.press('End');
    await see(clock(page).getByText('as fast as it can'));
    const [world] = await api.worlds();
    expect((await api.ask(world!.id, 'clock', [])).pace).toBe('max');
  });

  it('jumps by hours and days', async () => {
    const { page } = await open('one-mx-waits');
    for (const [name, hours] of [
      ['+1 h', 1],
      ['+4 h', 4],
      ['+1 day', 24],
    ] as const) {
      const before = await time(page);
      await jump(page, name);
      await soon(() => time(page)).toBe(before + hours * HOUR_MS);
    }
    await see(clock(page).getByText('Tuesday'), clock(page).getByRole('button', { name: 'Play' }));
  });

  it('jumps to the next change, by its button and by N: a retry that is due', async () => {
    const { page } = await open('one-mx-waits');
    await doStep(page, 2);
    await doStep(page, 3);
    const sent = await time(page);
    await jump(page, '+5 min');
    await soon(() => time(page)).toBe(sent + HOUR_MS / 12);
    const before = await time(page);
    await jump(page, 'Next change');
    await soon(() => time(page)).toBeGreaterThan(before);
    await search(page, 'tries');
    const tries = (await time(page)) - before;
    expect(tries).toBeLessThanOrEqual(0.5 * HOUR_MS);
    await host(page, 'A').click();
    const then = await time(page);
    await page.getByRole('region', { name: 'Clock' }).click({ position: { x: 4, y: 4 } });
    await page.keyboard.press('n');
    await soon(() => time(page)).toBeGreaterThan(then);
  });

  it('goes to a time that is typed, with what it would do', async () => {
    const { page } = await open('one-mx-waits');
    const before = await time(page);
    await clock(page).getByRole('button', { name: 'Go to…' }).click();
    await page.getByRole('textbox', { name: 'Go to' }).fill('+1d 2h');
    await see(page.getByRole('dialog', { name: 'Go to a time' }).getByText(/Tue 3 Mar 11:00.*: the lab runs on for/));
    await page.getByRole('button', { name: 'Go', exact: true }).click();
    await soon(() => time(page)).toBe(before + 26 * HOUR_MS);
    // A weekday that the run has is looked back at, and never run on to a week later.
    await clock(page).getByRole('button', { name: 'Go to…' }).click();
    await page.getByRole('textbox', { name: 'Go to' }).fill('Mon 15:00');
    await see(
      page
        .getByRole('dialog', { name: 'Go to a time' })
        .getByText(/Mon 2 Mar 15:00.*: looks back .*All stands since 09:00:00/),
    );
    await page.getByRole('textbox', { name: 'Go to' }).fill('Wed 08:00');
    await see(page.getByRole('dialog', { name: 'Go to a time' }).getByText(/Wed 4 Mar 08:00.*: the lab runs on for/));
  });

  it('goes back to the newest event when the clock went on since', async () => {
    const { page } = await open('one-mx-waits');
    const before = await time(page);
    await jump(page, '+1 h');
    await soon(() => time(page)).toBe(before + HOUR_MS);
    await clock(page).getByRole('button', { name: /^Back/ }).click();
    await see(banner(page));
    await soon(() => time(page)).toBe(before);
  });

  it('tells what a person did, in the list', async () => {
    const { page } = await open('one-mx-waits');
    await page.getByRole('button', { name: 'Menu of host A' }).click();
    await page.getByRole('menuitem', { name: 'Stop' }).click();
    await see(eventRow(page, /^act .* You A Person Stopped A/));
  });
});
