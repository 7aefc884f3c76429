/** One list for all hosts: what narrows it, and how one reads it by keyboard. */
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { gone, see, soon, useBrowser, type Bench } from './bench.ts';
import { banner, doStep, eventButton, eventGrid, eventRow, inspector, search } from './parts.ts';

const open = useBrowser();

/** The relay lab when its message has arrived. */
async function arrived(): Promise<Bench> {
  const bench = await open('relay-through-firewall');
  await doStep(bench.page, 3);
  await see(eventRow(bench.page, /is in the mailbox of alice/));
  return bench;
}

const rowCount = async (page: Page): Promise<number> => Number(await eventGrid(page).getAttribute('aria-rowcount')) - 1;
const shown = (page: Page): Promise<string[]> => eventGrid(page).getByRole('row').allInnerTexts();

describe('the event list', () => {
  it('is narrowed by kind: off with a click, alone with two', async () => {
    const { page } = await arrived();
    const all = await rowCount(page);
    await eventButton(page, 'SMTP').click();
    await soon(() => rowCount(page)).toBeLessThan(all);
    expect(await eventButton(page, 'SMTP').getAttribute('aria-pressed')).toBe('false');
    await see(page.getByText(new RegExp(`^\\d+ of ${all}$`)));
    await eventButton(page, 'SMTP').click();
    await soon(() => rowCount(page)).toBe(all);
    await eventButton(page, 'Rule').dblclick();
    await soon(() => rowCount(page)).toBeLessThan(5);
    await see(eventRow(page, /Dropped by rule 3/));
    await eventButton(page, 'Rule').dblclick();
    await soon(() => rowCount(page)).toBe(all);
  });

  it('is narrowed by host: a row of two hosts stays while one of them is on', async () => {
    const { page } = await arrived();
    for (const letter of ['A', 'B']) await eventButton(page, letter).click();
    await search(page, 'connected');
    await see(eventRow(page, /C B Connect Connected to/));
    await gone(eventRow(page, /B A Connect Connected to/));
  });

  it('is searched, and shown whole again', async () => {
    const { page } = await arrived();
    const all = await rowCount(page);
    await search(page, 'rule 3');
    await soon(() => rowCount(page)).toBeLessThan(all / 2);
    for (const text of (await shown(page)).slice(1)) expect(text).toMatch(/rule 3/i);
    await search(page, 'no such words');
    await see(page.getByText('No event is like that.', { exact: false }));
    await eventButton(page, 'Show all').click();
    await soon(() => rowCount(page)).toBe(all);
    await page.keyboard.press('Control+f');
    await soon(() =>
      page
        .getByRole('searchbox', { name: 'Search events' })
        .evaluate((field) => field === (field as any).ownerDocument.activeElement),
    ).toBe(true);
  });

  it('shows one message only', async () => {
    const { page } = await arrived();
    const all = await rowCount(page);
    await search(page, '');
    const choice = page.getByRole('combobox', { name: 'Message' });
    await choice.selectOption(
      await choice
        .getByRole('option', { name: /^Minutes of the meeting/ })
        .first()
        .textContent(),
    );
    await soon(() => rowCount(page)).toBeLessThan(all);
    await gone(eventRow(page, /Lab opened/));
  });

  it('hides events like one, and brings them back', async () => {
    const { page } = await arrived();
    await search(page, 'connected');
    const connections = await rowCount(page);
    expect(connections).toBeGreaterThan(1);
    const row = eventRow(page, /C B Connect Connected to/);
    await row.hover();
    await row.getByRole('button', { name: /^Hide events like this: connections/ }).click();
    await soon(() => rowCount(page)).toBeLessThan(connections);
    await gone(row);
    await eventButton(page, /^no connections/).click();
    await soon(() => rowCount(page)).toBe(connections);
  });

  it('is read by keyboard: arrows move, Enter goes there, Delete hides its like', async () => {
    const { page } = await arrived();
    await search(page, 'dropped');
    await eventGrid(page).focus();
    await page.keyboard.press('End');
    await soon(() => eventGrid(page).getAttribute('aria-activedescendant')).toMatch(/^event-\d+$/);
    await page.keyboard.press('Enter');
    await see(banner(page), eventRow(page, /Dropped by rule 3/).and(page.getByRole('row', { selected: true })));
    await gone(inspector(page).getByText('Nothing selected'));
    await page.keyboard.press('Delete');
    await see(page.getByText('No event is like that.', { exact: false }), eventButton(page, /^no drops/));
  });

  it('names as active only a row that stands there, and goes on from where that was when it is filtered out', async () => {
    const { page } = await arrived();
    const active = (): Promise<string | null> => eventGrid(page).getAttribute('aria-activedescendant');
    await search(page, 'queued as');
    await eventRow(page, /C B SMTP 250 2.0.0 Ok: queued as/).click();
    await see(
      banner(page),
      eventRow(page, /C B SMTP 250 2.0.0 Ok: queued as/).and(page.getByRole('row', { selected: true })),
    );
    await soon(active).toMatch(/^event-\d+$/);
    await search(page, 'dropped');
    await gone(eventRow(page, /C B SMTP 250 2.0.0 Ok: queued as/));
    await soon(active).toBe(null);
    await eventGrid(page).focus();
    await page.keyboard.press('ArrowUp');
    await see(eventRow(page, /Dropped by rule 3/).and(page.getByRole('row', { selected: true })));
    await search(page, '');
    await eventGrid(page).focus();
    await page.keyboard.press('End');
    await soon(active).toMatch(/^event-\d+$/);
    const above = await eventGrid(page).getByRole('row').nth(-2).getAttribute('id'); // not every event is a row
    await eventGrid(page).hover();
    await page.mouse.wheel(0, -100_000);
    await soon(active).toBe(null);
    await see(eventRow(page, /Lab opened/));
    await page.keyboard.press('ArrowUp');
    await soon(active).toBe(above);
  });
});
