/** Looking back: how soon the page shows a moment of lab 7 that one points at on the time line. */
import type { Page } from 'playwright-core';
import { judge, median, ms, quantile, worst } from './numbers.ts';
import type { Stage } from './stage.ts';

const LAB = 'backup-disk-fills';
const MOMENTS = Number(process.env['MOMENTS'] ?? 200);
const MOST_MS = 100;
/** A page that changed nothing for so long has shown what it will. */
const QUIET_MS = 150;
const SEED = 7;
/** Nearer to the end of the past is now. */
const NOW_PX = 8;

export async function measureMoments(stage: Stage): Promise<void> {
  const { api } = stage.worlds;
  const world = await api.open(LAB);
  const { guide } = await api.ask(world.id, 'lesson', []);
  for (const index of guide.keys()) await api.ask(world.id, 'doGuideStep', [index]);
  await api.ask(world.id, 'pause', []);
  const { n } = await api.ask(world.id, 'bench', [null]);
  const page = await stage.newPage();
  await page.goto(stage.url);
  await page.evaluate('bench.open(1)');
  // B's queue stands in the inspector, row by row.
  await page.getByRole('button', { name: /^Host B/ }).click();
  await page.waitForTimeout(1_000);

  const next = chance(SEED);
  const times: number[] = [];
  for (let count = 0; count < MOMENTS; count += 1) {
    times.push(await turn(page, next()));
    await assertShown(page, stage, world.id);
  }
  const words = `median ${ms(median(times))}, p99 ${ms(quantile(times, 0.99))}, worst ${ms(worst(times))}`;
  console.log(`${MOMENTS} moments of lab 7, ${n.toLocaleString('en')} events`);
  judge('map, queue and banner of a moment are there', worst(times), MOST_MS, words);
  await stage.closeWorlds();
}

/** Press the time line at this share of its past. Returns how long it took until all was shown, ms. */
async function turn(page: Page, share: number): Promise<number> {
  const box = (await page.locator('.timeline .lane').boundingBox())!;
  const settled = page.evaluate<number>(`bench.settle(${QUIET_MS})`);
  await page.evaluate('0'); // the stopwatch is ready
  await page.mouse.move(box.x + share * (box.width - NOW_PX), box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.up();
  return settled;
}

/** What stands there is that moment, and no other: the time in the banner, and each host's queue on the map. */
async function assertShown(page: Page, stage: Stage, world: string): Promise<void> {
  const found = await page.evaluate<{ n: number; banner: string; hosts: string[] }>('bench.said()');
  const { hosts, now } = await stage.worlds.api.ask(world, 'bench', [found.n]);
  const time = new Date(now).toISOString().slice(11, 19);
  if (!found.banner.includes(time))
    throw new Error(`event ${found.n} was at ${time}, but the banner says: ${found.banner}`);
  for (const { key, queueCount } of hosts) {
    const said = found.hosts.find((name) => name.startsWith(`Host ${key.toUpperCase()},`)) ?? 'nothing';
    if (!said.includes(` ${queueCount} message`))
      throw new Error(`event ${found.n}: ${key} had ${queueCount} messages queued, but the map says: ${said}`);
  }
}

/** Shares from 0 to 1, the same for the same seed (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
