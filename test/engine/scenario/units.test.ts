import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatDuration,
  formatInstant,
  formatSize,
  parseDuration,
  parseInstant,
  parseSize,
} from '../../../src/engine/scenario/units.ts';

describe('durations', () => {
  it.each([
    ['30s', 30_000],
    ['30m', 1_800_000],
    ['4h', 14_400_000],
    ['1h30m', 5_400_000],
    ['3d 12h', 302_400_000],
    ['1w', 604_800_000],
    ['250ms', 250],
    ['1.5h', 5_400_000],
    ['0', 0],
    ['0s', 0],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '30', '-1h', 'h', '4 hours', '30m1h', '1h1h', '1e3s', '4h30', 'never', '99999999999999999d'])(
    'refuses %j',
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );

  it.each([
    [0, '0 s'],
    [250, '250 ms'],
    [30_224, '30 s 224 ms'],
    [14_640_000, '4 h 4 min'],
    [259_200_000, '3 d'],
    [259_860_000, '3 d 11 min'],
    [-60_000, '-1 min'],
  ])('%d reads as %s', (ms, words) => {
    expect(formatDuration(ms)).toBe(words);
  });

  it('reads back any whole number of any unit', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(59), (hours, minutes) => {
        expect(parseDuration(`${hours}h${minutes}m`)).toBe((hours * 60 + minutes) * 60_000);
      }),
    );
  });
});

describe('sizes', () => {
  it.each([
    ['200KB', 200_000],
    ['1.5 MB', 1_500_000],
    ['1MiB', 1_048_576],
    ['64k', 64_000],
    ['10240000', 10_240_000],
    ['5b', 5],
    ['2GB', 2e9],
  ])('%s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', 'KB', '-1KB', '1TB', '1.2.3MB', '1 i'])('refuses %j', (text) => {
    expect(parseSize(text)).toBeNull();
  });

  it("is said in people's units", () => {
    expect([999, 61_400, 2_000_000, 3e9].map(formatSize)).toEqual(['999 bytes', '61.4 KB', '2.0 MB', '3.0 GB']);
  });
});

describe('instants', () => {
  it.each([
    ['2026-03-02T09:00Z', '2026-03-02T09:00:00.000Z'],
    ['2026-03-02 09:00:30Z', '2026-03-02T09:00:30.000Z'],
    ['2026-03-02T10:00+01:00', '2026-03-02T09:00:00.000Z'],
    ['2024-02-29T00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('%s', (text, iso) => {
    expect(formatInstant(parseInstant(text)!)).toBe(iso);
  });

  it.each([
    '2026-03-02',
    '2026-03-02T09:00',
    '2026-02-30T09:00Z',
    '2026-13-01T00:00Z',
    '2026-03-02T25:00Z',
    'tomorrow',
  ])('refuses %s', (text) => {
    expect(parseInstant(text)).toBeNull();
  });
});
