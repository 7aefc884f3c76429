/**
 * Files that a person brings: a lab (`.yaml`) is opened, a mail (`.eml`) is handed to the page to be sent. They come by
 * the dialog, by file association, on the command line, or from a second start of the program.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import type { WorldInfo } from '../contract/page-api.ts';
import type { PageLink } from './window-news.ts';

export const LAB_EXTENSIONS = ['yaml', 'yml', 'maillab'];
export const MAIL_EXTENSIONS = ['eml'];
const LAB_BYTES_MAX = 1_000_000;
const MAIL_BYTES_MAX = 25_000_000;

/** The files among the arguments of a start, as full paths. */
export function filesOf(args: string[], cwd: string): string[] {
  return args.filter((arg) => !arg.startsWith('-') && kindOf(arg) !== null).map((arg) => path.resolve(cwd, arg));
}

export interface OpenFileDeps {
  openText(name: string, text: string): Promise<WorldInfo>;
  page: Pick<PageLink, 'tell'>;
  /** A lab was opened from this file. */
  opened(file: string, title: string): void;
}

/** Opens one file. What is wrong with it is told to the page; never throws. */
export async function openFile(file: string, { openText, page, opened }: OpenFileDeps): Promise<void> {
  const name = path.basename(file);
  try {
    const kind = kindOf(file);
    if (kind === null) throw new Error(`${name} is neither a lab (.yaml) nor a mail (.eml)`);
    const { size } = await fs.stat(file);
    const most = kind === 'lab' ? LAB_BYTES_MAX : MAIL_BYTES_MAX;
    if (size > most) throw new Error(`${name} has ${size} bytes; a ${kind} may have ${most}`);
    if (kind === 'mail') return page.tell('mailFile', name, await fs.readFile(file, 'latin1'));
    const world = await openText(name, await fs.readFile(file, 'utf8'));
    opened(file, world.title);
    page.tell('show', world.id);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    page.tell('trouble', code === 'ENOENT' ? `${file} is not there any more` : message);
  }
}

function kindOf(file: string): 'lab' | 'mail' | null {
  const extension = path.extname(file).slice(1).toLowerCase();
  if (LAB_EXTENSIONS.includes(extension)) return 'lab';
  return MAIL_EXTENSIONS.includes(extension) ? 'mail' : null;
}
