/**
 * The only place of the engine that knows real time: how long to wait before virtual time jumps.
 * It is handed in, so that tests of pace cost no time.
 */
export interface Pacer {
  /** Monotonic real milliseconds. */
  now(): number;
  /** Wait for so many real ms (null: without end), or until `wake` is called. */
  sleep(ms: number | null): Promise<void>;
  /** End the current sleep, or the next one if none is under way. */
  wake(): void;
  /** A time-out in real time, towards an outside program. Returns a function that cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** Node's timers go no further, and run at once what is. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Real time of this machine. */
export function createRealPacer(): Pacer {
  let woken = false;
  let end: (() => void) | null = null;
  return {
    now: () => performance.now(),
    sleep(ms) {
      if (woken) {
        woken = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const timer = ms === null ? null : setTimeout(() => end?.(), Math.min(ms, TIMER_MS_MAX));
        // A lab that waits for outside programs must keep the process alive, with or without a timer.
        const keep = timer === null ? setInterval(() => undefined, 2 ** 30) : null;
        end = () => {
          end = null;
          if (timer !== null) clearTimeout(timer);
          if (keep !== null) clearInterval(keep);
          woken = false;
          resolve();
        };
      });
    },
    wake() {
      woken = true;
      end?.();
    },
    after(ms, run) {
      let timer: NodeJS.Timeout;
      const wait = (left: number): void => {
        timer = setTimeout(
          () => (left > TIMER_MS_MAX ? wait(left - TIMER_MS_MAX) : run()),
          Math.min(left, TIMER_MS_MAX),
        );
      };
      wait(ms);
      return () => clearTimeout(timer);
    },
  };
}
