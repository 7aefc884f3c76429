/** What goes in and out of a queue: accepted messages, jobs, outcomes, reports. */
import type { Envelope, HostKey, QueueId, Rcpt, SessionId } from '../../contract/model.ts';
import type { Peer, Reply, ReportAction, Why } from '../../contract/why.ts';

/** One try of one message for the recipients of one domain. */
export interface Job {
  host: HostKey;
  queueId: QueueId;
  attempt: string;
  domain: string;
  /** Which try of the message this is, from 1 on. */
  tryNumber: number;
  /** Indexes into the entry's recipients. */
  rcpts: number[];
}

/** What a job may do with connections: take one that was kept open, and leave its own open for the next. */
export interface Reuse {
  takes: boolean;
  keeps: boolean;
}

/** How a job ended, by recipients. Each recipient of the job is in exactly one of the lists. */
export interface Outcome {
  delivered: { rcpts: number[]; peer: Peer; session: SessionId; reply: Reply; dsnOffered: boolean }[];
  failed: { rcpts: number[]; why: Why }[];
  deferred: { rcpts: number[]; why: Why }[];
  /** No host of the destination would talk: counts towards holding it for dead. */
  unreachable: boolean;
}

/** A report that the dsn room made; the queue accepts it as mail of its own. */
export interface Report {
  action: ReportAction;
  to: string;
  bytes: Buffer;
  messageId: string;
  subject: string;
  rcpts: number[];
  /** There are octets beyond ASCII in it, and in its headers: what its next hop must offer. */
  eightBit: boolean;
  smtpUtf8: boolean;
}

export interface Accepted {
  queueId: QueueId;
  session: SessionId | null;
  origin: 'smtp' | 'report';
  envelope: Envelope;
  rcpts: Omit<Rcpt, 'status'>[];
  bytes: Buffer;
  messageId: string;
  subject: string;
}
