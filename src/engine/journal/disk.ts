/**
 * The file under the journal, as narrow as can be: append, sync, read, cut off.
 * A test puts another one in its place, which loses what was not synced.
 */
import fs from 'node:fs';
import { dirname } from 'node:path';
import { fileTrouble, otherThanFile } from '../files.ts';

export interface JournalDisk {
  readonly size: number;
  /** Append at the end, all or nothing; done when it returns, on disk only after `sync`. */
  append(bytes: Buffer): void;
  sync(done: (error: Error | null) => void): void;
  /** So many bytes, or as many as there are. */
  read(offset: number, size: number): Buffer;
  /** Forget everything from this offset on: the torn end of a killed run. */
  truncate(size: number): void;
  /** What somebody else did to the file, in words: deleted, replaced, changed it. Null: nothing. Left out: nobody else can. */
  trouble?(): string | null;
  close(): void;
}

/**
 * `durable: false` for a folder that is thrown away at the end: nothing in it has to outlive a loss of power. `readOnly` for a journal that
 * is somebody else's. Throws in words where there is no file, and none can be made.
 */
export function openDisk(path: string, { durable = true, readOnly = false } = {}): JournalDisk {
  const { O_RDONLY, O_RDWR, O_CREAT, O_NONBLOCK = 0 } = fs.constants;
  const { fd, stat } = opened(path, (readOnly ? O_RDONLY : O_RDWR | O_CREAT) | O_NONBLOCK);
  let size = stat.size;
  if (size === 0 && !readOnly) syncFolder(dirname(path));
  return {
    get size() {
      return size;
    },
    append(bytes) {
      // Appended to a file that somebody truncated, it would leave a hole, and the file would look whole.
      if (fs.fstatSync(fd).size !== size) throw new Error('another program changed it');
      let written = 0;
      try {
        while (written < bytes.length)
          written += fs.writeSync(fd, bytes, written, bytes.length - written, size + written);
      } catch (error) {
        if (written > 0) fs.ftruncateSync(fd, size);
        throw error;
      }
      size += bytes.length;
    },
    sync: (done) => (durable ? fs.fdatasync(fd, done) : queueMicrotask(() => done(null))),
    read(offset, length) {
      const there = Math.max(0, Math.min(length, size - offset));
      const bytes = Buffer.allocUnsafe(there);
      let got = 0;
      while (got < there) {
        const n = fs.readSync(fd, bytes, got, there - got, offset + got);
        if (n === 0) break;
        got += n;
      }
      return got === there ? bytes : bytes.subarray(0, got);
    },
    truncate(length) {
      fs.ftruncateSync(fd, length);
      size = length;
    },
    trouble() {
      const own = fs.fstatSync(fd);
      const named = fs.statSync(path, { throwIfNoEntry: false });
      if (named === undefined) return 'it was deleted, or its folder was';
      if (named.ino !== own.ino || named.dev !== own.dev) return 'another file was put in its place';
      return own.size === size
        ? null
        : `another program changed it: it has ${own.size} bytes, of which ${size} are this lab's`;
    },
    close: () => fs.closeSync(fd),
  };
}

function opened(path: string, flags: number): { fd: number; stat: fs.Stats } {
  let fd: number | null = null;
  try {
    fd = fs.openSync(path, flags, 0o644);
    const stat = fs.fstatSync(fd);
    const other = otherThanFile(stat);
    if (other === null) return { fd, stat };
    throw Object.assign(new Error(other), { code: 'OTHER' });
  } catch (error) {
    if (fd !== null) fs.closeSync(fd);
    throw new Error(`${path} can't be used as a lab's journal: ${fileTrouble(error)}. Choose another folder (--dir)`);
  }
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
