/** Random worlds, random misfortunes, then a long quiet end: what must hold whatever happens. WORLDS and SEED change how many and which. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabEvent } from '../../src/contract/events.ts';
import type { LabState } from '../../src/contract/model.ts';
import { openLab } from '../../src/engine/lab.ts';
import { foldEvents } from '../durability/judge.ts';
import { breaches, nothingMet } from './laws.ts';
import { labText, worlds } from './worlds.ts';

const SEED = Number(process.env.SEED ?? 2026);
const WORLDS = Number(process.env.WORLDS ?? 500);
/** One of so many worlds is played twice. */
const TWICE_EVERY = 6;
/** Real time for one world; one that takes longer stands still. */
const WORLD_MS = 60_000;

interface Played {
  events: LabEvent[];
  state: LabState;
  journal: Buffer;
  read(ref: { offset: number; size: number }): Buffer;
}

let root = '';
beforeAll(() => void (root = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-worlds-'))));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

async function play(text: string): Promise<Played> {
  const dir = fs.mkdtempSync(path.join(root, 'w-'));
  const complaints: string[] = [];
  const lab = await openLab({
    scenario: { text, file: 'world.yaml' },
    dir,
    version: 'test',
    complain: (message) => complaints.push(message),
  });
  let watch: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    watch = setTimeout(
      () =>
        reject(
          new Error(`the world stands still at ${new Date(lab.driver.now()).toISOString()}, event ${lab.state.n}`),
        ),
      WORLD_MS,
    );
  });
  const run = lab.driver.run();
  try {
    await Promise.race([
      lab.played(),
      run.then(() => {
        throw new Error('the lab ended by itself');
      }),
      tooLong,
    ]);
    expect(complaints).toEqual([]);
    const events = lab.events();
    const { state } = lab;
    const journal = fs.readFileSync(path.join(dir, 'journal.log'));
    return { events, state, journal, read: ({ offset, size }) => journal.subarray(offset, offset + size) };
  } finally {
    clearTimeout(watch);
    await lab.close().catch(() => undefined);
    await run.catch(() => undefined);
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

describe(`random worlds (SEED=${SEED} WORLDS=${WORLDS})`, () => {
  const met = nothingMet();
  let played = 0;

  it(
    'lose nothing, go in no circle, and report what happened',
    async () => {
      const property = fc.asyncProperty(worlds, async (world) => {
        const text = labText(world);
        const first = await play(text);
        played += 1;
        expect(breaches(first.events, first.state, first.read, met)).toEqual([]);
        expect(foldEvents(first.events)).toEqual(first.state);
        if (played % TWICE_EVERY !== 0) return;
        const second = await play(text);
        expect(second.events.length).toBe(first.events.length);
        const different = first.events.findIndex(
          (event, i) => JSON.stringify(event) !== JSON.stringify(second.events[i]),
        );
        expect(
          different < 0 ? null : [first.events[different], second.events[different]],
          'the first event that differs in a second run',
        ).toBe(null);
        expect(second.journal.equals(first.journal)).toBe(true);
      });
      await fc.assert(property, {
        seed: SEED,
        numRuns: WORLDS,
        interruptAfterTimeLimit: process.env.SHRINK === undefined ? undefined : 300_000,
        endOnFailure: process.env.SHRINK === undefined,
        reporter(out) {
          if (!out.failed) return;
          const [world] = out.counterexample ?? [];
          const file = path.join(os.tmpdir(), `mail-lab-world-${SEED}.yaml`);
          if (world !== undefined) fs.writeFileSync(file, labText(world));
          const cause = out.errorInstance instanceof Error ? out.errorInstance.message : String(out.errorInstance);
          throw new Error(
            `${cause}\nThe world is in ${file}. Again: SEED=${SEED} WORLDS=${WORLDS} npx vitest run test/property (path ${out.counterexamplePath}; SHRINK=1 makes it smaller)`,
            { cause: out.errorInstance },
          );
        },
      });
    },
    20 * 60_000,
  );

  it('met all that can go wrong', () => {
    console.log(
      `${played} worlds met: ${Object.entries(met)
        .map(([what, times]) => `${what} ${times}`)
        .join(', ')}`,
    );
    if (WORLDS >= 300) for (const [what, times] of Object.entries(met)) expect(times, what).toBeGreaterThan(0);
  });
});
