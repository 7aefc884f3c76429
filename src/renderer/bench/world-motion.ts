/** What moves in the world that is shown, at the moment looked at: one fold for the map and the line above it. */
import { computed } from 'vue';
import { followEvents } from '../lab/follow.ts';
import { createMotion } from './motion.ts';

export const motion = followEvents(createMotion);

/** Something is under way, or somebody waits for an answer. */
export const busy = computed(
  () =>
    motion.value.flights.some(({ end }) => end === null) ||
    motion.value.wires.some(({ state, overAt }) => (state === 'stopped' || state === 'waiting') && overAt === null),
);
