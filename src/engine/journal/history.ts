/**
 * The lab as it was at any earlier moment, quickly: a fold from the nearest snapshot, and events by their numbers.
 *
 * Snapshots are texts of the whole state. They are taken when somebody looks back, on the way there: the larger the
 * state, the further apart, so that together they are no larger than the log. Where a checkpoint lies nearer than any of
 * them, the fold begins there. Positions of events in the log are remembered: only what is asked for is read.
 */
import type { LabEvent } from '../../contract/events.ts';
import type { LabState } from '../../contract/model.ts';
import type { JournalDisk } from './disk.ts';
import { apply, emptyState, withTables } from './fold.ts';
import { scanEvents } from './records.ts';

export interface History {
  /** The state right after event `n`; a value of the caller's own. */
  at(n: number): LabState;
  /** Events `from` to `to`, both included, as far as there are. */
  events(from: number, to: number): LabEvent[];
  /** The same as one text, a JSON array: as the log has it, for who only passes it on. */
  text(from: number, to: number): string;
}

export interface HistoryDeps {
  disk: JournalDisk;
  /** Hand what is buffered to the file. */
  write(): void;
  /** Number of the last event. */
  count(): number;
  /** State of the last checkpoint up to an event, or null. */
  saved(upTo: number): LabState | null;
}

const SNAPSHOT_EVERY_EVENTS = 250;
/** A fold over so many events is worth a look at the checkpoints. */
const FAR_EVENTS = 4_000;
const SNAPSHOT_BYTES_PER_EVENT = 200;
const READ_BYTES = 4 * 1024 * 1024;

export function createHistory(deps: HistoryDeps): History {
  /** Where the JSON of event number i + 1 lies, and how long it is. */
  const starts: number[] = [];
  const sizes: number[] = [];
  let scanned = 0;
  /** In their order. */
  const snapshots: { n: number; text: string }[] = [{ n: 0, text: JSON.stringify(emptyState()) }];

  const catchUp = (): void => {
    if (starts.length === deps.count()) return;
    deps.write();
    scanned = scanEvents(deps.disk, scanned, (at, size) => {
      starts.push(at);
      sizes.push(size);
    });
  };

  /** JSON of each event from `from` to `to`: what lies near to each other is read at once, messages between are left out where they are long. */
  const each = (from: number, to: number, heard: (json: Buffer) => void): void => {
    const startOf = (n: number): number => starts[n - 1] as number;
    const endOf = (n: number): number => startOf(n) + (sizes[n - 1] as number);
    for (let first = from; first <= to;) {
      const base = startOf(first);
      let last = first;
      while (last < to && endOf(last + 1) - base <= READ_BYTES) last += 1;
      const bytes = deps.disk.read(base, endOf(last) - base);
      for (let n = first; n <= last; n += 1) heard(bytes.subarray(startOf(n) - base, endOf(n) - base));
      first = last + 1;
    }
  };
  const placeOf = (n: number): number => {
    let [low, high] = [0, snapshots.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((snapshots[middle]?.n ?? 0) <= n) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const keep = (state: LabState): void => {
    const place = placeOf(state.n);
    if (snapshots[place]?.n !== state.n) snapshots.splice(place + 1, 0, { n: state.n, text: JSON.stringify(state) });
  };

  const text = (from: number, to: number): string => {
    catchUp();
    const parts: string[] = [];
    each(Math.max(1, from), Math.min(to, starts.length), (json) => parts.push(json.toString()));
    return `[${parts.join(',')}]`;
  };

  return {
    at(n) {
      catchUp();
      if (!(n >= 0 && n <= starts.length)) throw new Error(`there is no event ${n}: the last one is ${starts.length}`);
      if (n - (snapshots[placeOf(n)]?.n ?? 0) > FAR_EVENTS) {
        const saved = deps.saved(n);
        if (saved !== null) keep(saved);
      }
      const near = snapshots[placeOf(n)] as { n: number; text: string };
      const state = withTables(JSON.parse(near.text) as LabState);
      let next = near.n + Math.max(SNAPSHOT_EVERY_EVENTS, near.text.length / SNAPSHOT_BYTES_PER_EVENT);
      each(near.n + 1, n, (json) => {
        apply(state, JSON.parse(json.toString()) as LabEvent);
        if (state.n < next) return;
        keep(state);
        next =
          state.n +
          Math.max(SNAPSHOT_EVERY_EVENTS, (snapshots[placeOf(state.n)]?.text.length ?? 0) / SNAPSHOT_BYTES_PER_EVENT);
      });
      return state;
    },
    events(from, to) {
      catchUp();
      const events: LabEvent[] = []; // one by one: of a long run, all in one text is longer than a text may be
      each(Math.max(1, from), Math.min(to, starts.length), (json) =>
        events.push(JSON.parse(json.toString()) as LabEvent),
      );
      return events;
    },
    text,
  };
}
