/** What a server reads of a message, and what it puts on top of it. Each byte of a header is looked at a fixed number of times. */
import { decodeWords } from 'postal-mime';
import type { Instant } from '../../contract/model.ts';
import { printable } from '../../contract/why-words.ts';

export interface Head {
  /** Received lines: too many of them are a loop (RFC 5321 §6.3). */
  hopCount: number;
  messageId: string;
  /** As people read it: encoded words (RFC 2047) and UTF-8 (RFC 6532) decoded, on one line. */
  subject: string;
  /**
   * What is put in, and where: an empty line before text that is no header, so that it does not become one; a name before the `From `
   * lines of an mbox file with which a message begins, so that they do. Postfix does both.
   */
  missing: { at: number; text: string }[];
}

/**
 * Of a header so much is shown, characters: the limit of a line, RFC 5322 §2.1.1. It is cut before it is decoded, as the time for that
 * grows with the square of some texts.
 */
const SHOWN_MAX = 998;
/** More than a few of them come from nobody's mbox file. */
const MBOX_LINES_MAX = 100;
const CR = 13;
const LF = 10;
const COLON = 58;

/** A header's value is where its first one stands: from behind the colon to the end of its last line. */
type Place = [start: number, end: number];

export function readHead(message: Buffer): Head {
  const places = new Map<string, Place>();
  let hopCount = 0;
  const missing: Head['missing'] = [];
  let last: Place | null = null;
  let begins = true;
  for (let at = 0, next = 0; at < message.length; at = next) {
    next = message.indexOf(LF, at) + 1;
    if (next === 0) next = message.length;
    const first = message[at] as number;
    if (first === LF || (first === CR && message[at + 1] === LF)) break; // the empty line
    if (
      begins &&
      missing.length < MBOX_LINES_MAX &&
      /^>*From /.test(message.toString('latin1', at, Math.min(next, at + 64)))
    ) {
      missing.push({ at, text: 'X-Mailbox-Line: ' });
      continue;
    }
    begins = false;
    if (isBlank(first) && last !== null) {
      last[1] = next;
      continue;
    }
    const colon = headerEnd(message, at, next);
    if (colon === null) {
      missing.push({ at, text: '\r\n' });
      break;
    }
    last = [colon + 1, next];
    const name = nameOf(message, at, colon);
    if (name === 'received') hopCount += 1;
    else if (!places.has(name) && name !== '') places.set(name, last);
  }
  const value = (name: string): string => valueIn(message, places.get(name) ?? [0, 0]);
  return { hopCount, messageId: value('message-id'), subject: printable(decodeWords(value('subject'))), missing };
}

const isBlank = (byte: number): boolean => byte === 32 || byte === 9;

/** Where the colon of a header stands: printable ASCII before it, perhaps blanks (RFC 5322 §4.5.8). Null: it is no header. */
function headerEnd(message: Buffer, at: number, end: number): number | null {
  let i = at;
  while (i < end && (message[i] as number) > 32 && (message[i] as number) < 127 && message[i] !== COLON) i += 1;
  if (i === at) return null;
  while (i < end && isBlank(message[i] as number)) i += 1;
  return i < end && message[i] === COLON ? i : null;
}

/** In lower case; '' for a name that is longer than those that are asked for. */
const nameOf = (message: Buffer, at: number, colon: number): string =>
  colon - at > 20 ? '' : message.toString('latin1', at, colon).trimEnd().toLowerCase();

function valueIn(message: Buffer, [start, end]: Place): string {
  const text = message
    .toString('utf8', start, Math.min(end, start + 4 * SHOWN_MAX))
    .replace(/\r?\n[ \t]+/g, ' ')
    .trim();
  if (text.length <= SHOWN_MAX) return text;
  // Half an encoded word, or half a character, means nothing.
  const cut = text.slice(0, SHOWN_MAX).replace(/[\ud800-\udbff]$/, '');
  const lastWord = cut.lastIndexOf(' ') + 1;
  return cut.includes('=?', lastWord) ? cut.slice(0, lastWord).trimEnd() : cut;
}

/** The message as it is kept, in pieces: with this host's line on top, and with what was missing. */
export function asKept(message: Buffer, { missing }: Head, trace: string): Buffer[] {
  const pieces: Buffer[] = [Buffer.from(trace)];
  let from = 0;
  for (const { at, text } of missing) {
    pieces.push(message.subarray(from, at), Buffer.from(text));
    from = at;
  }
  return [...pieces, message.subarray(from)];
}

/** `Tue, 24 Nov 2026 01:15:31 +0000 (UTC)`: RFC 5322 §3.3. */
export function mailDate(at: Instant): string {
  const d = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][d.getUTCDay()] as string;
  const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][
    d.getUTCMonth()
  ] as string;
  return `${day}, ${d.getUTCDate()} ${month} ${d.getUTCFullYear()} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} +0000 (UTC)`;
}

export interface ReceivedFacts {
  helo: string;
  clientName: string;
  clientAddress: string;
  hostName: string;
  protocol: 'SMTP' | 'ESMTP' | 'UTF8SMTP';
  queueId: string;
  /** Named only when it is the only one, so that no recipient learns of another (RFC 5321 §7.2). */
  rcpt: string | null;
  at: Instant;
}

/** The trace line, RFC 5321 §4.4. */
export function receivedLine(facts: ReceivedFacts): string {
  const { helo, clientName, clientAddress, hostName, protocol, queueId, rcpt, at } = facts;
  const by = `\tby ${hostName} (Mail Lab) with ${protocol} id ${queueId}`;
  const from = `Received: from ${helo} (${clientName} [${clientAddress}])\r\n`;
  return rcpt === null
    ? `${from}${by};\r\n\t${mailDate(at)}\r\n`
    : `${from}${by}\r\n\tfor <${rcpt}>; ${mailDate(at)}\r\n`;
}
