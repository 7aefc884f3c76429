/** The pages beside the bench: who knew what, two worlds; and what one takes along. */
import fs from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { gone, see, soon, useBrowser } from './bench.ts';
import { banner, clock, dialog, doStep, eventRow, host, jump, map, playHead, view } from './parts.ts';

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
    await see(
      knew(page)
        .getByRole('group', { name: 'Lanes' })
        .getByRole('button', { name: /^carol: .*C says 250/ }),
    );
    const told = lines
      .getByRole('listitem')
      .filter({ hasText: /carol.*(late|delay)/ })
      .first();
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
    await worlds(page)
      .getByRole('button', { name: /^The same outage without a backup/ })
      .click();
    const table = worlds(page).getByRole('table');
    await see(table);
    for (const side of [1, 2]) {
      await table
        .getByRole('columnheader')
        .nth(side - 1)
        .getByRole('button', { name: /^Play the guide’s/ })
        .click();
      await soon(() =>
        table
          .getByRole('columnheader')
          .nth(side - 1)
          .getByRole('button', { name: /Play the guide’s/ })
          .count(),
      ).toBe(0);
    }
    await soon(() => table.getByRole('columnheader').getByRole('status').count()).toBe(0);
    await soon(async () => {
      const texts = await table.getByRole('row').allInnerTexts();
      return texts.some((text) => /told/i.test(text));
    }).toBe(true);
    await worlds(page).getByRole('button', { name: 'Go there' }).click();
    await see(
      page.getByRole('button', { name: 'Labs and open worlds' }).getByText('The same outage without a backup'),
      map(page),
    );
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
    const [picture] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Picture of this view' }).click(),
    ]);
    expect(picture.suggestedFilename()).toMatch(/^relay-through-firewall-bench-\d{6}\.png$/);
    expect(
      fs
        .readFileSync(await picture.path())
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG');
    const [run] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save the run as a file' }).click(),
    ]);
    const lines = fs
      .readFileSync(await run.path(), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { kind?: string });
    expect(lines.length).toBeGreaterThan(50);
    expect(lines.some(({ kind }) => kind === 'mailbox-deliver')).toBe(true);
  });

  it('the theme: as the system has it, until one chooses, and then remembered', async () => {
    const { page } = await open('relay-through-firewall', { theme: 'dark' });
    const ground = (): Promise<string> =>
      page.evaluate(
        () => (globalThis as any).getComputedStyle((globalThis as any).document.documentElement).colorScheme,
      );
    await see(page.getByRole('button', { name: 'Light', exact: true }));
    expect(await ground()).toMatch(/dark/);
    await page.getByRole('button', { name: 'Light', exact: true }).click();
    await soon(ground).toBe('light');
    await page.reload();
    await see(host(page, 'A'), page.getByRole('button', { name: 'Dark', exact: true }));
    expect(await ground()).toBe('light');
  });
});

describe('the licences of what the page is made of', () => {
  const text = (page: Page): Promise<string | null> => dialog(page, 'Licences').getByRole('region').textContent();

  it('are shown from the first page and from the menu of labs', async () => {
    const { page } = await open();
    await page.getByRole('button', { name: 'Licences' }).click();
    await soon(() => text(page)).toMatch(/^vue 3\.\d+\.\d+\nLicence: MIT\n-+\n[^]*Permission is hereby granted/m);
    await page.keyboard.press('Escape');
    await gone(dialog(page, 'Licences'));
    await page.getByRole('main').getByRole('button', { name: 'One MX waits' }).click();
    await page.getByRole('button', { name: 'Labs and open worlds' }).click();
    await page.getByRole('menuitem', { name: 'Licences' }).click();
    await soon(() => text(page)).toContain('Permission is hereby granted');
    await dialog(page, 'Licences').getByRole('button', { name: 'Close' }).click();
    await gone(dialog(page, 'Licences'));
  });

  it('say so when they can’t be read', async () => {
    const { page, complaints } = await open();
    await page.route('**/licenses.txt', (route) => route.fulfill({ status: 404, body: '' }));
    await page.getByRole('button', { name: 'Licences' }).click();
    await soon(() => text(page)).toBe(
      "The licences can't be read: the request for licenses.txt failed with status 404",
    );
    expect(complaints.splice(0)).toEqual([expect.stringContaining('status of 404')]);
  });
});

describe('a lab that was closed', () => {
  const closeIt = async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: 'Labs and open worlds' }).click();
    await page.getByRole('menuitem', { name: /^Close / }).click();
    await see(page.getByRole('heading', { name: 'A lab of your own' }));
  };
  const stopped = (page: Page) => page.getByRole('region', { name: 'Where you stopped' });

  it('goes on where it stood, and is deleted when that is said twice', async () => {
    const { page } = await open('relay-through-firewall');
    await doStep(page, 3);
    await see(eventRow(page, /is in the mailbox of alice/));
    await jump(page, '+1 day');
    const guide = page.getByRole('complementary', { name: 'Guide and checks' });
    await see(guide.getByText('1 done'), clock(page).getByText('Tuesday'));
    await closeIt(page);
    const line = stopped(page).getByRole('listitem').filter({ hasText: 'A relay through the firewall' });
    await see(line.getByText(/^Tue 3 Mar 09:0\d$/), line.getByText(/^left today \d+:\d\d$/));
    await line.getByRole('button', { name: /^Go on with A relay through the firewall/ }).click();
    await see(
      eventRow(page, /Lab opened again/),
      eventRow(page, /is in the mailbox of alice/),
      clock(page).getByText('Tuesday'),
      guide.getByText('1 done'),
    );
    await closeIt(page);
    await line.getByRole('button', { name: /^Delete A relay through the firewall/ }).click();
    await line.getByRole('button', { name: 'Keep' }).click();
    await line.getByRole('button', { name: /^Delete A relay through the firewall/ }).click();
    await line.getByRole('button', { name: 'Delete', exact: true }).click();
    await gone(stopped(page));
  });

  it('is in the menu of labs too, if anything had happened in it', async () => {
    const { page, api } = await open('one-mx-waits');
    const menu = page.getByRole('menu');
    const idle = await api.open('relay-through-firewall');
    await api.close(idle.id);
    await page.getByRole('button', { name: 'Labs and open worlds' }).click();
    await see(menu.getByText('Open now'));
    await gone(menu.getByText('Where you stopped'));
    await page.keyboard.press('Escape');
    await gone(menu);
    const other = await api.open('relay-through-firewall');
    await api.ask(other.id, 'act', [{ do: 'host', host: 'b', power: 'stop' }]);
    await api.close(other.id);
    await page.getByRole('button', { name: 'Labs and open worlds' }).click();
    await menu
      .getByRole('group', { name: 'Where you stopped' })
      .getByRole('menuitem', { name: /^A relay through the firewall/ })
      .click();
    await see(eventRow(page, /Lab opened again/), map(page).getByRole('button', { name: /^Host B,.*stopped/ }));
  });
});
