/** What each event means, worked out once: for the time line's ticks, and for steps from row to row. */
import type { LabEvent } from '../../contract/events.ts';
import type { Meaning } from '../lab/rows.ts';
import { events } from '../lab/store.ts';
import { rowsSoFar } from '../lab/world-rows.ts';

/** Of an event's code; code 0 has no row in the list of events. */
export const MEANINGS: readonly (Meaning | null)[] = [
  null,
  'neutral',
  'moving',
  'act',
  'arrived',
  'waiting',
  'blocked',
  'failed',
];

export interface RowCache {
  events: LabEvent[];
  /** How many events are in it. */
  size: number;
  /** Code of each event's meaning, by n - 1. */
  codes: Uint8Array;
  /** How many rows come before each event, by n - 1. */
  ranks: Uint32Array;
  /** How many events of each code came up to event n, by n: so a stretch of time is counted without a walk through it. */
  counts: Uint32Array[];
  rowCount: number;
  /** Numbers of what persons and the script did, and of the lab's opening. */
  acts: number[];
}

const FIRST_SIZE = 1_024;
let cache: RowCache = empty([]);

function empty(known: LabEvent[]): RowCache {
  return {
    events: known,
    size: 0,
    codes: new Uint8Array(FIRST_SIZE),
    ranks: new Uint32Array(FIRST_SIZE),
    counts: MEANINGS.map(() => new Uint32Array(FIRST_SIZE + 1)),
    rowCount: 0,
    acts: [],
  };
}

/** The cache, brought up to the newest event. The same object as long as the world is the same: watch `events`. */
export function rowCache(): RowCache {
  const known = events.value;
  if (known !== cache.events) cache = empty(known);
  if (cache.size === known.length) return cache;
  const rows = rowsSoFar();
  if (known.length > cache.codes.length) grow(Math.max(known.length, cache.codes.length * 2));
  for (; cache.size < known.length; cache.size += 1) {
    const event = known[cache.size] as LabEvent;
    const row = rows[cache.rowCount];
    take(event, cache.size, row?.n === event.n ? MEANINGS.indexOf(row.meaning) : 0);
  }
  return cache;
}

function grow(size: number): void {
  const codes = new Uint8Array(size);
  const ranks = new Uint32Array(size);
  codes.set(cache.codes);
  ranks.set(cache.ranks);
  const counts = cache.counts.map((list) => {
    const longer = new Uint32Array(size + 1);
    longer.set(list);
    return longer;
  });
  Object.assign(cache, { codes, ranks, counts });
}

function take(event: LabEvent, index: number, code: number): void {
  cache.codes[index] = code;
  cache.ranks[index] = cache.rowCount;
  cache.counts.forEach((list, other) => (list[index + 1] = (list[index] ?? 0) + (other === code ? 1 : 0)));
  if (code !== 0) cache.rowCount += 1;
  if (event.kind === 'person-act' || event.kind === 'lab-open') cache.acts.push(event.n);
}

/** The next row from event `n` on, in steps of 1 or -1; null when there is none. */
export function rowBeside(n: number, step: 1 | -1): number | null {
  const { codes, size } = rowCache();
  for (let other = n + step; other >= 1 && other <= size; other += step) if (codes[other - 1] !== 0) return other;
  return null;
}

/** The last event that had happened at an instant; 1 at the least. */
export function lastEventAt(at: number, known = events.value): number {
  let low = 1;
  let high = known.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((known[middle - 1]?.at ?? Infinity) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
