/** A lab's thread as the program sees it: whether it started, and why it ended, always in words for a person. */
import type { Worker } from 'node:worker_threads';

export interface Ready {
  dir: string;
  title: string;
  reopened: boolean;
  n: number;
}

interface Posted {
  ready?: Ready;
  failed?: string;
  news?: string;
  args?: unknown[];
}

/** Resolves when the lab can be asked. What it says until then goes to `trouble`; rejects with why it did not start, and then the thread is gone. */
export function readiness(worker: Worker, trouble: (message: string) => void): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      void worker.terminate();
      reject(new Error(why));
    };
    const heard = ({ ready, failed, news, args }: Posted): void => {
      if (news === 'trouble') return trouble(String(args?.[0]));
      if (failed !== undefined) return fail(failed);
      if (ready === undefined) return;
      worker.off('message', heard);
      resolve(ready);
    };
    worker.on('message', heard);
    whenItEnds(worker, (why) => fail(`the lab did not start: ${why}`));
  });
}

/** Its disk failed, or its thread did: it will answer no more. */
export function whenItFails(worker: Worker, failed: (why: string) => void): void {
  worker.on('message', (message: Posted) => {
    if (message.failed !== undefined) failed(message.failed);
  });
  whenItEnds(worker, failed);
}

function whenItEnds(worker: Worker, ended: (why: string) => void): void {
  worker.once('error', (error: unknown) => ended(errorWords(error)));
  worker.once('exit', (code) => ended(code === 0 ? 'its thread ended' : `its thread ended with code ${code}`));
}

/** What nobody caught in the thread. */
function errorWords(error: unknown): string {
  const { code, message = String(error) } = error as Partial<NodeJS.ErrnoException>;
  if (code === 'ERR_WORKER_OUT_OF_MEMORY')
    return 'it ran out of memory. A lab with fewer messages at a time, or smaller ones, needs less';
  return error instanceof Error && error.constructor === Error
    ? message
    : `${message} (this is a bug in Mail Lab: please report it)`;
}
