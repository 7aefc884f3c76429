/**
 * Lines, dates and xtext of a report: everything that keeps a header a header.
 *
 * What other hosts said goes into header fields here, so each character is judged: no CR, LF or NUL gets
 * through, no line passes RFC 5322's 998 octets, and 78 is kept wherever there is a space to fold at.
 */
import { isAscii } from 'node:buffer';
import { printable } from '../../contract/why-words.ts';
import type { Instant } from '../../contract/model.ts';

const lineLengthMax = 78;
/** A word longer than this many octets is cut in pieces: a line may have 998, and its name stands before it. */
const wordBytesMax = 900;
const indent = '    ';

/** `Tue, 24 Nov 2026 01:15:53 +0000 (UTC)`, RFC 5322 §3.3. */
export function dateText(at: Instant): string {
  return new Date(at).toUTCString().replace(/GMT$/, '+0000 (UTC)');
}

/** `20261124011553` */
export function dateDigits(at: Instant): string {
  return new Date(at).toISOString().replace(/\D/g, '').slice(0, 14);
}

/** A length of time for people: `5 days`, `36 hours`; what is not whole hours is cut down to minutes, below two of them to seconds. */
export function spanText(spanMs: number): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
  ] as const;
  const whole = units.find(([, unitMs]) => spanMs > 0 && spanMs % unitMs === 0);
  const [name, unitMs] = whole ?? (spanMs >= 120_000 ? ['minute', 60_000] : ['second', 1000]);
  const count = Math.floor(spanMs / unitMs);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

/** True if there is anything beyond US-ASCII. */
export function hasEightBit(text: string | Buffer): boolean {
  if (typeof text !== 'string') return !isAscii(text);
  return /[\u0080-\uffff]/.test(text);
}

/** Safe for a header: control characters become `?`, and what is not ASCII as well, unless the report is UTF-8 (RFC 6533). */
export function headerText(text: string, utf8: boolean): string {
  const safe = printable(text);
  // eslint-disable-next-line no-control-regex -- all that is not ASCII
  return utf8 ? safe : safe.replace(/[^\x00-\x7f]/gu, '?');
}

/**
 * One header field (`name` is `Status:`) or paragraph (`name` is empty) in lines of up to 78 characters, RFC 5322 §2.2.3:
 * folded at spaces, continued with four of them. `value` must be safe already (headerText). Lines without CRLF.
 */
export function fold(name: string, value: string): string[] {
  const words = (value.match(/ *[^ ]+/g) ?? []).flatMap(cutWord);
  const lines: string[] = [];
  let line = name;
  words.forEach((word, i) => {
    const joined = i === 0 ? `${line} ${word.trimStart()}`.trimStart() : line + word;
    // The first word stays with the name: a field whose first line is empty is obsolete syntax.
    if (i > 0 && joined.length > lineLengthMax) {
      lines.push(line);
      line = indent + word.trimStart();
    } else {
      line = joined;
    }
  });
  return [...lines, line];
}

/** Decodes xtext, RFC 3461 §4: `+2B` is `+`. What it can't decode stays as it is. */
export function fromXtext(text: string): string {
  return text.replace(/\+([0-7][0-9A-Fa-f])/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** The header of a message with its last CRLF, without the empty line. */
export function headersOf(message: Buffer): Buffer {
  if (message.subarray(0, 2).toString('latin1') === '\r\n') return Buffer.alloc(0);
  const end = message.indexOf('\r\n\r\n');
  return end === -1 ? message : message.subarray(0, end + 2);
}

/** The same message with CRLF at the end of every line, the last one too (RFC 5322 §2.1: no bare CR or LF). */
export function withCrlf(message: Buffer): Buffer {
  const text = message.toString('latin1').replace(/\r\n|\r|\n/g, '\r\n');
  return Buffer.from(text === '' || text.endsWith('\r\n') ? text : text + '\r\n', 'latin1');
}

function cutWord(word: string): string[] {
  if (Buffer.byteLength(word) <= wordBytesMax) return [word];
  const characters = [...word];
  const sizeMax = wordBytesMax / 4; // four octets at most for a character of UTF-8
  return Array.from(
    { length: Math.ceil(characters.length / sizeMax) },
    (_, i) => (i === 0 ? '' : ' ') + characters.slice(i * sizeMax, (i + 1) * sizeMax).join(''),
  );
}
