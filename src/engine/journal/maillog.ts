/**
 * The mail log of one host: what its journal says, in the lines that administrators grep, as Postfix writes them.
 *
 * A fold over events, and pure: it decides nothing and looks at no state. In the place of process numbers, which a lab has none of,
 * stands the number of the session (smtpd, smtp) or of the mail (others): `smtp[17]` leads on to the dialogue s17. What stands in such
 * a line: status codes of RFC 3463, replies of RFC 5321 as they were received. Left out: `delays=`, and the daemon's own start and stop.
 */
import type { LabEvent } from '../../contract/events.ts';
import type { HostKey, Instant, MailId, QueueId, SessionId } from '../../contract/model.ts';
import { visible } from '../../contract/visible.ts';
import { wordsOf } from '../../contract/why-words.ts';
import { createVisits, type AddressNames } from './maillog-visits.ts';
import { outcomeFacts, seconds } from './maillog-words.ts';

export type { AddressNames } from './maillog-visits.ts';

export interface LogLine {
  at: Instant;
  /** `smtpd`, `smtp`, `qmgr`, `cleanup`, `local`, `bounce`, `error`, `postsuper`. */
  program: string;
  /** A session or a mail, `s17` or `m3`, whose number stands in brackets; '' where neither is known. */
  id: string;
  /** The message that it is about; also of lines that don't name it, such as `connect to ...`. */
  queueId: QueueId | null;
  /** Behind the program's name. */
  text: string;
}

interface Entry {
  mail: MailId;
  arrivedAt: Instant;
  rcpts: string[];
  /** `from=<...>, size=..., nrcpt=...`, said at each try. */
  active: string;
  from: string;
  /** The try that the queue manager has spoken of. */
  tryNumber: number;
  /** Its time is over, and the queue manager is still to say so: once, whatever the number of recipients. */
  expired: boolean;
  /** The session in which each attempt of this try got furthest: an outcome leads on to it. */
  sessions: Map<string, SessionId>;
}

/** The whole log of a host, a line each, oldest first. `events` are those of the lab, in order. */
export function mailLog(events: Iterable<LabEvent>, hostKey: HostKey, names: AddressNames): string[] {
  return mailLogLines(events, hostKey, names).map(
    ({ at, program, id, text }) =>
      `${stamp(at)} ${hostKey} postfix/${program}[${id.slice(1) || '0'}]: ${visible(text.replace(/\s/g, ' '))}`,
  );
}

/** The log before it is written out. */
export function mailLogLines(events: Iterable<LabEvent>, hostKey: HostKey, names: AddressNames): LogLine[] {
  const fold = createFold(hostKey, names);
  for (const event of events) fold.take(event);
  return fold.lines();
}

