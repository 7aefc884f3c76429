/**
 * Who gets a report at all: RFC 3461 §4.1 and §5.2, RFC 3464 §2.
 */
import type { Envelope, Rcpt } from '../../contract/model.ts';
import type { ReportAction, ReportRcpt } from './input.ts';

/** Why no report is sent. The journal's `dsn-none` carries it. */
export type NoReport = 'null-sender' | 'notify';

/** What became of one recipient. `index` is its place in the entry's recipients. */
export interface RcptOutcome extends ReportRcpt {
  index: number;
  action: ReportAction;
}

/** Recipients of one message that share an action. `none` null: one report about all of them is to be sent. */
export interface ReportGroup {
  action: ReportAction;
  none: NoReport | null;
  rcpts: RcptOutcome[];
}

/**
 * Null when a report is due, else why there is none: the null sender never gets one (RFC 3461 §5.2, RFC 5321 §6.1),
 * NOTIFY decides for the rest, and where it was not given, failure and delay are reported, success is not.
 */
export function whyNoReport(rcpt: Rcpt, envelope: Envelope, action: ReportAction): NoReport | null {
  if (envelope.sender === '') return 'null-sender';
  const notify = rcpt.notify ?? ['failure', 'delay'];
  if (notify.includes('never')) return 'notify';
  const asked = { failed: 'failure', delayed: 'delay', delivered: 'success', relayed: 'success' } as const;
  return notify.includes(asked[action]) ? null : 'notify';
}

/** Whether the sender is to hear about this recipient, RFC 3461 §4.1. */
export function wantsReport(rcpt: Rcpt, envelope: Envelope, action: ReportAction): boolean {
  return whyNoReport(rcpt, envelope, action) === null;
}

/**
 * Sorts what became of a message's recipients into reports: one for each action, and beside it the recipients of that action
 * whose sender gets none. Order: failed, delayed, relayed, delivered; recipients as they came.
 */
export function groupReports(envelope: Envelope, outcomes: RcptOutcome[]): ReportGroup[] {
  const groups: ReportGroup[] = [];
  for (const action of ['failed', 'delayed', 'relayed', 'delivered'] as const) {
    for (const none of [null, 'notify', 'null-sender'] as const) {
      const rcpts = outcomes.filter((o) => o.action === action && whyNoReport(o.rcpt, envelope, action) === none);
      if (rcpts.length > 0) groups.push({ action, none, rcpts });
    }
  }
  return groups;
}
