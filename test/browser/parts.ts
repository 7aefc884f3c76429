/** The parts of the window, found as a person finds them: by their role and their name. */
import type { Locator, Page } from 'playwright-core';
import { see } from './bench.ts';

export const clock = (page: Page): Locator => page.getByRole('region', { name: 'Clock' });
export const face = (page: Page): Locator => clock(page).getByRole('time');
export const guide = (page: Page): Locator => page.getByRole('complementary', { name: 'Guide and checks' });
export const checks = (page: Page): Locator => guide(page).getByRole('region', { name: 'Checks' });
export const map = (page: Page): Locator => page.getByRole('group', { name: /^Map/ });
export const host = (page: Page, letter: string): Locator =>
  map(page).getByRole('button', { name: new RegExp(`^Host ${letter},`) });
export const inspector = (page: Page): Locator => page.getByRole('complementary', { name: 'Inspector' });
export const queuePage = (page: Page): Locator => page.getByRole('region', { name: 'Queue', exact: true });
export const banner = (page: Page): Locator => page.getByRole('status').filter({ hasText: 'You are looking at' });
export const playHead = (page: Page): Locator => page.getByRole('slider', { name: 'Moment looked at' });
export const dialog = (page: Page, name: string | RegExp): Locator => page.getByRole('dialog', { name });

const eventList = (page: Page): Locator => page.getByRole('region', { name: 'Events' });
export const eventGrid = (page: Page): Locator => eventList(page).getByRole('grid');
export const eventRow = (page: Page, name: string | RegExp): Locator => eventGrid(page).getByRole('row', { name });
/** A button of the list's head, or of the strip below it. */
export const eventButton = (page: Page, name: string | RegExp): Locator =>
  eventList(page).getByRole('button', { name, exact: true });

export const view = (page: Page, name: string): Locator =>
  page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name });

/** Turn to a step of the guide and let the lab do it. Resolves when it is done. */
export async function doStep(page: Page, number: number): Promise<void> {
  const fold = guide(page).getByRole('button', { name: new RegExp(`^Step ${number},`) });
  if (await fold.isVisible()) await fold.click();
  await guide(page).getByRole('button', { name: 'Do it for me' }).click();
  await see(
    guide(page)
      .getByRole('button', { name: new RegExp(`^Done: Step ${number},`) })
      .or(guide(page).getByText('That was the lab.')),
  );
}

/** An entry of the menu of a host on the map. */
export async function hostMenu(page: Page, letter: string, entry: string): Promise<void> {
  await map(page)
    .getByRole('button', { name: `Menu of host ${letter}` })
    .click();
  await page.getByRole('menu').getByRole('menuitem', { name: entry, exact: true }).click();
}

/** Jump by a button of the clock bar. */
export const jump = (
  page: Page,
  name: '+5 min' | '+1 h' | '+4 h' | '+1 day' | '+1 week' | 'Next change',
): Promise<void> => clock(page).getByRole('button', { name, exact: true }).click();

export async function pause(page: Page): Promise<void> {
  await clock(page).getByRole('button', { name: 'Pause' }).click();
  await see(clock(page).getByRole('button', { name: 'Play' }));
}

export async function select(page: Page, letter: string, tab?: string): Promise<void> {
  await host(page, letter).click();
  if (tab !== undefined)
    await inspector(page)
      .getByRole('tab', { name: new RegExp(`^${tab}`) })
      .click();
}

/** Type a text into an editor, over what is there. */
export async function retype(page: Page, editor: Locator, text: string): Promise<void> {
  await editor.click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
}

/** Hand a message in by the Send dialog, with what is to differ from what stands there. */
export async function send(page: Page, fields: Record<string, string> = {}): Promise<void> {
  await page.getByRole('button', { name: 'Send mail' }).first().click();
  const form = dialog(page, 'Send mail');
  for (const [label, text] of Object.entries(fields)) await form.getByLabel(label, { exact: true }).fill(text);
  await form.getByRole('button', { name: /^Send/ }).click();
  await form.waitFor({ state: 'hidden' });
}

/** Search the event list; '' shows all again. */
export async function search(page: Page, words: string): Promise<void> {
  const field = eventList(page).getByRole('searchbox', { name: 'Search events' });
  if (!(await field.isVisible()))
    await eventList(page)
      .getByRole('button', { name: /^Search/ })
      .click();
  await field.fill(words);
}

/** Drop a file on something, as from a folder. */
export async function drop(on: Locator, file: { name: string; type: string; text: string }): Promise<void> {
  const data = await on.page().evaluateHandle(({ name, type, text }) => {
    const { DataTransfer, File } = globalThis as any;
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name, { type }));
    return transfer;
  }, file);
  for (const kind of ['dragenter', 'dragover', 'drop']) await on.dispatchEvent(kind, { dataTransfer: data });
}
