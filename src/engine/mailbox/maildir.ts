/**
 * Mailboxes as folders that other programs read: `<root>/<host>/<user>/{tmp,new,cur}`, a Maildir each.
 *
 * Works outside the path of delivery: `deliver` and `remove` return at once, files follow, some at a time.
 * The journal is the record, these files are made from it: nothing waits for them, an error loses no mail, and
 * `mend` makes them again. What a mail reader did here stays: a file moved to `cur` keeps its place and its flags,
 * and files that the lab did not write are never touched. Never decides what is in a mailbox.
 */
import { join } from 'node:path';
import type { BodyRef, HostKey, LabState, MailboxMessage } from '../../contract/model.ts';
import { fileTrouble } from '../files.ts';
import { createMaildirFiles, isLabFileName, maildirPath } from './maildir-files.ts';
import type { MaildirFs } from './maildir-files.ts';
import { mendJobs, unknownMailboxes, wantedMailboxes } from './maildir-mend.ts';
import type { MendDeps, WantedMailbox } from './maildir-mend.ts';
import { table } from '../../contract/table.ts';

export { isLabFileName, maildirFileName, maildirPath } from './maildir-files.ts';
export type { MaildirFs } from './maildir-files.ts';

export interface MaildirDeps {
  /** Folder of all mailboxes; made when missing. */
  root: string;
  fs: MaildirFs;
  /** The message as the journal keeps it (CRLF). Asked when its file is written, so the journal stays open until `settled`. */
  readBody: (ref: BodyRef) => Buffer;
  /** Hears what could not be done, in words for a person. */
  onError: (message: string) => void;
  /** Whether the lab gave this file name (without flags): only such files are mended away. Default: isLabFileName. */
  isLabFile?: (file: string) => boolean;
}

export interface MaildirWriter {
  deliver(host: HostKey, user: string, message: MailboxMessage): void;
  /** The message's file goes, wherever a mail reader moved it within the mailbox. */
  remove(host: HostKey, user: string, message: Pick<MailboxMessage, 'file'>): void;
  /** All that was asked for until now, and meanwhile, is done or told to onError. Never rejects. */
  settled(): Promise<void>;
  /** Makes the folders agree with a state, as it is now; what is asked for later waits for it. Never rejects. */
  mend(state: LabState): Promise<void>;
}

type Job = () => Promise<unknown>;

const AT_ONCE_MAX = 8;

export function createMaildirWriter(deps: MaildirDeps): MaildirWriter {
  const { root, fs, onError, isLabFile = isLabFileName } = deps;
  const files = createMaildirFiles(fs, deps.readBody);
  const run = createLimit(AT_ONCE_MAX);
  const busy = new Set<Promise<unknown>>();
  /** The last job of each file: a removal waits for the writing. */
  const lastOf = new Map<string, Promise<void>>();
  /** The last mending: what was asked for after it waits for it. */
  let barrier: Promise<void> = Promise.resolve();

  function track(work: Promise<unknown>, what: string): Promise<void> {
    const done: Promise<void> = work
      .then(
        () => undefined,
        (error: unknown) => onError(problemText(what, error)),
      )
      .finally(() => busy.delete(done));
    busy.add(done);
    return done;
  }

  function enqueue(file: string, what: string, job: Job): void {
    const done = track(
      Promise.all([lastOf.get(file), barrier]).then(() => run(job)),
      what,
    );
    lastOf.set(file, done);
    void done.then(() => lastOf.get(file) === done && lastOf.delete(file));
  }

  return {
    deliver(host, user, message) {
      const path = maildirPath(root, host, user);
      const what = `message ${message.file} could not be written to the mailbox ${host}/${user} in ${join(path, 'new')}`;
      enqueue(join(path, message.file), what, () => files.write(path, message));
    },
    remove(host, user, { file }) {
      const path = maildirPath(root, host, user);
      const what = `message ${file} could not be removed from the mailbox ${host}/${user} in ${path}`;
      enqueue(join(path, file), what, () => files.remove(path, file));
    },
    async settled() {
      while (busy.size > 0) await Promise.all(busy);
    },
    mend(state) {
      const wanted = wantedMailboxes(root, state);
      const work = Promise.all([...busy]).then(() => {
        files.forgetFolders();
        return mendAll({ fs, files, isLabFile }, { root, wanted, run, onError });
      });
      barrier = track(work, `the mailboxes could not be mended in ${root}`);
      return barrier;
    },
  };
}

interface MendWork {
  root: string;
  wanted: WantedMailbox[];
  run: (job: Job) => Promise<void>;
  onError: (message: string) => void;
}

/** One mailbox after the other; what fails in one keeps no other from being mended. */
async function mendAll(deps: MendDeps, { root, wanted, run, onError }: MendWork): Promise<void> {
  for (const mailbox of [...wanted, ...(await unknownMailboxes(deps.fs, root, wanted))]) {
    const tell = (error: unknown): void =>
      onError(problemText(`the mailbox ${mailbox.name} could not be mended in ${mailbox.path}`, error));
    const jobs = await mendJobs(deps, mailbox).catch((error: unknown): Job[] => {
      tell(error);
      return [];
    });
    await Promise.all(jobs.map((job) => run(job).catch(tell)));
  }
}

const ADVICE = table({
  ENOSPC: 'Make room on that disk',
  EDQUOT: 'Make room on that disk',
  EACCES: 'Let this user write there',
  EPERM: 'Let this user write there',
  EROFS: 'Let this user write there',
});

function problemText(what: string, error: unknown): string {
  const code = String((error as { code?: unknown } | null)?.code);
  const advice = ADVICE[code] ?? 'Repair that';
  return (
    `${what}: ${fileTrouble(error)}. ${advice} and open the lab again: ` +
    'the mail itself is safe in the journal, and its mailbox files are made from there.'
  );
}

/** Runs so many jobs at a time, the others in the order in which they came. */
function createLimit(countMax: number): (job: Job) => Promise<void> {
  let count = 0;
  const waiting: (() => void)[] = [];
  return async (job) => {
    if (count >= countMax) await new Promise<void>((resolve) => waiting.push(resolve));
    else count += 1;
    try {
      await job();
    } finally {
      // The place is handed on, so that nobody who comes just now takes it first.
      const next = waiting.shift();
      if (next === undefined) count -= 1;
      else next();
    }
  };
}
