/** The real program in a process of its own, as a user starts it. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BIN = path.join(ROOT, 'bin/mail-lab.js');

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcessWithoutNullStreams;
  /** Resolves with the match when stdout holds it; rejects when the program ends before. */
  said(wanted: RegExp): Promise<RegExpExecArray>;
  ended: Promise<Ended>;
}

export function start(args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv; node?: string } = {}): Running {
  const child = spawn(options.node ?? process.execPath, [BIN, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, ...options.env },
  });
  const heard = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      heard[name] += text;
      for (const look of [...waiting]) look();
    });
    child[name].on('error', () => undefined);
  }
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, ...heard })));
  const said = (wanted: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = () => {
        const match = wanted.exec(heard.stdout);
        if (match === null) return;
        waiting.delete(look);
        resolve(match);
      };
      waiting.add(look);
      look();
      void ended.then(({ code }) =>
        reject(new Error(`it ended with ${code} and never said ${wanted}:\n${heard.stdout}\n${heard.stderr}`)),
      );
    });
  return { child, said, ended };
}

export const command = (...args: string[]): Promise<Ended> => start(args).ended;

export function temporary(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-test-'));
}

/** Lines of a stack have no place in what a user is told. */
export const STACK = /^\s+at .*:\d+:\d+/m;
