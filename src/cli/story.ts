/**
 * The story of a lab, a line per event that matters: from a journal event to words that a sysadmin reads as a mail log.
 *
 * A teller is fed every event after it was folded into the state, and answers with a line, or null for what is
 * only worth telling when all is told (verbose). It remembers names of messages and how far attempts are, no more.
 */
import type { LabEvent } from '../contract/events.ts';
import type { HostKey, Instant, LabState, QueueId } from '../contract/model.ts';
import { isPermanent, replyText, wordsOf } from '../contract/why-words.ts';
import type { Why } from '../contract/why.ts';
import { formatDuration, formatSize } from '../engine/scenario/index.ts';
import { createNames, type MailNames } from './names.ts';
import type { Tone } from './screen.ts';
import { actWords } from './story-acts.ts';
import { everyWord } from './story-rest.ts';
import { hostAtAddress, hostWord, listed, peerWord, whenWords } from './words.ts';

/** What a folded line counts as: `12 more tries`. null: a detail of a try, not counted. */
export type Counted = 'queued' | 'tries' | 'relayed' | 'delivered' | 'bounced' | 'reported' | 'refused' | null;

export interface StoryLine {
  at: Instant;
  /** Who does it: `A`, `firewall`, `script`. */
  actor: string;
  text: string;
  tone: Tone;
  /** Lines of one thread that say the same may be folded; null: always shown. */
  thread: string | null;
  /** What a thread is called. */
  about: string;
  /** Equal in two lines that differ in ids, sizes and times only. */
  same: string;
  counted: Counted;
  /** The world was changed: what comes now is news again. */
  news: boolean;
  /** Stands for lines that were folded; its instant is that of the last one. */
  folds: boolean;
}

export interface Teller {
  tell(event: LabEvent): StoryLine[];
}

/** `past`: events of a lab that is opened again; nothing is told of them, but names come from there. */
export function createTeller(state: LabState, options: { verbose: boolean; past: readonly LabEvent[] }): Teller {
  const names = createNames(state);
  for (const event of options.past) names.note(event);
  const attempts = new Map<string, string[]>();
  /** A failure is reported first and entered then: people read it the other way round. */
  let held: { entry: string; line: StoryLine } | null = null;
  const release = (): StoryLine[] => {
    const lines = held === null ? [] : [held.line];
    held = null;
    return lines;
  };
  return {
    tell(event) {
      names.note(event);
      const line = storyOf(event, { state, names, attempts });
      if (options.verbose) return [line ?? { ...plain(event, ...everyWord(event, state)), tone: 'quiet' }];
      if (line === null) return [];
      if (event.kind === 'dsn-sent' && event.action === 'failed') {
        const before = release();
        held = { entry: `${event.host} ${event.about}`, line };
        return before;
      }
      if (event.kind === 'queue-fail' && held?.entry === `${event.host} ${event.queueId}`) return [line, ...release()];
      return [...release(), line];
    },
  };
}

interface Context {
  state: LabState;
  names: MailNames;
  /** Hosts not tried yet, the one that is being tried first, by attempt. */
  attempts: Map<string, string[]>;
}

function storyOf(event: LabEvent, context: Context): StoryLine | null {
  const { state } = context;
  switch (event.kind) {
    case 'person-act': return { ...plain(event, event.by === 'script' ? 'script' : 'you', actWords(event.act, state)), tone: 'act', news: event.act.do !== 'send' };
    case 'lab-reopen': return plain(event, 'lab', 'goes on: queues and mailboxes are as they were, open connections are gone');
    case 'firewall-drop': return firewall(event, 'drops', context);
    case 'firewall-reject': return firewall(event, 'rejects', context);
    case 'link-connect': return event.outside === undefined || event.host === 'dns' ? null : plain(event, 'client', `connects to ${hostWord(event.host)} from ${event.sourceAddress} (${event.outside})`);
    case 'link-silence': return event.source === null ? plain(event, 'client', `calls ${hostAtAddress(event.targetAddress, state)}: silence`) : null;
    case 'link-refuse': return event.source === null ? plain(event, 'client', `calls ${hostAtAddress(event.targetAddress, state)}: connection refused`) : null;
    case 'fault-strike': return { ...plain(event, 'fault', `${event.id} strikes${event.host ? ` at ${hostWord(event.host)}` : ''}`), tone: 'bad' };
    case 'attempt-route': return route(event, context);
    case 'attempt-fail': return attemptFail(event, context);
    case 'message-accept': return accepted(event, context);
    case 'message-refuse': return refused(event, context);
    case 'queue-deliver': return relayed(event, context);
    case 'queue-defer': return deferred(event, context);
    case 'queue-fail': return failed(event, context);
    case 'queue-discard': return aboutMail(event, event.queueId, context, (it) => `${it} is dropped: ${DISCARDED[event.reason]}`, { tone: 'bad' });
    case 'queue-hold': return aboutMail(event, event.queueId, context, (it) => `${it} is held`);
    case 'queue-release': return aboutMail(event, event.queueId, context, (it) => `${it} is released`);
    case 'dsn-sent': return aboutMail(event, event.about, context, (it) => `tells ${person(event.to, state)} ${TOLD[event.action](it)}`, { tone: event.action === 'failed' ? 'bad' : 'wait', counted: 'reported' });
    case 'dsn-none': return event.action !== 'failed' ? null : aboutMail(event, event.about, context, (it) => `tells nobody that ${it} failed: ${event.reason === 'notify' ? 'its sender asked for no report' : 'it has the null sender, and a report is never reported'}`, { tone: 'bad', counted: 'reported' });
    case 'submit-fail': return event.why.kind === 'reply' ? null : { ...plain(event, 'client', `can't hand ${event.name ?? 'its message'} to ${hostWord(event.host)}: ${wordsOf(event.why)}`), tone: 'bad' };
    case 'mailbox-deliver': return delivered(event, context);
    case 'mailbox-remove': return plain(event, hostWord(event.host), `a message is removed from ${event.user}'s mailbox`);
    default: return null;
  }
}

