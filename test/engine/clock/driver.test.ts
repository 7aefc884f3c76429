/** Paces, jumps and inputs, with a pacer that takes no real time. */
import { describe, expect, it } from 'vitest';
import { createDriver, createWork, Timers, type Driver, type Pacer } from '../../../src/engine/clock/index.ts';

/** Real time that stands still but for sleeping, and remembers how long it slept. */
function fakePacer(): Pacer & { slept: number[] } {
  let now = 0;
  let woken = false;
  let end: (() => void) | null = null;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    sleep(ms) {
      if (woken) {
        woken = false;
        return Promise.resolve();
      }
      if (ms !== null) {
        slept.push(ms);
        now += ms;
        return Promise.resolve();
      }
      return new Promise((resolve) => (end = resolve));
    },
    wake() {
      if (end === null) woken = true;
      end?.();
      end = null;
    },
    after: () => () => undefined,
  };
}

function world(): {
  driver: Driver;
  timers: Timers;
  pacer: ReturnType<typeof fakePacer>;
  told: string[];
  work: ReturnType<typeof createWork>;
} {
  const timers = new Timers();
  const pacer = fakePacer();
  const work = createWork(() => undefined);
  const driver = createDriver({
    start: 1000,
    timers,
    work,
    pacer,
    wires: { quiet: () => Promise.resolve(), release: () => false },
    outside: { open: () => false, active: () => false, waiting: () => false, take: () => false },
    sync: { wanted: () => false, start: () => false, running: () => false, finish: () => false },
    write: () => undefined,
    resting: () => undefined,
    settled: () => false,
    stepDue: () => false,
    count: () => 0,
    turnBase: 0,
    calendarEnded: () => undefined,
  });
  return { driver, timers, pacer, told: [], work };
}

async function end(driver: Driver, running: Promise<void>): Promise<void> {
  await driver.close();
  await running;
}

describe('the driver', () => {
  it('goes from timer to timer at once, at full speed', async () => {
    const { driver, timers, pacer } = world();
    const seen: number[] = [];
    for (const when of [604_800_000, 2000, 1500]) timers.set(when, 'x', () => seen.push(driver.now()));
    const running = driver.run();
    await driver.idle();
    expect(seen).toEqual([1500, 2000, 604_800_000]);
    expect(pacer.slept).toEqual([]);
    await end(driver, running);
  });

  it('waits as the pace asks, and shows the same instants', async () => {
    const { driver, timers, pacer } = world();
    const seen: number[] = [];
    driver.setPace(60);
    for (const when of [61_000, 121_000]) timers.set(when, 'x', () => seen.push(driver.now()));
    const running = driver.run();
    await driver.idle();
    expect(seen).toEqual([61_000, 121_000]);
    expect(pacer.slept).toEqual([1000, 1000]);
    await end(driver, running);
  });

  it('stands still while it is paused, and goes on', async () => {
    const { driver, timers } = world();
    const seen: number[] = [];
    driver.pause();
    timers.set(5000, 'x', () => seen.push(driver.now()));
    const running = driver.run();
    await driver.idle();
    expect(seen).toEqual([]);
    expect(await driver.input(() => driver.now())).toBe(1000);
    driver.play();
    await driver.idle();
    expect(seen).toEqual([5000]);
    await end(driver, running);
  });

  it('jumps to an instant and no further', async () => {
    const { driver, timers } = world();
    driver.pause();
    const seen: number[] = [];
    for (const when of [2000, 9000]) timers.set(when, 'x', () => seen.push(driver.now()));
    const running = driver.run();
    await driver.jump(5000);
    expect(seen).toEqual([2000]);
    expect(driver.now()).toBe(5000);
    await end(driver, running);
  });

  it('lets results of work in by the order in which it was begun', () => {
    const { work } = world();
    const seen: string[] = [];
    const [first, second] = [work.begin('first'), work.begin('second')];
    second(() => seen.push('second'));
    expect(work.pending).toBe(1);
    expect(work.names()).toEqual(['first']);
    first(() => seen.push('first'));
    expect(work.release()).toBe(true);
    expect(seen).toEqual(['first', 'second']);
    expect(work.release()).toBe(false);
    expect(() => first(() => undefined)).toThrow("work 'first' ended twice");
  });

  it('says which timer goes in a circle, and hands a failing input back to whom it belongs', async () => {
    const { driver, timers } = world();
    const again = () => void timers.set(driver.now(), 'the circle', again);
    timers.set(2000, 'the circle', again);
    await expect(driver.run()).rejects.toThrow("timer 'the circle' is set again and again");

    const other = world();
    const running = other.driver.run();
    await expect(
      other.driver.input(() => {
        throw new Error('no host z');
      }),
    ).rejects.toThrow('no host z');
    expect(() => other.driver.setPace(0)).toThrow('pause');
    await end(other.driver, running);
  });
});
