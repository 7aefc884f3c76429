/** A time as a person types it. Pure. */
import { dayOf, minuteOf, weekdayOf } from '../lab/words.ts';
import { table } from '../../contract/table.ts';

const DAY_MS = 86_400_000;
const YEARS_MAX_MS = 100 * 365 * DAY_MS;
const UNITS = table({
  ms: 1,
  s: 1_000,
  sec: 1_000,
  second: 1_000,
  m: 60_000,
  min: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: DAY_MS,
  day: DAY_MS,
  w: 7 * DAY_MS,
  week: 7 * DAY_MS,
});
export const FORMS = '+3h, 14:30, Tue 14:30 or 2026-03-05T09:00';

export type TypedTime = { ok: true; at: number } | { ok: false; message: string };

/**
 * `+3h`, `+1d 4h`, `-10 min`: from `now`. `14:30`, `14:30:05`: of the day of `now`, or the next day if the run began later.
 * `Tue 14:30`: the last one if the run has it, else the next; `tomorrow`. `2026-03-05`, `2026-03-05T09:00`: UTC, as all of the lab's time.
 */
export function parseTypedTime(text: string, now: number, startedAt: number): TypedTime {
  const given = text.trim();
  if (given === '') return { ok: false, message: `Write a time: ${FORMS}.` };
  const at = lasting(given, now) ?? ofDay(given, now, startedAt) ?? dated(given);
  if (at === null || Number.isNaN(at))
    return { ok: false, message: `“${given}” is not a time that I know. Write ${FORMS}.` };
  if (at < startedAt)
    return {
      ok: false,
      message: `The run began ${dayOf(startedAt)} ${minuteOf(startedAt)}. There is nothing before that.`,
    };
  if (at > now + YEARS_MAX_MS)
    return { ok: false, message: 'That is more than a hundred years away. Write a nearer time.' };
  return { ok: true, at };
}

function lasting(text: string, now: number): number | null {
  const found = /^([+-])\s*((?:\d+(?:\.\d+)?\s*[a-z]+\s*)+)$/i.exec(text);
  if (found === null) return null;
  let ms = 0;
  for (const [, number, unit] of (found[2] ?? '').matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/gi)) {
    const word = (unit ?? '').toLowerCase();
    const unitMs = UNITS[word] ?? UNITS[word.replace(/s$/, '')];
    if (unitMs === undefined) return NaN;
    ms += Number(number) * unitMs;
  }
  return Math.round(now + (found[1] === '-' ? -ms : ms));
}

function ofDay(text: string, now: number, startedAt: number): number | null {
  const found =
    /^(?:(today|tomorrow|mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?)?\s*(?:(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?)?$/i.exec(
      text,
    );
  if (found === null) return null;
  const [, day, hour = '0', minute = '0', second = '0', part = '0'] = found;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return NaN;
  const at =
    Math.floor(now / DAY_MS) * DAY_MS +
    ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1_000 +
    Number(part.padEnd(3, '0'));
  const word = day?.toLowerCase();
  if (word === undefined) return at < startedAt ? at + DAY_MS : at;
  if (word === 'today') return at;
  if (word === 'tomorrow') return at + DAY_MS;
  const isThatDay = (then: number): boolean => weekdayOf(then).toLowerCase().startsWith(word);
  const days = Array.from({ length: 7 }, (_, day) => day * DAY_MS);
  // The one that lies in the run already: looking back takes nothing away, running on does.
  const before = days.map((ms) => at - ms).find((then) => then <= now && then >= startedAt && isThatDay(then));
  return before ?? [...days, 7 * DAY_MS].map((ms) => at + ms).find((then) => then > now && isThatDay(then)) ?? NaN;
}

function dated(text: string): number | null {
  const found = /^(\d{4}-\d{2}-\d{2})(?:[T ]\s*(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?))?\s*(?:Z|UTC)?$/i.exec(text);
  return found === null ? null : Date.parse(`${found[1]}T${found[2] ?? '00:00'}Z`);
}
