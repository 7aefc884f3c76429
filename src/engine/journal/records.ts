/**
 * Records of the journal's file: events as JSON, and bytes of messages.
 *
 *   E <bytes> <crc32>\n{"n":1,...}\n      B <bytes> <crc32>\n...\n
 *
 * The head is text of a fixed form, so that the file can be read with a pager. What a record with a wrong head,
 * length or checksum means is decided in damage.ts.
 */
import { crc32 } from 'node:zlib';
import type { LabEvent } from '../../contract/events.ts';
import type { BodyRef } from '../../contract/model.ts';
import type { JournalDisk } from './disk.ts';

export type RecordKind = 'E' | 'B';
/** `E 00000123 89abcdef\n` */
export const HEAD_BYTES = 20;

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
  for (let place = at + 7, left = value; place >= at; place -= 1, left >>>= 4)
    page[place] = DIGITS[left & 15] as number;
}

const CHUNK_BYTES = 4 * 1024 * 1024;
/** An event is no larger than this: what says so is no record of ours. A whole act lies in one, and comes into memory at once. */
export const EVENT_BYTES_MAX = 128 * 1024 * 1024;

/** Reads a file by large pieces; `part` is good until it is asked again. */
export function createReader(disk: JournalDisk) {
  let base = 0;
  let chunk: Buffer = Buffer.alloc(0);
  return {
    /** So many bytes from an offset on; fewer at the end of the file. */
    part(offset: number, size: number): Buffer {
      if (offset < base || offset + size > base + chunk.length) {
        base = offset;
        chunk = disk.read(offset, Math.max(0, Math.min(Math.max(size, CHUNK_BYTES), disk.size - offset)));
      }
      return chunk.subarray(offset - base, offset - base + size);
    },
  };
}
export type Reader = ReturnType<typeof createReader>;

export interface Found {
  kind: RecordKind;
  body: BodyRef;
}

const HEAD = /^([EB]) ([0-9a-f]{8}) ([0-9a-f]{8})\n$/;

/** The record that begins at an offset, if it is whole. Its body is summed up piece by piece: it may be larger than what may be in memory. */
export function wholeRecord(reader: Reader, fileBytes: number, offset: number): Found | null {
  const head = HEAD.exec(reader.part(offset, HEAD_BYTES).toString('latin1'));
  if (head === null) return null;
  const [kind, size, sum] = [head[1] as RecordKind, parseInt(head[2] as string, 16), parseInt(head[3] as string, 16)];
  const body = { offset: offset + HEAD_BYTES, size };
  if (endOf(body) > fileBytes || (kind === 'E' && size > EVENT_BYTES_MAX)) return null;
  let crc = 0;
  for (let at = 0; at < size; at += CHUNK_BYTES)
    crc = crc32(reader.part(body.offset + at, Math.min(CHUNK_BYTES, size - at)), crc);
  return crc === sum && reader.part(endOf(body) - 1, 1)[0] === LINE_FEED ? { kind, body } : null;
}

/**
 * Read all whole records from `offset` on; events are given to `heard`, in order, each with the place of its JSON.
 * Returns the offset behind the last whole record.
 */
export function readRecords(
  disk: JournalDisk,
  offset: number,
  heard: (event: LabEvent, json: BodyRef) => void,
): number {
  return readWhile(disk, offset, (event, json) => {
    heard(event, json);
    return true;
  });
}

/** The same, for as long as `more` returns true; otherwise returns the offset of the record at which it stopped. */
export function readWhile(
  disk: JournalDisk,
  offset: number,
  more: (event: LabEvent, json: BodyRef) => boolean,
): number {
  const reader = createReader(disk);
  return walk(
    reader,
    disk.size,
    offset,
    ({ kind, body }) =>
      kind === 'B' || more(JSON.parse(reader.part(body.offset, body.size).toString()) as LabEvent, body),
  );
}

/** Sum up all records from the start to `end`. Returns where the first one begins that is not whole, or `end`. */
export function checkRecords(disk: JournalDisk, end: number): number {
  return walk(createReader(disk), end, 0, () => true);
}

function walk(reader: Reader, fileBytes: number, offset: number, more: (record: Found) => boolean): number {
  for (let at = offset; ;) {
    const record = wholeRecord(reader, fileBytes, at);
    if (record === null || !more(record)) return at;
    at = endOf(record.body);
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
