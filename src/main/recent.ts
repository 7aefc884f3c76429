/** Labs that were opened last: those of the course by their id, a person's own by their file. Kept in a small file. */
import fs from 'node:fs';
import * as z from 'zod';

const recentSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('course'), id: z.string().min(1).max(128), title: z.string().max(200) }),
  z.object({ kind: z.literal('file'), path: z.string().min(1).max(4096), title: z.string().max(200) }),
]);
export type RecentLab = z.infer<typeof recentSchema>;

const RECENT_MAX = 10;

export interface RecentLabs {
  /** The last one first; files that are gone are left out. */
  list(): RecentLab[];
  add(lab: RecentLab): void;
  clear(): void;
}

export function createRecentLabs(file: string, changed: () => void): RecentLabs {
  let labs = read(file);
  const keep = (next: RecentLab[]): void => {
    labs = next;
    fs.writeFileSync(file, JSON.stringify(labs));
    changed();
  };
  return {
    list: () => labs.filter((lab) => lab.kind === 'course' || fs.existsSync(lab.path)),
    add: (lab) => keep([lab, ...labs.filter((other) => keyOf(other) !== keyOf(lab))].slice(0, RECENT_MAX)),
    clear: () => keep([]),
  };
}

const keyOf = (lab: RecentLab): string => (lab.kind === 'course' ? `course ${lab.id}` : `file ${lab.path}`);

function read(file: string): RecentLab[] {
  try {
    return z
      .array(recentSchema)
      .max(100)
      .parse(JSON.parse(fs.readFileSync(file, 'utf8')));
  } catch {
    return []; // none yet, or one that nobody can read: nothing is lost but a convenience
  }
}
