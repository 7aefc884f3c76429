/**
 * How far a person is in the guide of each world: which steps are done, and what was guessed. Written down with the world, so that a
 * lab which is gone on with has it again. A branch begins with what was so in its parent at the moment that it left.
 */
import { computed, reactive, watch } from 'vue';
import type { WorldInfo } from '../../contract/page-api.ts';
import { eventCount, remember, shown } from '../lab/store.ts';

interface Progress {
  /** The step that the person is at. */
  at: number;
  /** By step: how many events there were when it was done. */
  done: Record<number, number>;
  /** Steps that the lab did for the person. */
  did: Record<number, true>;
  guesses: Record<number, string>;
}

const worlds = reactive(new Map<string, Progress>());
const NONE: Progress = { at: 0, done: {}, did: {}, guesses: {} };

export function progressOf(world: string): Progress {
  const { parent = null, memory = null } = [shown.world, ...shown.worlds].find((one) => one?.id === world) ?? {};
  if (!worlds.has(world)) worlds.set(world, remembered(memory) ?? begun(parent));
  return worlds.get(world)!;
}

/** What another page wrote down; null: nothing that can be read. */
function remembered(memory: string | null): Progress | null {
  if (memory === null) return null;
  try {
    const { at, done, did, guesses } = JSON.parse(memory) as Partial<Progress>;
    return typeof at === 'number' && done && did && guesses ? { at, done, did, guesses } : null;
  } catch {
    return null;
  }
}

function begun(parent: WorldInfo['parent']): Progress {
  const before = parent === null ? undefined : worlds.get(parent.world);
  if (parent === null || before === undefined) return { at: 0, done: {}, did: {}, guesses: {} };
  const steps = Object.entries(before.done).map(([step, n]) => ({ step: Number(step), n }));
  const later = steps.filter(({ n }) => n > parent.n).map(({ step }) => step);
  return {
    at: Math.min(before.at, ...later),
    done: Object.fromEntries(steps.filter(({ n }) => n <= parent.n).map(({ step, n }) => [step, n])),
    did: {},
    guesses: { ...before.guesses },
  };
}

/** Of the world that is shown. */
export const progress = computed(() => worlds.get(shown.world?.id ?? '') ?? NONE);

/** A step of a world's guide is over: the guide moves on to the one after it. */
export function stepDone(world: string, index: number): void {
  const its = progressOf(world);
  its.done[index] = world === shown.world?.id ? eventCount.value : 0;
  if (its.at <= index) its.at = index + 1;
  if (world === shown.world?.id) shown.guideStep = its.at;
}

export function goToStep(index: number): void {
  if (shown.world !== null) progressOf(shown.world.id).at = index;
  shown.guideStep = index;
}

watch(
  () => JSON.stringify(worlds.get(shown.world?.id ?? '')),
  (now, before) => {
    const { world } = shown;
    // Not while it is begun or turned to: only what the person did since.
    if (world !== null && now !== undefined && before !== undefined && now !== JSON.stringify(remembered(world.memory)))
      remember(world.id, now);
  },
);

// A world that is shown again goes on where it was left.
watch(
  () => shown.world?.id,
  (world) => {
    if (world !== undefined) shown.guideStep = progressOf(world).at;
  },
  { immediate: true },
);
