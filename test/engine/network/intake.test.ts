/** Shares: who brings little is heard at once and whole; who brings more than a share takes turns, and holds up nobody else. */
import { describe, expect, it } from 'vitest';
import { createIntake, SHARE_WORK, shareOfLines, WORK, type Source } from '../../../src/engine/network/intake.ts';

/** A source with so much work waiting. */
function source(order: number, work: number): Source & { left: number; taken: number[]; hasRoom: boolean } {
  return {
    order, left: work, taken: [], hasRoom: true,
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
  it('hears everybody who brings no more than a share, in the order of their numbers', () => {
    const intake = createIntake();
    const order: number[] = [];
    for (const number of [3, 1, 2]) {
      const one = source(number, 100);
      intake.mark({ ...one, get waits() { return one.waits; }, ready: () => one.ready(), take: (most) => (order.push(number), one.take(most)) });
    }
    expect(intake.waiting()).toBe(true);
    expect(intake.take()).toBe(true);
    expect(order).toEqual([1, 2, 3]);
    expect([intake.waiting(), intake.take()]).toEqual([false, false]);
  });

  it('lets those who are behind have as much in sum as all the others, and takes turns among them', () => {
    const intake = createIntake();
    const floods = Array.from({ length: 40 }, (_, i) => source(i, 1e9));
    floods.forEach(intake.mark);
    intake.take();
    const others = Array.from({ length: 10 }, (_, i) => source(100 + i, 0));
    for (let turn = 0; turn < 400; turn++) {
      const before = floods.reduce((sum, { left }) => sum + left, 0);
      for (const one of others) {
        one.left = 300;
        intake.mark(one);
      }
      intake.take();
      expect(others.every(({ left }) => left === 0)).toBe(true);
      const had = before - floods.reduce((sum, { left }) => sum + left, 0);
      expect(had).toBeGreaterThan(0);
      expect(had).toBeLessThanOrEqual(3_000);
    }
    const shares = floods.map(({ left }) => 1e9 - left);
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(2 * SHARE_WORK);
  });

  it('passes by whom there is no room for, and comes back to it', () => {
    const intake = createIntake();
    const stuck = source(1, 10_000);
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
    const { size, work } = shareOfLines(bytes, 100 * WORK.line, 32_768);
    expect(size % 6).toBe(0);
    expect(size / 6).toBeGreaterThan(90);
    expect(size / 6).toBeLessThanOrEqual(100);
    expect(work).toBeGreaterThanOrEqual(100 * WORK.line);
    expect(shareOfLines(bytes, 1, 32_768).size).toBe(6);
  });

  it('is no more than may be read of one line', () => {
    expect(shareOfLines(Buffer.alloc(100_000, 'x'), 1e9, 32_768).size).toBe(32_768);
    expect(shareOfLines(Buffer.from('half a line'), 1e9, 32_768).size).toBe(11);
  });
});
