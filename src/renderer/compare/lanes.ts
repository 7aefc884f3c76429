/**
 * Who knew what, when: a lane for each sender and recipient and for the administrator of each host, folded from the
 * events. A person knows what lies in the mailbox or was said to the mail program; an administrator knows what a look at
 * queue, log and disk would tell. What a person does not know while it is so is a span of its own. Pure.
 */
import type { LabEvent } from '../../contract/events.ts';
import type { HostKey, Instant, MailId } from '../../contract/model.ts';
import { plainWords, replyText } from '../../contract/why-words.ts';
import type { Why } from '../../contract/why.ts';
import { createKnown } from '../lab/known.ts';
import { isSpaceReply } from '../lab/rows-mail.ts';
import type { Meaning } from '../lab/rows.ts';
import { inWords, plural } from '../lab/words.ts';
import { createDraft, GAVE_UP, type Lane } from './lane-draft.ts';
import { groupOf, letterOf, localPart, quoted, REPORTS } from './lane-words.ts';

export type { Lane, Mark, Span } from './lane-draft.ts';

export interface Letter {
  mail: MailId;
  /** Same sender and subject: one group. */
  group: string;
  subject: string;
  sender: string;
  at: Instant;
  /** Recipients that nobody has yet, and whose sender was not told that it failed. */
  open: Set<string>;
  /** Copies in mailboxes, by recipient. */
  copies: Map<string, number>;
  late: boolean;
  told: boolean;
}

export interface LanesView {
  lanes: Lane[];
  /** What was handed in, by group, in that order. */
  groups: { key: string; subject: string; sender: string; count: number }[];
  from: Instant;
  to: Instant;
}

const CROWDS = [10, 100, 1_000, 10_000];

