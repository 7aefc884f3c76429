/**
 * Durations, sizes and instants as people write them in a lab file, and as checks say them back.
 * Pure. A number without a unit is never a duration: `30` could be seconds or minutes.
 */
import type { Instant } from '../../contract/model.ts';
import { table } from '../../contract/table.ts';

const UNIT_MS = table({ ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 });

/** `4h`, `1h30m`, `3d 12h`, `250ms` or `0` as milliseconds; null when it is no duration. Units fall from large to small. */
export function parseDuration(text: string): number | null {
  const compact = text.trim().replace(/\s+/g, '');
  if (compact === '0') return 0;
  if (!/^(\d+(\.\d+)?(ms|[smhdw]))+$/.test(compact)) return null;
  let totalMs = 0;
  let lastUnitMs = Infinity;
  for (const [, count, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    const unitMs = UNIT_MS[unit!]!;
    if (unitMs >= lastUnitMs) return null;
    lastUnitMs = unitMs;
    totalMs += Number(count) * unitMs;
  }
  const ms = Math.round(totalMs);
  return Number.isSafeInteger(ms) ? ms : null;
}

/** A duration for people: `3 d 30 min`, `4 h 12 min`, `31 s`, `250 ms`. Two units at most; the rest is left off. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 0) return `-${formatDuration(-durationMs)}`;
  const parts: string[] = [];
  let restMs = durationMs;
  for (const [word, unitMs] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
    ['ms', 1],
  ] as const) {
    const count = Math.floor(restMs / unitMs);
    restMs -= count * unitMs;
    if (count > 0) parts.push(`${count} ${word}`);
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? '0 s' : parts.join(' ');
}

const SIZE_BYTES = table({ '': 1, k: 1e3, m: 1e6, g: 1e9, ki: 1024, mi: 1024 ** 2, gi: 1024 ** 3 });

/** `200KB`, `1.5 MiB`, `10240000` as bytes (KB is 1000, KiB is 1024); null when it is no size. */
export function parseSize(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)\s*((?:[kmg]i?)?b?)$/i.exec(text.trim());
  const unitBytes = match === null ? undefined : SIZE_BYTES[match[2]!.toLowerCase().replace('b', '')];
  if (match === null || unitBytes === undefined) return null;
  const bytes = Math.round(Number(match[1]) * unitBytes);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** A size for people: `950 bytes`, `61.4 KB`, `2.0 MB`. */
export function formatSize(sizeBytes: number): string {
  if (Math.abs(sizeBytes) < 1000) return `${sizeBytes} bytes`;
  if (Math.abs(sizeBytes) < 1e6) return `${(sizeBytes / 1e3).toFixed(1)} KB`;
  if (Math.abs(sizeBytes) < 1e9) return `${(sizeBytes / 1e6).toFixed(1)} MB`;
  return `${(sizeBytes / 1e9).toFixed(1)} GB`;
}

/**
 * `2026-03-02T09:00Z` (seconds and an offset such as +01:00 allowed, `T` or a blank between) as an instant; null otherwise.
 * A zone is required: without one the same file would tell another story in another country.
 */
export function parseInstant(text: string): Instant | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?\s*(Z|[+-]\d\d:\d\d)$/.exec(text.trim());
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, zone] = match;
  // Date.parse takes 30 February for 2 March: the day must survive the way there and back.
  const utc = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second ?? 0));
  if (formatInstant(utc).slice(0, 16) !== `${year}-${month}-${day}T${hour}:${minute}`) return null;
  if (zone === 'Z') return utc;
  const offsetMs = (Number(zone!.slice(1, 3)) * 60 + Number(zone!.slice(4, 6))) * 60_000;
  return zone!.startsWith('-') ? utc + offsetMs : utc - offsetMs;
}

/** ISO 8601 in UTC with milliseconds. */
export function formatInstant(instant: Instant): string {
  return new Date(instant).toISOString();
}
