/** Folds of the events that a page keeps: taken further with each news, begun again when it looks at another moment. */
import { computed, type ComputedRef } from 'vue';
import type { LabEvent } from '../../contract/events.ts';
import { events, shown } from './store.ts';

export interface Fold<View> {
  take(event: LabEvent): void;
  view(): View;
}

/** What is folded: a list that only grows, how many of it, and a key: another one begins anew. */
interface Source<Key> {
  list: () => readonly LabEvent[];
  end: () => number;
  key: () => Key;
}

/** The fold over the first events of a list. Works only while somebody looks at it. */
export function followList<View, Key>(create: (key: Key) => Fold<View>, source: Source<Key>): ComputedRef<View> {
  let begun: { fold: Fold<View>; first: LabEvent | undefined; key: Key } | null = null;
  let taken = 0;
  return computed(() => {
    const list = source.list();
    const end = Math.min(source.end(), list.length);
    const key = source.key();
    // The same list may come as another array: its first event tells.
    if (begun === null || begun.first !== list[0] || begun.key !== key || taken > end) {
      begun = { fold: create(key), first: list[0], key };
      taken = 0;
    }
    for (; taken < end; taken += 1) begun.fold.take(list[taken]!);
    return begun.fold.view();
  });
}

/** The fold over all events of the world that is shown, up to the moment looked at. */
export function followEvents<View, Key = null>(
  create: (key: Key) => Fold<View>,
  key: () => Key = () => null as Key,
): ComputedRef<View> {
  return followList(create, { list: () => events.value, end: () => shown.moment ?? events.value.length, key });
}
