/** The rows of the world that is shown, one fold for all who need them: made as events come, and never made again. */
import { shallowRef, triggerRef, watch } from 'vue';
import type { LabEvent } from '../../contract/events.ts';
import { createKnown, type Known } from './known.ts';
import { rowOf, type EventRow } from './rows.ts';
import { events } from './store.ts';

/** Oldest first; never copied. */
export const rows = shallowRef<EventRow[]>([]);
/** What all events so far say. */
export const known = shallowRef<Known>(createKnown());

let taken: LabEvent[] = [];
let takenCount = 0;

/** The rows brought up to the newest event, for who can't wait until it is told that there are more. */
export function rowsSoFar(): EventRow[] {
  const list = events.value;
  if (list !== taken) {
    taken = list;
    takenCount = 0;
    rows.value = [];
    known.value = createKnown();
  }
  const [all, words] = [rows.value, known.value];
  for (; takenCount < list.length; takenCount += 1) {
    const event = list[takenCount] as LabEvent;
    words.take(event);
    const row = rowOf(event, words);
    if (row !== null) all.push(row);
  }
  return all;
}

watch(
  events,
  () => {
    rowsSoFar();
    triggerRef(rows);
  },
  { immediate: true },
);
