/**
 * What a server of this lab says. Every reply is in one table, so that no code is written twice. Codes: RFC 5321 §4.2,
 * RFC 3463; words and codes as a Postfix 3.7 says them, where no RFC forbids it.
 */
import type { Reply } from '../../contract/why.ts';

/** `%` stands for what the reply is about; in a 421 for the host's own name (RFC 5321 §4.2.2). */
const REPLIES = {
  // RFC 2034 §4: the greeting and the answers to HELO and EHLO have no enhanced code.
  greeting: [220, null, '% ESMTP Mail Lab'],
  'helo-ok': [250, null, '%'],
  ok: [250, '2.0.0', 'Ok'],
  'mail-ok': [250, '2.1.0', 'Ok'],
  'rcpt-ok': [250, '2.1.5', 'Ok'],
  data: [354, null, 'End data with <CR><LF>.<CR><LF>'],
  queued: [250, '2.0.0', 'Ok: queued as %'],
  verified: [252, '2.0.0', '%'], // RFC 5321 §3.5.3
  'queuing-started': [250, '2.0.0', 'Queuing started'], // RFC 1985 §5.3
  bye: [221, '2.0.0', 'Bye'],
  'no-smtp': [221, '2.7.0', 'Error: I can break rules, too. Goodbye.'],

  'too-soon': [421, '4.7.0', '% You talk too soon'],
  timeout: [421, '4.4.2', '% Error: timeout exceeded'],
  'too-many-errors': [421, '4.7.0', '% Error: too many errors'],
  endless: [421, '4.7.0', '% Error: input without an end'],
  'shutting-down': [421, '4.3.2', '% Service shutting down and closing transmission channel'], // RFC 5321 §3.8

  unknown: [500, '5.5.2', 'Error: command not recognized'],
  'bad-syntax': [500, '5.5.2', 'Error: bad syntax'],
  'bad-utf8': [500, '5.5.2', 'Error: bad UTF-8 syntax'],
  'helo-syntax': [501, null, 'Syntax: % hostname'],
  syntax: [501, '5.5.4', 'Syntax: %'],
  'etrn-syntax': [500, '5.5.4', 'Syntax: ETRN domain'],
  'bad-domain': [501, '5.5.4', 'Error: invalid parameter syntax'],
  'bad-sender': [501, '5.1.7', 'Bad sender address syntax'],
  'bad-rcpt': [501, '5.1.3', 'Bad recipient address syntax'],
  'bad-size': [501, '5.5.4', 'Bad message size syntax'],
  'bad-parameter': [501, '5.5.4', 'Bad % parameter syntax'],
  'no-dsn': [501, '5.7.1', 'DSN support is disabled'],
  'no-command': [502, '5.5.1', 'Error: command not implemented'],
  'no-chunking': [521, '5.5.1', 'Error: command not implemented'],
  'no-auth': [503, '5.5.1', 'Error: authentication not enabled'],
  'auth-twice': [503, '5.5.4', 'Error: multiple AUTH= options'],
  'nested-mail': [503, '5.5.1', 'Error: nested MAIL command'],
  'need-mail': [503, '5.5.1', 'Error: need MAIL command'],
  'need-rcpt': [503, '5.5.1', 'Error: need RCPT command'],
  'in-transaction': [503, '5.5.1', 'Error: MAIL transaction in progress'],
  'no-proxy': [550, '5.7.0', 'Error: insufficient authorization'],
  'no-rcpts': [554, '5.5.1', 'Error: no valid recipients'],
  'no-parameter': [555, '5.5.4', 'Unsupported option: %'], // RFC 5321 §4.1.1.11

  'disk-full': [452, '4.3.1', 'Insufficient system storage'], // RFC 5321 §4.2.2, RFC 3463 X.3.1
  'disk-full-permanent': [552, '5.3.1', 'Mail system full'],
  'disk-full-during-data': [451, '4.3.0', 'Error: queue file write error'], // RFC 5321 §4.2.2
  'mailbox-full': [552, '5.2.2', '<%>: Mailbox full'], // RFC 3463 X.2.2
  'too-big': [552, '5.3.4', 'Message size exceeds fixed limit'], // RFC 1870 §6.3
  'too-big-for-any': [552, '5.3.4', 'Message size exceeds file system imposed limit'],
  'message-too-big': [552, '5.3.4', 'Error: message file too big'],
  'too-many-rcpts': [452, '4.5.3', 'Error: too many recipients'],
  'relay-later': [454, '4.7.1', '<%>: Relay access denied'],
  'relay-never': [554, '5.7.1', '<%>: Relay access denied'], // RFC 3463 X.7.1
  'unknown-user': [550, '5.1.1', '<%>: Recipient address rejected: User unknown in local recipient table'],
  'unknown-relay-user': [550, '5.1.1', '<%>: Recipient address rejected: User unknown in relay recipient table'],
  'no-etrn': [459, '4.7.1', '<%>: service unavailable'], // RFC 1985 §5.3
  blocklisted: [554, '5.7.1', 'Service unavailable; Client host [%] blocked'],
  greylisted: [450, '4.7.1', '<%>: Recipient address rejected: Greylisted, try again later'],
  content: [550, '5.7.1', 'Message content rejected'],
  'odd-lines': [554, '5.6.0', 'Error: the message contains %; lines must end with CR LF, and neither may occur alone'], // RFC 5321 §2.3.8
  'too-many-hops': [554, '5.4.0', 'Error: too many hops'], // RFC 5321 §6.3
} satisfies Record<string, [code: number, enhanced: string | null, text: string]>;

export type ReplyName = keyof typeof REPLIES;

export function reply(name: ReplyName, about = ''): Reply {
  const [code, enhanced, text] = REPLIES[name];
  return { code, enhanced, lines: [text.replace('%', () => about)] };
}

/** A fault's own answer, as it was written: no code is put in, none is taken for an enhanced one. */
export function replyAsWritten(answer: string): Reply {
  return { code: Number(answer.slice(0, 3)), enhanced: null, lines: [answer.slice(4)] };
}

/** The lines of a reply on the wire. A host that doesn't offer ENHANCEDSTATUSCODES (RFC 2034) leaves them out. */
export function replyLines({ code, enhanced, lines }: Reply, enhancedCodes: boolean): string[] {
  const prefix = enhanced !== null && enhancedCodes ? `${enhanced} ` : '';
  return lines.map((text, i) => `${code}${i < lines.length - 1 ? '-' : ' '}${prefix}${clean(text)}`.trimEnd());
}

/** No control character may split a reply. */
function clean(text: string): string {
  // eslint-disable-next-line no-control-regex -- that is the point
  return text.replace(/[\x00-\x1f\x7f]/g, ' ');
}
