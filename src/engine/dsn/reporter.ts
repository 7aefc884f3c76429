/** Who hears of what became of a message's recipients, and the letter that tells it. */
import type { HostState, Instant, QueueEntry, QueueId } from '../../contract/model.ts';
import type { ReportAction, ReportKind } from '../../contract/why.ts';
import { actionOf } from './fields.ts';
import type { ReportInput } from './input.ts';
import { whyNoReport, type NoReport } from './notify.ts';
import { makeReport, type Report } from './report.ts';

/** A report with its address. `action`: of success, `relayed` when any recipient was. */
export interface AddressedReport extends Report {
  to: string;
  action: ReportAction;
  /** Indexes into the entry's recipients. */
  rcpts: number[];
}

export interface ReporterDeps {
  state(): HostState;
  now(): Instant;
  read(entry: QueueEntry): Buffer;
}

/**
 * Makes one report about these recipients for those of whom the sender wants to hear, and names the others. A report that can't be
 * delivered is never reported, but may go to the postmaster, unless it was on its way there.
 */
export function createReporter({ state, now, read }: ReporterDeps) {
  return (
    entry: QueueEntry,
    kind: ReportKind,
    rcpts: number[],
    queueId: QueueId,
  ): { report: AddressedReport | null; silent: { rcpts: number[]; reason: NoReport }[] } => {
    const { settings } = state();
    const postmaster = `postmaster@${settings.name}`;
    const isDouble =
      kind === 'failed' && entry.envelope.sender === '' && !entry.rcpts.some(({ address }) => address === postmaster);
    const toPostmaster = isDouble && settings.doubleBounceToPostmaster;
    const told = rcpts.flatMap((index) => {
      const rcpt = entry.rcpts[index];
      return rcpt === undefined
        ? []
        : [{ index, rcpt, reason: toPostmaster ? null : whyNoReport(rcpt, entry.envelope, kind) }];
    });
    const wanted = told.filter(({ reason }) => reason === null);
    const silent = told.flatMap(({ index, reason }) => (reason === null ? [] : [{ rcpts: [index], reason }]));
    if (wanted.length === 0) return { report: null, silent };
    const input: ReportInput = {
      kind,
      entry,
      now: now(),
      hostName: settings.name,
      origin: settings.finalDomains[0] ?? settings.name,
      reportQueueId: queueId,
      rcpts: wanted.map(({ rcpt }) => rcpt),
      original: read(entry),
      returnedBytesMax: settings.bounceSizeMax,
      warnAfterMs: settings.retry.warnAfterMs,
      retryUntil: kind === 'delayed' ? entry.arrivedAt + settings.retry.giveUpAfterMs : null,
      ...(toPostmaster ? { to: postmaster } : {}),
    };
    const actions = input.rcpts.map((rcpt) => actionOf(input, rcpt));
    const action = actions.includes('relayed') ? 'relayed' : (actions[0] as ReportAction);
    return {
      report: {
        ...makeReport(input),
        to: input.to ?? entry.envelope.sender,
        action,
        rcpts: wanted.map(({ index }) => index),
      },
      silent,
    };
  };
}
