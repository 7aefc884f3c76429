/** A lab with a hundred thousand events: how soon it stands on the screen, and how its list of events scrolls. */
import path from 'node:path';
import type { Page } from 'playwright-core';
import { LAB, makeKeptLab } from './kept.ts';
import { frameWords, judge, median, ms, worst } from './numbers.ts';
import type { Stage } from './stage.ts';

const EVENTS = Number(process.env['EVENTS'] ?? 100_000);
const OPENINGS = Number(process.env['ROUNDS'] ?? 3);
const OPEN_MOST_MS = 2_000;
const FRAME_MOST_MS = 50;
/** Frames of one way through the list: a hundred thousand rows in ten seconds. */
const SCROLL_FRAMES = 600;

export async function measureMany(stage: Stage): Promise<void> {
  const dir = path.join(stage.home, 'many');
  const count = await makeKeptLab(dir, EVENTS);
  console.log(`A lab with ${count.toLocaleString('en')} events, kept in a folder`);
  const clicked: number[] = [];
  const loaded: number[] = [];
  for (let round = 0; round < OPENINGS; round += 1) {
    stage.openFrom(dir);
    const page = await stage.newPage();
    clicked.push(await openByClick(page, stage.url, count));
    stage.openFrom(null);
    loaded.push(await openByLoading(await stage.newPage(), stage.url, count));
    if (round < OPENINGS - 1) await stage.closeWorlds();
  }
  const words = (values: number[]): string =>
    `median ${ms(median(values))}, worst ${ms(worst(values))} (${values.map((value) => value.toFixed(0)).join(', ')})`;
  judge('opened from its folder by a click on its card', median(clicked), OPEN_MOST_MS, words(clicked));
  judge('opened by loading the page, the lab being open', median(loaded), OPEN_MOST_MS, words(loaded));

  const page = await stage.newPage();
  await openByLoading(page, stage.url, count);
  await page.waitForTimeout(1_000);
  const frames = await page.evaluate<number[]>(`bench.scroll(${SCROLL_FRAMES})`);
  judge('its list scrolls from end to end', worst(frames), FRAME_MOST_MS, frameWords(frames));
  await stage.closeWorlds();
}

/** From the click on the lab's card until its newest event and its map are on the screen, ms. */
async function openByClick(page: Page, url: string, count: number): Promise<number> {
  await page.goto(url);
  const card = `button.main[aria-describedby="shows-${LAB}"]`;
  await page.locator(card).waitFor();
  return page.evaluate<number>(`bench.openBy(document.querySelector('${card}'), ${count})`);
}

/** From the beginning of the navigation, ms. */
async function openByLoading(page: Page, url: string, count: number): Promise<number> {
  await page.goto(url);
  return page.evaluate<number>(`bench.open(${count})`);
}
