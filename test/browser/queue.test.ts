/** The queue page: what waits, why, and what can be done to it. */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { gone, see, soon, useBrowser, type Bench } from './bench.ts';
import { eventRow, hostMenu, jump, pause, queuePage, search, send, view } from './parts.ts';

const open = useBrowser();

/** Three messages wait at C for A, which is stopped; the clock stands. */
async function three(): Promise<Bench> {
  const bench = await open('one-mx-waits');
  const { page } = bench;
  await hostMenu(page, 'A', 'Stop');
  await send(page, { Number: '3', Subject: 'Report' });
  await jump(page, '+5 min');
  await pause(page);
  await view(page, 'Queue').click();
  await soon(() => rows(page).count()).toBe(3);
  return bench;
}

const rows = (page: Page): Locator =>
  queuePage(page)
    .getByRole('grid', { name: 'Messages' })
    .getByRole('row', { name: /carol@elsewhere.test to alice/ });
const button = (page: Page, name: string): Locator =>
  queuePage(page).getByRole('toolbar').getByRole('button', { name });
const part = (page: Page, name: RegExp): Locator =>
  queuePage(page).getByRole('group', { name: 'Which messages' }).getByRole('button', { name });

describe('the queue page', () => {
  it('says of each message when it is tried, when the sender is told, and what was answered', async () => {
    const { page } = await three();
    const cells = await rows(page).first().getByRole('gridcell').allInnerTexts();
    expect(cells.join(' | ')).toMatch(
      /C \| carol@elsewhere\.test.*alice@theorganisation\.test, “Report” \| 1.*waiting \| in 2\d min.*\| in 3 h 5\d min.*\| Mon 9 Mar.*\| Not yet.*\| 4\.4\.1 Connection refused/s,
    );
    await rows(page).first().click();
    await see(
      queuePage(page)
        .getByRole('region', { name: 'Selected message' })
        .getByText(/will be tried again in \d+ minutes/),
    );
  });

  it('holds and releases', async () => {
    const { page } = await three();
    await rows(page).nth(1).click();
    await see(queuePage(page).getByText('1 selected'));
    await button(page, 'Hold').click();
    await see(rows(page).getByText('until it is released'));
    await soon(() => button(page, 'Retry now').getAttribute('title')).toBe('It is held: release it first');
    await button(page, 'Release').click();
    await gone(rows(page).getByText('until it is released'));
    await view(page, 'Bench').click();
    await search(page, 'queue of C');
    await see(eventRow(page, /Held \w+ in the queue of C/), eventRow(page, /Released \w+ in the queue of C/));
  });

  it('retries: A is up again, and the message is there', async () => {
    const { page } = await three();
    await view(page, 'Bench').click();
    await hostMenu(page, 'A', 'Start');
    await view(page, 'Queue').click();
    await rows(page).first().click();
    await button(page, 'Retry now').click();
    await jump(page, 'Next change');
    await jump(page, '+5 min');
    await soon(() => rows(page).count()).toBe(2);
    await part(page, /^Left/).click();
    await see(rows(page).filter({ hasText: 'None needed' }).filter({ hasText: 'No need' }));
  });

  it('deletes a selection, by mouse and by keys', async () => {
    const { page } = await three();
    await rows(page).first().click();
    await page.keyboard.press('Shift+ArrowDown');
    await see(queuePage(page).getByText('2 selected'));
    await button(page, 'Delete').click();
    await soon(() => rows(page).count()).toBe(1);
    await part(page, /^Left/).click();
    await see(rows(page).filter({ hasText: 'Deleted' }));
  });

  it('shows one host, and finds by words', async () => {
    const { page } = await three();
    await queuePage(page).getByRole('button', { name: 'A 0' }).click();
    await gone(rows(page));
    await queuePage(page).getByRole('button', { name: 'C 3' }).click();
    await soon(() => rows(page).count()).toBe(3);
    await queuePage(page).getByRole('searchbox', { name: 'Search the queue' }).fill('bob');
    await gone(rows(page));
    await queuePage(page).getByRole('button', { name: 'Show all that waits' }).click();
    await soon(() => rows(page).count()).toBe(3);
  });

  it('says why a button does nothing', async () => {
    const { page } = await three();
    expect(await button(page, 'Hold').getAttribute('title')).toBe('Select a message first');
    expect(await button(page, 'Hold').getAttribute('aria-disabled')).toBe('true');
  });
});
