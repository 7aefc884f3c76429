/**
 * What has to be done so that the folders of mailboxes agree with a state. See maildir.ts.
 *
 * Files of the lab that the state no longer has go; missing ones are written, and those left without a byte by
 * a loss of power. A file that a mail reader moved to `cur` stays there, under its name with its flags. Files of
 * others are left alone.
 */
import { join } from 'node:path';
import type { LabState, MailboxMessage } from '../../contract/model.ts';
import { isMissing, listed, maildirPath, uniqueName, unlinked } from './maildir-files.ts';
import type { MaildirFiles, MaildirFs } from './maildir-files.ts';

/** A mailbox as it should be; `name` is for people. */
export interface WantedMailbox {
  path: string;
  name: string;
  messages: MailboxMessage[];
}

export interface MendDeps {
  fs: MaildirFs;
  files: MaildirFiles;
  isLabFile: (file: string) => boolean;
}

type Job = () => Promise<unknown>;
interface Copy {
  folder: 'new' | 'cur';
  file: string;
}

/** What each mailbox of a state holds, also the empty ones. Lists are copied: a state lives on. */
export function wantedMailboxes(root: string, state: LabState): WantedMailbox[] {
  return Object.entries(state.hosts).flatMap(([host, { mailboxes, settings }]) =>
    [...new Set([...(settings.mailboxes ?? []), ...Object.keys(mailboxes)])].map((user) => ({
      path: maildirPath(root, host, user),
      name: `${host}/${user}`,
      messages: [...(mailboxes[user] ?? [])],
    })),
  );
}

/** Mailboxes on the disk that a state doesn't know, as after going back to an earlier moment: nothing should be in them. */
export async function unknownMailboxes(fs: MaildirFs, root: string, wanted: WantedMailbox[]): Promise<WantedMailbox[]> {
  const known = new Set(wanted.map(({ path }) => path));
  const unknown: WantedMailbox[] = [];
  for (const host of await listed(fs, root)) {
    for (const user of await listed(fs, join(root, host))) {
      const path = join(root, host, user);
      if (known.has(path)) continue;
      const parts = await listed(fs, path);
      // Somebody's notes beside the mailboxes are none of ours.
      if (['tmp', 'new', 'cur'].every((folder) => parts.includes(folder)))
        unknown.push({ path, name: `${host}/${user}`, messages: [] });
    }
  }
  return unknown;
}

/** Looks at one mailbox and tells what to do; the jobs touch different files and may run in any order. */
export async function mendJobs(deps: MendDeps, { path, messages }: WantedMailbox): Promise<Job[]> {
  const { fs, files, isLabFile } = deps;
  await files.makeFolders(path);
  const found = await findCopies(fs, path);
  const drop =
    (folder: string, file: string): Job =>
    () =>
      unlinked(fs, join(path, folder, file));
  // Halves left by a kill.
  for (const file of await listed(fs, join(path, 'tmp')))
    if (isLabFile(file)) await unlinked(fs, join(path, 'tmp', file));

  const jobs: Job[] = [];
  for (const message of messages) {
    const copies = found.get(message.file) ?? [];
    const kept = copies.find(({ folder }) => folder === 'cur') ?? copies[0];
    if (kept === undefined) {
      jobs.push(() => files.write(path, message));
      continue;
    }
    const place = join(kept.folder, kept.file);
    jobs.push(async () => (await isEmpty(fs, join(path, place))) && files.write(path, message, place));
    for (const copy of copies) if (copy !== kept && copy.folder === 'new') jobs.push(drop('new', copy.file));
  }
  const wanted = new Set(messages.map(({ file }) => file));
  for (const [unique, copies] of found) {
    if (!wanted.has(unique) && isLabFile(unique)) jobs.push(...copies.map(({ folder, file }) => drop(folder, file)));
  }
  return jobs;
}

/** A file that a mail reader moved since we looked is in good hands, and not empty. */
async function isEmpty(fs: MaildirFs, path: string): Promise<boolean> {
  try {
    return (await fs.stat(path)).size === 0;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** The files in `new` and `cur` by their unique names; `new` first, so that a file on its way to `cur` is not overlooked. */
async function findCopies(fs: MaildirFs, path: string): Promise<Map<string, Copy[]>> {
  const found = new Map<string, Copy[]>();
  for (const folder of ['new', 'cur'] as const) {
    for (const file of await listed(fs, join(path, folder))) {
      const unique = uniqueName(file);
      found.set(unique, [...(found.get(unique) ?? []), { folder, file }]);
    }
  }
  return found;
}
