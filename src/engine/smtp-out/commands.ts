/** The words of the client's side: MAIL and RCPT with their parameters, and a message on the wire. */
import type { Envelope, Rcpt } from '../../contract/model.ts';

/** One message on its way over a dialogue. */
export interface Transaction {
  envelope: Envelope;
  rcpts: Pick<Rcpt, 'address' | 'notify' | 'orcpt'>[];
  message: Buffer;
  /** For a server without 8BITMIME, 8-bit parts become quoted-printable. */
  downgrades: boolean;
}

/** MAIL FROM with SIZE (RFC 1870), BODY (RFC 6152), SMTPUTF8 (RFC 6531), RET and ENVID (RFC 3461), as offered. */
export function mailCommand({ envelope, message }: Transaction, offers: Map<string, string>): string {
  const parts = [`MAIL FROM:<${envelope.sender}>`];
  if (offers.has('SIZE')) parts.push(`SIZE=${message.length}`);
  if (envelope.eightBit && offers.has('8BITMIME')) parts.push('BODY=8BITMIME');
  if (envelope.smtpUtf8) parts.push('SMTPUTF8');
  if (offers.has('DSN')) {
    if (envelope.ret !== null) parts.push(`RET=${envelope.ret.toUpperCase()}`);
    if (envelope.envid !== null) parts.push(`ENVID=${envelope.envid}`);
  }
  return parts.join(' ');
}

/** RCPT TO with NOTIFY and ORCPT (RFC 3461 §4.1, §4.2). A relay that offers DSN onwards says whom the sender meant. */
export function rcptCommand(rcpt: Pick<Rcpt, 'address' | 'notify' | 'orcpt'>, offers: Map<string, string>): string {
  const parts = [`RCPT TO:<${rcpt.address}>`];
  if (offers.has('DSN')) {
    if (rcpt.notify !== null) parts.push(`NOTIFY=${rcpt.notify.join(',').toUpperCase()}`);
    // An address beyond ASCII has no place in xtext.
    if (rcpt.orcpt !== null || !/[^\x20-\x7e]/.test(rcpt.address))
      parts.push(`ORCPT=${rcpt.orcpt ?? `rfc822;${xtext(rcpt.address)}`}`);
  }
  return parts.join(' ');
}

/** RFC 3461 §4: '+', '=' and what is not printable ASCII becomes +XX. */
export function xtext(text: string): string {
  return text.replace(
    /[^\x21-\x2a\x2c-\x3c\x3e-\x7e]/g,
    (c) => `+${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

const DOT = 0x2e;
const LF = 0x0a;

/** Dot-stuffing and the final dot, RFC 5321 §4.5.2. Bytes are left as they are but for that. */
export function stuff(message: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let dot = message.indexOf(DOT); dot >= 0; dot = message.indexOf(DOT, dot + 1)) {
    if (dot !== 0 && message[dot - 1] !== LF) continue;
    parts.push(message.subarray(from, dot), Buffer.from('.'));
    from = dot;
  }
  parts.push(message.subarray(from));
  const endsLine = message.length === 0 || message.subarray(-2).toString('latin1') === '\r\n';
  parts.push(Buffer.from(endsLine ? '.\r\n' : '\r\n.\r\n'));
  return Buffer.concat(parts);
}
