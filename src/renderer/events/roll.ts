/**
 * The list as it rolls: what of it stands on the screen, the line "you are here" within it, and following the newest.
 * Rows are all of one height, so where each stands is a product; a list of a hundred thousand costs no more than a short one.
 */
import { computed, onBeforeUnmount, onMounted, ref, watch, type Ref, type ShallowRef } from 'vue';
import type { EventRow } from '../lab/rows.ts';
import { shown } from '../lab/store.ts';
import { countUpTo } from './filter.ts';

const ROW_PX = 24;
/** The heads of the columns stand still above the rows. */
const HEAD_PX = 24;
const HERE_PX = 20;
/** Nearer to its end than this, the list follows. */
const END_PX = 12;
/** Rows beyond the edge that are there already. */
const BEYOND_COUNT = 8;

export interface RollItem {
  /** Rows that leave the screen lend their elements to those that enter it. */
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
  const top = ref(0);
  const height = ref(0);
  const count = computed(() => visible.value.length);
  /** How many rows stand above the line; all, when there is none. */
  const hereIndex = computed(() => (shown.moment === null ? count.value : countUpTo(visible.value, shown.moment)));
  const hasLine = computed(() => shown.moment !== null);
  const size = computed(() => count.value * ROW_PX + (hasLine.value ? HERE_PX : 0));
  const startOf = (position: number): number =>
    position * ROW_PX + (hasLine.value && position >= hereIndex.value ? HERE_PX : 0);

  /** First row on the screen, and how many fit there; these change seldom, `top` with each pixel. */
  const firstShown = computed(() => Math.max(0, Math.min(count.value, Math.floor(top.value / ROW_PX)) - BEYOND_COUNT));
  const shownCount = computed(() => Math.ceil(height.value / ROW_PX) + 2 * BEYOND_COUNT + 1);
  const items = computed<RollItem[]>(() => {
    const list = visible.value;
    const [first, pool] = [firstShown.value, shownCount.value];
    const end = Math.min(list.length, first + pool);
    const found: RollItem[] = [];
    for (let position = first; position < end; position += 1) {
      found.push({
        key: `row ${position % pool}`,
        start: startOf(position),
        row: list[position] as EventRow,
        before: list[position - 1] ?? null,
        position,
      });
    }
    const here = hereIndex.value;
    if (hasLine.value && here >= first && here <= end)
      found.push({ key: 'here', start: here * ROW_PX, row: null, before: null, position: -1 });
    return found;
  });
  /** Day of the row at the top: the rows say the time alone. */
  const firstDay = computed(() => visible.value[Math.min(count.value - 1, Math.floor(top.value / ROW_PX))]?.at ?? null);

  let rolling = 0;
  /** Where the list was rolled to last; a scroll to elsewhere is the person's. */
  let rolledTo = 0;
  /**
   * What stands there is worked out before the browser scrolls, not after it told of that: so it is drawn once. It scrolls with
   * the frame that is drawn next, for scrolling wants the whole page laid out: once a frame, and not with each batch of events.
   */
  const rollTo = (px: number): void => {
    top.value = Math.max(0, Math.min(px, size.value - height.value));
    if (rolling !== 0) return;
    rolling = requestAnimationFrame(() => {
      rolling = 0;
      if (scroller.value === null) return;
      scroller.value.scrollTop = top.value;
      rolledTo = scroller.value.scrollTop;
    });
  };
  const scrollTo = (position: number): void => {
    const start = startOf(position);
    // No further than needed; with the line in sight, where that is beside it.
    const end = start + ROW_PX + HERE_PX;
    if (start < top.value) rollTo(start);
    else if (end > top.value + height.value) rollTo(end - height.value);
  };
  const toNewest = (): void => {
    following.value = true;
    seenCount.value = count.value;
    rollTo(size.value);
  };
  const toMoment = (): void => {
    following.value = false;
    scrollTo(Math.max(0, hereIndex.value - 1));
  };
  const onScroll = (): void => {
    const element = scroller.value;
    if (element === null) return;
    // Told of the last roll, with the next one due: that one counts.
    if (rolling !== 0 && Math.abs(element.scrollTop - rolledTo) < 1) return;
    cancelAnimationFrame(rolling);
    rolling = 0;
    // A window that grew is told here first, and of its size a moment later.
    height.value = element.clientHeight - HEAD_PX;
    top.value = element.scrollTop;
    following.value = size.value - top.value - height.value < END_PX;
    if (following.value) seenCount.value = count.value;
  };
  let observer: ResizeObserver | null = null;
  onMounted(() => {
    const element = scroller.value;
    if (element === null) return;
    height.value = element.clientHeight - HEAD_PX;
    element.addEventListener('scroll', onScroll, { passive: true });
    observer = new ResizeObserver(() => {
      height.value = element.clientHeight - HEAD_PX;
      if (shown.moment !== null)
        scrollTo(Math.max(0, hereIndex.value - 1)); // the banner above took its room
      else if (following.value) toNewest();
    });
    observer.observe(element);
    if (shown.moment === null) toNewest();
    else toMoment();
  });
  onBeforeUnmount(() => {
    scroller.value?.removeEventListener('scroll', onScroll);
    observer?.disconnect();
    cancelAnimationFrame(rolling);
  });

  watch(visible, (list, before) => {
    if (list !== before && shown.moment !== null) return toMoment(); // another filter
    if (count.value < seenCount.value) seenCount.value = count.value;
    if (following.value && shown.moment === null) toNewest();
  });
  watch(
    () => shown.moment,
    (moment) => {
      backToNow();
      if (moment === null) toNewest();
      else toMoment();
    },
  );

  const newerCount = computed(() =>
    shown.moment === null && !following.value ? Math.max(0, count.value - seenCount.value) : 0,
  );
  return { items, size, hereIndex, newerCount, firstDay, scrollTo, toNewest };
}
