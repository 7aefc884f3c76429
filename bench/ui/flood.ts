/** A flood at full speed: whether the page keeps its frames while its engine tells it thousands of events a second. */
import type { LabEvent } from '../../src/contract/events.ts';
import { LAB, letters } from './kept.ts';
import { frameWords, judge, quantile } from './numbers.ts';
import type { Stage } from './stage.ts';

const MESSAGES = Number(process.env['MESSAGES'] ?? 2_000);
const FRAME_MOST_MS = 50;
/** Frames before and after the flood are no part of it. */
const REST_MS = 1_500;

export async function measureFlood(stage: Stage): Promise<void> {
  const { api } = stage.worlds;
  const world = await api.open(LAB);
  await api.ask(world.id, 'setPace', ['max']);
  await api.ask(world.id, 'play', []);
  const page = await stage.newPage();
  await page.goto(stage.url);
  await page.evaluate('bench.open(1)');
  await page.waitForTimeout(REST_MS);

  const flood = delivered(stage, MESSAGES);
  await page.evaluate('bench.startFrames()');
  const startedAt = performance.now();
  await api.ask(world.id, 'act', [{ do: 'send', messages: letters(MESSAGES, 1), everyMs: 0, connections: 20 }]);
  await flood.done;
  const toldAt = performance.now();
  const { n } = await api.ask(world.id, 'bench', [null]);
  const before = flood.firstN - 1;
  await page.evaluate(`bench.open(${n - 5})`);
  const seconds = (performance.now() - startedAt) / 1_000;
  const frames = await page.evaluate<number[]>('bench.stopFrames()');
  console.log(
    `A flood of ${MESSAGES.toLocaleString('en')} messages at full speed: ${(n - before).toLocaleString('en')} events in ${seconds.toFixed(1)} s, ` +
      `${Math.round((n - before) / seconds).toLocaleString('en')} events/s; the page showed the last ${Math.max(0, performance.now() - toldAt).toFixed(0)} ms after it was told`,
  );
  judge('frames meanwhile, 99 of 100', quantile(frames, 0.99), FRAME_MOST_MS, frameWords(frames));
  await stage.closeWorlds();
}

/** Counts deliveries to alice as they are told. */
function delivered(stage: Stage, wanted: number): { done: Promise<void>; firstN: number } {
  const flood = { done: Promise.resolve(), firstN: 0 };
  flood.done = new Promise((resolve) => {
    let count = 0;
    const deaf = stage.worlds.listen({
      worlds: () => undefined,
      clock: () => undefined,
      trouble: (message) => console.error(message),
      events(_world: string, batch: LabEvent[]) {
        if (flood.firstN === 0) flood.firstN = batch[0]?.n ?? 0;
        count += batch.filter((event) => event.kind === 'mailbox-deliver' && event.user === 'alice').length;
        if (count < wanted) return;
        deaf();
        resolve();
      },
    });
  });
  return flood;
}
