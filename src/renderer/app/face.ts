/**
 * What the clock's face shows on this page: the moment looked at, or now. Between two news of the lab's clock the
 * face goes on by itself at the pace, never past the next thing due, so that it agrees with the lab when news come.
 */
import { computed, ref, shallowRef, watch } from 'vue';
import { events, refreshChecks, refreshClock, refreshUpcoming, shown } from '../lab/store.ts';

/** Real ms between two looks at a clock that other pages may set, and that moves without events. */
const ASK_EVERY_MS = 1_000;
const SLOW_EVERY_MS = 250;
/** How far news may lag behind, real ms: up to here the face waits for them instead of running backwards. */
const LAG_MS = 2_000;

/** Now in the lab, as far as this page knows; ms. */
export const nowFace = ref(0);
/** The same for what needn't be drawn with each frame. */
export const slowFace = ref(0);
/** The instant on the screen: of the event looked at, or now. */
export const shownFace = computed(() =>
  shown.moment === null ? nowFace.value : (events.value[shown.moment - 1]?.at ?? nowFace.value),
);
export const isPlaying = computed(() => shown.clock?.paused === false);

const heardAt = shallowRef(0);

function reached(): number {
  const { clock, upcoming } = shown;
  if (clock === null) return 0;
  if (clock.paused || clock.pace === 'max') return clock.face;
  const next = upcoming.find(({ when }) => when > clock.face)?.when ?? Infinity;
  const going = Math.min(clock.face + (performance.now() - heardAt.value) * clock.pace, Math.max(next, clock.face));
  const back = nowFace.value - going;
  return back > 0 && back < LAG_MS * clock.pace ? nowFace.value : Math.floor(going);
}

let slowAt = 0;
function step(at: number): void {
  nowFace.value = reached();
  if (at - slowAt >= SLOW_EVERY_MS) {
    slowAt = at;
    slowFace.value = nowFace.value;
  }
}

let frame = 0;
function run(at: number): void {
  step(at);
  frame = isPlaying.value && shown.clock?.pace !== 'max' ? requestAnimationFrame(run) : 0;
}

/** Keep the face going while something shows it. Returns what ends it. */
export function startFace(): () => void {
  const deaf = watch(
    () => [shown.world?.id, shown.clock] as const,
    ([world], before) => {
      heardAt.value = performance.now();
      if (world !== before?.[0]) nowFace.value = 0;
      slowAt = 0;
      // At once, so that the face never shows less than the buttons beside it know.
      cancelAnimationFrame(frame);
      run(performance.now());
    },
    { immediate: true, deep: true },
  );
  const timer = setInterval(() => {
    if (document.hidden || shown.world === null || !shown.connected) return;
    const due = shown.upcoming[0];
    // A timer may tell nothing when it rings: then what was due next is known no more.
    if (shown.moment === null && due !== undefined && due.when <= nowFace.value) void refreshUpcoming();
    if (isPlaying.value) void refreshChecks();
    void refreshClock();
  }, ASK_EVERY_MS);
  return () => {
    deaf();
    clearInterval(timer);
    cancelAnimationFrame(frame);
    frame = 0;
  };
}
