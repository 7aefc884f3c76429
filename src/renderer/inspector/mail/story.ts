/**
 * One message across all hosts, from the events: who had it when, what each did with it, who was told. A fold, taken further
 * with each event; pure. A report is a message of its own that is about another one.
 */
import type { LabEvent } from '../../../contract/events.ts';
import type { BodyRef, HostKey, Instant, MailId, MailboxMessage, QueueId } from '../../../contract/model.ts';
import { plainWords, replyText } from '../../../contract/why-words.ts';
import type { Why } from '../../../contract/why.ts';
import { codes, whyNote } from '../../bench/words.ts';
import { createKnown } from '../../lab/known.ts';
import type { Meaning } from '../../lab/rows.ts';
import { localPart } from '../../lab/rows-mail.ts';
import { timeOf, whenOf } from '../../lab/words.ts';

export type Action = LabEvent<'dsn-sent'>['action'];

/** The message as one host had it in its queue. */
export interface Copy {
  host: HostKey;
  queueId: QueueId;
  at: Instant;
  body: BodyRef;
  sizeBytes: number;
  state: 'waiting' | 'passed on' | 'delivered' | 'failed' | 'dropped';
  tryCount: number;
  retryAt: Instant | null;
}

export interface InBox {
  host: HostKey;
  user: string;
  message: MailboxMessage;
}

export interface StoryStep {
  n: number;
  at: Instant;
  /** Of several that say the same, the last one's. */
  untilAt: Instant;
  times: number;
  meaning: Meaning;
  /** Letter of the host, or ''. */
  host: string;
  text: string;
  detail: string;
  attempt: string | null;
  report: MailId | null;
  /** Who did it to whom; null: it concerns nobody else. */
  move: Move | null;
  /** From here on it lies at this host until it is tried again. */
  waits: boolean;
}

/** Of the ends, a host has its letter, a person an address. */
export interface Move {
  from: string;
  to: string;
  /** Short, as on an arrow. */
  words: string;
  /** Nobody was there, or answered. */
  vain?: true;
}

export interface Report {
  mail: MailId;
  host: HostKey;
  action: Action;
  to: string;
  at: Instant;
}

export interface Story {
  mail: MailId;
  subject: string;
  sender: string;
  rcpts: string[];
  /** As it was handed in. */
  envelope: Pick<LabEvent<'message-accept'>, 'envelope' | 'rcpts'>;
  messageId: string;
  at: Instant;
  copies: Copy[];
  boxes: InBox[];
  reports: Report[];
  steps: StoryStep[];
  /** It is a report, about this message. */
  about: { mail: MailId; subject: string; host: HostKey; action: Action; to: string } | null;
}

