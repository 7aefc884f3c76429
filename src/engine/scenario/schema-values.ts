/** The words that every part of a lab file is made of: durations, sizes, names, addresses. Each says what to write instead. */
import { z } from 'zod';
import { CALENDAR_END, SPAN_MAX_MS } from '../../contract/instant.ts';
import type { PresetName } from '../../contract/settings.ts';
import { closest, listed } from './names.ts';
import { formatInstant, parseDuration, parseInstant, parseSize } from './units.ts';

/** An object that refuses keys it doesn't know, and says which one was meant. `what` completes "is not a key of ...". */
export function keys<Shape extends z.core.$ZodLooseShape>(what: string, shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined;
      return issue.keys
        .slice(0, UNKNOWN_TOLD_MAX)
        .map((key) => unknownKey(key, what, known))
        .join('\n');
    },
  });
}

/** So many are told with a guess what was meant. */
const UNKNOWN_TOLD_MAX = 100;

export function unknownKey(key: string, what: string, known: readonly string[]): string {
  const near = closest(key, known);
  const advice = near === null ? `it takes ${listed(known)}` : `did you mean \`${near}\`?`;
  return `\`${key}\` is not a key of ${what}: ${advice}`;
}

/** Text or a number, turned into a value by `read`; `advice` says what to write when it can't be. */
function scalar<Out>(
  read: (text: string) => Out | undefined,
  advice: (given: string) => string,
  meta: { description: string; examples: unknown[] },
) {
  return z
    .union([z.string(), z.number()], { error: (issue) => advice(shown(issue.input)) })
    .transform((given, ctx) => {
      const value = read(String(given));
      if (value !== undefined) return value;
      ctx.issues.push({ code: 'custom', message: advice(String(given)), input: given });
      return z.NEVER;
    })
    .meta(meta);
}

/** How a value is quoted back: at most forty characters of it. */
export function shown(input: unknown): string {
  if (input === undefined) return 'nothing';
  const text = typeof input === 'string' ? input : (JSON.stringify(input) ?? String(input));
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

const durationAdvice = (given: string): string =>
  (parseDuration(given) ?? 0) > SPAN_MAX_MS
    ? `\`${given}\` is longer than a thousand years: write a shorter one`
    : `\`${given}\` is not a duration: write a number with its unit, such as 30s, 30m, 4h, 1h30m or 3d`;

/** Milliseconds; undefined where there are none, or too many. */
export function spanOf(text: string): number | undefined {
  const ms = parseDuration(text);
  return ms === null || ms > SPAN_MAX_MS ? undefined : ms;
}

/** Milliseconds. */
export const duration = scalar(spanOf, durationAdvice, {
  description: 'A duration: 30s, 30m, 4h, 1h30m, 3d, 1w',
  examples: ['30m', '4h', '3d'],
});

/** Milliseconds, at least one. */
export const span = scalar(
  (text) => spanOf(text) || undefined,
  (given) =>
    parseDuration(given) === 0
      ? '`0` is too short here: write a duration above zero, such as 1s or 30m'
      : durationAdvice(given),
  { description: 'A duration above zero', examples: ['30m', '4h', '3d'] },
);

/** Milliseconds, or null for `never`. */
export const durationOrNever = scalar(
  (text) => (text === 'never' ? null : spanOf(text)),
  (given) => `${durationAdvice(given)}, or never`,
  { description: 'A duration, or never', examples: ['4h', 'never'] },
);

/** Bytes. */
export const size = scalar(
  (text) => parseSize(text) ?? undefined,
  (given) => `\`${given}\` is not a size: write bytes, or a number with KB, MB, KiB or MiB, such as 200KB`,
  { description: 'A size: 200KB, 5MB, 10240000', examples: ['200KB', '5MB'] },
);

/** Bytes, or null for `none`. */
export const sizeOrNone = scalar(
  (text) => (text === 'none' ? null : (parseSize(text) ?? undefined)),
  (given) => `\`${given}\` is not a size: write 200KB, 5MB or none`,
  { description: 'A size, or none for no limit', examples: ['2MB', 'none'] },
);

/** An instant of a lab's calendar; undefined for any other, or none. */
export function instantOf(text: string): number | undefined {
  const at = parseInstant(text);
  return at === null || at >= CALENDAR_END ? undefined : at;
}

/** An instant. */
export const instant = scalar(
  (text) => instantOf(text),
  (given) =>
    parseInstant(given) !== null
      ? `\`${given}\` is past the year 9999, where a lab's calendar ends: write an earlier one`
      : `\`${given}\` is not a point in time: write it in UTC, as ${formatInstant(Date.UTC(2026, 2, 2, 9)).slice(0, 16)}Z`,
  { description: 'A point in time in UTC: 2026-03-02T09:00Z', examples: ['2026-03-02T09:00Z'] },
);

/** One word out of a few; the nearest is named when it is mistyped. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words, what = 'one of these') {
  return z.enum(words, {
    error: (issue) => {
      const given = shown(issue.input);
      if (issue.input === undefined) return `write ${listed(words, 'or')}`;
      const near = closest(given, words);
      return `\`${given}\` is not ${what}: ${near === null ? `write ${listed(words, 'or')}` : `did you mean ${near}? It can be ${listed(words, 'or')}`}`;
    },
  });
}

export function count(min: number, max: number, what: string) {
  const error = (issue: { input?: unknown }): string =>
    `\`${shown(issue.input)}\` is no ${what}: write a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** Keys of the file's own choice, each with a value of this shape. What is looked up in it is compared with all of them: hence a limit. */
export function named<Schema extends z.ZodType>(schema: Schema, max: number, what: string) {
  return z.record(z.string(), schema).refine((given) => Object.keys(given).length <= max, {
    error: `there are more than ${max} ${what}: that is the limit`,
  });
}

/** A list with a limit. */
export function several<Schema extends z.ZodType>(schema: Schema, max: number, what: string) {
  return z.array(schema).max(max, { error: `there are more than ${max} ${what}: that is the limit` });
}

/** One word, or a list of them; always a list. */
export function oneOrMore(what: string) {
  const error = (issue: { input?: unknown }): string =>
    `\`${shown(issue.input)}\` is no ${what}: write one, or a list such as [x, y]`;
  return z
    .union([z.string(), z.array(z.string({ error }))], { error })
    .transform((given) => (typeof given === 'string' ? [given] : given));
}

export const flag = z.boolean({
  error: (issue) => `\`${shown(issue.input)}\` is neither true nor false: write one of these`,
});

export const text = (what: string) =>
  z.string({
    error: (issue) =>
      issue.input === undefined
        ? undefined
        : `${what} is text, not ${shown(issue.input)}: put it in quotes if it looks like something else to YAML`,
  });

export const PRESETS = [
  'postfix',
  'sendmail',
  'exim',
  'opensmtpd',
  'qmail',
  'article',
] as const satisfies readonly PresetName[];
