/**
 * The state at a moment, beside the log, so that opening a long one need not fold all of it.
 * A checkpoint is never needed: one that is torn, foreign or from another version is passed over.
 */
import fs from 'node:fs';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import type { LabState } from '../../contract/model.ts';
import { withTables } from './fold.ts';

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
    fs.writeFileSync(`${name}.tmp`, `${crc32(json).toString(16)}\n${json}`);
    fs.renameSync(`${name}.tmp`, name);
  } catch (error) {
    fs.rmSync(`${name}.tmp`, { force: true });
    throw error;
  }
  return json.length;
}

/** The last checkpoint of this version that lies within the log (and not past event `upTo`), or null. */
export function loadCheckpoint(dir: string, version: string, logBytes: number, upTo = Infinity): Checkpoint | null {
  const folder = path.join(dir, 'checkpoints');
  if (!fs.existsSync(folder)) return null;
  const names = fs.readdirSync(folder).filter((name) => /^\d{9}\.json$/.test(name) && Number(name.slice(0, 9)) <= upTo).sort().reverse();
  for (const name of names) {
    const text = fs.readFileSync(path.join(folder, name), 'utf8');
    const cut = text.indexOf('\n');
    const json = text.slice(cut + 1);
    if (cut < 0 || crc32(json).toString(16) !== text.slice(0, cut)) continue;
    const checkpoint = JSON.parse(json) as Checkpoint;
    if (checkpoint.version !== version || checkpoint.offset > logBytes) continue;
    withTables(checkpoint.state);
    return checkpoint;
  }
  return null;
}

/** Forget what lies beyond the last event of the log: a loss of power took it, and other events will have its numbers. */
export function dropCheckpointsAfter(dir: string, n: number): void {
  const folder = path.join(dir, 'checkpoints');
  if (!fs.existsSync(folder)) return;
  for (const name of fs.readdirSync(folder)) if (/^\d{9}\.json$/.test(name) && Number(name.slice(0, 9)) > n) fs.rmSync(path.join(folder, name));
}