const DISCARDED = { 'notify-never': 'its sender asked for no report', 'null-sender': 'a report that can\'t be delivered is not reported', deleted: 'a person deleted it' };

const TOLD: Record<LabEvent<'dsn-sent'>['action'], (it: string) => string> = {
  delayed: (it) => `of the delay of ${it}`,
  failed: (it) => `that ${it} could not be delivered`,
  delivered: (it) => `that ${it} was delivered`,
  relayed: (it) => `that ${it} was passed on`,
};

/** A line that is always shown. */
function plain(event: LabEvent, actor: string, text: string): StoryLine {
  return { at: event.at, actor, text, tone: 'plain', thread: null, about: '', same: text, counted: null, news: false, folds: false };
}

type Words = Partial<Pick<StoryLine, 'tone' | 'counted'>> & { same?: string };

/** A line about a message in a host's queue; `say` gets its name, and once more the name of its thread. */
function aboutMail(event: LabEvent & { host: HostKey }, queueId: QueueId, context: Context, say: (it: string) => string, words: Words = {}): StoryLine {
  const name = context.names.ofEntry(event.host, queueId);
  return {
    at: event.at, actor: hostWord(event.host), text: say(name.label), tone: words.tone ?? 'plain', news: false, folds: false,
    thread: `${event.host} ${name.group}`, about: name.group, same: words.same ?? `${event.kind} ${say(name.group)}`, counted: words.counted ?? null,
  };
}

function firewall(event: LabEvent<'firewall-drop' | 'firewall-reject'>, verb: string, { state }: Context): StoryLine {
  const { rules } = state.network.firewall;
  const rule = event.rule === null ? null : rules[event.rule];
  const source = event.source === null ? `a client (${event.sourceAddress})` : hostWord(event.source);
  const says = rule === null || rule === undefined
    ? `default ${state.network.firewall.fallback}`
    : `rule ${event.rule! + 1}: ${rule.action} ${rule.source} -> ${rule.target}${rule.port === 'any' ? '' : ` port ${rule.port}`}`;
  const text = `${verb} ${source} → ${hostAtAddress(event.targetAddress, state)} port ${event.targetPort} (${says})`;
  return { ...plain(event, 'firewall', text), tone: 'bad', thread: event.source === null ? null : `${event.source} firewall`, about: 'firewall' };
}

function route(event: LabEvent<'attempt-route'>, context: Context): StoryLine {
  context.attempts.set(event.attempt, event.order.map((target) => targetWord(target, context.state)));
  const bare = event.domain.replace(/\.$/, '');
  const short = (name: string) => {
    const plainName = name.replace(/\.$/, '');
    return plainName === bare ? bare : plainName.endsWith(`.${bare}`) ? plainName.slice(0, -bare.length - 1) : plainName;
  };
  const list = event.candidates.map(({ preference, name }) => `${preference} ${short(name)}`).join(', ');
  const implicit = event.candidates.some((one) => one.implicit);
  const answer = implicit ? `none; its own address is ${event.candidates[0]?.addresses.join(', ')}` : list;
  const dropped = event.dropped.map(({ name, reason }) => `; leaves out ${short(name)}: ${reason}`).join('');
  const text = `DNS: MX ${bare}? ${answer}${dropped}`;
  return aboutMail(event, event.queueId, context, () => text);
}

function attemptFail(event: LabEvent<'attempt-fail'>, context: Context): StoryLine | null {
  const [, ...left] = context.attempts.get(event.attempt) ?? [];
  const [next] = left;
  // The last one's reason is told with what becomes of the message.
  if (next === undefined || isFinal(event.why)) {
    context.attempts.delete(event.attempt);
    return null;
  }
  context.attempts.set(event.attempt, left);
  return aboutMail(event, event.queueId, context, () => `${wordsOf(event.why)}; on to ${next}`, { same: `attempt-fail ${reasonOf(event.why)}` });
}

