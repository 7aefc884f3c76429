/** Real time, towards programs from outside. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRealPacer } from '../../../src/engine/clock/index.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a time-out in real time', () => {
  it.each([1, 300_000, 2 ** 31 - 1, 2 ** 31, 30 * 86_400_000, 400 * 86_400_000])(
    'of %i ms comes then, and neither at once nor twice',
    (ms) => {
      const run = vi.fn();
      createRealPacer().after(ms, run);
      for (let left = ms - 1; left > 0; left -= 2 ** 31 - 1) vi.advanceTimersByTime(Math.min(left, 2 ** 31 - 1));
      expect(run).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(run).toHaveBeenCalledTimes(1);
      vi.advanceTimersByTime(2 ** 31 - 1);
      expect(run).toHaveBeenCalledTimes(1);
    },
  );

  it('can be cancelled, also after the first part of a long one', () => {
    const run = vi.fn();
    const cancel = createRealPacer().after(2 ** 32, run);
    vi.advanceTimersByTime(2 ** 31);
    cancel();
    for (let i = 0; i < 4; i += 1) vi.advanceTimersByTime(2 ** 31 - 1);
    expect(run).not.toHaveBeenCalled();
  });
});
