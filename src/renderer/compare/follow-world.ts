/** A world to compare: its events, checks and time, looked after while the page is open. The one that is shown is known already. */
import { computed, onBeforeUnmount, ref, shallowRef, triggerRef, watch, type Ref } from 'vue';
import type { LabEvent } from '../../contract/events.ts';
import type { CheckOutcome } from '../../contract/lab-api.ts';
import type { Instant } from '../../contract/model.ts';
import type { Lesson } from '../../contract/views.ts';
import { followList } from '../lab/follow.ts';
import { askWorld, bench, events, shown } from '../lab/store.ts';
import { createLanes } from './lanes.ts';
import { createOutcome } from './outcome.ts';

/** Real ms between two looks. */
const LOOK_EVERY_MS = 700;
const EVENTS_AT_ONCE = 20_000;

/** How many of the events happened up to then. */
export function countUntil(list: readonly { at: Instant }[], until: Instant): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]!.at <= until) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `until`: nothing after that instant is looked at. */
export function followWorld(id: Ref<string | null>, until: Ref<Instant>) {
  const list = shallowRef<LabEvent[]>([]);
  const checks = shallowRef<CheckOutcome[]>([]);
  const lesson = shallowRef<Lesson | null>(null);
  const now = ref(0);
  let n = -1;
  let judgedAt = '';

  const lookAtShown = (): void => {
    if (list.value !== events.value || n !== events.value.length) {
      list.value = events.value;
      n = events.value.length;
      triggerRef(list);
    }
    checks.value = shown.checks;
    lesson.value = shown.lesson;
    now.value = bench.value?.now ?? 0;
  };
  const look = async (): Promise<void> => {
    const world = id.value;
    if (world === null) return;
    if (world === shown.world?.id) return lookAtShown();
    const view = await askWorld(world, 'bench', null);
    // What the shown world's list holds is its own, and grows by itself.
    const known = n < 0 || list.value === events.value ? [] : list.value;
    const fresh: LabEvent[] = [];
    for (let from = known.length + 1; from <= view.n; from += EVENTS_AT_ONCE)
      fresh.push(...(await askWorld(world, 'events', from, Math.min(view.n, from + EVENTS_AT_ONCE - 1))));
    const all = fresh.length > 0 ? [...known, ...fresh] : known;
    const end = countUntil(all, until.value);
    const judged =
      judgedAt === `${world} ${end}` ? checks.value : await askWorld(world, 'checks', end === view.n ? null : end);
    const taught = lesson.value ?? (await askWorld(world, 'lesson'));
    if (id.value !== world) return;
    n = view.n;
    judgedAt = `${world} ${end}`;
    now.value = view.now;
    list.value = all;
    checks.value = judged;
    lesson.value = taught;
  };

  let timer: ReturnType<typeof setTimeout> | undefined;
  let ended = false;
  const again = async (): Promise<void> => {
    await look().catch(() => undefined); // closed meanwhile: the choice goes with the list of worlds
    clearTimeout(timer);
    if (!ended) timer = setTimeout(() => void again(), LOOK_EVERY_MS);
  };
  watch(
    id,
    () => {
      n = -1;
      lesson.value = null;
      list.value = [];
      checks.value = [];
      void again();
    },
    { immediate: true },
  );
  watch([until, () => shown.world?.id], () => void again());
  watch([bench, () => shown.checks], () => {
    if (id.value === shown.world?.id) lookAtShown();
  });
  onBeforeUnmount(() => {
    ended = true;
    clearTimeout(timer);
  });
  const source = { list: () => list.value, end: () => countUntil(list.value, until.value), key: () => id.value };
  return {
    checks,
    lesson,
    look: again,
    now: computed(() => Math.min(now.value, until.value)),
    lanes: followList(() => createLanes(null), source),
    outcome: followList(() => createOutcome(), source),
  };
}
