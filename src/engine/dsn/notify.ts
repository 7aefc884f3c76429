/**
 * Who gets a report at all: RFC 3461 §4.1 and §5.2, RFC 3464 §2.
 */
import type { Envelope, Rcpt } from '../../contract/model.ts';
import type { ReportKind } from '../../contract/why.ts';

/** Why no report is sent. The journal's `dsn-none` carries it. */
export type NoReport = 'null-sender' | 'notify';

/**
 * Null when a report is due, else why there is none: the null sender never gets one (RFC 3461 §5.2, RFC 5321 §6.1),
 * NOTIFY decides for the rest, and where it was not given, failure and delay are reported, success is not.
 */
export function whyNoReport(rcpt: Rcpt, envelope: Envelope, kind: ReportKind): NoReport | null {
  if (envelope.sender === '') return 'null-sender';
  const notify = rcpt.notify ?? ['failure', 'delay'];
  if (notify.includes('never')) return 'notify';
  const asked = { failed: 'failure', delayed: 'delay', success: 'success' } as const;
  return notify.includes(asked[kind]) ? null : 'notify';
}
