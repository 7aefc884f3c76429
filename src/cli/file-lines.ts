/** Files that a run writes line by line: the journal, the checks. */
import fs from 'node:fs';
import path from 'node:path';
import { fileTrouble } from '../engine/files.ts';
import { UserError } from './failure.ts';

export interface FileLines {
  line(text: string): void;
  end(): void;
}

/** What a run needs itself, and would lose if it wrote there. */
export interface Guarded {
  /** Lab file. */
  file: string | null;
  /** Folder of the lab. */
  dir: string | null;
}

/** What lies in a lab's folder as the lab's own. */
const LABS_OWN = new Set(['journal.log', 'lock', 'checkpoints', 'mail']);

/** Opened before anything is played: what can't be written is said at once. Each path once, and none that the run needs itself. */
export function openFiles(paths: Readonly<Record<string, string | undefined>>, guarded: Guarded): (FileLines | null)[] {
  const taken = new Map<string, string>();
  for (const [option, file] of Object.entries(paths)) {
    if (file === undefined) continue;
    const real = realPath(file);
    const why =
      guardWords(real, guarded) ??
      (taken.has(real) && !isStream(real) ? `${taken.get(real)} writes there already` : null);
    if (why !== null) throw new UserError(`--${option} ${file}: ${why}. Choose another file`);
    taken.set(real, `--${option}`);
  }
  return Object.values(paths).map((file) => (file === undefined ? null : openFile(file)));
}

function guardWords(real: string, { file, dir }: Guarded): string | null {
  if (file !== null && realPath(file) === real) return 'that is the lab file itself';
  if (dir === null) return null;
  const [first = ''] = path.relative(realPath(dir), real).split(path.sep);
  return LABS_OWN.has(first) ? "that is one of the lab's own files" : null;
}

/** Where a path leads in the end, also if nothing is there yet. */
function realPath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    const folder = path.dirname(path.resolve(file));
    return folder === path.resolve(file) ? folder : path.join(realPath(folder), path.basename(file));
  }
}

/** A terminal, a pipe, /dev/null: two may write there. */
const isStream = (file: string): boolean => fs.statSync(file, { throwIfNoEntry: false })?.isFile() === false;

function openFile(file: string): FileLines {
  const trouble = (error: unknown): never => {
    throw new UserError(`${file} can't be written: ${fileTrouble(error)}. Choose another file`);
  };
  let fd: number;
  try {
    fd = openToWrite(file);
  } catch (error) {
    return trouble(error);
  }
  let waiting: string[] = [];
  const write = () => {
    const bytes = Buffer.from(waiting.map((one) => `${one}\n`).join(''));
    waiting = [];
    try {
      for (let done = 0; done < bytes.length;) done += fs.writeSync(fd, bytes, done);
    } catch (error) {
      trouble(error);
    }
  };
  return {
    line(text) {
      waiting.push(text);
      if (waiting.length >= 1_000) write();
    },
    end() {
      write();
      fs.closeSync(fd);
    },
  };
}

/** A pipe from which nobody reads would be waited at for ever: opened without waiting, it says so. */
function openToWrite(file: string): number {
  if (fs.statSync(file, { throwIfNoEntry: false })?.isFIFO() !== true) return fs.openSync(file, 'w');
  const first = fs.openSync(file, fs.constants.O_WRONLY | (fs.constants.O_NONBLOCK ?? 0));
  try {
    return fs.openSync(file, fs.constants.O_WRONLY);
  } finally {
    fs.closeSync(first);
  }
}
