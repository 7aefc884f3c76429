/**
 * Single files of a Maildir: their names, their bytes, writing and removing one. See maildir.ts.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { BodyRef, HostKey, MailboxMessage, QueueId } from '../../contract/model.ts';

/** The part of node:fs/promises that is used here. */
export interface MaildirFs {
  mkdir(path: string, options: { recursive: true; mode: number }): Promise<unknown>;
  readdir(path: string): Promise<string[]>;
  rename(from: string, to: string): Promise<void>;
  stat(path: string): Promise<{ size: number }>;
  unlink(path: string): Promise<void>;
  writeFile(path: string, bytes: Uint8Array, options: { mode: number }): Promise<void>;
}

/** A file system takes 255 bytes; some readers put something behind a name. */
const NAME_MAX = 200;

/** A file name for a delivery, as readers expect it: seconds, unique part, host. `rcpt` tells a message's recipients apart. */
export function maildirFileName(facts: { at: number; queueId: QueueId; rcpt: number; hostName: string }): string {
  return `${Math.floor(facts.at / 1000)}.lab_${facts.queueId}_${facts.rcpt}.${facts.hostName.replace(/[^A-Za-z0-9.-]/g, '-').slice(0, NAME_MAX)}`;
}

/** Whether a name (without flags) was made by `maildirFileName`. */
export function isLabFileName(file: string): boolean {
  return /^\d+\.lab_[^_./:]+_\d+\.[A-Za-z0-9.-]*$/.test(file);
}

/**
 * The folder of a mailbox. A local part may hold any character (RFC 5321 §4.1.2): what is unsafe in a folder name is written %XX.
 * What is too long for one is cut, and ends in a hash of the whole.
 */
export function maildirPath(root: string, host: HostKey, user: string): string {
  return join(root, folderName(host), folderName(user));
}

/** A name in `cur` is `unique:2,FLAGS`; the part before the colon stays when a mail reader moves or marks it. */
export function uniqueName(file: string): string {
  return file.split(':', 1)[0] ?? file;
}

/** Names in a folder, sorted; none when there is no such folder. */
export async function listed(fs: MaildirFs, path: string): Promise<string[]> {
  try {
    return (await fs.readdir(path)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Removes a file; false when there was none. */
export async function unlinked(fs: MaildirFs, path: string): Promise<boolean> {
  try {
    await fs.unlink(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

export type MaildirFiles = ReturnType<typeof createMaildirFiles>;

/** What can be done to the files of a mailbox at `path`. Every function may reject with the file system's error. */
export function createMaildirFiles(fs: MaildirFs, readBody: (ref: BodyRef) => Buffer) {
  const made = new Map<string, Promise<void>>();

  /** Makes the three folders, once for all that ask at the same time. */
  function makeFolders(path: string): Promise<void> {
    const known = made.get(path);
    if (known !== undefined) return known;
    const making = (async () => {
      for (const folder of ['tmp', 'new', 'cur']) await fs.mkdir(join(path, folder), { recursive: true, mode: 0o700 });
    })();
    made.set(path, making);
    making.catch(() => made.delete(path));
    return making;
  }

  /** Writes a message to `target`, complete or not at all: through `tmp`, then a rename. */
  async function write(path: string, message: MailboxMessage, target = join('new', message.file)): Promise<void> {
    assertFileName(message.file);
    await makeFolders(path);
    const temporary = join(path, 'tmp', message.file);
    try {
      await fs.writeFile(temporary, fileBytes(message, readBody(message.body)), { mode: 0o600 });
      await fs.rename(temporary, join(path, target));
    } catch (error) {
      // Somebody may have deleted the folders: make them again next time.
      made.delete(path);
      await fs.unlink(temporary).catch(() => undefined);
      throw error;
    }
  }

  /** Removes a message's file wherever a mail reader put it within the mailbox. */
  async function remove(path: string, file: string): Promise<void> {
    assertFileName(file);
    // Two looks, because a mail reader may move it between the look and the removal.
    for (let look = 0; look < 2; look += 1) {
      if (await unlinked(fs, join(path, 'new', file))) return;
      for (const name of await listed(fs, join(path, 'cur'))) {
        if (uniqueName(name) === file && (await unlinked(fs, join(path, 'cur', name)))) return;
      }
    }
  }

  return { makeFolders, write, remove, forgetFolders: () => made.clear() };
}

/** Prefix and message, with the line ends of a local Maildir (LF); all other bytes as they are. */
function fileBytes(message: MailboxMessage, body: Buffer): Buffer {
  const whole = Buffer.concat([Buffer.from(message.prefix, 'utf8'), body]);
  return Buffer.from(whole.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}

function folderName(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9._+=@-]/gu, (char) => [...Buffer.from(char)].map(percent).join(''));
  // No '.', no '..', nothing hidden; and no name for nobody.
  const shown = safe.replace(/^\./, percent(0x2e)) || '%';
  if (shown.length <= NAME_MAX) return shown;
  const sum = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${shown.slice(0, NAME_MAX - 18)}%-${sum}`; // %- stands in no other name
}

function percent(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

function assertFileName(file: string): void {
  if (/^[^./:\\\0][^/:\\\0]*$/.test(file)) return;
  throw new Error(
    `"${file}" is no name for a Maildir file: write one without slash or colon that begins with no dot (maildirFileName)`,
  );
}

/** Whether an error of the file system says that there is no such file or folder. */
export function isMissing(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
