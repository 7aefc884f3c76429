/**
 * The file under the journal, as narrow as can be: append, sync, read, cut off.
 * A test puts another one in its place, which loses what was not synced.
 */
import fs from 'node:fs';
import { dirname } from 'node:path';

export interface JournalDisk {
  readonly size: number;
  /** Append at the end; done when it returns, on disk only after `sync`. */
  append(bytes: Buffer): void;
  sync(done: (error: Error | null) => void): void;
  read(offset: number, size: number): Buffer;
  /** Forget everything from this offset on: the torn end of a killed run. */
  truncate(size: number): void;
  close(): void;
}

/** `durable: false` for a folder that is thrown away at the end: nothing in it has to outlive a loss of power. */
export function openDisk(path: string, { durable = true } = {}): JournalDisk {
  const fd = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o644);
  let size = fs.fstatSync(fd).size;
  if (size === 0) syncFolder(dirname(path));
  return {
    get size() {
      return size;
    },
    append(bytes) {
      let written = 0;
      while (written < bytes.length) written += fs.writeSync(fd, bytes, written, bytes.length - written, size + written);
      size += bytes.length;
    },
    sync: (done) => (durable ? fs.fdatasync(fd, done) : queueMicrotask(() => done(null))),
    read(offset, length) {
      const bytes = Buffer.allocUnsafe(length);
      let got = 0;
      while (got < length) {
        const n = fs.readSync(fd, bytes, got, length - got, offset + got);
        if (n === 0) break;
        got += n;
      }
      return got === length ? bytes : bytes.subarray(0, got);
    },
    truncate(length) {
      fs.ftruncateSync(fd, length);
      size = length;
    },
    close: () => fs.closeSync(fd),
  };
}

/** A new file's name is in its folder, and that is on disk only after a sync of its own. */
function syncFolder(dir: string): void {
  if (process.platform === 'win32') return; // folders can't be opened there, and their entries need no sync
  const fd = fs.openSync(dir, fs.constants.O_RDONLY);
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
