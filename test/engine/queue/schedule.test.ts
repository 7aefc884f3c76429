import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PresetName, RetryCurve } from '../../../src/contract/settings.ts';
import { presetPolicy, PRESET_NAMES } from '../../../src/engine/queue/presets.ts';
import { dueVerdict, nextTryAt } from '../../../src/engine/queue/schedule.ts';

const START = Date.UTC(2026, 0, 5, 8);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Ages (s) of the tries after the first, when every try fails at once. */
function ages(preset: PresetName, arrivedAt = START, count = 10): number[] {
  const { curve } = presetPolicy(preset);
  const found: number[] = [];
  let now = arrivedAt;
  for (let tryCount = 1; tryCount <= count; tryCount += 1) {
    now = nextTryAt(curve, { arrivedAt, now, tryCount, scanOrigin: START });
    found.push((now - arrivedAt) / 1000);
  }
  return found;
}

describe('the first ten tries, computed by hand', () => {
  // Waits: 300, 300 (age 300), 600, 1200, 2400, then 4000 each, rounded up to the next scan at k * 300.
  test('postfix, arrived with a scan', () => {
    expect(ages('postfix')).toEqual([300, 600, 1200, 2400, 4800, 9000, 13_200, 17_400, 21_600, 25_800]);
  });
  // Due at 300 s, that is 310 s after the start: the scan at 600 takes it, at the age of 590 s. Then 590 + 590 = 1180, 1190 on the grid.
  test('postfix, arrived ten seconds after a scan', () => {
    expect(ages('postfix', START + 10_000)).toEqual([
      590, 1190, 2390, 4790, 8990, 13_190, 17_390, 21_590, 25_790, 29_990,
    ]);
  });
  test('sendmail: the runs at :00 and :30 of its daemon', () => {
    expect(ages('sendmail', START + 10 * 60_000)).toEqual([
      1200, 3000, 4800, 6600, 8400, 10_200, 12_000, 13_800, 15_600, 17_400,
    ]);
  });
  test('article: half an hour after each try', () => {
    expect(ages('article', START + 10 * 60_000)).toEqual([
      1800, 3600, 5400, 7200, 9000, 10_800, 12_600, 14_400, 16_200, 18_000,
    ]);
  });
  // 15 min up to and with the age of 2 h, then 60, 90, 135, 202.5, 303.75, 455.625 min, then 6 h.
  test('exim', () => {
    expect(ages('exim', START, 17).map((age) => age / 60)).toEqual([
      15, 30, 45, 60, 75, 90, 105, 120, 135, 195, 285, 420, 622.5, 926.25, 1381.875, 1741.875, 2101.875,
    ]);
  });
  test('opensmtpd: 400 n²', () => {
    expect(ages('opensmtpd')).toEqual([400, 1600, 3600, 6400, 10_000, 14_400, 19_600, 25_600, 32_400, 40_000]);
  });
  test('qmail: (√age + 20)², the same numbers when nothing takes time', () => {
    expect(ages('qmail')).toEqual([400, 1600, 3600, 6400, 10_000, 14_400, 19_600, 25_600, 32_400, 40_000]);
  });
});

test('postfix takes what is due within a second of a scan', () => {
  // A scan every 15 s, the first 14 s after the message came: as a Postfix with these numbers was seen to do.
  const curve: RetryCurve = { kind: 'age', minMs: 15_000, maxMs: 30_000, scanMs: 15_000 };
  const found: number[] = [];
  for (let now = START + 40; found.length < 8;) {
    now = nextTryAt(curve, { arrivedAt: START, now, tryCount: 1, scanOrigin: START - 1_000 });
    found.push((now - START) / 1000);
    now += 4; // two connections refused
  }
  expect(found).toEqual([14, 29, 59, 89, 119, 149, 179, 209]);
});

