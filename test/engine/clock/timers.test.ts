import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createChance, Timers } from '../../../src/engine/clock/index.ts';

/** Runs all timers; returns their names in the order in which they ran. */
function runAll(timers: Timers, heard: string[]): string[] {
  while (timers.peek() !== null) timers.take()();
  return heard;
}

describe('timers', () => {
  it('run by instant, then by name, then in the order in which they were set', () => {
    const timers = new Timers();
    const heard: string[] = [];
    for (const [when, name, what] of [
      [5, 'b', '1'],
      [5, 'a', '2'],
      [1, 'z', '3'],
      [5, 'a', '4'],
    ] as const)
      timers.set(when, name, () => heard.push(what));
    expect(timers.upcoming().map(({ name }) => name)).toEqual(['z', 'a', 'a', 'b']);
    expect(runAll(timers, heard)).toEqual(['3', '2', '4', '1']);
    expect(timers.size).toBe(0);
  });

  it('run in order whatever was set and cancelled', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ when: fc.nat(20), name: fc.constantFrom('a', 'b', 'c'), cancelled: fc.boolean() }), {
          maxLength: 300,
        }),
        (wanted) => {
          const timers = new Timers();
          const heard: number[] = [];
          const cancels = wanted.map(({ when, name }, index) => timers.set(when, name, () => heard.push(index)));
          wanted.forEach(({ cancelled }, index) => cancelled && cancels[index]!());
          const live = wanted.map((one, index) => ({ ...one, index })).filter(({ cancelled }) => !cancelled);
          expect(timers.size).toBe(live.length);
          while (timers.peek() !== null) timers.take()();
          const sorted = live.sort(
            (a, b) => a.when - b.when || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) || a.index - b.index,
          );
          expect(heard).toEqual(sorted.map(({ index }) => index));
        },
      ),
    );
  });

  it('can be cancelled twice, and after they ran', () => {
    const timers = new Timers();
    const cancel = timers.set(1, 'a', () => undefined);
    const other = timers.set(2, 'b', () => undefined);
    timers.take()();
    cancel();
    other();
    other();
    expect(timers.size).toBe(0);
    expect(() => timers.take()).toThrow('no timer is set');
  });
});

describe('chance', () => {
  it('depends on seed and name alone', () => {
    const [one, two] = [createChance(4), createChance(4)];
    one.below(10, 'something else');
    expect(one.below(1_000_000, 'mx order')).toBe(two.below(1_000_000, 'mx order'));
    expect(one.below(1_000_000, 'mx order')).not.toBe(createChance(5).below(1_000_000, 'mx order'));
    expect(one.hex(5, 'id')).toMatch(/^[0-9A-F]{5}$/);
    expect(() => one.below(0, 'nothing')).toThrow("chance.below(0, 'nothing')");
  });

  it('is even', () => {
    const chance = createChance(1);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 8000; i += 1) counts[chance.below(4, `draw ${i}`)]! += 1;
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200); // more than five sigma
  });
});
