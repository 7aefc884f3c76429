/** Moves in time: a step back or forward, play and pause, jumps. In the past they move the look, and nothing runs. */
import { ref } from 'vue';
import {
  ask,
  attempt,
  eventCount,
  events,
  firstMoment,
  jump,
  lookAt,
  momentAimedAt,
  pause,
  play,
  shown,
} from '../lab/store.ts';
import { isPlaying, nowFace, shownFace, slowFace } from './face.ts';
import { lastEventAt, rowBeside } from './row-cache.ts';

/** What is longer ago than this is not what happens now; virtual ms. */
const WENT_ON_MS = 60_000;
/** A jump is under way. */
export const jumping = ref(false);
/** The instant to which it leads; null: to whatever happens next. */
export const jumpsTo = ref<number | null>(null);

/** The row before a moment. At now it is the newest one if the clock went on since, else that is the present one. */
function rowBefore(moment: number | null): number | null {
  const at = moment ?? rowBeside(eventCount.value + 1, -1);
  if (at === null) return null;
  const happenedAt = events.value[at - 1]?.at ?? 0;
  if (moment === null && slowFace.value - happenedAt >= WENT_ON_MS) return at;
  return at <= firstMoment.value ? null : rowBeside(at, -1);
}

export const canGoBack = (): boolean => rowBefore(shown.moment) !== null;

export async function back(): Promise<void> {
  const n = rowBefore(momentAimedAt());
  if (n !== null) await lookAt(n);
}

/** To the row after; at now, to whatever is due next. */
export async function forward(): Promise<void> {
  const at = momentAimedAt();
  if (at === null) return jumpTo(null);
  const n = rowBeside(at, 1);
  const isLast = n === null || rowBeside(n, 1) === null;
  await lookAt(isLast ? null : n);
}

export async function togglePlay(): Promise<void> {
  if (shown.moment !== null) return lookAt(null);
  await (isPlaying.value ? pause() : play());
}

/** To an instant: into the past by looking, into the future by letting the lab run. Null: to the next thing due. */
export async function jumpTo(at: number | null): Promise<void> {
  if (shown.moment !== null && at === null) return forward();
  if (at !== null && at < nowFace.value) return lookAt(lastEventAt(at));
  if (shown.moment !== null) await lookAt(null);
  // From the past one comes back to now; from there the future is a jump of its own.
  jumping.value = true;
  jumpsTo.value = at;
  await jump(at);
  jumping.value = false;
}

export async function jumpBy(ms: number): Promise<void> {
  const at = shownFace.value + ms;
  if (shown.moment !== null && at >= nowFace.value) return lookAt(null);
  await jumpTo(at);
}

/** End a long jump where it is. */
export const stopJump = (): Promise<boolean> => attempt(() => ask('jump', events.value.at(-1)?.at ?? 0));

/** What makes use of arrow keys and letters itself. */
const KEYED =
  'input, textarea, select, [contenteditable], [role="slider"], [role="menu"], [role="listbox"], [role="tab"], [role="radio"], [role="grid"], [role="tree"], [data-reka-collection-item]';

/** Is a key meant for the page, and not for what has the focus? Buttons and rows have a meaning for Space. */
export function isForPage(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return false;
  if (document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null) return false;
  const { target } = event;
  if (!(target instanceof Element) || target === document.body) return true;
  if (target.closest(KEYED) !== null) return false;
  return (
    event.key === 'n' || target.closest(event.key === ' ' ? 'button, a, [tabindex], summary' : '[tabindex]') === null
  );
}
