/**
 * Where an instant stands on the time line. The past is on a scale of time that gives each row a little room of its
 * own, so that a dialogue of 40 ms can be seen and pointed at beside a night without mail; the future is logarithmic.
 * Pure.
 */
import type { RowCache } from '../row-cache.ts';

export const LEFT = 16;
/** Of the whole width, this much is the past. */
const PAST_SHARE = 0.547;
/** Room for each row, px; less when there are many. */
const ROW_PX = 3;
const ROWS_SHARE_MAX = 0.6;
/** The future's scale: even steps for each factor, from about a minute on. */
const FUTURE_UNIT_MS = 60_000;
const FUTURE_MIN_MS = 8 * 86_400_000;

export interface Scale {
  /** x of now. */
  nowX: number;
  rightX: number;
  /** x of an instant up to now, with so many rows before it. */
  past(at: number, rank: number): number;
  future(at: number): number;
}

export function createScale(
  width: number,
  startedAt: number,
  now: number,
  rowCount: number,
  futureEndAt: number,
): Scale {
  const nowX = Math.round(LEFT + (width - 2 * LEFT) * PAST_SHARE);
  const rightX = width - LEFT;
  const room = nowX - LEFT;
  const forRows = Math.min(rowCount * ROW_PX, room * ROWS_SHARE_MAX);
  const spanMs = Math.max(1, now - startedAt);
  const endMs = Math.max(FUTURE_MIN_MS, (futureEndAt - now) * 1.05);
  const endLog = Math.log1p(endMs / FUTURE_UNIT_MS);
  return {
    nowX,
    rightX,
    past: (at, rank) =>
      LEFT +
      (room - forRows) * Math.min(1, Math.max(0, (at - startedAt) / spanMs)) +
      (rowCount === 0 ? 0 : (forRows * rank) / rowCount),
    future: (at) => nowX + ((rightX - nowX) * Math.log1p(Math.max(0, at - now) / FUTURE_UNIT_MS)) / endLog,
  };
}

export const xOfEvent = (n: number, scale: Scale, cache: RowCache): number =>
  scale.past(cache.events[n - 1]?.at ?? 0, cache.ranks[n - 1] ?? 0);

/** Number of the last event that stands at or before x; 1 at the least. */
export function eventAtX(x: number, scale: Scale, cache: RowCache): number {
  let low = 1;
  let high = Math.max(1, cache.size);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (xOfEvent(middle, scale, cache) <= x) low = middle;
    else high = middle - 1;
  }
  return low;
}

const STEPS_MS = [
  1_000,
  5_000,
  15_000,
  60_000,
  300_000,
  600_000,
  900_000,
  1_800_000,
  3_600_000,
  7_200_000,
  14_400_000,
  43_200_000,
  86_400_000,
  2 * 86_400_000,
  7 * 86_400_000,
  28 * 86_400_000,
];

/** Round instants within a span, about so many; the step between them says how to write them. */
export function roundInstants(from: number, to: number, about: number): { stepMs: number; at: number[] } {
  const stepMs = STEPS_MS.find((step) => (to - from) / step <= about) ?? 364 * 86_400_000;
  const at: number[] = [];
  for (let next = Math.ceil((from + 1) / stepMs) * stepMs; next < to; next += stepMs) at.push(next);
  return { stepMs, at };
}
