/**
 * Files that somebody names, read with care: a pipe would hold the reader for ever, a device has no end, and a link may lead
 * anywhere. Only regular files are read, and none beyond its limit. What is wrong comes back in words.
 */
import fs from 'node:fs';
import path from 'node:path';

export type FileRead = { ok: true; bytes: Buffer } | { ok: false; why: string };

/** The bytes of a regular file. `why` completes "FILE can't be read: ...". */
export function readFile(file: string, bytesMax: number): FileRead {
  let fd: number | null = null;
  try {
    // Without waiting: opening a pipe to read from it would last until somebody writes into it.
    fd = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    const stat = fs.fstatSync(fd);
    const other = otherThanFile(stat);
    if (other !== null) return { ok: false, why: other };
    // Asked for one byte more than is allowed: a file may grow while it is read, and some have no size to tell.
    const bytes = Buffer.allocUnsafe(Math.min(stat.size, bytesMax) + 1);
    let got = 0;
    for (let n = -1; n !== 0 && got < bytes.length; got += n) n = fs.readSync(fd, bytes, got, bytes.length - got, got);
    if (got > bytesMax) return { ok: false, why: `it is larger than ${sizeOf(bytesMax)}` };
    return { ok: true, bytes: bytes.subarray(0, got) };
  } catch (error) {
    return { ok: false, why: fileTrouble(error) };
  } finally {
    if (fd !== null) fs.closeSync(fd);
  }
}

export type TextRead = { ok: true; text: string } | { ok: false; why: string };

/** The same as text, which is UTF-8. */
export function readText(file: string, bytesMax: number): TextRead {
  const read = readFile(file, bytesMax);
  if (!read.ok) return read;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(read.bytes);
    return text.includes('\0') ? { ok: false, why: 'it is not a text file' } : { ok: true, text };
  } catch {
    return { ok: false, why: 'it is not UTF-8 text: save it as UTF-8' };
  }
}

/** A file within a folder, wherever links in its path lead; one that lies outside in the end is not read. */
export function readFileWithin(folder: string, name: string, bytesMax: number): FileRead {
  try {
    const home = fs.realpathSync(folder);
    const file = fs.realpathSync(path.resolve(home, name));
    const way = path.relative(home, file);
    if (way === '' || way === '..' || way.startsWith(`..${path.sep}`) || path.isAbsolute(way))
      return { ok: false, why: `it is outside ${home}` };
    return readFile(file, bytesMax);
  } catch (error) {
    return { ok: false, why: fileTrouble(error) };
  }
}

/** What is no regular file, in words; null: it is one. */
export function otherThanFile(stat: fs.Stats): string | null {
  if (stat.isFile()) return null;
  if (stat.isDirectory()) return 'it is a folder';
  if (stat.isFIFO()) return 'it is a pipe, not a regular file';
  if (stat.isSocket()) return 'it is a socket, not a regular file';
  return 'it is a device, not a regular file';
}

const sizeOf = (bytes: number): string => `${bytes / 1e6} MB`;

const TROUBLES = new Map([
  ['ENOENT', 'there is no such file or folder'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of its path is not a folder'],
  ['EEXIST', 'something else is already there'],
  ['EACCES', 'permission is denied'],
  ['EPERM', 'permission is denied'],
  ['EROFS', 'it is on a read-only disk'],
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk quota is used up'],
  ['EFBIG', 'a file that large is not allowed there'],
  ['EIO', 'the disk fails'],
  ['EMFILE', 'too many files are open (ulimit -n)'],
  ['ENFILE', 'too many files are open on this machine'],
  ['ELOOP', 'its symbolic links form a loop'],
  ['ENAMETOOLONG', 'its name is too long'],
  ['ENXIO', 'it is a pipe or a socket with nobody at the other end'],
  ['EPIPE', 'nobody reads it any more'],
]);

/** An error of the file system in words, without the path, which whoever says it knows. */
export function fileTrouble(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return TROUBLES.get(code ?? '') ?? message;
}
