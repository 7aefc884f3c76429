/** What a report is made from. Types only. */
import type { Instant, QueueEntry, QueueId, Rcpt } from '../../contract/model.ts';
import type { Peer, Reply, Why } from '../../contract/why.ts';

/** RFC 3464 §2.3.3, without `expanded`: the lab has no lists. */
export type ReportAction = 'delayed' | 'failed' | 'delivered' | 'relayed';

/** One recipient in a report. `why` for failed and delayed; `how`, and for relayed `reply` and `peer`, for the rest. */
export interface ReportRcpt {
  /** With its new status: the instant of the last try is taken from there. */
  rcpt: Rcpt;
  why: Why | null;
  reply: Reply | null;
  peer: Peer | null;
  how: 'mailbox' | 'relayed' | null;
}

export interface ReportInput {
  action: ReportAction;
  /** The reporting host. */
  hostName: string;
  /** Domain of MAILER-DAEMON. */
  origin: string;
  now: Instant;
  /** Queue id of the report itself. */
  reportQueueId: QueueId;
  /** The message that the report is about. */
  entry: QueueEntry;
  rcpts: ReportRcpt[];
  /** The message as queued, this host's Received line on top. */
  original: Buffer;
  /** The age at which senders are warned, ms; for the text of a delay. */
  warnAfterMs: number | null;
  /** When the message will be given up; for a delay. */
  retryUntil: Instant | null;
  /** Who gets it, if not the sender: postmaster, for a report that could not be delivered. */
  to?: string;
}
