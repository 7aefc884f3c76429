/** Finds the lab that a user means: one that comes with Mail Lab, by name, or a file of his own, by path. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { LAB_FILE_BYTES_MAX } from '../contract/sizes.ts';
import { readText } from '../engine/files.ts';
import { UserError } from './failure.ts';

export interface LabFile {
  /** `one-mx-waits`, or the file's name without its ending. */
  id: string;
  /** Absolute: `eml` files are looked for beside it, also when the lab is opened again from elsewhere. */
  file: string;
  /** As the user would write it. */
  shown: string;
  text: string;
}

/** Folder of the labs that come with Mail Lab. */
export const LABS = fileURLToPath(new URL('../../labs/', import.meta.url));
const ENDING = /\.ya?ml$/;

/** Names of the labs that come with Mail Lab, in order. */
export function labNames(): string[] {
  return fs
    .readdirSync(LABS)
    .filter((file) => ENDING.test(file))
    .map((file) => file.replace(ENDING, ''))
    .sort();
}

/** The file of a lab, unread: `one-mx-waits` or `my/lab.yaml`. Throws UserError when there is none. */
export function findLab(wanted: string): LabFile {
  const isPath = /[/\\]/.test(wanted) || ENDING.test(wanted);
  const named = path.join(LABS, `${wanted}.yaml`);
  if (!isPath && fs.existsSync(named)) return readLab(wanted, named, shownPath(named));
  if (fs.existsSync(wanted)) return readLab(path.basename(wanted).replace(ENDING, ''), path.resolve(wanted), wanted);
  if (isPath) {
    const meant = nearest(path.basename(wanted).replace(ENDING, ''), labNames());
    throw new UserError(
      `there is no file ${wanted}${meant === null ? '. Write the path of a lab file, or the name of a lab: `mail-lab labs` lists them' : `: did you mean the lab ${meant}?`}`,
    );
  }
  const meant = nearest(wanted, labNames());
  throw new UserError(
    `there is no lab \`${wanted}\`${meant === null ? '' : `: did you mean ${meant}?`}${meant === null ? '. ' : ' '}\`mail-lab labs\` lists them; a file of your own is given by its path`,
  );
}

function readLab(id: string, file: string, shown: string): LabFile {
  const read = readText(file, LAB_FILE_BYTES_MAX);
  if (read.ok) return { id, file, shown, text: read.text };
  throw new UserError(
    `${shown} can't be read: ${read.why}. Write the path of a lab file, or the name of a lab: \`mail-lab labs\` lists them`,
  );
}

/** Relative where that is shorter. */
export function shownPath(file: string): string {
  const relative = path.relative(process.cwd(), file);
  return relative === '' ? '.' : relative.length < file.length ? relative : file;
}

/** The name that a mistyped or shortened one most likely stands for, or null. */
export function nearest(wanted: string, names: readonly string[]): string | null {
  const given = wanted.toLowerCase();
  const holding = names.filter((name) => name.includes(given) && given.length >= 3);
  if (holding.length > 0) return holding.sort((a, b) => a.length - b.length)[0] ?? null;
  const ranked = names.map((name) => ({ name, far: distance(given, name) })).sort((a, b) => a.far - b.far);
  const [best] = ranked;
  return best !== undefined && best.far <= Math.max(2, given.length * 0.4) ? best.name : null;
}

/** Levenshtein: letters to add, leave out or change. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[other.length]!;
}
