/**
 * What is due, and in which order: a binary heap of named timers.
 *
 * Timers of one instant run in the order of their names, then in the order in which they were set.
 * Names make the order a property of the lab, not of the history of one process: a lab that was
 * opened again sets its timers anew and still runs them in the same order.
 */
import type { Instant } from '../../contract/model.ts';

/** A timer in the heap. `run` is called once, unless it was cancelled. */
export interface Timer {
  when: Instant;
  name: string;
  seq: number;
  run: (() => void) | null;
  origin: TimerOrigin;
}

/** Whether a lab that is opened again sets this timer anew, from its state, or whether it dies with the process. */
export type TimerOrigin = 'state' | 'memory';

export class Timers {
  #heap: Timer[] = [];
  #seq = 0;
  #live = 0;
  #inMemory = 0;

  /** Number of timers that are neither run nor cancelled. */
  get size(): number {
    return this.#live;
  }

  /** How many of them would be lost if the process ended now. */
  get inMemory(): number {
    return this.#inMemory;
  }

  /** Set a timer; returns a function that cancels it (harmless when it ran already). */
  set(when: Instant, name: string, run: () => void, origin: TimerOrigin = 'memory'): () => void {
    const timer: Timer = { when, name, seq: this.#seq++, run, origin };
    this.#live += 1;
    if (origin === 'memory') this.#inMemory += 1;
    this.#up(this.#heap.push(timer) - 1, timer);
    return () => {
      if (timer.run === null) return;
      this.#over(timer);
      // Cancelled timers leave when they come up; when they are the most, they are swept out.
      if (this.#heap.length > 64 && this.#live < this.#heap.length / 2) this.#sweep();
    };
  }

  /** The next timer, or null when none is set. */
  peek(): Timer | null {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return null;
      if (top.run !== null) return top;
      this.#pop();
    }
  }

  /** All live timers, soonest first: the future as far as it is known. */
  upcoming(): { when: Instant; name: string }[] {
    return this.#heap
      .filter((t) => t.run !== null)
      .sort(order)
      .map(({ when, name }) => ({ when, name }));
  }

  /** Take the next timer out and mark it as run; the caller calls what it gets. */
  take(): () => void {
    const top = this.peek();
    if (top === null || top.run === null) throw new Error('Timers.take: no timer is set; look with peek() first');
    const { run } = top;
    this.#over(top);
    this.#pop();
    return run;
  }

  #over(timer: Timer): void {
    timer.run = null;
    this.#live -= 1;
    if (timer.origin === 'memory') this.#inMemory -= 1;
  }

  #sweep(): void {
    const live = this.#heap.filter((t) => t.run !== null).sort(order);
    this.#heap = live; // a sorted array is a heap
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#down(last);
  }

  #up(start: number, timer: Timer): void {
    let i = start;
    while (i > 0) {
      const parentAt = (i - 1) >> 1;
      const parent = this.#heap[parentAt] as Timer;
      if (order(parent, timer) <= 0) break;
      this.#heap[i] = parent;
      i = parentAt;
    }
    this.#heap[i] = timer;
  }

  #down(timer: Timer): void {
    const heap = this.#heap;
    let i = 0;
    for (;;) {
      let childAt = 2 * i + 1;
      const left = heap[childAt];
      if (left === undefined) break;
      const right = heap[childAt + 1];
      if (right !== undefined && order(right, left) < 0) childAt += 1;
      const child = heap[childAt] as Timer;
      if (order(timer, child) <= 0) break;
      heap[i] = child;
      i = childAt;
    }
    heap[i] = timer;
  }
}

function order(a: Timer, b: Timer): number {
  if (a.when !== b.when) return a.when - b.when;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return a.seq - b.seq;
}
