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
import type { JournalDisk } from './disk.ts';

export type RecordKind = 'E' | 'B';
/** `E 00000123 89abcdef\n` */
const HEAD_BYTES = 20;

export function headOf(kind: RecordKind, body: Buffer | string, sizeBytes: number): string {
  return `${kind} ${sizeBytes.toString(16).padStart(8, '0')} ${crc32(body).toString(16).padStart(8, '0')}\n`;
}

export const recordOverheadBytes = HEAD_BYTES + 1;

/** An event's record as text: a batch of them is turned into bytes at once, when it is written. */
export function eventRecord(json: string): string {
  return `${headOf('E', json, Buffer.byteLength(json))}${json}\n`;
}

/** Head and end of the record of a message's bytes, which are not copied. */
export function bytesRecord(bytes: Buffer): [head: string, bytes: Buffer, end: string] {
  return [headOf('B', bytes, bytes.length), bytes, '\n'];
}

const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * Read all whole records from `offset` on; events are given to `heard`, in order.
 * Returns the offset behind the last whole record.
 */
export function readRecords(disk: JournalDisk, offset: number, heard: (event: LabEvent, endOffset: number) => void): number {
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
    if (head[1] === 'E') heard(JSON.parse(body.toString()) as LabEvent, base + end);
    at = end;
  }
}

/** Is what lies from here to the end of the file the beginning of a record, and no more? True where nothing lies. */
export function isTorn(disk: JournalDisk, offset: number): boolean {
  const left = disk.size - offset;
  const head = disk.read(offset, Math.min(HEAD_BYTES, left)).toString('latin1');
  const form = 'E 00000000 00000000\n'.slice(0, head.length);
  if (head.replace(/^B/, 'E').replace(/[0-9a-f]/g, '0') !== form) return false;
  return left < HEAD_BYTES || left <= HEAD_BYTES + parseInt(head.slice(2, 10), 16);
}
