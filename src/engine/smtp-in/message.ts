/** What a server reads of a message, and the line it puts on top of it. */
import { decodeWords } from 'postal-mime';
import { GTUBE } from '../../contract/gtube.ts';
import type { Instant } from '../../contract/model.ts';
import { printable } from '../../contract/why-words.ts';

/** The header block, without the empty line behind it. Latin-1, as nothing here depends on more. */
export function headerBlock(message: Buffer): string {
  const end = message.indexOf('\r\n\r\n');
  return message.toString('latin1', 0, end < 0 ? Math.min(message.length, 65_536) : end);
}

/** Value of the first header of this name, unfolded; '' without one. */
export function headerValue(block: string, name: string): string {
  const found = new RegExp(`^${name}:[ \\t]*((?:.*)(?:\\r\\n[ \\t].*)*)`, 'im').exec(block);
  return found === null ? '' : (found[1] as string).replace(/\r\n[ \t]+/g, ' ').trim();
}

/** A Subject as people read it: encoded words (RFC 2047) and UTF-8 (RFC 6532) decoded, on one line. */
export function subjectOf(block: string): string {
  const value = headerValue(block, 'Subject');
  return printable(decodeWords(Buffer.from(value, 'latin1').toString()));
}

/** Received lines in a message: a sign of a loop when there are too many. RFC 5321 §6.3 */
export function hopCount(block: string): number {
  return block.match(/^received:/gim)?.length ?? 0;
}

/** Bare CR, bare LF and NUL: what a message may not hold (RFC 5321 §2.3.8), or null. */
export function lineTrouble(message: Buffer): 'a bare LF' | 'a bare CR' | 'a NUL byte' | null {
  if (message.includes(0)) return 'a NUL byte';
  for (let i = message.indexOf(10); i >= 0; i = message.indexOf(10, i + 1)) if (i === 0 || message[i - 1] !== 13) return 'a bare LF';
  for (let i = message.indexOf(13); i >= 0; i = message.indexOf(13, i + 1)) if (message[i + 1] !== 10) return 'a bare CR';
  return null;
}

/** `Tue, 24 Nov 2026 01:15:31 +0000 (UTC)`: RFC 5322 §3.3. */
export function mailDate(at: Instant): string {
  const d = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][d.getUTCDay()] as string;
  const month = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][d.getUTCMonth()] as string;
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
  return rcpt === null ? `${from}${by};\r\n\t${mailDate(at)}\r\n` : `${from}${by}\r\n\tfor <${rcpt}>; ${mailDate(at)}\r\n`;
}


/** Why a content filter refuses a message, or null. */
export function contentTrouble(message: Buffer, filter: { gtube: boolean; patterns: string[] }): string | null {
  if (filter.gtube && message.includes(GTUBE)) return 'GTUBE';
  const text = message.toString('latin1').toLowerCase();
  return filter.patterns.find((pattern) => text.includes(pattern.toLowerCase())) ?? null;
}
