/** Files that a run writes line by line: the journal, the checks. */
import fs from 'node:fs';
import { fileTrouble, UserError } from './failure.ts';

export interface FileLines {
  line(text: string): void;
  end(): void;
}

/** Opened before anything is played: what can't be written is said at once. */
export function openFile(path: string): FileLines {
  const trouble = (error: unknown): never => {
    throw new UserError(`${path} can't be written: ${fileTrouble(error)}. Choose another file`);
  };
  let fd: number;
  try {
    fd = fs.openSync(path, 'w');
  } catch (error) {
    return trouble(error);
  }
  let waiting: string[] = [];
  const write = () => {
    const text = waiting.map((one) => `${one}\n`).join('');
    waiting = [];
    try {
      fs.writeSync(fd, text);
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
