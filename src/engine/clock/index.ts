/**
 * The clock room: what time is it in the lab, and what is due.
 *
 * All time of the engine comes from here, all chance from `chance.ts`. Virtual time stands still
 * while anything is in flight between the lab's hosts, and jumps to the next timer when all is quiet:
 * at once, or after the wait that the pace asks for (`driver.ts`). A pace delays jumps and changes
 * nothing else, so a story is the same at every pace. Real time is known to `pacer.ts` alone.
 *
 * It never looks at what the timers are for, and it holds no timer in the lab's state: rooms set
 * theirs anew when a lab is opened again.
 */
import type { Instant } from '../../contract/model.ts';
import type { TimerOrigin } from './timers.ts';

export { createChance, type Chance } from './chance.ts';
export { createWork, type Work } from './work.ts';
export { Timers, type TimerOrigin } from './timers.ts';
export { createRealPacer, type Pacer } from './pacer.ts';
export { createDriver, type Driver, type Pace } from './driver.ts';

export interface Clock {
  /** Virtual milliseconds since 1970 UTC. */
  now(): Instant;
  /**
   * Run something at an instant (at once, when it lies in the past; never before the caller returns).
   * The name decides the order among timers of one instant. Returns a function that cancels.
   * `origin` 'state' promises that whoever opens the lab again sets this timer anew from the state; left out, it is 'memory'.
   */
  at(when: Instant, name: string, run: () => void, origin?: TimerOrigin): () => void;
}
