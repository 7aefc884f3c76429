/**
 * Files that a person brings: a lab (`.yaml`) is opened, a mail (`.eml`) is handed to the page to be sent. They come by
 * the dialog, by file association, on the command line, or from a second start of the program.
 */
import path from 'node:path';
import type { WorldInfo } from '../contract/page-api.ts';
import { LAB_FILE_BYTES_MAX, MAIL_FILE_BYTES_MAX } from '../contract/sizes.ts';
import { readFile, readText } from '../engine/files.ts';
import type { PageLink } from './window-news.ts';

export const LAB_EXTENSIONS = ['yaml', 'yml', 'maillab'];
export const MAIL_EXTENSIONS = ['eml'];

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
    if (kind === 'mail') {
      const mail = readFile(file, MAIL_FILE_BYTES_MAX);
      if (!mail.ok) throw new Error(`${file} can't be read: ${mail.why}`);
      return page.tell('mailFile', name, mail.bytes.toString('latin1'));
    }
    const lab = readText(file, LAB_FILE_BYTES_MAX);
    if (!lab.ok) throw new Error(`${file} can't be read: ${lab.why}`);
    const world = await openText(name, lab.text);
    opened(file, world.title);
    page.tell('show', world.id);
  } catch (error) {
    page.tell('trouble', (error as Error).message);
  }
}

function kindOf(file: string): 'lab' | 'mail' | null {
  const extension = path.extname(file).slice(1).toLowerCase();
  if (LAB_EXTENSIONS.includes(extension)) return 'lab';
  return MAIL_EXTENSIONS.includes(extension) ? 'mail' : null;
}
