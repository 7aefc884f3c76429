/**
 * One attempt of one host with one message, from the events: what the zone said, whom it dialled, what was said, what came of
 * it. A fold, taken further with each event; pure. Words are made from it in why.ts.
 */
import type { LabEvent } from '../../../contract/events.ts';
import type { HostKey, Instant, MailId, SessionId } from '../../../contract/model.ts';
import type { Peer, Why } from '../../../contract/why.ts';
import { createKnown } from '../../lab/known.ts';
import { counted } from '../../lab/words.ts';

/** What the network made of a dial. */
export type Dialled =
  | { kind: 'open'; rule: number | null }
  | { kind: 'stopped'; how: 'drop' | 'reject'; rule: number | null; ruleText: string }
  | { kind: 'refused' }
  | { kind: 'silence' }
  /** A connection of an earlier attempt was still open. */
  | { kind: 'reused' };

export interface Line {
  n: number;
  at: Instant;
  /** Spoken by the host whose attempt it is. */
  out: boolean;
  text: string;
  /** So many of its bytes went out, and never came to the other side. */
  lostBytes: number;
}

/** One host tried. */
export interface Tried {
  session: SessionId | null;
  at: Instant;
  address: string;
  /** Letter of the host there, or what it is called. */
  who: string;
  dialled: Dialled;
  failed: { at: Instant; why: Why } | null;
  lines: Line[];
}

export type Outcome = LabEvent<'queue-deliver' | 'queue-defer' | 'queue-fail'>;

export interface AttemptFacts {
  id: string;
  number: number;
  host: HostKey;
  queueId: string;
  mail: MailId | null;
  domain: string;
  sender: string;
  subject: string;
  /** Addresses that this attempt is for. */
  rcpts: string[];
  at: Instant;
  route: LabEvent<'attempt-route'> | null;
  /** When it was its turn, and the DNS was asked: others for the domain may have been under way. Null as long as there is no route. */
  turnAt: Instant | null;
  tried: Tried[];
  outcomes: Outcome[];
  /** Attempts that follow: of this host with the same message, or of the host that took it. */
  again: string | null;
  onward: { attempt: string; host: HostKey } | null;
  /** The mailbox in which a host that took it put it. */
  mailbox: { host: HostKey; user: string } | null;
  /** What was reported of its outcomes when the round was over, and what to nobody. */
  reports: LabEvent<'dsn-sent'>[];
  untold: LabEvent<'dsn-none'>[];
}

type Dial = LabEvent<'link-connect' | 'link-refuse' | 'link-silence' | 'firewall-drop' | 'firewall-reject'>;

