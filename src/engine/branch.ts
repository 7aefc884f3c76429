/**
 * Going back, and on from there: looking at an earlier moment is a fold of the journal; going on from it is a
 * branch, a lab of its own in a folder of its own.
 *
 * Open sockets are in no journal. So a branch wakes up at the last clean moment, at which nothing was in memory that the state does
 * not hold (a checkpoint, or the lab's opening), plays the recorded inputs again up to the chosen instant, and is then free. That
 * what it told until then is the old story, byte for byte, is checked. The old lab is not touched.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { BodyRef, Instant, LabState } from '../contract/model.ts';
import {
  apply,
  emptyState,
  endOf,
  loadCheckpoint,
  openDisk,
  readWhile,
  saveCheckpoint,
  withTables,
  type Checkpoint,
  type JournalDisk,
} from './journal/index.ts';
import { openLab, type Lab, type LabOptions } from './lab.ts';
import { isFounded } from './opening.ts';
import { isInput, type RecordedInput } from './replay.ts';

/** The lab as it was right after event number `n`. */
export function stateAt(dir: string, n: number, version: string): LabState {
  const disk = openDisk(path.join(dir, 'journal.log'), { readOnly: true });
  try {
    const saved = loadCheckpoint(dir, version, disk.size, n);
    const state = saved?.state ?? emptyState();
    readWhile(disk, saved?.offset ?? 0, (event) => {
      if (event.n > n) return false;
      apply(state, event);
      return true;
    });
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
export async function branchLab(
  { from, n, to }: BranchRequest,
  options: Omit<LabOptions, 'dir' | 'scenario' | 'script' | 'seed' | 'branch'>,
): Promise<Lab> {
  const copy = path.join(to, 'journal.log');
  if (fs.existsSync(copy)) throw new Error(`there is a lab in ${to} already: a branch needs a folder of its own`);
  const old = openDisk(path.join(from, 'journal.log'), { readOnly: true });
  try {
    const plan = planBranch(old, from, n, options.version);
    fs.mkdirSync(to, { recursive: true });
    copyStart(old, from, plan.start.offset, copy);
    saveCheckpoint(to, plan.start);
    const { inputs, start } = plan;
    let playing = true;
    const branch = {
      inputs,
      turnBase: start.turn,
      read: ({ offset, size }: BodyRef) => old.read(offset, size),
      playing: () => playing,
    };
    const lab = await openLab({ ...options, scenario: null, dir: to, branch });
    try {
      await playUntil(lab, plan.at, options.complain ?? console.error);
      playing = false;
      const differs = firstDifference(old, copy, plan);
      if (differs !== null) throw new Error(`event ${differs} came out differently`);
    } catch (error) {
      await lab.close().catch(() => undefined); // what ended it is said already
      const { version } = plan;
      const advice =
        version === options.version
          ? ''
          : `. It was made by Mail Lab ${version}, this is ${options.version}: the earlier one may be able to`;
      throw new Error(`the run in ${from} can't be repeated up to event ${n}: ${(error as Error).message}${advice}`, {
        cause: error,
      });
    }
    return lab;
  } finally {
    old.close();
  }
}

interface Plan {
  /** The last clean moment that is not past event `n`, or the first of all. */
  start: Checkpoint;
  /** Inputs from there to event `n`. */
  inputs: RecordedInput[];
  /** Instant of event `n`. */
  at: Instant;
  /** Bytes of the journal up to there. */
  end: number;
  /** Version of the program that told event `n`. */
  version: string;
}

function planBranch(old: JournalDisk, from: string, n: number, version: string): Plan {
  const saved = loadCheckpoint(from, version, old.size, n);
  const state = saved === null ? emptyState() : cloneOf(saved.state);
  let start = saved;
  let inputs: RecordedInput[] = [];
  let [at, end, toldBy] = [state.now, saved?.offset ?? 0, version];
  readWhile(old, end, (event, json) => {
    if (event.n > n && start !== null) return false;
    apply(state, event);
    [at, end] = [event.at, endOf(json)];
    if (event.kind === 'lab-open' || event.kind === 'lab-reopen') toldBy = event.version;
    if (event.kind === 'lab-reopen' || (start === null && isFounded(event))) {
      start = { version, offset: end, turn: 0, state: cloneOf(state) };
      inputs = [];
    } else if (isInput(event)) inputs.push({ n: event.n, at, turn: event.turn ?? 0, body: json });
    return true;
  });
  if (start === null || state.n < n)
    throw new Error(`the journal in ${from} has no event ${n}: its last one is ${state.n}`);
  return { start, inputs, at, end, version: toldBy };
}

const cloneOf = (state: LabState): LabState => withTables(structuredClone(state));

const COPY_BYTES = 4 * 1024 * 1024;

function copyStart(old: JournalDisk, from: string, size: number, copy: string): void {
  const disk = openDisk(copy);
  try {
    while (disk.size < size) {
      const bytes = old.read(disk.size, Math.min(COPY_BYTES, size - disk.size));
      if (bytes.length === 0)
        throw new Error(
          `the journal in ${from} was cut short while it was copied: ${disk.size} bytes are left of ${size}`,
        );
      disk.append(bytes);
    }
  } finally {
    disk.close();
  }
}

/** Play until nothing is left to do at an instant; then the lab stands still, and is free. */
async function playUntil(lab: Lab, at: Instant, complain: (message: string) => void): Promise<void> {
  const { driver } = lab;
  driver.setEnd(at);
  const run = driver.run();
  await Promise.race([
    driver.idle(),
    run.then(() => {
      throw new Error('its clock stopped');
    }),
  ]);
  driver.pause();
  driver.setEnd(null);
  // Programs from outside that were connected then are not here.
  await driver.input(() => lab.network.leaveReplayed());
  lab.write();
  run.catch((error: Error) => complain(error.message));
}

/** Number of the first event in which the copy differs from the old journal; null: none. */
function firstDifference(old: JournalDisk, copy: string, { start, end }: Plan): number | null {
  const disk = openDisk(copy, { readOnly: true });
  try {
    for (let at = start.offset; at < end; at += COPY_BYTES) {
      const size = Math.min(COPY_BYTES, end - at);
      if (!old.read(at, size).equals(disk.read(at, size))) return differingEvent(old, disk, start.offset);
    }
    return null;
  } finally {
    disk.close();
  }
}

function differingEvent(old: JournalDisk, other: JournalDisk, offset: number): number {
  let differing = 0;
  readWhile(old, offset, (event, { offset: at, size }) => {
    differing = event.n;
    return other.read(at, size).equals(old.read(at, size));
  });
  return differing;
}
