/** Lines about a message: what a host makes of it, from the queue to the mailbox or the bounce. */
import type { LabEvent } from '../contract/events.ts';
import type { HostKey, LabState, QueueId } from '../contract/model.ts';
import { replyText, wordsOf } from '../contract/why-words.ts';
import type { Why } from '../contract/why.ts';
import { formatDuration, formatSize } from '../engine/scenario/index.ts';
import type { Context, StoryLine } from './story-line.ts';
import { hostWord, listed, peerWord, whenWords } from './words.ts';

type Words = Partial<Pick<StoryLine, 'tone' | 'counted'>> & { same?: string };

/** A line about a message in a host's queue; `say` gets its name, and once more the name of its thread. */
export function aboutMail(
  event: LabEvent & { host: HostKey },
  queueId: QueueId,
  context: Context,
  say: (it: string) => string,
  words: Words = {},
): StoryLine {
  const name = context.names.ofEntry(event.host, queueId);
  return {
    at: event.at,
    actor: hostWord(event.host),
    text: say(name.label),
    tone: words.tone ?? 'plain',
    news: false,
    folds: false,
    thread: `${event.host} ${name.group}`,
    about: name.group,
    same: words.same ?? `${event.kind} ${say(name.group)}`,
    counted: words.counted ?? null,
  };
}

export function route(event: LabEvent<'attempt-route'>, context: Context): StoryLine {
  const bare = event.domain.replace(/\.$/, '');
  const short = (name: string) => {
    const plainName = name.replace(/\.$/, '');
    return plainName === bare
      ? bare
      : plainName.endsWith(`.${bare}`)
        ? plainName.slice(0, -bare.length - 1)
        : plainName;
  };
  const list = event.candidates.map(({ preference, name }) => `${preference} ${short(name)}`).join(', ');
  const implicit = event.candidates.some((one) => one.implicit);
  const answer = implicit ? `none; its own address is ${event.candidates[0]?.addresses.join(', ')}` : list;
  const dropped = event.dropped.map(({ name, reason }) => `; leaves out ${short(name)}: ${reason}`).join('');
  const text = `DNS: MX ${bare}? ${answer}${dropped}`;
  return aboutMail(event, event.queueId, context, () => text);
}

export function attemptFail(event: LabEvent<'attempt-fail'>, context: Context): StoryLine | null {
  // The last one's reason is told with what becomes of the message.
  if (event.next === null && !event.limit) return null;
  const then =
    event.next === null
      ? 'one try talks to no more servers than this (mx-sessions)'
      : `on to ${peerWord(event.next, context.state)}`;
  return aboutMail(event, event.queueId, context, () => `${wordsOf(event.why)}; ${then}`, {
    same: `attempt-fail ${reasonOf(event.why)}`,
  });
}

export function accepted(event: LabEvent<'message-accept'>, context: Context): StoryLine | null {
  if (event.origin === 'report') return null;
  const { label, group } = context.names.ofEntry(event.host, event.queueId);
  const from = event.envelope.sender === '' ? '<>' : event.envelope.sender;
  const to = listed(event.rcpts.map(({ address }) => address));
  const name = label === event.queueId ? '' : ` ${label}`;
  return aboutMail(
    event,
    event.queueId,
    context,
    () => `queued ${event.queueId}${name} from ${from} to ${to} (${formatSize(event.size)})`,
    { same: `queued ${group} ${from} ${to}`, counted: 'queued' },
  );
}

export function relayed(event: LabEvent<'queue-deliver'>, context: Context): StoryLine | null {
  if (event.how === 'mailbox') return null;
  const peer = event.peer === null ? 'another host' : peerWord(event.peer, context.state);
  const rcpts = rcptWords(event, context.state);
  return aboutMail(
    event,
    event.queueId,
    context,
    (it) => `${it}${rcpts} relayed to ${peer}: ${replyText(event.reply)}`,
    {
      tone: 'good',
      same: `relayed ${peer} ${event.reply.code}`,
      counted: 'relayed',
    },
  );
}

