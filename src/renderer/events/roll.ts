/** The list as it rolls: what of it stands on the screen, the line "you are here" within it, and following the newest. */
import { useVirtualizer } from '@tanstack/vue-virtual';
import { computed, nextTick, onBeforeUnmount, onMounted, ref, watch, type Ref, type ShallowRef } from 'vue';
import type { EventRow } from '../lab/rows.ts';
import { shown } from '../lab/store.ts';
import { countUpTo } from './filter.ts';

const ROW_PX = 24;
const HERE_PX = 20;
/** Nearer to its end than this, the list follows. */
const END_PX = 12;

export interface RollItem {
  key: string;
  start: number;
  /** Null: the line "you are here". */
  row: EventRow | null;
  before: EventRow | null;
  position: number;
}

export function useRoll(scroller: Ref<HTMLElement | null>, visible: ShallowRef<EventRow[]>, backToNow: () => void) {
  const following = ref(true);
  const seenCount = ref(0);
  const count = computed(() => visible.value.length);
  /** How many rows stand above the line; all, when there is none. */
  const hereIndex = computed(() => (shown.moment === null ? count.value : countUpTo(visible.value, shown.moment)));
  const hasLine = computed(() => shown.moment !== null);

  const virtualizer = useVirtualizer(computed(() => {
    const line = hasLine.value ? hereIndex.value : -1;
    return {
      count: count.value + (hasLine.value ? 1 : 0), overscan: 12, getScrollElement: () => scroller.value,
      estimateSize: (index: number) => (index === line ? HERE_PX : ROW_PX),
    };
  }));
  watch([hereIndex, hasLine], () => hasLine.value && virtualizer.value.measure(), { flush: 'post' });

  const rowIndex = (item: number): number => (hasLine.value && item > hereIndex.value ? item - 1 : item);
  const items = computed<RollItem[]>(() => {
    const list = visible.value;
    return virtualizer.value.getVirtualItems().flatMap(({ index, start }): RollItem[] => {
      if (hasLine.value && index === hereIndex.value) return [{ key: 'here', start, row: null, before: null, position: -1 }];
      const position = rowIndex(index);
      const row = list[position];
      return row === undefined ? [] : [{ key: String(row.n), start, row, before: list[position - 1] ?? null, position }];
    });
  });
  /** Day of the row at the top: the rows say the time alone. */
  const firstDay = computed(() => {
    const top = virtualizer.value.scrollOffset ?? 0;
    return items.value.find(({ row, start }) => row !== null && start + ROW_PX > top)?.row?.at ?? null;
  });

  const scrollTo = (position: number): void => virtualizer.value.scrollToIndex(hasLine.value && position >= hereIndex.value ? position + 1 : position, { align: 'auto' });
  const toEnd = (): void => {
    following.value = true;
    const element = scroller.value;
    if (element !== null) element.scrollTop = element.scrollHeight;
  };
  const toNewest = (): void => {
    seenCount.value = count.value;
    toEnd();
  };
  const onScroll = (): void => {
    const element = scroller.value;
    if (element === null) return;
    following.value = element.scrollHeight - element.scrollTop - element.clientHeight < END_PX;
    if (following.value) seenCount.value = count.value;
  };
  onMounted(() => {
    scroller.value?.addEventListener('scroll', onScroll, { passive: true });
    void nextTick(toNewest);
  });
  onBeforeUnmount(() => scroller.value?.removeEventListener('scroll', onScroll));

  watch(visible, () => {
    if (count.value < seenCount.value) seenCount.value = count.value;
    if (following.value && shown.moment === null) void nextTick(toNewest);
  });
  watch(() => shown.moment, (moment) => {
    backToNow();
    if (moment === null) return void nextTick(toNewest);
    following.value = false;
    void nextTick(() => scrollTo(Math.max(0, hereIndex.value - 1)));
  });

  const newerCount = computed(() => (shown.moment === null && !following.value ? Math.max(0, count.value - seenCount.value) : 0));
  return { items, size: computed(() => virtualizer.value.getTotalSize()), hereIndex, newerCount, firstDay, scrollTo, toNewest };
}
