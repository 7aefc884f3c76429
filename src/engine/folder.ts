/**
 * A lab's folder belongs to one process at a time. A lock names its process by number and by when that was started, as numbers are
 * given out again: to any program, and soon after a restart of the machine to the same ones.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileTrouble, readText } from './files.ts';

/** Make the folder if needed and lock it; returns a function that unlocks it. Throws a clear error when that is not possible. */
export function lockFolder(dir: string): () => void {
  const cant = (error: unknown): Error =>
    new Error(`the lab can't use ${dir}: ${folderTrouble(error)}. Choose another folder with --dir`);
  try {
    makeFolder(path.resolve(dir));
    fs.accessSync(dir, fs.constants.W_OK);
  } catch (error) {
    throw cant(error);
  }
  const lock = path.join(dir, 'lock');
  const mine = `${process.pid} ${startOf(process.pid) ?? ''}\n`;
  for (;;) {
    try {
      fs.writeFileSync(lock, mine, { flag: 'wx' });
      return () => giveBack(lock, mine);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw cant(error);
    }
    const owner = ownerOf(lock, cant);
    if (owner !== null && isAlive(owner))
      throw new Error(
        `the lab in ${dir} is open already, in process ${owner.pid}: stop it first, or choose another folder with --dir`,
      );
    fs.rmSync(lock, { force: true }); // a killed run left it
  }
}

/** Somebody who deleted the folder of an open lab may have started another lab there. */
function giveBack(lock: string, mine: string): void {
  try {
    if (fs.readFileSync(lock, 'utf8') === mine) fs.rmSync(lock, { force: true });
  } catch {
    // It is gone already.
  }
}

interface Owner {
  pid: number;
  /** When it was started, in whatever words the system has for it; '' where it has none. */
  start: string;
}

const LOCK_BYTES_MAX = 1_000;

/** Null: nobody, as the lock was left half written, or was given back meanwhile. */
function ownerOf(lock: string, cant: (error: unknown) => Error): Owner | null {
  const read = readText(lock, LOCK_BYTES_MAX);
  if (!read.ok) {
    if (!fs.existsSync(lock)) return null;
    throw cant(new Error(`its lock can't be read: ${read.why}`));
  }
  const [, pid = '', start = ''] = /^(\d+)(?: (.*))?$/.exec(read.text.trim()) ?? [];
  return !(Number(pid) > 0) ? null : { pid: Number(pid), start };
}

function isAlive({ pid, start }: Owner): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(pid);
  // What can't be told apart is taken for the same.
  return start === '' || now === null || now === start;
}

/** When a process was started; null where the system doesn't say. It is compared and never read. */
function startOf(pid: number): string | null {
  try {
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The name of a program, in brackets, may hold anything: the fields behind it are counted (proc(5): the 22nd is the start).
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return `${boot}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return process.platform === 'linux' || process.platform === 'win32' ? null : startByPs(pid);
  }
}

function startByPs(pid: number): string | null {
  try {
    return (
      execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim() || null
    );
  } catch {
    return null;
  }
}

function folderTrouble(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOTDIR':
    case 'EEXIST':
      return 'it is not a folder';
    case 'EISDIR':
      return 'its lock is a folder';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOENT':
      return "it can't be written to"; // ENOENT: of a place such as /proc
    default:
      return fileTrouble(error);
  }
}

/** As `mkdir -p`. Node's own recursive mkdir never returns where no folder can be made, such as under /proc. */
function makeFolder(dir: string): void {
  if (fs.existsSync(dir)) {
    if (!fs.statSync(dir).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    return;
  }
  makeFolder(path.dirname(dir));
  fs.mkdirSync(dir);
}
