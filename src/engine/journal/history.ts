/**
 * The lab as it was at any earlier moment, quickly: a fold from the nearest snapshot.
 *
 * Snapshots are texts of the whole state, taken every so many events while the lab lives; where none is (a lab
 * that was opened again), they are made on the way when somebody looks. Positions of events in the log are
 * remembered, so that only the events between snapshot and moment are read.
 */
import type { LabEvent } from '../../contract/events.ts';
import type { LabState } from '../../contract/model.ts';
import type { JournalDisk } from './disk.ts';
import { apply, emptyState } from './fold.ts';
import { readRecords } from './records.ts';

export interface History {
  /** The state right after event `n`; a value of the caller's own. */
  at(n: number): LabState;
  /** Events `from` to `to`, both included, as far as there are. */
  events(from: number, to: number): LabEvent[];
}

export interface HistoryDeps {
  disk: JournalDisk;
  /** Hand what is buffered to the file. */
  write(): void;
  /** Number of the last event. */
  count(): number;
}

const SNAPSHOT_EVERY_EVENTS = 1_000;

export function createHistory(deps: HistoryDeps): History {
  /** Where the record of event number i + 1 ends. */
  const ends: number[] = [];
  const snapshots: { n: number; text: string }[] = [{ n: 0, text: JSON.stringify(emptyState()) }];
  const walker: LabState = emptyState();

  /** Read what was told since the last look; snapshots are taken on the way. */
  const catchUp = (): void => {
    if (ends.length === deps.count()) return;
    deps.write();
    readRecords(deps.disk, ends.at(-1) ?? 0, (event, end) => {
      apply(walker, event);
      ends.push(end);
      if (event.n % SNAPSHOT_EVERY_EVENTS === 0) snapshots.push({ n: event.n, text: JSON.stringify(walker) });
    });
  };

  const between = (from: number, to: number, heard: (event: LabEvent) => void): void => {
    const start = from <= 1 ? 0 : (ends[from - 2] as number);
    const end = ends[to - 1] ?? start;
    const bytes = deps.disk.read(start, end - start);
    const slice: JournalDisk = { ...SLICE, size: bytes.length, read: (offset, size) => bytes.subarray(offset, offset + size) };
    readRecords(slice, 0, heard);
  };

  return {
    at(n) {
      catchUp();
      if (!(n >= 0 && n <= ends.length)) throw new Error(`there is no event ${n}: the last one is ${ends.length}`);
      const near = snapshots[Math.floor(n / SNAPSHOT_EVERY_EVENTS)] as { n: number; text: string };
      const state = JSON.parse(near.text) as LabState;
      if (n > near.n) between(near.n + 1, n, (event) => apply(state, event));
      return state;
    },
    events(from, to) {
      catchUp();
      const events: LabEvent[] = [];
      const last = Math.min(to, ends.length);
      if (from <= last) between(Math.max(1, from), last, (event) => events.push(event));
      return events;
    },
  };
}

const nothing = (): never => {
  throw new Error('a slice of the journal can only be read');
};
const SLICE = { append: nothing, sync: nothing, truncate: nothing, close: nothing };
