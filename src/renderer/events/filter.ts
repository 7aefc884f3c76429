/** Which rows of the list are shown: by kind, host, message, words, and what was hidden with "events like this". */
import { reactive, shallowRef, toRaw, triggerRef, watch, type ShallowRef } from 'vue';
import type { EventRow, RowKind } from '../lab/rows.ts';

export const KINDS: RowKind[] = ['DNS', 'Connect', 'SMTP', 'Queue', 'DSN', 'Disk', 'Rule', 'Person'];

export interface Filter {
  kindsOff: Set<RowKind>;
  hostsOff: Set<string>;
  mail: string | null;
  words: string;
  likesOff: Set<string>;
}

export const noFilter = (): Filter => ({
  kindsOff: new Set(),
  hostsOff: new Set(),
  mail: null,
  words: '',
  likesOff: new Set(),
});

/** A row passes when none of the filters speaks against it; one of two hosts is enough. */
export function passes(row: EventRow, filter: Filter): boolean {
  if (filter.kindsOff.has(row.kind) || filter.likesOff.has(row.like)) return false;
  if (filter.hostsOff.size > 0 && row.hosts.length > 0 && row.hosts.every((host) => filter.hostsOff.has(host)))
    return false;
  if (filter.mail !== null && row.mail !== filter.mail) return false;
  return filter.words === '' || matches(row, filter.words);
}

function matches(row: EventRow, words: string): boolean {
  const text = `${row.from} ${row.target} ${row.kind} ${row.text}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** The rows that pass, kept as rows come: only a change of the filter looks at all of them again. */
export function useVisible(rows: ShallowRef<EventRow[]>): { filter: Filter; visible: ShallowRef<EventRow[]> } {
  const filter = reactive(noFilter());
  const visible = shallowRef<EventRow[]>([]);
  let list: EventRow[] = [];
  let seenCount = 0;

  const seeNew = (): void => {
    // Thousands of rows a second: what watches the filter is another's.
    const [wanted, shown] = [toRaw(filter), visible.value];
    for (; seenCount < list.length; seenCount += 1) {
      const row = list[seenCount] as EventRow;
      if (passes(row, wanted)) shown.push(row);
    }
    triggerRef(visible);
  };
  const seeAll = (): void => {
    list = rows.value;
    seenCount = 0;
    visible.value = [];
    seeNew();
  };
  watch(rows, () => (rows.value === list ? seeNew() : seeAll()));
  watch(filter, seeAll, { deep: true });
  seeAll();
  return { filter, visible };
}

/** How many of the rows, which are in order, came up to an event. */
export function countUpTo(rows: EventRow[], n: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as EventRow).n <= n) low = middle + 1;
    else high = middle;
  }
  return low;
}
