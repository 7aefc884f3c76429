import { describe, expect, it } from 'vitest';
import {
  dateOf,
  dayOf,
  inShort,
  inWords,
  minuteOf,
  plural,
  relative,
  sameDay,
  sinceLast,
  sizeWords,
  stampOf,
  timeOf,
  weekdayOf,
  whenOf,
} from '../../src/renderer/lab/words.ts';

const now = Date.parse('2026-03-05T11:20:31Z');
const at = (text: string): number => Date.parse(text);

describe('a duration in words', () => {
  it.each([
    [0, '0 ms'],
    [12, '12 ms'],
    [999, '999 ms'],
    [1_000, '1 second'],
    [1_200, '1.2 seconds'],
    [30_000, '30 seconds'],
    [59_400, '59 seconds'],
    [59_600, '1 minute'],
    [60_000, '1 minute'],
    [539_000, '9 minutes'],
    [3_599_000, '1 h'],
    [3_600_000, '1 h'],
    [12_629_000, '3 h 30 min'],
    [86_399_000, '1 day'],
    [86_400_000, '1 day'],
    [187_200_000, '2 days 4 h'],
    [604_800_000, '7 days'],
    [-12_000, '12 seconds'],
  ])('%i ms: %s', (ms, words) => expect(inWords(ms)).toBe(words));

  it.each([
    [12, '12 ms'],
    [1_200, '1.2 s'],
    [59_000, '59 s'],
    [540_000, '9 min'],
    [187_200_000, '2 d 4 h'],
    [86_400_000, '1 d'],
  ])('%i ms, short: %s', (ms, words) => expect(inShort(ms)).toBe(words));

  it.each([
    [0, '+0 ms'],
    [12, '+12 ms'],
    [1_200, '+1.2 s'],
    [30_000, '+30.0 s'],
    [288_000, '+4m 48s'],
    [12_000_000, '+3h 20m'],
    [187_200_000, '+2d 4h'],
  ])('%i ms since the last: %s', (ms, words) => expect(sinceLast(ms)).toBe(words));
});

describe('a moment beside another', () => {
  it.each([
    ['2026-03-05T11:21:30Z', 'in 59 seconds'],
    ['2026-03-05T11:20:33.400Z', 'in 2 seconds'],
    ['2026-03-05T11:29:30Z', 'in 9 minutes'],
    ['2026-03-05T14:51:00Z', 'in 3 h 30 min'],
    ['2026-03-05T11:20:31.900Z', 'now'],
    ['2026-03-05T11:20:30Z', '1 second ago'],
    ['2026-03-03T11:20:31Z', '2 days ago'],
  ])('%s is %s', (text, words) => expect(relative(at(text), now)).toBe(words));

  it.each([
    ['2026-03-05T14:51:00Z', '14:51'],
    ['2026-03-03T13:12:00Z', 'Tue 13:12'],
    ['2026-03-12T10:51:00Z', 'Thu 12 Mar 10:51'],
  ])('%s is called %s', (text, words) => expect(whenOf(at(text), now)).toBe(words));

  it('knows days by UTC', () => {
    expect(sameDay(at('2026-03-05T00:00:00Z'), at('2026-03-05T23:59:59Z'))).toBe(true);
    expect(sameDay(at('2026-03-04T23:59:59Z'), at('2026-03-05T00:00:00Z'))).toBe(false);
  });
});

it('shows an instant on a clock', () => {
  const moment = at('2026-03-03T14:03:30.204Z');
  expect([timeOf(moment), stampOf(moment), minuteOf(moment), dayOf(moment), weekdayOf(moment), dateOf(moment)]).toEqual(
    ['14:03:30', '14:03:30.204', '14:03', 'Tue 3 Mar', 'Tuesday', '3 March 2026'],
  );
});

it.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [812, '812 bytes'],
  [1_000, '1 KB'],
  [1_450, '1.4 KB'],
  [42_300, '42 KB'],
  [999_600, '1 MB'],
  [1_900_000, '1.9 MB'],
  [64_000_000, '64 MB'],
  [2e12, '2000 GB'],
])('%i bytes: %s', (bytes, words) => expect(sizeWords(bytes)).toBe(words));

it('counts', () => {
  expect([plural(1, 'message'), plural(0, 'message'), plural(1_200, 'reply', 'replies')]).toEqual([
    '1 message',
    '0 messages',
    '1,200 replies',
  ]);
});
