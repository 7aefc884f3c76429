/**
 * Time and size in the words of the screen. All instants are virtual, ms since 1970, and shown in UTC, as the lab's are.
 * Pure; one place, so that the same moment reads the same on every page.
 */
import type { Instant } from '../../contract/model.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Up to here a weekday says which day is meant. */
const WEEKDAY_IS_ENOUGH_MS = 6 * DAY_MS;

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

const two = (number: number): string => String(number).padStart(2, '0');

/** `1 message`, `2 messages`, `1,200 messages` */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${counted(count)} ${count === 1 ? one : many}`;
}

/** `1,200` */
export function counted(count: number): string {
  return Number.isInteger(count) && count >= 0 && count < 1_000 ? String(count) : THOUSANDS.format(count);
}

const THOUSANDS = new Intl.NumberFormat('en-US');

/** A duration as one says it: `12 ms`, `1.2 seconds`, `59 seconds`, `9 minutes`, `3 h 30 min`, `2 days 4 h`. */
export function inWords(ms: number): string {
  const length = Math.abs(Math.round(ms));
  if (length < SECOND_MS) return `${length} ms`;
  if (length < 9_950 && length % SECOND_MS !== 0) return plural(Math.round(length / 100) / 10, 'second');
  if (Math.round(length / SECOND_MS) < 60) return plural(Math.round(length / SECOND_MS), 'second');
  const minutes = Math.round(length / MINUTE_MS);
  if (minutes < 60) return plural(minutes, 'minute');
  if (minutes < 24 * 60) return parts(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const days = Math.floor(minutes / (24 * 60));
  const hours = Math.floor(minutes / 60) % 24;
  const unit = days === 1 ? 'day' : 'days';
  return hours > 0 ? parts(days, unit, hours, 'h') : parts(days, unit, minutes % 60, 'min');
}

const parts = (large: number, unit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${unit}` : `${large} ${unit} ${small} ${smallUnit}`;

/** The same in little room: `12 ms`, `1.2 s`, `59 s`, `9 min`, `3 h 30 min`, `2 d 4 h`. */
export function inShort(ms: number): string {
  return inWords(ms)
    .replace(/ seconds?$/, ' s')
    .replace(/ minutes?$/, ' min')
    .replace(/ days?\b/, ' d');
}

/** `in 9 minutes`, `9 minutes ago`, `now`. Nearer than a second is now. */
export function relative(at: Instant, now: Instant): string {
  const ms = at - now;
  if (Math.abs(ms) < SECOND_MS) return 'now';
  // Tenths of a second are for measurements, not for waiting.
  const words = inWords(Math.abs(ms) < MINUTE_MS ? Math.round(ms / SECOND_MS) * SECOND_MS : ms);
  return ms > 0 ? `in ${words}` : `${words} ago`;
}

/** `14:03:30` */
export function timeOf(at: Instant): string {
  return new Date(at).toISOString().slice(11, 19);
}

/** `14:03:30.204` */
export function stampOf(at: Instant): string {
  return new Date(at).toISOString().slice(11, 23);
}

/** `14:03` */
export function minuteOf(at: Instant): string {
  return new Date(at).toISOString().slice(11, 16);
}

/** `Tue 3 Mar` */
export function dayOf(at: Instant): string {
  const date = new Date(at);
  return `${weekdayOf(at).slice(0, 3)} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]?.slice(0, 3)}`;
}

/** `Tuesday` */
export function weekdayOf(at: Instant): string {
  return WEEKDAYS[new Date(at).getUTCDay()] ?? '';
}

/** `3 March 2026` */
export function dateOf(at: Instant): string {
  const date = new Date(at);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
}

export const sameDay = (one: Instant, other: Instant): boolean =>
  Math.floor(one / DAY_MS) === Math.floor(other / DAY_MS);

/** An instant as somebody at `now` would say it: `14:03`, `Tue 14:03`, `Tue 10 Mar 14:03`. */
export function whenOf(at: Instant, now: Instant): string {
  if (sameDay(at, now)) return minuteOf(at);
  if (Math.abs(at - now) < WEEKDAY_IS_ENOUGH_MS) return `${weekdayOf(at).slice(0, 3)} ${minuteOf(at)}`;
  return `${dayOf(at)} ${minuteOf(at)}`;
}

/** Time between two rows: `+0 ms`, `+12 ms`, `+1.2 s`, `+30.0 s`, `+4m 48s`, `+3h 20m`, `+2d 4h`. Never longer than 8 signs. */
export function sinceLast(ms: number): string {
  if (ms < SECOND_MS) return `+${Math.round(ms)} ms`;
  if (ms < MINUTE_MS) return `+${(ms / SECOND_MS).toFixed(1)} s`;
  if (ms < HOUR_MS) return `+${Math.floor(ms / MINUTE_MS)}m ${two(Math.floor(ms / SECOND_MS) % 60)}s`;
  if (ms < DAY_MS) return `+${Math.floor(ms / HOUR_MS)}h ${two(Math.floor(ms / MINUTE_MS) % 60)}m`;
  return `+${Math.floor(ms / DAY_MS)}d ${Math.floor(ms / HOUR_MS) % 24}h`;
}

/** Bytes as administrators read them, in thousands: `812 bytes`, `42 KB`, `1.9 MB`, `64 MB`. */
export function sizeWords(bytes: number): string {
  if (bytes < 1_000) return plural(bytes, 'byte');
  const units = ['KB', 'MB', 'GB'];
  let value = bytes;
  let unit = '';
  for (const next of units) {
    if (unit !== '' && value < 999.5) break;
    value /= 1_000;
    unit = next;
  }
  return `${value < 9.95 ? Number(value.toFixed(1)) : Math.round(value)} ${unit}`;
}
