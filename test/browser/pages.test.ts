/** The pages beside the bench: who knew what, two worlds; and what one takes along. */
import fs from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { see, soon, useBrowser } from './bench.ts';
import { banner, doStep, host, jump, map, playHead, view } from './parts.ts';

const open = useBrowser();

const knew = (page: Page) => page.getByRole('region', { name: 'Who knew what', exact: true });
const worlds = (page: Page) => page.getByRole('region', { name: 'Two worlds', exact: true });

describe('who knew what', () => {
  it('says what to do while nobody wrote anything', async () => {
    const { page } = await open('one-mx-waits');
    await view(page, 'Who knew what').click();
    await see(knew(page).getByText('Nobody has handed in a message yet'));
    await knew(page).getByRole('button', { name: 'Send mail' }).click();
    await see(page.getByRole('dialog', { name: 'Send mail' }));
  });

  it('has a lane for each person and each admin, and a line leads to its moment', async () => {
    const { page } = await open('one-mx-waits');
    for (const step of [2, 3, 4]) await doStep(page, step);
    await view(page, 'Who knew what').click();
    const lines = knew(page).getByRole('list', { name: 'In words' });
    await see(knew(page).getByRole('group', { name: 'Lanes' }).getByRole('button', { name: /^carol: .*C says 250/ }));
    const told = lines.getByRole('listitem').filter({ hasText: /carol.*(late|delay)/ }).first();
    await told.getByRole('button').first().click();
    await soon(() => told.getAttribute('aria-current')).toBe('true');
    await told.getByRole('button', { name: 'On the bench' }).click();
    await see(banner(page).getByText(/Mon 13:\d\d/), map(page));
  });
});

describe('two worlds', () => {
  it('sets a variant beside the lab, plays both, and says where they differ', async () => {
    const { page } = await open('backup-hides-delay');
    await view(page, 'Two worlds').click();
    await worlds(page).getByRole('button', { name: /^The same outage without a backup/ }).click();
    const table = worlds(page).getByRole('table');
    await see(table);
    for (const side of [1, 2]) {
      await table.getByRole('columnheader').nth(side - 1).getByRole('button', { name: /^Play the guide’s/ }).click();
      await soon(() => table.getByRole('columnheader').nth(side - 1).getByRole('button', { name: /Play the guide’s/ }).count()).toBe(0);
    }
    await soon(() => table.getByRole('columnheader').getByRole('status').count()).toBe(0);
    await soon(async () => {
      const texts = await table.getByRole('row').allInnerTexts();
      return texts.some((text) => /told/i.test(text));
    }).toBe(true);
    await worlds(page).getByRole('button', { name: 'Go there' }).click();
    await see(page.getByRole('button', { name: 'Labs and open worlds' }).getByText('The same outage without a backup'), map(page));
  });

  it('sets a branch beside the run that it left', async () => {
    const { page } = await open('one-mx-waits');
    await doStep(page, 2);
    await doStep(page, 3);
    await jump(page, '+1 h');
    await playHead(page).press('Home');
    await view(page, 'Two worlds').click();
    await worlds(page).getByRole('button', { name: 'Go on from here' }).click();
    await soon(() => worlds(page).getByRole('combobox', { name: 'Left world' }).inputValue()).not.toBe('');
    await see(worlds(page).getByRole('combobox', { name: 'Right world' }), worlds(page).getByRole('table'));
  });
});

describe('what one takes along', () => {
  it('a picture of the view, and the run as a file', async () => {
    const { page } = await open('relay-through-firewall');
    await doStep(page, 3);
    const [picture] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Picture of this view' }).click()]);
    expect(picture.suggestedFilename()).toMatch(/^relay-through-firewall-bench-\d{6}\.png$/);
    expect(fs.readFileSync(await picture.path()).subarray(1, 4).toString()).toBe('PNG');
    const [run] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save the run as a file' }).click()]);
    const lines = fs.readFileSync(await run.path(), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { kind?: string });
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.some(({ kind }) => kind === 'mailbox-deliver')).toBe(true);
  });

  it('the theme: as the system has it, until one chooses, and then remembered', async () => {
    const { page } = await open('relay-through-firewall', { theme: 'dark' });
    const ground = (): Promise<string> => page.evaluate(() => (globalThis as any).getComputedStyle((globalThis as any).document.documentElement).colorScheme);
    await see(page.getByRole('button', { name: 'Light', exact: true }));
    expect(await ground()).toMatch(/dark/);
    await page.getByRole('button', { name: 'Light', exact: true }).click();
    await soon(ground).toBe('light');
    await page.reload();
    await see(host(page, 'A'), page.getByRole('button', { name: 'Dark', exact: true }));
    expect(await ground()).toBe('light');
  });
});
