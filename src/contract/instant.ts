/** Virtual milliseconds since 1970-01-01T00:00Z. */
export type Instant = number;

const DAY_MS = 86_400_000;

/** The last millisecond of the year 9999, which no lab reaches: its clock stops just before. What would come then or later never comes. */
export const CALENDAR_END: Instant = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
/** No wait, delay or lifetime is longer: a thousand years. */
export const SPAN_MAX_MS = 365_250 * DAY_MS;

/** So many ms after an instant, but never past the calendar. */
export const after = (at: Instant, ms: number): Instant => Math.min(at + ms, CALENDAR_END);

/** Virtual seconds per real second: from a thousandth (a second of the lab takes 17 minutes) to a million (eleven days of it in a second); for more there is `max`. */
export const PACE_MIN = 0.001;
export const PACE_MAX = 1_000_000;
export const isPace = (pace: unknown): boolean =>
  pace === 'max' || (typeof pace === 'number' && pace >= PACE_MIN && pace <= PACE_MAX);
export const PACE_WORDS = `write how many virtual seconds pass in a real one, from ${PACE_MIN} to ${PACE_MAX}, or max`;
