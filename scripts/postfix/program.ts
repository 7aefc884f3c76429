/** Where Postfix's programs are, and whether one can be started here at all. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where sbin programs are, also when PATH lacks those folders, as a plain user's does. */
const sbinFolders = ['/usr/sbin', '/usr/local/sbin', '/sbin'];

/** Path of one of Postfix's programs, as `smtp-source`. Throws with what to install if it is nowhere. */
export function findProgram(name: string): string {
  const folders = [...new Set([...(process.env.PATH ?? '').split(delimiter), ...sbinFolders])].filter(
    (folder) => folder !== '',
  );
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  throw new Error(
    `Postfix's ${name} is missing: install it with "apt-get install postfix". Looked in ${folders.join(', ')}.`,
  );
}

/** Why no private Postfix can be started here, in words; null: it can. */
export function whyNoPostfix(): string | null {
  try {
    findProgram('postfix');
  } catch (error) {
    return (error as Error).message;
  }
  return process.getuid?.() === 0 ? null : 'Postfix starts as root only: run as root to have a private Postfix.';
}
