/**
 * Why a recipient is not delivered (yet): a union that carries its evidence.
 * Everything shown or reported about a failure (queue listing, DSN fields, why card)
 * is made from these values; nothing else describes a failure.
 */
import type { Instant } from './instant.ts';

/** A reply of a mail server. RFC 5321 §4.2, RFC 2034. */
export interface Reply {
  code: number;
  /** Enhanced status code without the space behind it, or null when the reply had none. */
  enhanced: string | null;
  /** Text lines, without codes. */
  lines: string[];
}

/** Where in the dialogue something happened. 'data' is the DATA command, 'final-dot' the end of the message. */
export type Stage = 'connect' | 'greeting' | 'ehlo' | 'mail' | 'rcpt' | 'data' | 'body' | 'final-dot' | 'rset' | 'quit';

/** Another mail server, as looked up: its name and the simulated address tried. */
export interface Peer {
  name: string;
  address: string;
  port: number;
}

/** `no-primary`: this host is a backup MX, and none of the better ones has an address. */
export type DnsProblem =
  'nxdomain' | 'servfail' | 'timeout' | 'refused' | 'null-mx' | 'no-address' | 'no-primary' | 'bad-answer';

export type Why =
  /** The look-up failed. `name` is what was asked. */
  | { kind: 'dns'; domain: string; name: string; type: string; problem: DnsProblem }
  | { kind: 'connect'; peer: Peer; problem: 'refused' | 'timeout' | 'unreachable' }
  /** The session died. Past the final dot the mail may arrive twice (RFC 1047). */
  | { kind: 'lost'; peer: Peer; stage: Stage; problem: 'closed' | 'reset' | 'timeout' }
  /** The other server said no. A greeting that is no 220 counts as temporary. */
  | { kind: 'reply'; peer: Peer; stage: Stage; reply: Reply }
  /** This host is the best MX of the domain, RFC 5321 §5.1, or too many Received lines, §6.3. */
  | { kind: 'loop'; domain: string; how: 'mx' | 'hops' }
  /** The message needs an extension that the other server doesn't offer. */
  | { kind: 'extension'; peer: Peer; extension: '8BITMIME' | 'SMTPUTF8' | 'SIZE' }
  /** Not tried: the destination is remembered as dead. */
  | { kind: 'suspended'; domain: string; last: Why }
  /** A mailbox of this host's own says no. */
  | { kind: 'local'; reply: Reply }
  /** A person's act. */
  | { kind: 'person'; act: 'deleted' };

/** What a report is about. Of success, it tells which recipients were delivered and which were relayed (RFC 3464 §2.3.3). */
export type ReportKind = 'failed' | 'success' | 'delayed';
export type ReportAction = 'failed' | 'delayed' | 'delivered' | 'relayed';

/** The state of one recipient of one message on one host. RFC 5321 §6.1: exactly one at any time. `reportDue`: its sender may want to hear of it, and was not told yet. */
export type RcptStatus =
  | { kind: 'waiting' }
  | { kind: 'delivered'; at: Instant; how: 'mailbox' | 'relayed'; peer: Peer | null; reply: Reply; reportDue: boolean }
  | { kind: 'deferred'; at: Instant; why: Why; retryAt: Instant }
  | { kind: 'failed'; at: Instant; why: Why; expired: boolean; reportDue: boolean }
  | { kind: 'discarded'; at: Instant; reason: 'notify-never' | 'null-sender' | 'deleted' };
