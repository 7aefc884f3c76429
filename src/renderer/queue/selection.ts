/** Which rows are chosen, and which one is opened below the table. Keys outlive the rows: what left the queue stays chosen while it is listed. */
import { computed, ref, type ComputedRef } from 'vue';
import type { QueueRow } from '../../contract/views.ts';
import { rowKey } from './book.ts';

export function useSelection(rows: ComputedRef<QueueRow[]>) {
  const keys = ref(new Set<string>());
  const current = ref<string | null>(null);
  const indexOf = (key: string | null): number => rows.value.findIndex((row) => rowKey(row) === key);

  const pick = (row: QueueRow): void => {
    keys.value = new Set([rowKey(row)]);
    current.value = rowKey(row);
  };
  const toggle = (row: QueueRow): void => {
    const key = rowKey(row);
    if (!keys.value.delete(key)) keys.value.add(key);
    current.value = key;
  };
  /** From the row that was touched last to this one. */
  const stretch = (row: QueueRow): void => {
    const from = indexOf(current.value);
    const to = indexOf(rowKey(row));
    if (from < 0) return pick(row);
    for (const one of rows.value.slice(Math.min(from, to), Math.max(from, to) + 1)) keys.value.add(rowKey(one));
  };

  return {
    chosen: computed(() => rows.value.filter((row) => keys.value.has(rowKey(row)))),
    opened: computed(() => rows.value.find((row) => rowKey(row) === current.value) ?? null),
    openedIndex: computed(() => indexOf(current.value)),
    has: (row: QueueRow): boolean => keys.value.has(rowKey(row)),
    all: computed(() => rows.value.length > 0 && rows.value.every((row) => keys.value.has(rowKey(row)))),
    pick,
    toggle,
    stretch,
    toggleAll(): void {
      const all = rows.value.every((row) => keys.value.has(rowKey(row)));
      keys.value = new Set(all ? [] : rows.value.map(rowKey));
    },
  };
}

export type Selection = ReturnType<typeof useSelection>;
