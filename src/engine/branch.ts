/**
 * Going back, and on from there: looking at an earlier moment is a fold of the journal; going on from it is a
 * branch, a lab of its own in a folder of its own.
 *
 * Open sockets can't be had back. So a branch wakes up at the last checkpoint at which no dialogue was open,
 * plays the recorded inputs again up to the chosen instant, and is then free. That what it told until then
 * is the old story, byte for byte, is checked. The old lab is not touched.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { LabEvent } from '../contract/events.ts';
import type { BodyRef, LabState } from '../contract/model.ts';
import { apply, emptyState, loadCheckpoint, openDisk, readRecords, saveCheckpoint } from './journal/index.ts';
import { openLab, type Lab, type LabOptions } from './lab.ts';
import { isInput } from './replay.ts';

/** The lab as it was right after event number `n`. */
export function stateAt(dir: string, n: number, version: string): LabState {
  const disk = openDisk(path.join(dir, 'journal.log'));
  try {
    const saved = loadCheckpoint(dir, version, disk.size, n);
    const state = saved?.state ?? emptyState();
    readUntil(disk, saved?.offset ?? 0, n, (event) => apply(state, event));
    if (state.n !== n) throw new Error(`the journal in ${dir} has no event ${n}: its last one is ${state.n}`);
    return state;
  } finally {
    disk.close();
  }
}

export interface BranchRequest {
  from: string;
  /** Event after which the branch may differ; the rest of its instant still happens. */
  n: number;
  to: string;
}

/** A branch of the lab in `from`, opened and played up to the instant of event `n`; its clock stands there, paused. */
export async function branchLab({ from, n, to }: BranchRequest, options: Omit<LabOptions, 'dir' | 'scenario' | 'branch'>): Promise<Lab> {
  if (fs.existsSync(path.join(to, 'journal.log'))) throw new Error(`there is a lab in ${to} already: a branch needs a folder of its own`);
  const old = openDisk(path.join(from, 'journal.log'));
  const saved = loadCheckpoint(from, options.version, old.size, n);
  const inputs: LabEvent[] = [];
  const told: LabEvent[] = [];
  readUntil(old, saved?.offset ?? 0, n, (event) => {
    told.push(event);
    if (isInput(event)) inputs.push(event);
  });
  const last = told.at(-1);
  const at = last?.at ?? saved?.state.now;
  if (at === undefined || (last?.n ?? saved?.state.n) !== n) throw new Error(`the journal in ${from} has no event ${n}`);
  fs.mkdirSync(to, { recursive: true });
  if (saved !== null) {
    fs.writeFileSync(path.join(to, 'journal.log'), old.read(0, saved.offset));
    saveCheckpoint(to, saved);
  }
  const first = firstEvent(old);
  const scenario = saved === null ? (JSON.parse(first.scenario) as { text: string; file: string }) : null;
  const lab = await openLab({ ...options, ...(scenario === null ? {} : { seed: first.seed, script: first.scripted }), scenario, dir: to, branch: { inputs, turnBase: saved?.turn ?? 0, read: (ref: BodyRef) => old.read(ref.offset, ref.size) } });
  lab.driver.setEnd(at);
  lab.driver.run().catch((error: unknown) => (options.complain ?? console.error)(String(error)));
  await lab.driver.idle();
  const same = lab.events().slice(-(lab.state.n - (saved?.state.n ?? 0)));
  const differs = told.findIndex((event, i) => JSON.stringify(event) !== JSON.stringify(same[i]));
  old.close();
  if (differs >= 0) {
    await lab.close();
    throw new Error(`this run can't be repeated from its journal: event ${told[differs]?.n} came out differently. Was it made by another version of Mail Lab?`);
  }
  lab.driver.pause();
  lab.driver.setEnd(null);
  return lab;
}

type Disk = ReturnType<typeof openDisk>;
class Enough extends Error {}

function readUntil(disk: Disk, offset: number, n: number, heard: (event: LabEvent) => void): void {
  try {
    readRecords(disk, offset, (event) => {
      if (event.n > n) throw new Enough();
      heard(event);
    });
  } catch (error) {
    if (!(error instanceof Enough)) throw error;
  }
}

function firstEvent(disk: Disk): LabEvent<'lab-open'> {
  const first: LabEvent[] = [];
  readUntil(disk, 0, 1, (event) => first.push(event));
  return first[0] as LabEvent<'lab-open'>;
}
