/**
 * What lies behind the last whole record of a journal: nothing, the torn end of a run that was killed, or damage.
 *
 * A killed run leaves the beginning of a record and no more; a loss of power may also leave zeros where a disk had not yet written.
 * Both are forgotten, as nobody was told of them. Anything else was once whole: a record with a wrong sum, or whole ones behind a
 * bad one. That is never forgotten without a word.
 */
import type { LabEvent } from '../../contract/events.ts';
import type { Instant } from '../../contract/model.ts';
import type { JournalDisk } from './disk.ts';
import { createReader, endOf, EVENT_BYTES_MAX, HEAD_BYTES, wholeRecord, type Reader } from './records.ts';

/** Events that are whole, and lie behind the damage. */
export interface Behind {
  eventCount: number;
  messageCount: number;
  last: { n: number; at: Instant } | null;
  /** False: there may be more, as it took too long to look. */
  isAll: boolean;
}

const ZERO = 0;
const LINE_FEED = 10;

/** What is behind the damage at an offset, at which no whole record begins; null: nothing is there but a torn end. `n` is the last event before it. */
export function damageAt(disk: JournalDisk, offset: number, n: number): Behind | null {
  const behind = eventsBehind(disk, offset, n);
  return behind.eventCount === 0 && isTorn(disk, offset) ? null : behind;
}

/** Is what lies from here to the end of the file the beginning of a record, and no more? True where nothing lies. */
function isTorn(disk: JournalDisk, offset: number): boolean {
  const left = disk.size - offset;
  if (left === 0) return true;
  const last = disk.read(disk.size - 1, 1)[0];
  if (last === ZERO) return true; // a whole record ends with a line feed
  const head = disk.read(offset, Math.min(HEAD_BYTES, left)).toString('latin1');
  const form = 'E 00000000 00000000\n'.slice(0, head.length);
  if (head.replace(/^B/, 'E').replace(/[0-9a-f]/g, '0') !== form) return false;
  if (left <= HEAD_BYTES) return true;
  // The text of an event has no line feed in it: one that ends with one is there to its end, whatever its head says of its length.
  if (head.startsWith('E') && last === LINE_FEED) return false;
  return left <= HEAD_BYTES + parseInt(head.slice(2, 10), 16);
}

/** What a look at a head costs, in bytes that are summed up meanwhile. */
const LOOK_BYTES = 100;

/**
 * Looks for whole records: from head to head where none begins, from end to end where they do. In linear time, as no more is
 * summed up in vain than the file has.
 */
function eventsBehind(disk: JournalDisk, offset: number, n: number): Behind {
  const behind: Behind = { eventCount: 0, messageCount: 0, last: null, isAll: true };
  const reader = createReader(disk);
  let budget = Math.max(disk.size - offset, EVENT_BYTES_MAX);
  for (let at: number | null = offset; at !== null && at < disk.size;) {
    const record = wholeRecord(reader, disk.size, at);
    if (record !== null) {
      if (record.kind === 'E') count(behind, reader.part(record.body.offset, record.body.size), n);
      at = endOf(record.body);
      continue;
    }
    budget -= Math.min(sizeAt(reader, at), disk.size - at) + LOOK_BYTES;
    if (budget < 0) return { ...behind, isAll: false };
    at = nextHead(reader, disk.size, at + 1);
  }
  return behind;
}

const HEAD = /[EB] [0-9a-f]{8} [0-9a-f]{8}\n/g;

/** Where the next head begins, or null. */
function nextHead(reader: Reader, fileBytes: number, from: number): number | null {
  for (let at = from; at + HEAD_BYTES <= fileBytes; at += LOOK_AHEAD_BYTES - HEAD_BYTES) {
    HEAD.lastIndex = 0;
    const found = HEAD.exec(reader.part(at, LOOK_AHEAD_BYTES).toString('latin1'));
    if (found !== null) return at + found.index;
  }
  return null;
}
const LOOK_AHEAD_BYTES = 4_096;

/** The length that a head promises; 0 where there is none. */
const sizeAt = (reader: Reader, at: number): number => parseInt(reader.part(at + 2, 8).toString('latin1'), 16) || 0;

/** What lies in a message (somebody may have mailed a journal) has numbers of its own: only later ones count. */
function count(behind: Behind, json: Buffer, n: number): void {
  let event: Partial<LabEvent>;
  try {
    event = JSON.parse(json.toString()) as Partial<LabEvent>;
  } catch {
    return;
  }
  if (typeof event?.n !== 'number' || typeof event.at !== 'number' || event.n <= Math.max(n, behind.last?.n ?? 0))
    return;
  behind.eventCount += 1;
  if (event.kind === 'message-accept') behind.messageCount += 1;
  behind.last = { n: event.n, at: event.at };
}
