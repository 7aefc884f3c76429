/** What only a page's transports have: calls of PageApi itself, worlds that end while the page lives on, frames and tokens. */
import fs from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LONG_LENGTH } from '../../src/contract/frames.ts';
import { tempDir } from '../labs/play.ts';
import { keepBusy } from './busy.ts';
import { openSocketPage, openWindowPage, type Page } from './pages.ts';
import { joinPage, LAB, program, type JoinedPage } from './transports.ts';

const ways: Record<string, (dir: string) => Promise<JoinedPage>> = {
  'a WebSocket': (dir) => joinPage(openSocketPage, dir),
  "the window's port": (dir) => joinPage(openWindowPage, dir),
};

let joined: JoinedPage | null = null;
let dir = '';
afterEach(async () => {
  await joined?.end();
  joined = null;
  vi.unstubAllGlobals();
  fs.rmSync(dir, { recursive: true, force: true });
});
async function join<P extends Page>(way: (dir: string) => Promise<JoinedPage<P>>): Promise<JoinedPage<P>> {
  const one = await way((dir = tempDir()));
  joined = one;
  return one;
}

/** Words of the refusal, the call, its arguments; WORLD stands for the world that is open. */
const WRONG: [RegExp, string, ...unknown[]][] = [
  [/^there is no call 'shutdown'; there are: labs, worlds, open, /, 'shutdown'],
  [/^there is no call 'clock'/, 'clock'],
  [/^open: argument 0: /, 'open', 5],
  [/^open: /, 'open'],
  [/^there is no lab 'nothing'; there are: /, 'open', 'nothing'],
  [/^mine\.yaml:1:/, 'openText', 'mine.yaml', 'hosts: 5'],
  [/^branch: argument 1: /, 'branch', 'WORLD', -1],
  [/^there is no world 'w99'/, 'branch', 'w99', 1],
  [/^there is no world 'w99'/, 'close', 'w99'],
  [/^reopen: argument 0: /, 'reopen', ''],
  [/^there is no kept lab '\.\.': /, 'reopen', '..'],
  [/^there is no kept lab '\.': /, 'forget', '.'],
  [/^there is no world 'w99'/, 'ask', 'w99', 'clock', []],
  [/^ask: argument 2: /, 'ask', 'WORLD', 'clock', 'now'],
  [/^ask: argument 1: /, 'ask', 'WORLD', 5, []],
  [/^ask: /, 'ask', 'WORLD', 'clock'],
  [/^there is no call 'format'; there are: act, /, 'ask', 'WORLD', 'format', []],
  [/^there is no call 'labs'; there are: act, /, 'ask', 'WORLD', 'labs', []],
  [/^setPace: argument 0: /, 'ask', 'WORLD', 'setPace', [0]],
  [/^there is no call 'then'/, 'ask', 'WORLD', 'then', []],
  [/^A relay through the firewall has no event 100000: the last one is /, 'branch', 'WORLD', 100_000],
];

describe.each(Object.entries(ways))('a page over %s', (_name, way) => {
  it('hears what is wrong with a call, whoever finds it out, and goes on', async () => {
    const { page, world } = await join(way);
    for (const [words, name, ...args] of WRONG) {
      const given = args.map((arg) => (arg === 'WORLD' ? world : arg));
      const call = (page.api as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>)[name]!(...given);
      await expect(call, JSON.stringify([name, ...args])).rejects.toThrow(words);
    }
    expect(await page.api.worlds()).toMatchObject([{ id: world, lab: LAB, parent: null }]);
    expect(await page.api.ask(world, 'clock', [])).toMatchObject({ paused: false });
  });

  it('outlives a world: the calls that wait for it are let go, all others are answered', async () => {
    const { api, page, workers, dir: folder } = await join(way);
    const lost = expect(api.jump(await keepBusy(api))).rejects.toThrow('the lab is gone');
    await api.clock(); // the jump is under way
    await workers.get(folder)!.terminate();
    await lost;
    await expect(api.clock()).rejects.toThrow();
    expect((await page.api.labs()).map(({ id }) => id)).toContain(LAB);
    expect(page.gone.count).toBe(0);
    const { id } = await page.api.open(LAB);
    expect(await page.api.ask(id, 'clock', [])).toMatchObject({ paused: false });
  });
});

describe('a WebSocket', () => {
  it('carries what is long deflated, and what is short as it is', async () => {
    const { api, page, heard } = await join((folder) => joinPage(openSocketPage, folder));
    await heard.until('lab-end');
    const { frames } = page;
    await api.clock();
    const before = { text: frames.text.length, bytes: frames.bytes.length };
    const text = await api.eventText(1, 1_000);
    expect(text.length).toBeGreaterThan(LONG_LENGTH);
    expect([frames.text.length, frames.bytes.length]).toEqual([before.text, before.bytes + 1]);
    expect(frames.bytes.at(-1)).toBeLessThan(text.length / 2);
    await api.clock();
    expect([frames.text.length, frames.bytes.length]).toEqual([before.text + 1, before.bytes + 1]);
    expect(Math.max(...frames.text)).toBeLessThan(LONG_LENGTH);
  });

  it('that is not let in is told so, and its calls are let go', async () => {
    const { worlds } = program((dir = tempDir()));
    const { api, gone, endProgram } = await openSocketPage(worlds, dir, {}, '?token=wrong');
    await expect(api.labs()).rejects.toThrow('the lab is gone');
    await gone.told;
    expect(gone.count).toBe(1);
    await endProgram();
  });
});
