/**
 * Labs that were closed: each lies in its folder with a note of what it is, and can be gone on with. Writes the notes and lists
 * the labs; opens none and deletes none, and what has no note is somebody else's.
 */
import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import type { KeptLab } from '../contract/page-api.ts';
import { readText } from '../engine/files.ts';

const NOTE = 'kept.json';
const NOTE_BYTES_MAX = 1_000_000;
const noteSchema = z.object({
  lab: z.string().min(1).max(256),
  title: z.string().max(256),
  branch: z.boolean(),
  at: z.number().nullable(),
  memory: z.string().nullable(),
});

/** What is known of a lab without opening it. `at`: where its clock stood; null while it is open, and of one that was killed. */
export type Note = z.infer<typeof noteSchema>;

export const writeNote = (dir: string, note: Note): void =>
  fs.writeFileSync(path.join(dir, NOTE), JSON.stringify(note));

/** All in a folder of labs, the one left last first. */
export function keptIn(home: string): KeptLab[] {
  if (!fs.existsSync(home)) return [];
  const found = fs.readdirSync(home).flatMap((id) => {
    const note = noteIn(path.join(home, id));
    return note === null
      ? []
      : [
          {
            id,
            lab: note.lab,
            title: note.title,
            branch: note.branch,
            at: note.at,
            leftAt: fs.statSync(path.join(home, id, 'journal.log')).mtimeMs,
          },
        ];
  });
  return found.sort((a, b) => b.leftAt - a.leftAt);
}

export const memoryIn = (dir: string): string | null => noteIn(dir)?.memory ?? null;
/** Where the clock of a lab stood when it was closed. Its journal ends with its last event; the clock had gone on. */
export const clockIn = (dir: string): number | null => noteIn(dir)?.at ?? null;

/** Null where no lab lies: a note can't be read, or is of a lab that was never founded. */
function noteIn(dir: string): Note | null {
  try {
    if (fs.statSync(path.join(dir, 'journal.log')).size === 0) return null;
    const note = readText(path.join(dir, NOTE), NOTE_BYTES_MAX);
    return note.ok ? noteSchema.parse(JSON.parse(note.text)) : null;
  } catch {
    return null;
  }
}