function createFold(hostKey: HostKey, names: AddressNames) {
  const found: (LogLine | null)[] = [];
  const entries = new Map<QueueId, Entry>();
  /** The last failure of an attempt, by attempt: no line of its own when no other host follows, as the outcome names it. */
  const last = new Map<string, { index: number; words: string }>();
  /** Transactions on each session so far. */
  const uses = new Map<SessionId, number>();
  const put = (at: Instant, program: string, id: string, queueId: QueueId | null, text: string): number =>
    found.push({ at, program, id, queueId, text }) - 1;
  const about = (event: LabEvent, program: string, queueId: QueueId, text: string): number =>
    put(event.at, program, entries.get(queueId)?.mail ?? '', queueId, `${queueId}: ${text}`);
  const visits = createVisits(hostKey, names, (at, session, text, queueId) => put(at, 'smtpd', session, queueId, text));

  const accept = (event: LabEvent<'message-accept'>): void => {
    const { queueId, mail, messageId, size, rcpts, envelope, origin, session } = event;
    const active = `from=<${envelope.sender}>, size=${size}, nrcpt=${rcpts.length} (queue active)`;
    entries.set(queueId, {
      mail,
      arrivedAt: event.at,
      rcpts: rcpts.map(({ address }) => address),
      active,
      from: envelope.sender,
      tryNumber: 1,
      expired: false,
      sessions: new Map(),
    });
    if (origin === 'smtp' && session !== null) visits.accepted(event.at, session, queueId);
    about(event, 'cleanup', queueId, `message-id=${messageId}`);
    about(event, 'qmgr', queueId, active);
  };

  const expire = (event: LabEvent, queueId: QueueId): void => {
    const entry = entries.get(queueId);
    if (entry?.expired !== true) return;
    entry.expired = false;
    about(event, 'qmgr', queueId, `from=<${entry.from}>, status=expired, returned to sender`);
  };

  const report = (event: LabEvent<'dsn-sent'>): void => {
    const word = { failed: 'non-delivery', delayed: 'delay', delivered: 'delivery status', relayed: 'delivery status' }[
      event.action
    ];
    const [cleanup = null, active = null] = found.splice(-2);
    expire(event, event.about);
    found.push(cleanup);
    about(event, 'bounce', event.about, `sender ${word} notification: ${event.queueId}`);
    found.push(active);
  };

  const outcome = (event: LabEvent<'queue-deliver' | 'queue-defer' | 'queue-fail'>): void => {
    const { queueId, attempt, rcpts } = event;
    const entry = entries.get(queueId);
    if (entry === undefined) return;
    const facts = outcomeFacts(event);
    forget(attempt, facts.reason);
    const session = facts.program === 'smtp' && attempt !== null ? entry.sessions.get(attempt) : undefined;
    const useCount = session === undefined ? 0 : (uses.get(session) ?? 0);
    const use = useCount > 1 ? `conn_use=${useCount}, ` : '';
    for (const index of rcpts) {
      const delay = seconds(event.at - entry.arrivedAt);
      const text = `to=<${entry.rcpts[index]}>, relay=${facts.relay}, ${use}delay=${delay}, dsn=${facts.dsn}, status=${facts.status} (${facts.reason})`;
      put(event.at, facts.program, session ?? entry.mail, queueId, `${queueId}: ${text}`);
    }
    if (event.kind === 'queue-fail' && event.expired) entry.expired = true;
  };

  /** The outcome says it again: the line of the attempt's last host is dropped, but for a connection that never was. */
  const forget = (attempt: string | null, reason: string): void => {
    const before = attempt === null ? undefined : last.get(attempt);
    if (before === undefined || before.words !== reason) return;
    last.delete(attempt as string);
    found[before.index] = null;
  };

  const attemptFailed = (event: LabEvent<'attempt-fail'>): void => {
    const { queueId, attempt, session, why } = event;
    const words = wordsOf(why);
    if (session !== null) entries.get(queueId)?.sessions.set(attempt, session);
    const index = put(
      event.at,
      'smtp',
      session ?? '',
      queueId,
      why.kind === 'connect' ? words : `${queueId}: ${words}`,
    );
    if (why.kind !== 'connect') last.set(attempt, { index, words });
  };

  const tried = (event: LabEvent<'queue-try'>): void => {
    const entry = entries.get(event.queueId);
    if (entry === undefined || entry.tryNumber === event.tryNumber) return;
    entry.tryNumber = event.tryNumber;
    entry.sessions.clear();
    about(event, 'qmgr', event.queueId, entry.active);
  };

  return {
    lines: () => found.filter((line) => line !== null),
    take(event: LabEvent): void {
      visits.take(event);
      if (event.kind === 'link-close' || event.kind === 'link-reset') uses.delete(event.session);
      if (event.host !== hostKey) return;
      switch (event.kind) {
        case 'message-accept':
          return accept(event);
        case 'dsn-sent':
          return report(event);
        case 'queue-try':
          return tried(event);
        case 'tx-begin':
          uses.set(event.session, (uses.get(event.session) ?? 0) + 1);
          return void entries.get(event.queueId)?.sessions.set(event.attempt, event.session);
        case 'attempt-fail':
          return attemptFailed(event);
        case 'queue-deliver':
        case 'queue-defer':
        case 'queue-fail':
          return outcome(event);
        case 'queue-hold':
          return void about(event, 'postsuper', event.queueId, 'placed on hold');
        case 'queue-release':
          return void about(event, 'postsuper', event.queueId, 'released from hold');
        case 'queue-remove':
          expire(event, event.queueId);
          about(event, 'qmgr', event.queueId, 'removed');
          return void entries.delete(event.queueId);
      }
    },
  };
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Nov 24 01:15:31`, RFC 3164 §4.1.2; virtual time, UTC. */
function stamp(at: Instant): string {
  const date = new Date(at);
  return `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${date.toISOString().slice(11, 19)}`;
}