export function createStory(id: MailId) {
  const known = createKnown();
  const keptAs = new Map<string, { mail: MailId; subject: string }>();
  let story: Story | null = null;

  const copyOf = (event: { host?: HostKey | null; queueId?: string }): Copy | undefined =>
    story?.copies.findLast(({ host, queueId }) => host === event.host && queueId === event.queueId);
  const tell = (event: LabEvent, meaning: Meaning, text: string, rest: Partial<StoryStep> = {}): void => {
    if (story === null) return;
    const host = typeof event.host === 'string' ? event.host.toUpperCase() : '';
    // A host that fails here and then there says two things in turn, attempt after attempt.
    const [before, last] = [story.steps.at(-2), story.steps.at(-1)];
    const tries = last?.meaning === 'waiting' && last.report === null;
    const same = [last, tries ? before : undefined].find(
      (one) => one?.host === host && one.text === text && one.meaning === meaning,
    );
    if (same !== undefined) {
      Object.assign(same, { untilAt: event.at, times: same.times + 1, ...rest });
      return;
    }
    story.steps.push({
      n: event.n,
      at: event.at,
      untilAt: event.at,
      times: 1,
      meaning,
      host,
      text,
      detail: '',
      attempt: null,
      report: null,
      move: null,
      waits: false,
      ...rest,
    });
  };
  const why = (reason: Why): string => plainWords(reason, known.letterOf);
  /** What came between a host and the one it tried: its own call, into silence, or the other's answer. */
  const between = (host: HostKey, reason: Why): Move | null => {
    if (!('peer' in reason)) return null;
    const [own, peer] = [host.toUpperCase(), known.letterOf(reason.peer)];
    const unheard = reason.kind === 'connect' || (reason.kind === 'lost' && reason.problem === 'timeout');
    if (unheard) return { from: own, to: peer, words: whyNote(reason, peer).text, vain: true };
    return { from: peer, to: own, words: reason.kind === 'reply' ? codes(reason.reply) : whyNote(reason, peer).text };
  };

  const accept = (event: LabEvent<'message-accept'>): void => {
    keptAs.set(`${event.host} ${event.queueId}`, { mail: event.mail, subject: event.subject });
    if (event.mail !== id) return;
    const host = event.host.toUpperCase();
    const source = known.session(event.session)?.source ?? null;
    story ??= {
      mail: id,
      subject: event.subject,
      sender: event.envelope.sender,
      rcpts: event.rcpts.map(({ address }) => address),
      envelope: { envelope: event.envelope, rcpts: event.rcpts },
      messageId: event.messageId,
      at: event.at,
      copies: [],
      boxes: [],
      reports: [],
      steps: [],
      about: null,
    };
    const again = story.copies.some((copy) => copy.host === event.host);
    story.copies.push({
      host: event.host,
      queueId: event.queueId,
      at: event.at,
      body: event.body,
      sizeBytes: event.size,
      state: 'waiting',
      tryCount: 0,
      retryAt: null,
    });
    const as = `queued as ${event.queueId}`;
    if (event.origin === 'report')
      return tell(event, 'arrived', `${host} writes it, from the null sender`, { detail: as });
    if (source !== null)
      return tell(
        event,
        'arrived',
        `${host} takes it from ${source.toUpperCase()}${again ? ' once more' : ''}, and answers for it now`,
        { detail: as, move: { from: source.toUpperCase(), to: host, words: 'hands it on' } },
      );
    tell(
      event,
      'arrived',
      `${localPart(event.envelope.sender) || 'A client'} hands it in. ${host} says 250, and answers for it now`,
      { detail: as, move: { from: event.envelope.sender, to: host, words: 'hands it in' } },
    );
  };
  const told = (event: LabEvent<'dsn-sent'>): void => {
    const about = keptAs.get(`${event.host} ${event.about}`);
    if (event.mail === id && story !== null && about !== undefined)
      story.about = { ...about, host: event.host, action: event.action, to: event.to };
    if (story === null || about?.mail !== id) return;
    story.reports.push({ mail: event.mail, host: event.host, action: event.action, to: event.to, at: event.at });
    tell(
      event,
      TOLD[event.action].meaning,
      `${event.host.toUpperCase()} tells ${localPart(event.to)} that it ${TOLD[event.action].words}`,
      { report: event.mail, move: { from: event.host.toUpperCase(), to: event.to, words: TOLD[event.action].title } },
    );
  };
  const outcome = (event: LabEvent<'queue-deliver' | 'queue-defer' | 'queue-fail'>): void => {
    const copy = copyOf(event);
    if (copy === undefined) return;
    const host = event.host.toUpperCase();
    if (event.kind === 'queue-defer') {
      copy.tryCount = event.tryCount;
      copy.retryAt = event.retryAt;
      return tell(event, 'waiting', `${host} keeps it: ${why(event.why)}`, {
        attempt: event.attempt,
        detail: `next try ${whenOf(event.retryAt, event.at)}`,
        waits: true,
        move: between(event.host, event.why),
      });
    }
    copy.retryAt = null;
    if (event.kind === 'queue-fail') {
      copy.state = 'failed';
      return tell(event, 'failed', `${host} ${event.expired ? 'gives it up' : 'gives it back'}: ${why(event.why)}`, {
        attempt: event.attempt,
        move: between(event.host, event.why),
      });
    }
    if (event.how === 'mailbox') return void (copy.state = 'delivered');
    copy.state = 'passed on';
    const peer = event.peer === null ? 'the next host' : known.letterOf(event.peer);
    tell(event, 'arrived', `${host} is rid of it: ${peer} took it. Its log says sent, ${event.reply.code}`, {
      attempt: event.attempt,
      detail: replyText(event.reply),
      move: event.peer === null ? null : { from: peer, to: host, words: codes(event.reply) },
    });
  };
  /** A host was tried in vain, and another one follows in the same attempt. */
  const goesOn = (event: LabEvent<'attempt-fail'>): void => {
    if (copyOf(event) === undefined || event.next === null) return;
    tell(event, 'waiting', `${event.host.toUpperCase()} goes on to the next: ${why(event.why)}`, {
      attempt: event.attempt,
      move: between(event.host, event.why),
    });
  };

  return {
    take(event: LabEvent): void {
      known.take(event);
      switch (event.kind) {
        case 'message-accept':
          return accept(event);
        case 'dsn-sent':
          return told(event);
        case 'attempt-fail':
          return goesOn(event);
        case 'queue-deliver':
        case 'queue-defer':
        case 'queue-fail':
          return outcome(event);
        case 'queue-plan': {
          const copy = copyOf(event);
          if (copy !== undefined) copy.retryAt = event.nextAt;
          return;
        }
        case 'mailbox-deliver':
          if (story === null || event.message.mail !== id) return;
          story.boxes.push({ host: event.host, user: event.user, message: event.message });
          return tell(event, 'arrived', `${event.host.toUpperCase()} puts it into ${event.user}’s mailbox`, {
            move: { from: event.host.toUpperCase(), to: event.message.rcpt, words: 'into the mailbox' },
          });
        case 'mailbox-remove':
          if (
            story === null ||
            !story.boxes.some(
              ({ host, user, message }) =>
                host === event.host && user === event.user && message.queueId === event.queueId,
            )
          )
            return;
          story.boxes = story.boxes.filter(
            ({ host, user, message }) =>
              host !== event.host || user !== event.user || message.queueId !== event.queueId,
          );
          return tell(event, 'act', `Somebody deletes it from ${event.user}’s mailbox`);
        case 'queue-discard': {
          const copy = copyOf(event);
          if (copy === undefined) return;
          copy.state = 'dropped';
          return tell(event, 'failed', `${event.host.toUpperCase()} drops it: ${DROPPED[event.reason]}`);
        }
        case 'queue-hold':
          return void (copyOf(event) !== undefined && tell(event, 'act', `It is held at ${event.host.toUpperCase()}`));
        case 'queue-release':
          return void (
            copyOf(event) !== undefined && tell(event, 'act', `It is released at ${event.host.toUpperCase()}`)
          );
        default:
      }
    },
    /** Null as long as nobody had it. A copy: what was shown before stays as it was. */
    view: (): Story | null =>
      story === null
        ? null
        : {
            ...story,
            copies: story.copies.map((copy) => ({ ...copy })),
            boxes: [...story.boxes],
            reports: [...story.reports],
            steps: story.steps.map((one) => ({ ...one })),
          },
  };
}

