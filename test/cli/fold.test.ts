import { describe, expect, it } from 'vitest';
import { createFolder } from '../../src/cli/fold.ts';
import type { StoryLine } from '../../src/cli/story-line.ts';

const START = Date.UTC(2026, 2, 2, 9);
const HALF_HOUR_MS = 30 * 60_000;

function line(afterMs: number, text: string, rest: Partial<StoryLine> = {}): StoryLine {
  return {
    at: START + afterMs,
    actor: 'C',
    text,
    tone: 'plain',
    thread: 'c minutes',
    about: 'minutes',
    same: text,
    counted: null,
    news: false,
    folds: false,
    ...rest,
  };
}

const putOff = (afterMs: number, reason: string, rest: Partial<StoryLine> = {}) =>
  line(afterMs, `put off (${reason})`, { counted: 'tries', ...rest });

function told(lines: StoryLine[]): string[] {
  const folder = createFolder();
  return [...lines.flatMap((one) => folder.take(one)), ...folder.rest()].map((one) => one.text);
}

describe('a story', () => {
  it('tells what is equal once, and counts the rest', () => {
    const tries = Array.from({ length: 9 }, (_, index) => putOff(index * HALF_HOUR_MS, 'refused'));
    expect(told([line(0, 'queued'), ...tries, line(9 * HALF_HOUR_MS, 'relayed')])).toEqual([
      'queued',
      'put off (refused)',
      '… minutes: 8 more tries, until Mon 13:00',
      'relayed',
    ]);
  });

  it('tells a reason again when another one was there in between, but not for ever', () => {
    const reasons = ['refused', 'silence', 'refused', 'refused', 'silence'];
    expect(told(reasons.map((reason, index) => putOff(index * HALF_HOUR_MS, reason)))).toEqual([
      'put off (refused)',
      'put off (silence)',
      'put off (refused)',
      '… minutes: 1 more try, until Mon 10:30',
      'put off (silence)',
    ]);
    const inTurns = Array.from({ length: 40 }, (_, index) =>
      putOff(index * HALF_HOUR_MS, index % 2 === 0 ? 'refused' : 'silence'),
    );
    expect(told(inTurns)).toHaveLength(7);
  });

  it('tells all anew after the world was changed', () => {
    expect(
      told([line(0, 'DNS'), line(1, 'DNS'), line(2, 'starts A', { thread: null, news: true }), line(3, 'DNS')]),
    ).toEqual(['DNS', 'starts A', 'DNS']);
  });

  it('is not interrupted by a few folded lines of another thread, until they are many or old', () => {
    const spam = (afterMs: number) =>
      line(afterMs, 'queued spam', { thread: 'b spam', about: 'spam', counted: 'queued', actor: 'B' });
    expect(told([spam(0), spam(1), line(2, 'queued'), line(3, 'relayed')])).toEqual([
      'queued spam',
      'queued',
      'relayed',
      '… spam: 1 more queued, until Mon 09:00',
    ]);
    expect(told([spam(0), spam(1), line(HALF_HOUR_MS + 1, 'queued')])).toEqual([
      'queued spam',
      '… spam: 1 more queued, until Mon 09:00',
      'queued',
    ]);
    expect(told([...Array.from({ length: 21 }, (_, index) => spam(index)), line(30, 'queued')])).toEqual([
      'queued spam',
      '… spam: 20 more queued, until Mon 09:00',
      'queued',
    ]);
  });
});