export function createAttempt(id: string) {
  const known = createKnown();
  const accepts = new Map<string, LabEvent<'message-accept'>>();
  let facts: AttemptFacts | null = null;
  /** The host's questions to the DNS that follow each other without a pause: since when, and when the last answer came. */
  const asking = { since: 0, answeredAt: 0 };

  const begin = (event: LabEvent<'queue-try'>): AttemptFacts => {
    const accepted = accepts.get(`${event.host} ${event.queueId}`);
    return {
      id,
      number: event.tryNumber,
      host: event.host,
      queueId: event.queueId,
      mail: event.mail ?? accepted?.mail ?? null,
      domain: event.domain,
      sender: accepted?.envelope.sender ?? '',
      subject: accepted?.subject ?? '',
      rcpts: event.rcpts.map((index) => accepted?.rcpts[index]?.address ?? ''),
      at: event.at,
      route: null,
      turnAt: null,
      tried: [],
      outcomes: [],
      again: null,
      onward: null,
      mailbox: null,
      reports: [],
      untold: [],
    };
  };
  const whoAt = (address: string): string => {
    const key = known.hostAt(address);
    return key === null ? address : key.toUpperCase();
  };
  const dial = (it: AttemptFacts, event: Dial): void => {
    if (event.source !== it.host || known.attemptOn(event.session) !== id) return;
    it.tried.push({
      session: event.session,
      at: event.at,
      address: event.targetAddress,
      who: whoAt(event.targetAddress),
      dialled: dialledOf(event, known.ruleText),
      failed: null,
      lines: [],
    });
  };
  const open = (it: AttemptFacts, event: LabEvent<'tx-begin'>): void => {
    if (event.attempt !== id) {
      // Another message goes over the same connection: what is said there is another attempt's from now on.
      for (const one of it.tried) if (one.session === event.session) one.session = null;
      return;
    }
    if (event.reused && !it.tried.some(({ session }) => session === event.session)) {
      it.tried.push({
        session: event.session,
        at: event.at,
        address: event.peer.address,
        who: known.letterOf(event.peer),
        dialled: { kind: 'reused' },
        failed: null,
        lines: [],
      });
    }
  };
  const fail = (it: AttemptFacts, event: LabEvent<'attempt-fail'>): void => {
    if (event.attempt !== id) return;
    const peer: Peer | null = 'peer' in event.why ? event.why.peer : null;
    const found = it.tried.findLast(
      ({ session, address, failed }) =>
        failed === null && (event.session !== null ? session === event.session : address === peer?.address),
    );
    const failed = { at: event.at, why: event.why };
    if (found !== undefined) found.failed = failed;
    else if (peer !== null)
      it.tried.push({
        session: event.session,
        at: event.at,
        address: peer.address,
        who: known.letterOf(peer),
        dialled: { kind: 'reused' },
        failed,
        lines: [],
      });
  };
  const say = (it: AttemptFacts, event: LabEvent<'smtp-say'>): void => {
    const one = it.tried.find(({ session }) => session !== null && session === event.session);
    for (const text of one === undefined ? [] : event.lines)
      one!.lines.push({ n: event.n, at: event.at, out: event.side !== 'smtp-in', text, lostBytes: 0 });
  };
  const follow = (it: AttemptFacts, event: LabEvent<'queue-try'>): void => {
    if (event.attempt === id || (event.mail ?? null) !== it.mail) return;
    if (event.host === it.host && event.queueId === it.queueId && event.domain === it.domain)
      it.again ??= event.attempt;
    else if (event.host !== it.host && it.tried.some(({ who }) => who === event.host.toUpperCase()))
      it.onward ??= { attempt: event.attempt, host: event.host };
  };

  return {
    take(event: LabEvent): void {
      known.take(event);
      if (event.kind === 'message-accept') accepts.set(`${event.host} ${event.queueId}`, event);
      if (event.kind === 'queue-try' && event.attempt === id) {
        facts = begin(event);
        asking.since = asking.answeredAt = event.at;
      }
      if (facts === null) return;
      switch (event.kind) {
        case 'queue-try':
          return follow(facts, event);
        case 'dns-ask':
          if (event.host === facts.host && event.at > asking.answeredAt && asking.since <= asking.answeredAt)
            asking.since = event.at;
          return;
        case 'dns-answer':
        case 'dns-timeout':
          return void (event.host === facts.host && (asking.answeredAt = event.at));
        case 'attempt-route':
          // Answers out of the cache are there at once.
          if (event.attempt === id)
            Object.assign(facts, { route: event, turnAt: asking.answeredAt === event.at ? asking.since : event.at });
          return;
        case 'link-connect':
        case 'link-refuse':
        case 'link-silence':
        case 'firewall-drop':
        case 'firewall-reject':
          return dial(facts, event);
        case 'tx-begin':
          return open(facts, event);
        case 'attempt-fail':
          return fail(facts, event);
        case 'link-lost': {
          return lose(
            facts.tried.find(({ session }) => session !== null && session === event.session)?.lines ?? [],
            event,
          );
        }
        case 'smtp-say':
          return say(facts, event);
        case 'queue-deliver':
        case 'queue-defer':
        case 'queue-fail':
          return void (event.attempt === id && facts.outcomes.push(event));
        case 'mailbox-deliver':
          if (event.message.mail === facts.mail && event.host !== facts.host)
            facts.mailbox ??= { host: event.host, user: event.user };
          return;
        case 'dsn-sent':
          return void (isOfOutcome(facts, event) && facts.reports.push(event));
        case 'dsn-none':
          return void (isOfOutcome(facts, event) && facts.untold.push(event));
        default:
      }
    },
    /** Null as long as it has not begun. A copy: what was shown before stays as it was. */
    view: (): AttemptFacts | null =>
      facts === null
        ? null
        : {
            ...facts,
            outcomes: [...facts.outcomes],
            reports: [...facts.reports],
            untold: [...facts.untold],
            tried: facts.tried.map((one) => ({ ...one, lines: [...one.lines] })),
          },
  };
}

/** A round ends with what is told of it; what waits is told of with every round that follows. */
function isOfOutcome(
  { host, queueId, outcomes, again }: AttemptFacts,
  event: LabEvent<'dsn-sent' | 'dsn-none'>,
): boolean {
  if (event.host !== host || event.about !== queueId || (event.action === 'delayed' && again !== null)) return false;
  return outcomes.some(
    ({ kind, rcpts }) => kind === OUTCOME_OF[event.action] && event.rcpts.some((rcpt) => rcpts.includes(rcpt)),
  );
}
const OUTCOME_OF = {
  failed: 'queue-fail',
  delayed: 'queue-defer',
  delivered: 'queue-deliver',
  relayed: 'queue-deliver',
} as const;

const MESSAGE = /^<message of (\d+) bytes>$/;
/** With its CRLF. */
const bytesOf = (text: string): number => Number(MESSAGE.exec(text)?.[1] ?? text.length + 2);

/** What was lost is what was said last. */
function lose(lines: Line[], { from, bytes }: LabEvent<'link-lost'>): void {
  let left = bytes;
  for (const line of lines.toReversed()) {
    if (left <= 0) return;
    if (line.out !== (from === 'client') || line.lostBytes > 0) continue;
    line.lostBytes = Math.min(left, bytesOf(line.text));
    left -= line.lostBytes;
  }
}

/** What of a line never came, in words; empty: all of it did. */
export function lostWords({ text, lostBytes }: Line): string {
  if (lostBytes === 0) return '';
  return lostBytes < bytesOf(text) ? `${counted(lostBytes)} of them lost on the way` : 'lost on the way';
}

function dialledOf(event: Dial, ruleText: (number: number | null) => string): Dialled {
  switch (event.kind) {
    case 'link-connect':
      return { kind: 'open', rule: event.rule };
    case 'link-refuse':
      return { kind: 'refused' };
    case 'link-silence':
      return { kind: 'silence' };
    default:
      return {
        kind: 'stopped',
        how: event.kind === 'firewall-drop' ? 'drop' : 'reject',
        rule: event.rule,
        ruleText: ruleText(event.rule),
      };
  }
}
