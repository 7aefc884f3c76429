/** Folds of the events that a page keeps: taken further with each news, begun again when it looks at another moment. */
import { computed, type ComputedRef } from 'vue';
import type { LabEvent } from '../../contract/events.ts';
import { events, shown } from './store.ts';

export interface Fold<View> {
  take(event: LabEvent): void;
  view(): View;
}

/** The fold over all events up to the moment looked at. Works only while somebody looks at it. */
export function followEvents<View>(create: () => Fold<View>): ComputedRef<View> {
  let fold = create();
  let list: LabEvent[] | null = null;
  let taken = 0;
  return computed(() => {
    const known = events.value;
    const end = shown.moment ?? known.length;
    if (list !== known || taken > end) {
      fold = create();
      list = known;
      taken = 0;
    }
    for (; taken < Math.min(end, known.length); taken += 1) fold.take(known[taken]!);
    return fold.view();
  });
}
