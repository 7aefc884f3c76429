/**
 * The state at a moment, beside the log, so that opening a long one need not fold all of it.
 * A checkpoint is never needed: one that is torn, foreign, from another version or no file at all is passed over.
 */
import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import type { LabState } from '../../contract/model.ts';
import type { HostSettings } from '../../contract/settings.ts';
import { readFile } from '../files.ts';
import { emptyHost } from '../hosts.ts';
import { emptyState, withTables } from './fold.ts';

export interface Checkpoint {
  version: string;
  /** Bytes of the log that are folded in. */
  offset: number;
  /** Turns that the end of its instant had seen. */
  turn: number;
  state: LabState;
}

/** Returns its size in bytes. */
export function saveCheckpoint(dir: string, checkpoint: Checkpoint): number {
  const folder = path.join(dir, 'checkpoints');
  fs.mkdirSync(folder, { recursive: true });
  const json = JSON.stringify(checkpoint);
  const name = path.join(folder, `${String(checkpoint.state.n).padStart(9, '0')}.json`);
  try {
    fs.rmSync(`${name}.tmp`, { force: true }); // whatever lies there: writing into a pipe would last for ever
    fs.writeFileSync(`${name}.tmp`, `${crc32(json).toString(16)}\n${json}`, { flag: 'wx' });
    fs.renameSync(`${name}.tmp`, name);
  } catch (error) {
    fs.rmSync(`${name}.tmp`, { force: true });
    throw error;
  }
  return json.length;
}

/** The last checkpoint of this version that lies within the log (and not past event `upTo`), or null. */
export function loadCheckpoint(dir: string, version: string, logBytes: number, upTo = Infinity): Checkpoint | null {
  for (const { file, n } of checkpointsIn(dir)
    .filter((one) => one.n <= upTo)
    .sort((one, other) => other.n - one.n)) {
    const checkpoint = checkpointIn(file);
    if (
      checkpoint !== null &&
      checkpoint.version === version &&
      checkpoint.offset <= logBytes &&
      checkpoint.state.n === n
    )
      return checkpoint;
  }
  return null;
}

/** Forget what lies beyond the last event of the log: a loss of power took it, and other events will have its numbers. */
export function dropCheckpointsAfter(dir: string, n: number): void {
  for (const { file } of checkpointsIn(dir).filter((one) => one.n > n)) {
    // Where it can't be removed it is emptied; where that fails too it is no file that could be taken for a checkpoint, or nobody can help it.
    if (!succeeds(() => fs.rmSync(file))) succeeds(() => fs.truncateSync(file));
  }
}

/** What is called like a checkpoint, with the number of its event. */
function checkpointsIn(dir: string): { file: string; n: number }[] {
  const folder = path.join(dir, 'checkpoints');
  try {
    return fs
      .readdirSync(folder)
      .filter((name) => /^\d{9,}\.json$/.test(name))
      .map((name) => ({ file: path.join(folder, name), n: parseInt(name, 10) }));
  } catch {
    return []; // there is no such folder, or it can't be looked into
  }
}

/** More than a text can hold comes into no memory. */
const CHECKPOINT_BYTES_MAX = 500_000_000;

function checkpointIn(file: string): Checkpoint | null {
  const read = readFile(file, CHECKPOINT_BYTES_MAX);
  if (!read.ok) return null;
  try {
    const cut = read.bytes.indexOf('\n');
    const json = read.bytes.subarray(cut + 1);
    if (cut < 0 || crc32(json).toString(16) !== read.bytes.toString('latin1', 0, cut)) return null;
    const value: unknown = JSON.parse(json.toString('utf8'));
    if (!isCheckpoint(value)) return null;
    withTables(value.state);
    return value;
  } catch {
    return null; // no JSON
  }
}

function isCheckpoint(value: unknown): value is Checkpoint {
  const model: Checkpoint = { version: '', offset: 0, turn: 0, state: emptyState() };
  if (!isShapedAs(value, model)) return false;
  const { hosts, dns } = value.state;
  return (
    Object.values(hosts).every((host) => isShapedAs(host, HOST)) &&
    Object.values(dns.caches).every((cache) => isShapedAs(cache, {}))
  );
}

const HOST = emptyHost('', {} as HostSettings, 0);

/** Has it all that the model has, each of the same kind? What is null in the model may be anything. */
function isShapedAs<T>(value: unknown, model: T): value is T {
  if (model === null) return true;
  if (typeof model !== 'object' || Array.isArray(model))
    return typeof value === typeof model && Array.isArray(value) === Array.isArray(model);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const parts = new Map(Object.entries(value));
  return Object.entries(model).every(([key, part]) => isShapedAs(parts.get(key), part));
}

function succeeds(run: () => void): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}
