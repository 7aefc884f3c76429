/** `times` and `at-least`: how often something is to be found. Shared by the checks that count events. */
import { count } from '../schema-values.ts';
import { timesWord } from './kind.ts';

export const bounds = {
  times: count(0, 1_000_000, 'number of times').optional().meta({ description: 'Exactly so often' }),
  'at-least': count(1, 1_000_000, 'number of times').optional().meta({ description: 'Left out, as times: once' }),
};

/** What a check's name says of it: ` 3 times`, ` at least 10 times`; nothing where once or more will do. */
export function often(times: number | undefined, least: number | undefined): string {
  if (times !== undefined) return times === 0 ? '' : ` ${timesWord(times)}`;
  return least === undefined || least === 1 ? '' : ` at least ${timesWord(least)}`;
}

/** `times` is exact, and with more it is missed for good; without it `at-least` holds, and without both, once or more. */
export function within(found: number, times: number | undefined, least: number | undefined): { passed: boolean; missed: boolean; expected: string } {
  if (times !== undefined) return { passed: found === times, missed: found > times, expected: timesWord(times) };
  return { passed: found >= (least ?? 1), missed: false, expected: `at least ${timesWord(least ?? 1)}` };
}
