/**
 * Messages of the contract as text, for a WebSocket. A long text that is an answer stands behind its head as it is, and is
 * not written as JSON a second time:
 *
 *   {"answer":7,"value":null}\n[{"n":1,"at":…
 *
 * A frame of text is that; a frame of bytes is the same, deflated (RFC 1951): a browser takes a few bytes in, and inflates
 * them, in half the time that it needs for many.
 */

/** From so many signs on a text is long, and its frame is deflated. */
export const LONG_LENGTH = 16 * 1024;

export function textOf(message: unknown): string {
  const { value } = message as { value?: unknown };
  if (typeof value !== 'string' || value.length < LONG_LENGTH) return JSON.stringify(message);
  return `${JSON.stringify({ ...(message as object), value: null })}\n${value}`;
}

/** The same for a call. Throws for what JSON would turn into something else without a word: NaN, Infinity, a hole in a list. */
export function callText(message: unknown): string {
  return JSON.stringify(message, function check(this: unknown, key: string, value: unknown) {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${key}: ${value} can't be sent`);
    if (value === undefined && Array.isArray(this)) throw new Error(`${key}: something is missing here`);
    return value;
  });
}

/** Throws for what is no such text. */
export function messageOf(text: string): unknown {
  // JSON holds no line feed of its own.
  const cut = text.indexOf('\n');
  if (cut === -1) return JSON.parse(text);
  return { ...(JSON.parse(text.slice(0, cut)) as object), value: text.slice(cut + 1) };
}
