/**
 * Records of the journal's file: events as JSON, and bytes of messages.
 *
 *   E <bytes> <crc32>\n{"n":1,...}\n      B <bytes> <crc32>\n...\n
 *
 * The head is text of a fixed form, so that the file can be read with a pager. A record whose head, length
 * or checksum is wrong is the torn end of a run that was killed: everything from there on is forgotten.
 */
import { crc32 } from 'node:zlib';
import type { LabEvent } from '../../contract/events.ts';
import type { BodyRef } from '../../contract/model.ts';
import type { JournalDisk } from './disk.ts';

export type RecordKind = 'E' | 'B';
/** `E 00000123 89abcdef\n` */
const HEAD_BYTES = 20;

const PAGE_BYTES = 1024 * 1024;

/** Records that wait to be written, as they will lie in the file: every byte is copied once and summed once. */
export function createPage() {
  let page = Buffer.allocUnsafe(PAGE_BYTES);
  let used = 0;

  const reserve = (bytes: number) => {
    if (used + bytes <= page.length) return;
    const larger = Buffer.allocUnsafe(Math.max(page.length * 2, used + bytes));
    page.copy(larger, 0, 0, used);
    page = larger;
  };
  /** Head and end around a body that lies in its place already. */
  const close = (kind: RecordKind, sizeBytes: number) => {
    const from = used + HEAD_BYTES;
    const sum = crc32(page.subarray(from, from + sizeBytes));
    page[used] = kind === 'E' ? EVENT : BYTES;
    page[used + 1] = page[used + 10] = SPACE;
    putHex(page, used + 2, sizeBytes);
    putHex(page, used + 11, sum);
    page[from - 1] = page[from + sizeBytes] = LINE_FEED;
    used = from + sizeBytes + 1;
  };

  return {
    get sizeBytes() {
      return used;
    },
    addEvent(json: string): void {
      reserve(HEAD_BYTES + json.length * 3 + 1); // UTF-8 has three bytes at most for a unit of UTF-16
      close('E', page.write(json, used + HEAD_BYTES));
    },
    /** Returns the place of the bytes within the page. */
    addBytes(bytes: Buffer): number {
      reserve(HEAD_BYTES + bytes.length + 1);
      const at = used + HEAD_BYTES;
      bytes.copy(page, at);
      close('B', bytes.length);
      return at;
    },
    /** All records so far; the page is empty then. What is returned is good until the next record. */
    take(): Buffer {
      const records = page.subarray(0, used);
      used = 0;
      if (page.length > 8 * PAGE_BYTES) page = Buffer.allocUnsafe(PAGE_BYTES);
      return records;
    },
  };
}

const [EVENT, BYTES, SPACE, LINE_FEED] = [...Buffer.from('EB \n')] as [number, number, number, number];
const DIGITS = Buffer.from('0123456789abcdef');

/** Eight digits; a head is written some dozen times for each message, and a string for it costs more than the sum over its body. */
function putHex(page: Buffer, at: number, value: number): void {
  for (let place = at + 7, left = value; place >= at; place -= 1, left >>>= 4) page[place] = DIGITS[left & 15] as number;
}

const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * Read all whole records from `offset` on; events are given to `heard`, in order, each with the place of its JSON.
 * Returns the offset behind the last whole record.
 */
export function readRecords(disk: JournalDisk, offset: number, heard: (event: LabEvent, json: BodyRef) => void): number {
  let base = offset; // file offset of chunk[0]
  let chunk: Buffer = Buffer.alloc(0);
  let at = 0;
  const need = (bytes: number): boolean => {
    if (chunk.length - at >= bytes) return true;
    base += at;
    const want = Math.min(Math.max(bytes, CHUNK_BYTES), disk.size - base);
    chunk = want > 0 ? disk.read(base, want) : Buffer.alloc(0);
    at = 0;
    return chunk.length >= bytes;
  };
  for (;;) {
    if (!need(HEAD_BYTES)) return base + at;
    const head = /^([EB]) ([0-9a-f]{8}) ([0-9a-f]{8})\n$/.exec(chunk.toString('latin1', at, at + HEAD_BYTES));
    if (head === null) return base + at;
    const size = parseInt(head[2] as string, 16);
    if (!need(HEAD_BYTES + size + 1)) return base + at;
    const body = chunk.subarray(at + HEAD_BYTES, at + HEAD_BYTES + size);
    if (chunk[at + HEAD_BYTES + size] !== 10 || crc32(body) !== parseInt(head[3] as string, 16)) return base + at;
    const end = at + HEAD_BYTES + size + 1;
    const place = { offset: base + at + HEAD_BYTES, size };
    at = end;
    if (head[1] === 'E') heard(JSON.parse(body.toString()) as LabEvent, place);
  }
}

/** The offset behind the record whose body lies there. */
export const endOf = ({ offset, size }: BodyRef): number => offset + size + 1;

/**
 * Where the JSON of each whole event from `offset` on lies: `heard` gets its offset and size. Heads alone are read: what
 * they promise was summed up when the lab was opened. Returns the offset behind the last whole record.
 */
export function scanEvents(disk: JournalDisk, offset: number, heard: (at: number, sizeBytes: number) => void): number {
  let base = offset;
  let chunk: Buffer = Buffer.alloc(0);
  for (let at = offset; ;) {
    if (at + HEAD_BYTES > base + chunk.length) {
      base = at;
      chunk = disk.read(at, Math.max(0, Math.min(SCAN_BYTES, disk.size - at)));
      if (chunk.length < HEAD_BYTES) return at;
    }
    const head = at - base;
    const size = parseInt(chunk.toString('latin1', head + 2, head + 10), 16);
    const end = at + HEAD_BYTES + size + 1;
    if (!(end <= disk.size)) return at;
    if (chunk[head] === EVENT) heard(at + HEAD_BYTES, size);
    at = end;
  }
}

const SCAN_BYTES = 1024 * 1024;

/** Is what lies from here to the end of the file the beginning of a record, and no more? True where nothing lies. */
export function isTorn(disk: JournalDisk, offset: number): boolean {
  const left = disk.size - offset;
  const head = disk.read(offset, Math.min(HEAD_BYTES, left)).toString('latin1');
  const form = 'E 00000000 00000000\n'.slice(0, head.length);
  if (head.replace(/^B/, 'E').replace(/[0-9a-f]/g, '0') !== form) return false;
  return left < HEAD_BYTES || left <= HEAD_BYTES + parseInt(head.slice(2, 10), 16);
}
