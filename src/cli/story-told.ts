/** The events that a story tells: what each comes to, in a line. All the others are told when everything is: story-rest.ts. */
import type { EventKind, LabEvent } from '../contract/events.ts';
import { replyText, wordsOf } from '../contract/why-words.ts';
import { actWords } from './story-acts.ts';
import { plain, type Context, type StoryLine } from './story-line.ts';
import {
  aboutMail,
  accepted,
  attemptFail,
  deferred,
  delivered,
  failed,
  noReport,
  relayed,
  reportSent,
  route,
} from './story-mail.ts';
import { hostAtAddress, hostWord } from './words.ts';

type Tellers<Line> = { [K in EventKind]?: (event: LabEvent<K>, context: Context) => Line };

/** Told whenever they happen. */
export const ALWAYS = {
  'person-act': (event, { state }) => ({
    ...plain(event, event.by === 'script' ? 'script' : 'you', actWords(event.act, state)),
    tone: 'act',
    news: event.act.do !== 'send',
  }),
  'step-refuse': (event) => ({
    ...plain(
      event,
      'script',
      `step ${event.step} can't be done${event.allowed ? ', which its lab allows' : ''}: ${event.message}`,
    ),
    tone: event.allowed ? 'quiet' : 'bad',
  }),
  'lab-reopen': (event) =>
    plain(event, 'lab', 'goes on: queues and mailboxes are as they were, open connections are gone'),
  'firewall-drop': (event, context) => firewall(event, 'drops', context),
  'firewall-reject': (event, context) => firewall(event, 'rejects', context),
  'fault-strike': (event) => ({
    ...plain(event, 'fault', `${event.id} strikes${event.host ? ` at ${hostWord(event.host)}` : ''}`),
    tone: 'bad',
    thread: `fault ${event.id}`,
    about: event.id,
    counted: 'strikes',
  }),
  'attempt-route': route,
  'queue-defer': deferred,
  'queue-fail': failed,
  'queue-discard': (event, context) =>
    aboutMail(event, event.queueId, context, (it) => `${it} is dropped: ${DISCARDED[event.reason]}`, { tone: 'bad' }),
  'queue-hold': (event, context) => aboutMail(event, event.queueId, context, (it) => `${it} is held`),
  'queue-release': (event, context) => aboutMail(event, event.queueId, context, (it) => `${it} is released`),
  'dsn-sent': reportSent,
  'mailbox-deliver': delivered,
  'mailbox-remove': (event) => plain(event, hostWord(event.host), `a message is removed from ${event.user}'s mailbox`),
} satisfies Tellers<StoryLine>;

/** Told where they are more than a part of something else that is told. */
const SOMETIMES: Tellers<StoryLine | null> = {
  'link-connect': (event) =>
    event.outside === undefined || event.host === 'dns'
      ? null
      : plain(event, 'client', `connects to ${hostWord(event.host)} from ${event.sourceAddress} (${event.outside})`),
  'link-silence': (event, { state }) =>
    event.source === null
      ? plain(event, 'client', `calls ${hostAtAddress(event.targetAddress, state)}: silence`)
      : null,
  'link-refuse': (event, { state }) =>
    event.source === null
      ? plain(event, 'client', `calls ${hostAtAddress(event.targetAddress, state)}: connection refused`)
      : null,
  'attempt-fail': attemptFail,
  'message-accept': accepted,
  'message-refuse': refused,
  'queue-deliver': relayed,
  'dsn-none': noReport,
  'submit-fail': (event) =>
    event.why.kind === 'reply'
      ? null
      : {
          ...plain(
            event,
            'client',
            `can't hand ${event.name ?? 'its message'} to ${hostWord(event.host)}: ${wordsOf(event.why)}`,
          ),
          tone: 'bad',
        },
};

/** The line of an event; null: it is no part of the story. */
export function storyOf(event: LabEvent, context: Context): StoryLine | null {
  const tell = (ALWAYS as Tellers<StoryLine>)[event.kind] ?? SOMETIMES[event.kind];
  return (tell as ((event: LabEvent, context: Context) => StoryLine | null) | undefined)?.(event, context) ?? null;
}

const DISCARDED = {
  'notify-never': 'its sender asked for no report',
  'null-sender': "a report that can't be delivered is not reported",
  deleted: 'a person deleted it',
};

function firewall(event: LabEvent<'firewall-drop' | 'firewall-reject'>, verb: string, { state }: Context): StoryLine {
  const { rules } = state.network.firewall;
  const rule = event.rule === null ? null : rules[event.rule - 1];
  const source = event.source === null ? `a client (${event.sourceAddress})` : hostWord(event.source);
  const says =
    rule === null || rule === undefined
      ? `default ${state.network.firewall.fallback}`
      : `rule ${event.rule}: ${rule.action} ${rule.source} -> ${rule.target}${rule.port === 'any' ? '' : ` port ${rule.port}`}`;
  const text = `${verb} ${source} → ${hostAtAddress(event.targetAddress, state)} port ${event.targetPort} (${says})`;
  return {
    ...plain(event, 'firewall', text),
    tone: 'bad',
    thread: event.source === null ? null : `${event.source} firewall`,
    about: 'firewall',
  };
}

/** To a peer of the lab a refusal is told by the peer, as what became of its attempt. */
function refused(event: LabEvent<'message-refuse'>, { state }: Context): StoryLine | null {
  if (state.network.open[event.session]?.source !== null) return null;
  const text = `says no to a client${event.address === null ? '' : ` about ${event.address}`}: ${replyText(event.reply)}`;
  const actor = hostWord(event.host);
  return {
    ...plain(event, actor, text),
    tone: 'bad',
    thread: `${event.host} refusals`,
    about: 'clients',
    counted: 'refused',
  };
}
