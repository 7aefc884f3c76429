/** What came of the mail of a world: lost, late, who was told when, spam let in, copies too many. A fold of its events. Pure. */
import type { LabEvent } from '../../contract/events.ts';
import type { HostKey, Instant, MailId } from '../../contract/model.ts';
import { groupOf } from './lane-words.ts';

/** Mail that takes longer than this is late. */
export const LATE_MS = 3_600_000;

type Fate = 'waiting' | 'delivered' | 'failed' | 'deleted' | 'dropped';

interface Sent {
  at: Instant;
  sender: string;
  subject: string;
  spam: boolean;
  /** By recipient, the last that is known. */
  fates: Map<string, { fate: Fate; at: Instant; copies: number }>;
  toldDelay: Told | null;
  toldFailure: Told | null;
}

interface Told {
  afterMs: number;
  by: HostKey;
}

export interface Outcome {
  /** Messages that are no spam, and their recipients. */
  sent: number;
  rcpts: number;
  delivered: number;
  waiting: number;
  /** Failed, and the sender has read so. */
  cameBack: number;
  /** Failed or deleted, and the sender knows nothing. */
  lost: { count: number; subjects: string[] };
  late: { count: number; longestMs: number };
  /** Senders told of a delay, the first after so long; of late messages, how many were not. */
  toldDelay: { count: number; first: Told | null; untold: number };
  toldFailure: { count: number; first: Told | null };
  copiesTooMany: number;
  spam: { sent: number; letIn: number };
}

export function createOutcome() {
  const mails = new Map<MailId, Sent>();
  const entries = new Map<string, { mail: MailId; rcpts: string[] }>();
  const reports = new Map<MailId, { about: MailId; action: string; by: HostKey }>();
  const spam = new Set<string>();
  let now: Instant = 0;

  const enter = (event: LabEvent<'queue-fail' | 'queue-discard'>, fate: Fate): void => {
    const entry = entries.get(`${event.host}/${event.queueId}`);
    for (const index of event.rcpts) {
      const known = mails.get(entry?.mail ?? '')?.fates.get(entry?.rcpts[index] ?? '');
      // Who asked for no report, or is nobody, is not told of a failure: it is no loss.
      if (known?.fate === 'waiting' || (known?.fate === 'failed' && fate === 'dropped'))
        Object.assign(known, { fate, at: event.at });
    }
  };

  const accept = (event: LabEvent<'message-accept'>): void => {
    if (event.origin === 'report') return;
    const rcpts = event.rcpts.map(({ address }) => address.toLowerCase());
    entries.set(`${event.host}/${event.queueId}`, { mail: event.mail, rcpts });
    if (mails.has(event.mail)) return;
    const sender = event.envelope.sender.toLowerCase();
    mails.set(event.mail, {
      at: event.at,
      sender,
      subject: event.subject,
      spam: spam.has(groupOf(sender, event.subject)),
      toldDelay: null,
      toldFailure: null,
      fates: new Map(rcpts.map((rcpt) => [rcpt, { fate: 'waiting', at: event.at, copies: 0 }])),
    });
  };

  const inMailbox = ({ at, message }: LabEvent<'mailbox-deliver'>): void => {
    const report = reports.get(message.mail);
    const about = report === undefined ? undefined : mails.get(report.about);
    if (report !== undefined && about !== undefined) {
      const told = { afterMs: at - about.at, by: report.by };
      if (report.action === 'delayed') about.toldDelay ??= told;
      if (report.action === 'failed') about.toldFailure ??= told;
      return;
    }
    const known = mails.get(message.mail)?.fates.get(message.rcpt.toLowerCase());
    if (known === undefined) return;
    if (known.copies === 0) Object.assign(known, { fate: 'delivered', at });
    known.copies += 1;
  };

  return {
    take(event: LabEvent): void {
      now = event.at;
      switch (event.kind) {
        case 'person-act':
          if (event.act.do === 'send')
            for (const one of event.act.messages) if (one.spam) spam.add(groupOf(one.from, one.subject));
          return;
        case 'message-accept':
          return accept(event);
        case 'mailbox-deliver':
          return inMailbox(event);
        case 'dsn-sent': {
          const about = entries.get(`${event.host}/${event.about}`);
          if (about !== undefined) reports.set(event.mail, { about: about.mail, action: event.action, by: event.host });
          return;
        }
        case 'queue-fail':
          return enter(event, 'failed');
        case 'queue-discard':
          return enter(event, event.reason === 'deleted' ? 'deleted' : 'dropped');
      }
    },
    /** The outcome at an instant, no sooner than the last event: what waits grows older by itself. */
    view:
      () =>
      (at: Instant): Outcome =>
        outcomeOf([...mails.values()], Math.max(at, now)),
  };
}

function outcomeOf(all: Sent[], now: Instant): Outcome {
  const mail = all.filter((one) => !one.spam);
  const places = mail.flatMap((one) => [...one.fates.values()].map((fate) => ({ ...fate, one })));
  const gone = places.filter(({ fate }) => fate === 'failed' || fate === 'deleted');
  const lost = gone.filter(({ one }) => one.toldFailure === null);
  const ages = places
    .filter(({ fate }) => fate === 'delivered' || fate === 'waiting')
    .map(({ fate, at, one }) => ({ ms: (fate === 'waiting' ? now : at) - one.at, one }));
  const late = ages.filter(({ ms }) => ms > LATE_MS);
  const first = (told: (Told | null)[]): Told | null =>
    told.reduce((best, next) => (next !== null && (best === null || next.afterMs < best.afterMs) ? next : best), null);
  const spam = all.filter((one) => one.spam);
  return {
    sent: mail.length,
    rcpts: places.length,
    delivered: places.filter(({ fate }) => fate === 'delivered').length,
    waiting: places.filter(({ fate }) => fate === 'waiting').length,
    cameBack: gone.length - lost.length,
    lost: { count: lost.length, subjects: [...new Set(lost.map(({ one }) => one.subject))] },
    late: { count: late.length, longestMs: late.reduce((longest, { ms }) => Math.max(longest, ms), 0) },
    toldDelay: {
      count: mail.filter((one) => one.toldDelay !== null).length,
      first: first(mail.map((one) => one.toldDelay)),
      untold: new Set(late.filter(({ one }) => one.toldDelay === null).map(({ one }) => one)).size,
    },
    toldFailure: {
      count: mail.filter((one) => one.toldFailure !== null).length,
      first: first(mail.map((one) => one.toldFailure)),
    },
    copiesTooMany: all.reduce(
      (sum, one) => sum + [...one.fates.values()].reduce((extra, { copies }) => extra + Math.max(0, copies - 1), 0),
      0,
    ),
    spam: {
      sent: spam.length,
      letIn: spam.reduce(
        (sum, one) => sum + [...one.fates.values()].filter(({ fate }) => fate === 'delivered').length,
        0,
      ),
    },
  };
}
