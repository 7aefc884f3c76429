/** Figures of a row of measurements, and whether they keep to a target. */

export const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** The value that this share of the others does not pass; NaN where there are none. */
export function quantile(values: readonly number[], share: number): number {
  const list = sorted(values);
  return list[Math.min(list.length - 1, Math.floor(share * list.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
export const worst = (values: readonly number[]): number => quantile(values, 1);
export const ms = (value: number): string => `${value < 100 ? value.toFixed(1) : value.toFixed(0)} ms`;

/** `median 16.7 ms, p99 33.3 ms, worst 41.2 ms (312 frames)` */
export function frameWords(frames: readonly number[]): string {
  return `median ${ms(median(frames))}, p99 ${ms(quantile(frames, 0.99))}, worst ${ms(worst(frames))} (${frames.length} frames)`;
}

let missed = 0;

/** Print what was measured beside what is wanted; a figure that is missed ends the program with exit code 1. */
export function judge(what: string, valueMs: number, mostMs: number, words: string): void {
  const passed = valueMs < mostMs;
  if (!passed) missed += 1;
  console.log(`${passed ? 'met   ' : 'MISSED'}  ${what}: ${words} [under ${mostMs} ms wanted]`);
}

export const missedCount = (): number => missed;