test('opensmtpd passes over the steps that went by while it was down', () => {
  const facts = { arrivedAt: START, now: START + 10_000_000, tryCount: 2, scanOrigin: START };
  expect(nextTryAt(presetPolicy('opensmtpd').curve, facts)).toBe(START + 14_400_000);
});

test('qmail rounds the root down to whole seconds', () => {
  // age 410.7 s: root 20, so (20 + 20)² = 1600 s
  const facts = { arrivedAt: START, now: START + 410_700, tryCount: 2, scanOrigin: START };
  expect(nextTryAt(presetPolicy('qmail').curve, facts)).toBe(START + 1_600_000);
});

test('sendmail takes the run strictly after a try that failed during a run', () => {
  const facts = { arrivedAt: START, now: START, tryCount: 1, scanOrigin: START };
  expect(nextTryAt(presetPolicy('sendmail').curve, facts)).toBe(START + 1_800_000);
});

test('postfix reckons ages in whole seconds', () => {
  // Came at 4.2 s, failed at 33.0 s: 29 s of age by the clock's seconds, due at 62 s, too late for the scan at 60.
  const curve: RetryCurve = { kind: 'age', minMs: 15_000, maxMs: 30_000, scanMs: 15_000 };
  expect(nextTryAt(curve, { arrivedAt: START + 4_206, now: START + 33_000, tryCount: 2, scanOrigin: START })).toBe(
    START + 75_000,
  );
});

test('postfix warns at a try that is a second younger than its warning time; others wait for the time itself', () => {
  const facts = { arrivedAt: START + 31, isReport: false, warnedAt: null };
  const warns = (preset: PresetName, now: number): boolean =>
    dueVerdict({ ...presetPolicy(preset), warnAfterMs: 60_000 }, { ...facts, now }).warn;
  expect(warns('postfix', START + 58_999)).toBe(false);
  expect(warns('postfix', START + 59_004)).toBe(true);
  expect(warns('sendmail', START + 60_030)).toBe(false);
  expect(warns('sendmail', START + 60_031)).toBe(true);
});

