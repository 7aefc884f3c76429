/** What a person does on the page, by role and name. */
import type { Locator, Page } from 'playwright-core';

export const button = (page: Page, name: string | RegExp): Locator =>
  page.getByRole('button', { name, exact: typeof name === 'string' });

/** From the welcome page: opens a lab by its title. */
export async function openLab(page: Page, title: string | RegExp): Promise<void> {
  await page.getByRole('main').getByRole('button', { name: title }).click();
  await page.getByRole('region', { name: 'Clock' }).waitFor();
  await hostCard(page, '').first().waitFor();
}

export const hostCard = (page: Page, letter: string): Locator =>
  page.getByRole('button', { name: new RegExp(`^Host ${letter}`) });

/** What one can press on the map, other than a host. */
export const onMap = (page: Page, name: RegExp): Locator =>
  page.getByRole('group', { name: /^Map/ }).getByRole('button', { name }).first();

/** Opens a step of the guide and has it done; returns when it is. */
export async function doStep(page: Page, step: number): Promise<void> {
  await openStep(page, step);
  const guide = page.getByRole('complementary', { name: 'Guide and checks' });
  await guide.getByRole('button', { name: 'Do it for me' }).click();
  await guide
    .getByRole('button', { name: new RegExp(`^Done: Step ${step},`) })
    .or(guide.getByText('That was the lab.'))
    .first()
    .waitFor();
}

/** Opens a step by paging to it: on a low window the list shows only the present one. */
export async function openStep(page: Page, step: number): Promise<void> {
  const guide = page.getByRole('complementary', { name: 'Guide and checks' });
  const present = guide.getByText(new RegExp(`^Step ${step}$`));
  for (let turns = 0; turns < 20 && !(await present.isVisible()); turns += 1) {
    const at = Number((await guide.getByText(/^Step \d+$/).textContent())?.slice(5));
    await guide.getByRole('button', { name: at < step ? 'Step after' : 'Step before' }).click();
  }
  await present.waitFor();
}

/** Forward, from one thing due to the next, until this is to be seen. */
export async function forwardUntil(page: Page, seen: Locator): Promise<void> {
  const face = page.getByRole('region', { name: 'Clock' }).getByRole('time');
  for (let steps = 0; steps < 400; steps += 1) {
    if (await seen.first().isVisible()) return;
    const before = await face.getAttribute('datetime');
    await button(page, 'Forward: to what is due next')
      .or(page.getByRole('button', { name: /^Forward/ }))
      .first()
      .click();
    await page.waitForFunction(
      ([old]) => document.querySelector('[aria-label="Clock"] time')?.getAttribute('datetime') !== old,
      [before],
    );
  }
  throw new Error(`never seen: ${seen}`);
}

export const view = (page: Page, name: string): Locator =>
  page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: new RegExp(`^${name}`) });

export interface Letter {
  from: string;
  to: string;
  subject: string;
  number?: number;
  name?: string;
}

export async function fillSend(page: Page, letter: Letter): Promise<void> {
  await button(page, 'Send mail').click();
  const dialog = page.getByRole('dialog', { name: /send mail/i });
  await dialog.getByLabel('From').fill(letter.from);
  await dialog.getByLabel('To', { exact: true }).fill(letter.to);
  await dialog.getByLabel('Subject').fill(letter.subject);
  if (letter.number !== undefined) await dialog.getByLabel('Number').fill(String(letter.number));
  if (letter.name !== undefined) await dialog.getByLabel('Name').fill(letter.name);
}

export async function send(
  page: Page,
  letter: Letter,
  options: { startClock: boolean } = { startClock: false },
): Promise<void> {
  await fillSend(page, letter);
  const dialog = page.getByRole('dialog', { name: /send mail/i });
  const start = dialog.getByRole('checkbox', { name: /start the clock/i });
  if (await start.count()) await start.setChecked(options.startClock);
  await dialog.getByRole('button', { name: /^Send( [\d,]+)?$/ }).click();
  await dialog.waitFor({ state: 'detached' });
}

export const eventRow = (page: Page, text: string | RegExp): Locator =>
  page.getByRole('row').filter({ hasText: text }).first();

/** A row of the event list, found by words: others are out of sight while they stand in the search field. */
export async function findRow(page: Page, words: string): Promise<Locator> {
  await page.getByRole('button', { name: /^Search, or/ }).click();
  await page.getByRole('searchbox', { name: 'Search events' }).fill(words);
  return page.getByRole('region', { name: 'Events' }).getByRole('row').nth(1);
}