/** `only`: the group of messages that the lanes are about; null: all. */
export function createLanes(only: string | null) {
  const known = createKnown();
  const draft = createDraft();
  const letters = new Map<MailId, Letter>();
  const entries = new Map<string, MailId>();
  const rcptsAt = new Map<string, string[]>();
  /** Reports, by their own id. */
  const reports = new Map<MailId, { about: Letter; action: keyof typeof REPORTS; by: HostKey }>();
  const waiting = new Map<HostKey, Set<string>>();
  const groups = new Map<string, LanesView['groups'][number]>();
  let from: Instant | null = null;
  let to: Instant = 0;

  const letterAt = (host: HostKey, queueId: string): Letter | undefined =>
    letters.get(entries.get(`${host}/${queueId}`) ?? '');
  const why = (reason: Why): string => plainWords(reason, known.letterOf);
  /** What a person does not know of these letters, or knows. */
  const settle = (letter: Letter): void => {
    if (letter.sender === '') return;
    const over = letter.open.size === 0;
    draft.span(`person:${letter.sender}`, 'unaware', letter.mail, letter.late && !letter.told && !over, to);
    draft.span(`person:${letter.sender}`, 'aware', letter.mail, letter.late && letter.told && !over, to);
  };
  const mark = (event: LabEvent, lane: string, meaning: Meaning, label: string, words: string, mail?: MailId): void =>
    draft.mark(lane, { n: event.n, at: event.at, meaning, label, words, ...about(mail ?? event.mail ?? null) });
  const about = (mail: MailId | null): { mail: MailId | null; group: string } => ({
    mail,
    group: letters.get(mail ?? '')?.group ?? '',
  });

  const accept = (event: LabEvent<'message-accept'>): void => {
    const host = letterOf(event.host);
    if (event.origin === 'report') return;
    const source = known.session(event.session)?.source ?? null;
    const group = groupOf(event.envelope.sender, event.subject);
    if (source === null && !letters.has(event.mail)) {
      const counted = groups.get(group) ?? {
        key: group,
        subject: event.subject,
        sender: event.envelope.sender,
        count: 0,
      };
      groups.set(group, { ...counted, count: counted.count + 1 });
    }
    draft.span(`host:${event.host}`, 'full', 'disk', false, event.at);
    if (only !== null && group !== only) return;
    entries.set(`${event.host}/${event.queueId}`, event.mail);
    rcptsAt.set(
      `${event.host}/${event.queueId}`,
      event.rcpts.map(({ address }) => address.toLowerCase()),
    );
    if (letters.has(event.mail)) {
      const by = source === null ? '' : ` from ${letterOf(source)}`;
      return mark(
        event,
        `host:${event.host}`,
        'arrived',
        'took it',
        `${host} takes ${quoted(event.subject)}${by}, and answers for it now`,
      );
    }
    const sender = event.envelope.sender.toLowerCase();
    const rcpts = event.rcpts.map(({ address }) => address.toLowerCase());
    const letter: Letter = {
      mail: event.mail,
      group,
      subject: event.subject,
      sender,
      at: event.at,
      open: new Set(rcpts),
      copies: new Map(),
      late: false,
      told: false,
    };
    letters.set(event.mail, letter);
    if (sender !== '') {
      draft.lane(`person:${sender}`, 'sender', localPart(sender), sender);
      mark(
        event,
        `person:${sender}`,
        'arrived',
        'handed in, 250 said',
        `${localPart(sender)} hands in ${quoted(event.subject)}. ${host} says 250: for ${localPart(sender)} it is sent`,
      );
    }
    for (const rcpt of rcpts) {
      draft.lane(`person:${rcpt}`, 'recipient', localPart(rcpt), rcpt);
      draft.span(`person:${rcpt}`, 'awaits', event.mail, true, event.at);
    }
    mark(
      event,
      `host:${event.host}`,
      'arrived',
      'took it',
      `${host} takes ${quoted(event.subject)} from ${localPart(sender) || 'the null sender'}, and answers for it now`,
    );
  };

  const inMailbox = (event: LabEvent<'mailbox-deliver'>): void => {
    const { message } = event;
    const person = message.rcpt.toLowerCase();
    const report = reports.get(message.mail);
    if (report !== undefined) {
      const { about, action, by } = report;
      draft.lane(`person:${person}`, 'sender', localPart(person), person);
      const { meaning, label, says } = REPORTS[action];
      mark(
        event,
        `person:${person}`,
        meaning,
        `${label}, by ${letterOf(by)}`,
        `${localPart(person)} reads from ${letterOf(by)} that ${quoted(about.subject)} ${says}, ${inWords(event.at - about.at)} after handing it in`,
        about.mail,
      );
      about.told ||= action === 'delayed' || action === 'failed';
      if (action === 'failed') about.open.clear();
      return settle(about);
    }
    const letter = letters.get(message.mail);
    if (letter === undefined) return;
    const copies = (letter.copies.get(person) ?? 0) + 1;
    letter.copies.set(person, copies);
    if (copies === 1) draft.came(`person:${person}`, event.at - letter.at);
    const what =
      copies === 1
        ? `${quoted(letter.subject)} from ${localPart(letter.sender) || 'the null sender'} is in the mailbox of ${localPart(person)}`
        : `${localPart(person)} gets ${quoted(letter.subject)} once more: copy ${copies}`;
    mark(
      event,
      `person:${person}`,
      'arrived',
      copies === 1 ? 'in the mailbox' : 'one more copy',
      `${what}, ${inWords(event.at - letter.at)} after it was handed in`,
    );
    mark(
      event,
      `host:${event.host}`,
      'arrived',
      'delivered here',
      `The log of ${letterOf(event.host)} says: delivered to ${localPart(person)}`,
    );
    letter.open.delete(person);
    draft.span(`person:${person}`, 'awaits', letter.mail, false, event.at);
    settle(letter);
  };

  const deferred = (event: LabEvent<'queue-defer'>): void => {
    const letter = letterAt(event.host, event.queueId);
    const key = `${event.host}/${event.queueId}`;
    if (letter === undefined) return;
    const host = letterOf(event.host);
    const here = waiting.get(event.host) ?? new Set();
    const isNew = !here.has(key);
    waiting.set(event.host, here.add(key));
    draft.span(`host:${event.host}`, 'queue', 'queue', true, event.at);
    draft.count(`host:${event.host}`, here.size);
    if (isNew && here.size === 1)
      mark(
        event,
        `host:${event.host}`,
        'waiting',
        'queue grew',
        `${quoted(letter.subject)} waits in the queue of ${host}: ${why(event.why)}`,
      );
    else if (isNew && CROWDS.includes(here.size))
      mark(
        event,
        `host:${event.host}`,
        'waiting',
        `${here.size} wait`,
        `${plural(here.size, 'message')} wait in the queue of ${host}: ${why(event.why)}`,
      );
    letter.late = true;
    settle(letter);
  };

  const leave = (event: LabEvent<'queue-remove'>): void => {
    // What leaves a full disk makes room.
    draft.span(`host:${event.host}`, 'full', 'disk', false, event.at);
    const here = waiting.get(event.host);
    if (here?.delete(`${event.host}/${event.queueId}`) !== true || here.size > 0) return;
    draft.span(`host:${event.host}`, 'queue', 'queue', false, event.at);
    mark(
      event,
      `host:${event.host}`,
      'neutral',
      'queue empty again',
      only === null
        ? `The queue of ${letterOf(event.host)} is empty again`
        : `Nothing of it is left in the queue of ${letterOf(event.host)}`,
    );
  };

  const failed = (event: LabEvent<'queue-fail'>): void => {
    const letter = letterAt(event.host, event.queueId);
    if (letter === undefined) return;
    const verb = event.expired ? 'gives up' : 'gives back';
    mark(
      event,
      `host:${event.host}`,
      'failed',
      event.expired ? 'gave up' : 'sent back',
      `${letterOf(event.host)} ${verb} ${quoted(letter.subject)}: ${why(event.why)}`,
    );
    letter.late = true;
    // It is under way no more; the recipient will never know that it was.
    for (const rcpt of event.rcpts.map((index) => rcptsAt.get(`${event.host}/${event.queueId}`)?.[index]))
      if (rcpt !== undefined) draft.span(`person:${rcpt}`, 'awaits', letter.mail, false, event.at);
    settle(letter);
  };

  const power = (event: LabEvent<'host-off' | 'host-stop' | 'host-crash' | 'host-start'>): void => {
    const host = letterOf(event.host);
    const up = event.kind === 'host-start';
    const words = {
      'host-off': 'goes off',
      'host-stop': 'is stopped',
      'host-crash': 'crashes',
      'host-start': 'is up again',
    }[event.kind];
    draft.span(`host:${event.host}`, 'off', 'power', !up, event.at);
    mark(event, `host:${event.host}`, 'neutral', words, `${host} ${words}`);
  };

  const refused = (event: LabEvent<'message-refuse'>): void => {
    if (!isSpaceReply(event.reply)) return;
    if (draft.isOpen(`host:${event.host}`, 'full')) return;
    draft.span(`host:${event.host}`, 'full', 'disk', true, event.at);
    mark(
      event,
      `host:${event.host}`,
      'failed',
      'disk full',
      `The disk of ${letterOf(event.host)} is full: it says ${replyText(event.reply)}`,
    );
  };

  /** A server that waited in vain for its client says 421, to whoever still hears it, and writes it down. */
  const waitedInVain = (event: LabEvent<'smtp-say'>): void => {
    if (
      only !== null ||
      event.side !== 'smtp-in' ||
      event.host === null ||
      !/^421 .*timeout exceeded/.test(event.lines[0] ?? '')
    )
      return;
    const source = known.session(event.session)?.source ?? null;
    mark(
      event,
      `host:${event.host}`,
      'waiting',
      GAVE_UP,
      `${letterOf(event.host)} hears no more from ${source === null ? 'a mail program' : letterOf(source)}, and gives up. Its log says: timeout`,
    );
  };

  const told = (event: LabEvent<'dsn-sent'>): void => {
    const about = letterAt(event.host, event.about);
    if (about === undefined) return;
    reports.set(event.mail, { about, action: event.action, by: event.host });
    const { meaning, says } = REPORTS[event.action];
    mark(
      event,
      `host:${event.host}`,
      meaning,
      `tells ${localPart(event.to)}`,
      `${letterOf(event.host)} tells ${localPart(event.to)} that ${quoted(about.subject)} ${says}`,
      about.mail,
    );
  };

  return {
    take(event: LabEvent): void {
      known.take(event);
      from ??= event.at;
      to = event.at;
      switch (event.kind) {
        case 'host-add':
          return void draft.lane(`host:${event.host}`, 'admin', letterOf(event.host), event.settings.name);
        case 'message-accept':
          return accept(event);
        case 'mailbox-deliver':
          return inMailbox(event);
        case 'queue-defer':
          return deferred(event);
        case 'queue-remove':
          return leave(event);
        case 'queue-fail':
          return failed(event);
        case 'message-refuse':
          return refused(event);
        case 'dsn-sent':
          return told(event);
        case 'smtp-say':
          return waitedInVain(event);
        case 'host-off':
        case 'host-stop':
        case 'host-crash':
        case 'host-start':
          return power(event);
        case 'queue-deliver': {
          const letter = letterAt(event.host, event.queueId);
          if (event.how !== 'relayed' || letter === undefined || event.peer === null) return;
          return mark(
            event,
            `host:${event.host}`,
            'arrived',
            'log says sent',
            `${letterOf(event.host)} has handed ${quoted(letter.subject)} to ${known.letterOf(event.peer)}. Its log says: sent, ${event.reply.code}`,
          );
        }
        case 'queue-discard': {
          const letter = letterAt(event.host, event.queueId);
          if (letter === undefined || event.reason !== 'deleted') return;
          mark(
            event,
            `host:${event.host}`,
            'act',
            'deleted',
            `Somebody deletes ${quoted(letter.subject)} from the queue of ${letterOf(event.host)}, and nobody is told`,
          );
          letter.late = true;
          return settle(letter);
        }
        case 'dsn-none': {
          const about = letterAt(event.host, event.about);
          if (about === undefined || event.action !== 'failed') return;
          return mark(
            event,
            `host:${event.host}`,
            'failed',
            'tells nobody',
            `${letterOf(event.host)} tells nobody that ${quoted(about.subject)} failed: ${event.reason === 'notify' ? 'its sender asked for no report' : 'it has no sender'}`,
          );
        }
        case 'submit-fail': {
          const sender = event.from.toLowerCase();
          if (only !== null || sender === '') return;
          draft.lane(`person:${sender}`, 'sender', localPart(sender), sender);
          return mark(
            event,
            `person:${sender}`,
            'failed',
            'not taken',
            `${letterOf(event.host)} does not take what ${localPart(sender)} hands in: ${why(event.why)}`,
          );
        }
      }
    },
    view: (): LanesView => ({ lanes: draft.lanes(), groups: [...groups.values()], from: from ?? 0, to }),
  };
}