describe('for any curve and any moment', () => {
  const ms = fc.integer({ min: 0, max: 10 * DAY });
  const curves: fc.Arbitrary<RetryCurve> = fc.oneof(
    fc.record({ kind: fc.constant('age' as const), minMs: ms, maxMs: ms, scanMs: ms }),
    fc.record({
      kind: fc.constant('fixed' as const),
      everyMs: ms,
      countedFrom: fc.constantFrom('start' as const, 'try' as const),
    }),
    fc.record({
      kind: fc.constant('rules' as const),
      rules: fc.array(fc.record({ untilAgeMs: ms, waitMs: ms, factor: fc.double({ min: 0, max: 4, noNaN: true }) }), {
        minLength: 1,
        maxLength: 4,
      }),
    }),
    fc.record({ kind: fc.constant('square' as const), stepMs: ms }),
    fc.record({ kind: fc.constant('root' as const), stepRootSeconds: fc.integer({ min: 0, max: 1000 }) }),
  );
  const moments = fc.record({
    ageMs: ms,
    tryCount: fc.integer({ min: 0, max: 2000 }),
    originMs: fc.integer({ min: -DAY, max: 10 * DAY }),
  });

  test('the next try is strictly later, at a whole millisecond', () => {
    fc.assert(
      fc.property(curves, moments, (curve, { ageMs, tryCount, originMs }) => {
        const now = START + ageMs;
        const next = nextTryAt(curve, { arrivedAt: START, now, tryCount, scanOrigin: START + originMs });
        expect(next).toBeGreaterThan(now);
        expect(Number.isSafeInteger(next)).toBe(true);
      }),
    );
  });

  test('a later failure never brings an earlier try (but for Exim, whose last rule is shorter again)', () => {
    fc.assert(
      fc.property(curves, moments, ms, (curve, { ageMs, tryCount, originMs }, laterMs) => {
        fc.pre(curve.kind !== 'rules');
        const facts = { arrivedAt: START, now: START + ageMs, tryCount, scanOrigin: START + originMs };
        const later = { ...facts, now: facts.now + laterMs };
        expect(nextTryAt(curve, later)).toBeGreaterThanOrEqual(nextTryAt(curve, facts));
      }),
    );
  });

  test('exim, until its last rule: the older, the later and the longer the wait', () => {
    const { curve } = presetPolicy('exim');
    const age = fc.integer({ min: 0, max: 16 * HOUR });
    fc.assert(
      fc.property(age, age, (one, other) => {
        const [young, old] = one < other ? [one, other] : [other, one];
        const waitMs = (ageMs: number): number =>
          nextTryAt(curve, { arrivedAt: START, now: START + ageMs, tryCount: 1, scanOrigin: START }) - START - ageMs;
        expect(waitMs(old)).toBeGreaterThanOrEqual(waitMs(young));
      }),
    );
  });

  test('bounds: no wait beyond what the preset promises', () => {
    const bounds: Record<PresetName, [number, number]> = {
      // times are cut to whole seconds, and a scan takes what is due a second later
      postfix: [298_000, 4_300_000],
      sendmail: [1, 30 * 60_000],
      exim: [15 * 60_000, 1.5 ** 6 * HOUR],
      opensmtpd: [1, 2 * 400_000 * 48],
      // ages are cut to whole seconds
      qmail: [399_000, (2 * 20 * 778 + 400) * 1000],
      article: [30 * 60_000, 30 * 60_000],
    };
    fc.assert(
      fc.property(fc.constantFrom(...PRESET_NAMES), ms, (preset, raw) => {
        const policy = presetPolicy(preset);
        const now = START + (raw % policy.giveUpAfterMs);
        const waitMs = nextTryAt(policy.curve, { arrivedAt: START, now, tryCount: 1, scanOrigin: START - 77 }) - now;
        const [least, most] = bounds[preset];
        expect(waitMs).toBeGreaterThanOrEqual(least);
        expect(waitMs).toBeLessThanOrEqual(most);
      }),
    );
  });

  test('no curve tries without end at one instant, whatever its numbers', () => {
    const facts = { arrivedAt: START, now: START, tryCount: 1, scanOrigin: START };
    expect(nextTryAt({ kind: 'fixed', everyMs: 0, countedFrom: 'try' }, facts)).toBe(START + 1000);
    expect(() => nextTryAt({ kind: 'rules', rules: [] }, facts)).toThrow(/at least one rule/);
  });
});

describe('the verdict after a failed try', () => {
  const policy = { ...presetPolicy('article'), giveUpReportsAfterMs: DAY };
  const at = (ageMs: number, more: { isReport?: boolean; warnedAt?: number | null } = {}) =>
    dueVerdict(policy, { arrivedAt: START, now: START + ageMs, isReport: false, warnedAt: null, ...more });

  test('neither before four hours, a warning from then on, the end after a week', () => {
    expect(at(4 * HOUR - 1)).toEqual({ giveUp: false, warn: false });
    expect(at(4 * HOUR)).toEqual({ giveUp: false, warn: true });
    expect(at(7 * DAY - 1)).toEqual({ giveUp: false, warn: true });
    expect(at(7 * DAY)).toEqual({ giveUp: true, warn: false });
  });
  test('a sender is warned once', () => expect(at(5 * HOUR, { warnedAt: START + 4 * HOUR }).warn).toBe(false));
  test('a report is given up on its own time, and nobody is warned of it', () => {
    expect(at(5 * HOUR, { isReport: true })).toEqual({ giveUp: false, warn: false });
    expect(at(DAY, { isReport: true })).toEqual({ giveUp: true, warn: false });
  });
  test('postfix and qmail never warn', () => {
    for (const name of ['postfix', 'qmail'] as const) {
      expect(
        dueVerdict(presetPolicy(name), { arrivedAt: START, now: START + 4 * DAY, isReport: false, warnedAt: null })
          .warn,
      ).toBe(false);
    }
  });
});
