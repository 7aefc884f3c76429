/** Shares: who brings little is heard at once and whole; who brings more than a share takes turns, and holds up nobody else. */
import { describe, expect, it } from 'vitest';
import { createIntake, SHARE_WORK, shareOfLines, WORK, type Source } from '../../../src/engine/network/intake.ts';

/** A source with so much work waiting. */
function source(work: number): Source & { left: number; taken: number[]; hasRoom: boolean } {
  return {
    left: work,
    taken: [],
    hasRoom: true,
    pours: false,
    many: false,
    get waits() {
      return this.left > 0;
    },
    ready() {
      return this.left > 0 && this.hasRoom;
    },
    take(most) {
      const part = Math.min(this.left, most);
      this.left -= part;
      this.taken.push(part);
      return part;
    },
  };
}

describe('the intake', () => {
  it('hears everybody who brings no more than a share, in the order in which they came', () => {
    const intake = createIntake();
    const order: number[] = [];
    for (const number of [3, 1, 2]) {
      const one = source(100);
      intake.mark({
        ...one,
        get waits() {
          return one.waits;
        },
        ready: () => one.ready(),
        take: (most) => (order.push(number), one.take(most)),
      });
    }
    expect(intake.waiting()).toBe(true);
    expect(intake.take()).toBe(true);
    expect(order).toEqual([3, 1, 2]);
    expect([intake.waiting(), intake.take()]).toEqual([false, false]);
  });

  it('lets those who are behind have as much in sum as all the others, and takes turns among them', () => {
    const intake = createIntake();
    const floods = Array.from({ length: 40 }, () => source(1e9));
    floods.forEach(intake.mark);
    for (let turn = 0; turn < 20; turn++) intake.take(); // by then each has shown what it is
    const had = floods.map(({ left }) => left);
    const others = Array.from({ length: 10 }, () => source(0));
    for (let turn = 0; turn < 400; turn++) {
      const before = floods.reduce((sum, { left }) => sum + left, 0);
      for (const one of others) {
        one.left = 300;
        intake.mark(one);
      }
      intake.take();
      expect(others.every(({ left }) => left === 0)).toBe(true);
      const taken = before - floods.reduce((sum, { left }) => sum + left, 0);
      expect(taken).toBeGreaterThan(0);
      expect(taken).toBeLessThanOrEqual(3_000);
    }
    const shares = floods.map(({ left }, i) => had[i]! - left);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(2 * SHARE_WORK);
  });

  it('hears no more of them than it has time for, and those who were left first the next time', () => {
    const intake = createIntake();
    const all = Array.from({ length: 100 }, () => source(500));
    all.forEach(intake.mark);
    intake.take();
    const heard = all.filter(({ left }) => left === 0).length;
    expect(heard).toBeLessThan(20);
    intake.take();
    expect(all.slice(0, 2 * heard).every(({ left }) => left === 0)).toBe(true);
  });

  it('hears many at one source a few at a time, and never calls them behind', () => {
    const intake = createIntake();
    const calls = { ...source(0), many: true };
    calls.left = 5_000;
    const port: Source = {
      many: true,
      pours: false,
      get waits() {
        return calls.left > 0;
      },
      ready: () => calls.left > 0,
      take: (most) => calls.take(most),
    };
    const flood = source(1e9);
    [port, flood].forEach(intake.mark);
    for (let turn = 0; calls.left > 0; turn++) {
      expect(turn).toBeLessThan(20);
      intake.take();
    }
  });

  it('takes whom it found pouring for one that is behind', () => {
    const intake = createIntake();
    const pouring = Array.from({ length: 50 }, () => ({ ...source(0), pours: true }));
    for (let turn = 0; turn < 100; turn++) {
      for (const one of pouring) {
        one.left = 400; // it is emptied each time, and full the next
        intake.mark({
          get waits() {
            return one.left > 0;
          },
          pours: true,
          many: false,
          ready: () => one.left > 0,
          take: (most) => one.take(most),
        });
      }
      const before = pouring.reduce((sum, { left }) => sum + left, 0);
      intake.take();
      expect(before - pouring.reduce((sum, { left }) => sum + left, 0)).toBeLessThanOrEqual(SHARE_WORK);
    }
  });

  it('passes by whom there is no room for, and comes back to it', () => {
    const intake = createIntake();
    const stuck = source(10_000);
    stuck.hasRoom = false;
    intake.mark(stuck);
    expect([intake.waiting(), intake.take()]).toEqual([false, false]);
    stuck.hasRoom = true;
    while (intake.take());
    expect(stuck.left).toBe(0);
  });
});

describe('a share of lines', () => {
  it('ends behind a line, and is one line at least', () => {
    const bytes = Buffer.from('NOOP\r\n'.repeat(1_000));
    const { size, work } = shareOfLines(bytes, 100 * WORK.command, WORK.command, 32_768);
    expect(size % 6).toBe(0);
    expect(size / 6).toBeGreaterThan(90);
    expect(size / 6).toBeLessThanOrEqual(100);
    expect(work).toBeGreaterThanOrEqual(100 * WORK.command);
    expect(shareOfLines(bytes, 1, WORK.command, 32_768).size).toBe(6);
  });

  it('is no more than may be read of one line', () => {
    expect(shareOfLines(Buffer.alloc(100_000, 'x'), 1e9, WORK.command, 32_768).size).toBe(32_768);
    expect(shareOfLines(Buffer.from('half a line'), 1e9, WORK.command, 32_768).size).toBe(11);
  });
});