export function delivered(event: LabEvent<'mailbox-deliver'>, context: Context): StoryLine {
  const { message } = event;
  return aboutMail(
    event,
    message.queueId,
    context,
    (it) =>
      `${event.user}${event.user.endsWith('s') ? "'" : "'s"} mailbox has ${it}: "${message.subject}" (${formatSize(message.sizeBytes)})`,
    { tone: 'good', same: `mailbox ${event.user}`, counted: 'delivered' },
  );
}

export function deferred(event: LabEvent<'queue-defer'>, context: Context): StoryLine {
  const until = whenWords(event.retryAt, event.at);
  const rcpts = rcptWords(event, context.state);
  return aboutMail(
    event,
    event.queueId,
    context,
    (it) => `${it}${rcpts} put off until ${until} (${wordsOf(event.why)})`,
    {
      tone: 'wait',
      same: `put off ${reasonOf(event.why)}`,
      counted: 'tries',
    },
  );
}

export function failed(event: LabEvent<'queue-fail'>, context: Context): StoryLine {
  const entry = context.state.hosts[event.host]?.queue[event.queueId];
  const age = entry === undefined ? '' : ` after ${formatDuration(event.at - entry.arrivedAt)}`;
  const end = event.expired ? `given up${age}` : 'failed';
  const rcpts = rcptWords(event, context.state);
  return aboutMail(event, event.queueId, context, (it) => `${it}${rcpts} ${end} (${wordsOf(event.why)})`, {
    tone: 'bad',
    same: `failed ${reasonOf(event.why)}`,
    counted: 'bounced',
  });
}

/** Reasons that differ only in ids are one reason; a destination taken for dead is its last failure. */
function reasonOf(why: Why): string {
  return why.kind === 'suspended' ? reasonOf(why.last) : wordsOf(why).replace(/\b[0-9A-F]{10,}\b/g, '#');
}

/** Which recipients, when it is not about all of several. */
function rcptWords(event: { host: HostKey; queueId: QueueId; rcpts: number[] }, state: LabState): string {
  const all = state.hosts[event.host]?.queue[event.queueId]?.rcpts ?? [];
  if (all.length < 2) return '';
  return ` for ${listed(event.rcpts.flatMap((index) => all[index]?.address ?? []))}`;
}

const TOLD: Record<LabEvent<'dsn-sent'>['action'], (it: string) => string> = {
  delayed: (it) => `of the delay of ${it}`,
  failed: (it) => `that ${it} could not be delivered`,
  delivered: (it) => `that ${it} was delivered`,
  relayed: (it) => `that ${it} was passed on`,
};

export function reportSent(event: LabEvent<'dsn-sent'>, context: Context): StoryLine {
  const to = person(event.to, context.state);
  const tone = event.action === 'failed' ? 'bad' : 'wait';
  return aboutMail(event, event.about, context, (it) => `tells ${to} ${TOLD[event.action](it)}`, {
    tone,
    counted: 'reported',
  });
}

/** Of a failure: a delay of which nobody is told is no news. */
export function noReport(event: LabEvent<'dsn-none'>, context: Context): StoryLine | null {
  if (event.action !== 'failed') return null;
  const why =
    event.reason === 'notify'
      ? 'its sender asked for no report'
      : 'it has the null sender, and a report is never reported';
  return aboutMail(event, event.about, context, (it) => `tells nobody that ${it} failed: ${why}`, {
    tone: 'bad',
    counted: 'reported',
  });
}

/** carol, where she is one of the lab's people. */
function person(address: string, state: LabState): string {
  const [local = '', domain = ''] = address.split('@');
  const isHere = Object.values(state.hosts).some(
    ({ settings }) =>
      settings.finalDomains.includes(domain) && (settings.mailboxes === null || settings.mailboxes.includes(local)),
  );
  return isHere ? local : address;
}
