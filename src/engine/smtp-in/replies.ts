/**
 * What a server of this lab says, and why it refuses. Every refusal is in one table, so that no reply
 * code is written twice. Codes: RFC 5321 §4.2, RFC 3463; words as sysadmins know them from Postfix.
 */
import type { Reply } from '../../contract/why.ts';

export type Refusal =
  | 'disk-full' | 'disk-full-permanent' | 'disk-full-during-data' | 'mailbox-full' | 'too-big'
  | 'relay-later' | 'relay-never' | 'unknown-user' | 'unknown-relay-user' | 'blocklisted' | 'greylisted'
  | 'content' | 'too-many-hops' | 'shutting-down' | 'too-many-rcpts' | 'smtputf8';

const REPLY_OF: Record<Refusal, [code: number, enhanced: string, text: string]> = {
  'disk-full': [452, '4.3.1', 'Insufficient system storage'], // RFC 5321 §4.2.2, RFC 3463 X.3.1
  'disk-full-permanent': [552, '5.3.1', 'Mail system full'],
  'disk-full-during-data': [451, '4.3.0', 'Error: queue file write error'], // RFC 5321 §4.2.2
  'mailbox-full': [552, '5.2.2', '<%>: Mailbox full'], // RFC 3463 X.2.2
  'too-big': [552, '5.3.4', 'Message size exceeds fixed limit'], // RFC 1870 §6.3
  'relay-later': [454, '4.7.1', '<%>: Relay access denied'],
  'relay-never': [554, '5.7.1', '<%>: Relay access denied'], // RFC 3463 X.7.1
  'unknown-user': [550, '5.1.1', '<%>: Recipient address rejected: User unknown in local recipient table'],
  'unknown-relay-user': [550, '5.1.1', '<%>: Recipient address rejected: User unknown in relay recipient table'],
  blocklisted: [554, '5.7.1', 'Service unavailable; Client host [%] blocked'],
  greylisted: [450, '4.7.1', '<%>: Recipient address rejected: Greylisted, try again later'],
  content: [550, '5.7.1', 'Message content rejected'],
  'too-many-hops': [554, '5.4.6', 'Error: too many hops'], // RFC 5321 §6.3
  'shutting-down': [421, '4.3.2', 'Service shutting down and closing transmission channel'], // RFC 5321 §3.8
  'too-many-rcpts': [452, '4.5.3', 'Error: too many recipients'],
  smtputf8: [553, '5.6.7', 'Error: this address needs SMTPUTF8'],
};

/** The reply for a refusal; `%` in its text stands for the address it is about. */
export function refusalReply(refusal: Refusal, about = ''): Reply {
  const [code, enhanced, text] = REPLY_OF[refusal];
  return { code, enhanced, lines: [text.replace('%', about)] };
}

/** An error as smtp-server takes it: its code and the text with the enhanced code in front. */
export class Refused extends Error {
  readonly responseCode: number;

  constructor(reply: Reply) {
    super([reply.enhanced, ...reply.lines].filter((part) => part !== null && part !== '').join(' '));
    this.responseCode = reply.code;
  }
}

/** smtp-server's own words, in those of this lab: what a person reads should not depend on a library. */
const OWN_WORDS: Record<string, string> = {
  '421 Timeout - closing connection': '% Error: timeout exceeded', // RFC 5321 §4.2.3: with its domain
  '250 Accepted': 'Ok',
  '250 Flushed': 'Ok',
  '250 OK': 'Ok',
  '500 Error: command not recognized': 'Error: command not recognized',
};

/** `name`: of the host that speaks. */
export function ownWords(code: number, text: string, name: string): string {
  return (OWN_WORDS[`${code} ${text}`] ?? text).replace(/^% /, `${name} `);
}
