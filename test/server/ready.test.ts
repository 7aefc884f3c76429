/** Whatever keeps a lab from starting, or ends it, reaches the person in words. */
import fs from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorlds, type Worlds } from '../../src/server/index.ts';
import { LABS, tempDir, VERSION } from '../labs/play.ts';

let home: string;
let worlds: Worlds;
let started: Worker[] = [];
const trouble: string[] = [];
beforeEach(() => {
  home = tempDir();
  trouble.length = 0;
  started = [];
});
afterEach(async () => {
  await worlds.closeAll();
  fs.rmSync(home, { recursive: true, force: true });
});

/** The program, with a thread that runs this instead of a lab, or a lab's own thread with these options. */
function program(source: string | null, options: WorkerOptions = {}): Worlds {
  worlds = createWorlds({
    labs: LABS,
    home,
    version: VERSION,
    publish: false,
    startWorker: (workerData) =>
      kept(
        source === null
          ? new Worker(path.resolve(import.meta.dirname, '../../src/engine/worker.ts'), { workerData, ...options })
          : new Worker(`const { parentPort } = require('node:worker_threads');\n${source}`, { eval: true, ...options }),
      ),
  });
  worlds.listen({
    worlds: () => undefined,
    events: () => undefined,
    clock: () => undefined,
    trouble: (message) => trouble.push(message),
  });
  return worlds;
}
function kept(worker: Worker): Worker {
  started.push(worker);
  return worker;
}
const READY = "parentPort.postMessage({ ready: { dir: '', title: 'A lab', reopened: false, n: 1 } });";

describe('a lab that does not start', () => {
  it.each([
    ['an error that nobody caught', "throw new Error('the moon is full')", 'the lab did not start: the moon is full'],
    [
      'a bug',
      'null.x',
      /^the lab did not start: Cannot read properties of null.* \(this is a bug in Mail Lab: please report it\)$/,
    ],
    ['no error at all', "throw 'a text'", 'the lab did not start: a text'],
    [
      'a rejection',
      "Promise.reject(new Error('not kept')); setInterval(() => {}, 1000)",
      'the lab did not start: not kept',
    ],
    ['an exit', 'process.exit(3)', 'the lab did not start: its thread ended with code 3'],
    ['an end', '', 'the lab did not start: its thread ended'],
    [
      'what the lab says',
      "parentPort.postMessage({ failed: 'no such lab' }); setInterval(() => {}, 1000)",
      'no such lab',
    ],
  ])('by %s', async (_by, source, words) => {
    await expect(program(source).api.open('one-mx-waits')).rejects.toThrow(words);
    expect(fs.readdirSync(home)).toEqual([]);
  });

  it('by a lack of memory', { timeout: 60_000 }, async () => {
    await expect(
      program('const all = []; for (;;) all.push(new Array(1e5).fill(all.length));', {
        resourceLimits: { maxOldGenerationSizeMb: 20 },
      }).api.open('one-mx-waits'),
    ).rejects.toThrow(
      'the lab did not start: it ran out of memory. A lab with fewer messages at a time, or smaller ones, needs less',
    );
  });

  it.each([
    ['answers nothing any more', ''],
    ['answers all the same', 'parentPort.postMessage({ answer: call, value: { hosts: [] } });'],
    ['refuses', "parentPort.postMessage({ answer: call, error: 'no' });"],
  ])('as it fails while its ports are opened, and %s: its thread is ended', async (_what, answer) => {
    const all = program(
      `${READY} parentPort.on('message', ({ call }) => { parentPort.postMessage({ failed: 'the disk is gone' }); ${answer} });`,
    );
    await expect(
      all.start({ lab: 'x', data: { scenario: null, dir: home }, parent: null, ports: { base: 2_500, orAny: true } }),
    ).rejects.toThrow('the lab did not start: the disk is gone');
    const [worker] = started;
    if (worker!.threadId !== -1) await once(worker!, 'exit');
    expect(await all.api.worlds()).toEqual([]);
  });

  it('says so itself, with what is wrong with its folder', async () => {
    await expect(program(null).api.openText('x.yaml', 'title: x')).rejects.toThrow(/x\.yaml:1:1: `shows` is missing/);
    fs.mkdirSync(path.join(home, 'odd'));
    fs.writeFileSync(
      path.join(home, 'odd/kept.json'),
      JSON.stringify({ lab: 'x', title: 'x', branch: false, at: null, memory: null }),
    );
    fs.writeFileSync(path.join(home, 'odd/journal.log'), 'nothing of the kind\n');
    await expect(worlds.api.reopen('odd')).rejects.toThrow("is not a lab's journal");
  });
});

describe('a lab that starts', () => {
  it('has said what troubles it before, and that is told', async () => {
    const { id } = await program(
      `parentPort.postMessage({ news: 'trouble', args: ['a mailbox could not be mended'] }); ${READY} parentPort.on('message', ({ call, name }) => { parentPort.postMessage({ answer: call, value: { n: 1, now: 0, hosts: [] } }); if (name === 'close') process.exit(0); });`,
    ).api.open('one-mx-waits');
    expect(id).toBe('w1');
    expect(trouble).toEqual(['a mailbox could not be mended']);
  });

  it.each([
    [
      'an error',
      "setTimeout(() => { throw new Error('the disk is gone') }, 20)",
      'A lab has ended by itself: the disk is gone',
    ],
    ['an exit', 'setTimeout(() => process.exit(4), 20)', 'A lab has ended by itself: its thread ended with code 4'],
  ])('and ends by %s: that is told, once', async (_by, source, words) => {
    const all = program(`${READY} ${source}`);
    const ended = new Promise<void>((resolve) =>
      all.listen({
        worlds: (list) => list.length === 0 && resolve(),
        events: () => undefined,
        clock: () => undefined,
        trouble: () => undefined,
      }),
    );
    await all.api.open('one-mx-waits');
    await ended;
    expect(trouble).toEqual([words]);
  });
});
