/**
 * Tables of the state whose entries run out by themselves. What has run out is as good as gone for whoever looks it up; here it is taken
 * away as well, now and then, so that a lab holds what counts and not all that ever did. Pure: `apply` calls it.
 */
import type { Table } from '../contract/table.ts';

const SWEEP_EVERY = 256;

/**
 * To be called with each entry that is added: `left` says how many more come before the tables are looked through, and the new number is
 * returned. As many as were found last time are waited for, so that looking costs each entry the same, however many there are.
 */
export function sweep<Entry>(left: number, tables: readonly Table<Entry>[], isOver: (entry: Entry) => boolean): number {
  if (left > 1) return left - 1;
  let kept = 0;
  for (const table of tables) {
    for (const [key, entry] of Object.entries(table)) {
      if (isOver(entry)) delete table[key];
      else kept += 1;
    }
  }
  return Math.max(SWEEP_EVERY, kept);
}