export const TOLD: Record<Action, { title: string; words: string; meaning: Meaning }> = {
  delayed: { title: 'delay notice', words: 'is late, and still tried', meaning: 'waiting' },
  failed: { title: 'failure report', words: 'failed, and comes back', meaning: 'failed' },
  delivered: { title: 'delivery report', words: 'is in the mailbox', meaning: 'arrived' },
  relayed: { title: 'relay report', words: 'went on to a host that reports nothing', meaning: 'arrived' },
};
const DROPPED = {
  'notify-never': 'the sender did not want to be told',
  'null-sender': 'a report, and nobody is told about reports',
  deleted: 'somebody deleted it from the queue',
};

export interface Knower {
  /** Badge of a host; null: a person. */
  host: string | null;
  name: string;
  words: string;
  meaning: Meaning;
}

/** What each of them knows of it at this moment: who wrote it, each host that had it or was to have it, who is to get it. */
export function knowersOf(story: Story, now: Instant): Knower[] {
  const people = [...new Set(story.rcpts)].map((rcpt): Knower => {
    const found = story.boxes.filter(({ message }) => message.rcpt.toLowerCase() === rcpt.toLowerCase());
    const [first] = found;
    if (first === undefined)
      return { host: null, name: localPart(rcpt), words: 'knows nothing of it', meaning: 'neutral' };
    return {
      host: null,
      name: localPart(rcpt),
      words: found.length === 1 ? `has it since ${whenOf(first.message.at, now)}` : `has it ${found.length} times`,
      meaning: 'arrived',
    };
  });
  const hosts = [...new Map(story.copies.map((copy) => [copy.host, copy])).values()].map((copy): Knower => ({
    host: copy.host.toUpperCase(),
    name: '',
    ...copyWords(copy, now),
  }));
  return [...senderOf(story, now), ...hosts, ...people];
}

function senderOf({ sender, reports, boxes, rcpts }: Story, now: Instant): Knower[] {
  if (sender === '') return [];
  const last = reports.findLast(({ to }) => to.toLowerCase() === sender.toLowerCase());
  const name = localPart(sender);
  if (last !== undefined)
    return [
      {
        host: null,
        name,
        words: `was told at ${whenOf(last.at, now)} that it ${TOLD[last.action].words}`,
        meaning: TOLD[last.action].meaning,
      },
    ];
  const arrived = rcpts.every((rcpt) => boxes.some(({ message }) => message.rcpt.toLowerCase() === rcpt.toLowerCase()));
  return [
    {
      host: null,
      name,
      words: arrived
        ? 'heard 250, and is right to think that it arrived'
        : 'heard 250, and thinks that it is under way',
      meaning: 'neutral',
    },
  ];
}

function copyWords({ state, at, tryCount, retryAt }: Copy, now: Instant): { words: string; meaning: Meaning } {
  switch (state) {
    case 'delivered':
      return { words: `put it into a mailbox at ${whenOf(at, now)}`, meaning: 'arrived' };
    case 'passed on':
      return { words: 'its log says sent, and it is done', meaning: 'arrived' };
    case 'failed':
      return { words: 'its log says bounced, and it is done', meaning: 'failed' };
    case 'dropped':
      return { words: 'dropped it', meaning: 'failed' };
    case 'waiting':
      return tryCount === 0
        ? { words: 'has it, and is trying', meaning: 'moving' }
        : {
            words: `has it, tried ${tryCount === 1 ? 'once' : `${tryCount} times`}${retryAt === null ? '' : `, again at ${timeOf(retryAt)}`}`,
            meaning: 'waiting',
          };
  }
}
