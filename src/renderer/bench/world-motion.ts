/** What moves in the world that is shown, at the moment looked at: one fold for the map and the line above it. */
import { followEvents } from '../lab/follow.ts';
import { createMotion } from './motion.ts';

export const motion = followEvents(createMotion);
