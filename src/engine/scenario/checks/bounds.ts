/** `times`, `at-least` and `at-most`: how often something is to be found. Shared by the checks that count. */
import type { z } from 'zod';
import { count, flag, keys } from '../schema-values.ts';
import { timesWord } from './kind.ts';

const number = count(0, 1_000_000, 'number of times').optional();
const shape = {
  times: number.meta({ description: 'Exactly so often' }),
  'at-least': count(1, 1_000_000, 'number of times')
    .optional()
    .meta({ description: 'So often or more; left out, as the other two: once' }),
  'at-most': number.meta({ description: 'So often or less' }),
};

/** What a check that counts is told of how often. */
export interface Bounds {
  times?: number | undefined;
  'at-least'?: number | undefined;
  'at-most'?: number | undefined;
}

/** The total of all messages of a name, in the place of a number for each of them. */
export const inAll = {
  'in-all': flag
    .optional()
    .meta({ description: 'True: the number is that of all messages of this name together, not of each' }),
};

/** The keys of a check that counts. */
export function counted<Shape extends z.core.$ZodLooseShape>(what: string, rest: Shape) {
  return keys(what, { ...rest, ...shape }).superRefine((given, ctx) => {
    const { times, 'at-least': least, 'at-most': most } = given as Bounds;
    const problem = (path: string, message: string): void => ctx.addIssue({ code: 'custom', path: [path], message });
    if (times !== undefined && (least !== undefined || most !== undefined))
      problem('times', 'times is the exact number: write it alone, or at-least and at-most without it');
    if (least !== undefined && most !== undefined && least > most)
      problem('at-least', `at-least is more than at-most: write at-least: ${most}, at-most: ${least}`);
  });
}

/** What a check's name says of it: ` 3 times`, ` at least 10 times`; nothing where once or more will do. */
export function often(bounds: Bounds): string {
  if (bounds.times === 0) return '';
  const words = boundsWord(bounds);
  return words === 'at least once' ? '' : ` ${words}`;
}

/** `times` is exact; without it `at-least` and `at-most` hold; without all three, once or more. With more than may be it is missed for good. */
export function within(found: number, bounds: Bounds): { passed: boolean; missed: boolean; expected: string } {
  const { times, 'at-most': most = times ?? Infinity } = bounds;
  return { passed: found >= leastOf(bounds) && found <= most, missed: found > most, expected: boundsWord(bounds) };
}

const leastOf = ({ times, 'at-least': least, 'at-most': most }: Bounds): number =>
  times ?? least ?? (most === undefined ? 1 : 0);

function boundsWord({ times, 'at-least': least, 'at-most': most }: Bounds): string {
  if (times !== undefined) return timesWord(times);
  if (most === undefined) return `at least ${timesWord(least ?? 1)}`;
  return least === undefined ? `at most ${timesWord(most)}` : `${least} to ${most} times`;
}
