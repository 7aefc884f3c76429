/** What a report is made from. Types only. */
import type { Instant, QueueEntry, QueueId, Rcpt } from '../../contract/model.ts';
import type { ReportKind } from '../../contract/why.ts';

export interface ReportInput {
  kind: ReportKind;
  /** The reporting host. */
  hostName: string;
  /** Domain of MAILER-DAEMON. */
  origin: string;
  now: Instant;
  /** Queue id of the report itself. */
  reportQueueId: QueueId;
  /** The message that the report is about. */
  entry: QueueEntry;
  /** Those of its recipients that the report is about: their status says what to tell of them. */
  rcpts: Rcpt[];
  /** The message as queued, this host's Received line on top. */
  original: Buffer;
  /** A larger message comes back as its header alone, bytes. */
  returnedBytesMax: number;
  /** The age at which senders are warned, ms; for the text of a delay. */
  warnAfterMs: number | null;
  /** When the message will be given up; for a delay. */
  retryUntil: Instant | null;
  /** Who gets it, if not the sender: postmaster, for a report that could not be delivered. */
  to?: string;
}