/** `B`, from `b.theorganisation.test[198.51.100.20]` */
function targetWord(target: string, state: LabState): string {
  const [, name = target, address = ''] = /^(.*)\[(.*)\]$/.exec(target) ?? [];
  return peerWord({ name, address }, state);
}

const isFinal = (why: Why) => isPermanent(why) && why.kind === 'reply' && why.stage !== 'ehlo';

function accepted(event: LabEvent<'message-accept'>, context: Context): StoryLine | null {
  if (event.origin === 'report') return null;
  const { label, group } = context.names.ofEntry(event.host, event.queueId);
  const from = event.envelope.sender === '' ? '<>' : event.envelope.sender;
  const to = listed(event.rcpts.map(({ address }) => address));
  const name = label === event.queueId ? '' : ` ${label}`;
  return aboutMail(event, event.queueId, context, () => `queued ${event.queueId}${name} from ${from} to ${to} (${formatSize(event.size)})`, { same: `queued ${group} ${from} ${to}`, counted: 'queued' });
}

/** To a peer of the lab a refusal is told by the peer, as what became of its attempt. */
function refused(event: LabEvent<'message-refuse'>, { state }: Context): StoryLine | null {
  if (state.network.open[event.session]?.source !== null) return null;
  const text = `says no to a client${event.address === null ? '' : ` about ${event.address}`}: ${replyText(event.reply)}`;
  const actor = hostWord(event.host);
  return { ...plain(event, actor, text), tone: 'bad', thread: `${event.host} refusals`, about: 'clients', counted: 'refused' };
}

function relayed(event: LabEvent<'queue-deliver'>, context: Context): StoryLine | null {
  if (event.how === 'mailbox') return null;
  const peer = event.peer === null ? 'another host' : peerWord(event.peer, context.state);
  const rcpts = rcptWords(event, context.state);
  return aboutMail(event, event.queueId, context, (it) => `${it}${rcpts} relayed to ${peer}: ${replyText(event.reply)}`, { tone: 'good', same: `relayed ${peer} ${event.reply.code}`, counted: 'relayed' });
}

function delivered(event: LabEvent<'mailbox-deliver'>, context: Context): StoryLine {
  const { message } = event;
  return aboutMail(event, message.queueId, context, (it) => `${event.user}${event.user.endsWith('s') ? "'" : "'s"} mailbox has ${it}: "${message.subject}" (${formatSize(message.sizeBytes)})`, { tone: 'good', same: `mailbox ${event.user}`, counted: 'delivered' });
}

function deferred(event: LabEvent<'queue-defer'>, context: Context): StoryLine {
  const until = whenWords(event.retryAt, event.at);
  const rcpts = rcptWords(event, context.state);
  return aboutMail(event, event.queueId, context, (it) => `${it}${rcpts} put off until ${until} (${wordsOf(event.why)})`, { tone: 'wait', same: `put off ${reasonOf(event.why)}`, counted: 'tries' });
}

function failed(event: LabEvent<'queue-fail'>, context: Context): StoryLine {
  const entry = context.state.hosts[event.host]?.queue[event.queueId];
  const age = entry === undefined ? '' : ` after ${formatDuration(event.at - entry.arrivedAt)}`;
  const end = event.expired ? `given up${age}` : 'failed';
  const rcpts = rcptWords(event, context.state);
  return aboutMail(event, event.queueId, context, (it) => `${it}${rcpts} ${end} (${wordsOf(event.why)})`, { tone: 'bad', same: `failed ${reasonOf(event.why)}`, counted: 'bounced' });
}

/** Reasons that differ only in ids are one reason; a destination held for dead is its last failure. */
function reasonOf(why: Why): string {
  return why.kind === 'suspended' ? reasonOf(why.last) : wordsOf(why).replace(/\b[0-9A-F]{10,}\b/g, '#');
}

/** Which recipients, when it is not about all of several. */
function rcptWords(event: { host: HostKey; queueId: QueueId; rcpts: number[] }, state: LabState): string {
  const all = state.hosts[event.host]?.queue[event.queueId]?.rcpts ?? [];
  if (all.length < 2) return '';
  return ` for ${listed(event.rcpts.flatMap((index) => all[index]?.address ?? []))}`;
}

/** carol, where she is one of the lab's people. */
function person(address: string, state: LabState): string {
  const [local = '', domain = ''] = address.split('@');
  const isHere = Object.values(state.hosts).some(({ settings }) => settings.finalDomains.includes(domain) && (settings.mailboxes === null || settings.mailboxes.includes(local)));
  return isHere ? local : address;
}
