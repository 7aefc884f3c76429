/** The moment that the inspector shows: its instant, a host at it, and answers that follow it. */
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef, type WatchSource } from 'vue';
import type { HostKey, Instant } from '../../contract/model.ts';
import type { HostCard } from '../../contract/views.ts';
import { slowFace } from '../app/face.ts';
import { bench, shown } from '../lab/store.ts';

export const isPast = computed(() => shown.moment !== null);
/** Why a control does nothing while one looks back. */
export const PAST_WORDS = 'You are looking at the past: go back to now, or go on from here as a branch';

/** The instant on the screen, for words such as *in 9 minutes*. */
export const momentNow = computed<Instant>(
  () => (isPast.value ? bench.value?.now : Math.max(slowFace.value, shown.clock?.face ?? 0)) ?? 0,
);

export const hostCard = (key: HostKey): HostCard | null => bench.value?.hosts.find((host) => host.key === key) ?? null;
export const letterOf = (key: HostKey): string => key.toUpperCase();

/** The host with this address: its letter; else the address itself. */
export function whoHas(address: string): string {
  const host = bench.value?.hosts.find(({ settings }) => settings.addresses.includes(address));
  return host === undefined ? address : letterOf(host.key);
}

export interface Asked<T> {
  answer: ShallowRef<T | null>;
  /** What went wrong, in words. */
  trouble: Ref<string | null>;
  /** Ask at once. */
  again(): void;
}

/** Something asked for now, and again whenever the lab moved or `depends` changed; late answers to early questions are dropped. */
export function useAsked<T>(run: () => Promise<T>, depends: WatchSource[] = [], restMs = 200): Asked<T> {
  const answer = shallowRef<T | null>(null);
  const trouble = ref<string | null>(null);
  let asked = 0;
  let resting: ReturnType<typeof setTimeout> | null = null;
  let wanted = false;

  const askNow = async (): Promise<void> => {
    asked += 1;
    const mine = asked;
    wanted = false;
    try {
      const found = await run();
      if (mine !== asked) return;
      answer.value = found;
      trouble.value = null;
    } catch (error) {
      if (mine === asked) trouble.value = error instanceof Error ? error.message : String(error);
    }
    resting ??= setTimeout(() => {
      resting = null;
      if (wanted) void askNow();
    }, restMs);
  };
  const askSoon = (): void => {
    if (resting === null) void askNow();
    else wanted = true;
  };

  watch([bench, () => shown.moment], askSoon);
  if (depends.length > 0) watch(depends, () => void askNow());
  void askNow();
  onScopeDispose(() => {
    asked += 1;
    if (resting !== null) clearTimeout(resting);
  });
  return { answer, trouble, again: () => void askNow() };
}
