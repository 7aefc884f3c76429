/** How far a person is in the guide of each world: which steps are done, and what was guessed. Kept while the page is open. */
import { computed, reactive, watch } from 'vue';
import { shown } from '../lab/store.ts';

interface Progress {
  /** The step that the person is at. */
  at: number;
  done: Record<number, boolean>;
  guesses: Record<number, string>;
}

const worlds = reactive<Record<string, Progress>>({});
const NONE: Progress = { at: 0, done: {}, guesses: {} };

export function progressOf(world: string): Progress {
  return (worlds[world] ??= { at: 0, done: {}, guesses: {} });
}

/** Of the world that is shown. */
export const progress = computed(() => worlds[shown.world?.id ?? ''] ?? NONE);

/** A step of a world's guide is over: the guide moves on to the one after it. */
export function stepDone(world: string, index: number): void {
  const its = progressOf(world);
  its.done[index] = true;
  if (its.at <= index) its.at = index + 1;
  if (world === shown.world?.id) shown.guideStep = its.at;
}

export function goToStep(index: number): void {
  if (shown.world !== null) progressOf(shown.world.id).at = index;
  shown.guideStep = index;
}

// A world that is shown again goes on where it was left.
watch(() => shown.world?.id, (world) => {
  if (world !== undefined) shown.guideStep = progressOf(world).at;
}, { immediate: true });
