/** Plays labs in tests: from a file in labs/ or from a text, in a folder of its own. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { openLab, type Lab, type LabOptions } from '../../src/engine/lab.ts';
import { openDisk, type JournalDisk } from '../../src/engine/journal/index.ts';

export const LABS = path.resolve(import.meta.dirname, '../../labs');
export const VERSION = 'test';

export function labText(name: string): { text: string; file: string } {
  const file = path.join(LABS, `${name}.yaml`);
  return { text: fs.readFileSync(file, 'utf8'), file };
}

export function tempDir(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-test-'));
}

/** Open a lab and start its clock; a failure of the clock fails the test that waits for the lab. */
export async function startLab(
  options: Partial<LabOptions> & Pick<LabOptions, 'scenario'>,
): Promise<{ lab: Lab; clock: Promise<void> }> {
  const lab = await openLab({ dir: null, version: VERSION, ...options });
  return { lab, clock: lab.driver.run() };
}

/** Play to the end of the script; returns the hash of the journal, and what `look` sees before the lab is closed. */
export async function playLab<T>(
  options: Partial<LabOptions> & Pick<LabOptions, 'scenario'>,
  look: (lab: Lab) => T,
  pace?: number,
): Promise<{ hash: string; seen: T }> {
  const { lab, clock } = await startLab(options);
  if (pace !== undefined) lab.driver.setPace(pace);
  await Promise.race([
    lab.played(),
    clock.then(() => Promise.reject(new Error('the clock stopped before the script ended'))),
  ]);
  const seen = look(lab);
  const hash = createHash('sha256')
    .update(fs.readFileSync(path.join(lab.dir, 'journal.log')))
    .digest('hex');
  await lab.close();
  await clock;
  return { hash, seen };
}

/** Random real delays in accept, read and write (to 8 ms, in order for each socket) and in fsync (to 32 ms), for this share of them. */
export function roughness(seed: number, share = 0.2): Pick<LabOptions, 'rough' | 'disk'> {
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x7fffffff;
  };
  const last = new WeakMap<object, Promise<void>>();
  const wait = (ms: number) => new Promise<void>((go) => setTimeout(go, ms));
  return {
    rough(key, run) {
      const before = last.get(key);
      // An even delay for all would only be slow, not unfair.
      const ms = random() < share ? random() * 8 : 0;
      if (before === undefined && ms === 0) return run();
      const mine: Promise<void> = (before ?? Promise.resolve()).then(async () => {
        if (ms > 0) await wait(ms);
        run();
        if (last.get(key) === mine) last.delete(key);
      });
      last.set(key, mine);
    },
    disk(file): JournalDisk {
      const disk = openDisk(file);
      return {
        get size() {
          return disk.size;
        },
        append: disk.append,
        read: disk.read,
        truncate: disk.truncate,
        close: disk.close,
        sync(done) {
          const ms = random() < share ? random() * 32 : 0;
          if (ms === 0) disk.sync(done);
          else setTimeout(() => disk.sync(done), ms);
        },
      };
    },
  };
}
