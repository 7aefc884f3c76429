/**
 * The story of a lab, a line per event that matters: from a journal event to words that a sysadmin reads as a mail log.
 *
 * A teller is fed every event after it was folded into the state, and answers with a line, or null for what is
 * only worth telling when all is told (verbose). It remembers names of messages, no more.
 */
import type { LabEvent } from '../contract/events.ts';
import type { LabState } from '../contract/model.ts';
import { replyText, wordsOf } from '../contract/why-words.ts';
import { createNames } from './names.ts';
import { actWords } from './story-acts.ts';
import { plain, type Context, type StoryLine } from './story-line.ts';
import { aboutMail, accepted, attemptFail, deferred, delivered, failed, noReport, relayed, reportSent, route } from './story-mail.ts';
import { everyWord } from './story-rest.ts';
import { hostAtAddress, hostWord } from './words.ts';

export interface Teller {
  tell(event: LabEvent): StoryLine[];
}

/** `past`: events of a lab that is opened again; nothing is told of them, but names come from there. */
export function createTeller(state: LabState, options: { verbose: boolean; past: readonly LabEvent[] }): Teller {
  const names = createNames(state);
  for (const event of options.past) names.note(event);
  return {
    tell(event) {
      names.note(event);
      const line = storyOf(event, { state, names });
      if (options.verbose) return [line ?? { ...plain(event, ...everyWord(event, state)), tone: 'quiet' }];
      return line === null ? [] : [line];
    },
  };
}

function storyOf(event: LabEvent, context: Context): StoryLine | null {
  const { state } = context;
  switch (event.kind) {
    case 'person-act':
      return {
        ...plain(event, event.by === 'script' ? 'script' : 'you', actWords(event.act, state)),
        tone: 'act',
        news: event.act.do !== 'send',
      };
    case 'step-refuse':
      return { ...plain(event, 'script', `step ${event.step} can't be done${event.allowed ? ', as its lab allows' : ''}: ${event.message}`), tone: event.allowed ? 'quiet' : 'bad' };
    case 'lab-reopen':
      return plain(event, 'lab', 'goes on: queues and mailboxes are as they were, open connections are gone');
    case 'firewall-drop':
      return firewall(event, 'drops', context);
    case 'firewall-reject':
      return firewall(event, 'rejects', context);
    case 'link-connect':
      return event.outside === undefined || event.host === 'dns'
        ? null
        : plain(event, 'client', `connects to ${hostWord(event.host)} from ${event.sourceAddress} (${event.outside})`);
    case 'link-silence':
      return event.source === null ? plain(event, 'client', `calls ${hostAtAddress(event.targetAddress, state)}: silence`) : null;
    case 'link-refuse':
      return event.source === null
        ? plain(event, 'client', `calls ${hostAtAddress(event.targetAddress, state)}: connection refused`)
        : null;
    case 'fault-strike':
      return { ...plain(event, 'fault', `${event.id} strikes${event.host ? ` at ${hostWord(event.host)}` : ''}`), tone: 'bad' };
    case 'attempt-route':
      return route(event, context);
    case 'attempt-fail':
      return attemptFail(event, context);
    case 'message-accept':
      return accepted(event, context);
    case 'message-refuse':
      return refused(event, context);
    case 'queue-deliver':
      return relayed(event, context);
    case 'queue-defer':
      return deferred(event, context);
    case 'queue-fail':
      return failed(event, context);
    case 'queue-discard':
      return aboutMail(event, event.queueId, context, (it) => `${it} is dropped: ${DISCARDED[event.reason]}`, { tone: 'bad' });
    case 'queue-hold':
      return aboutMail(event, event.queueId, context, (it) => `${it} is held`);
    case 'queue-release':
      return aboutMail(event, event.queueId, context, (it) => `${it} is released`);
    case 'dsn-sent':
      return reportSent(event, context);
    case 'dsn-none':
      return noReport(event, context);
    case 'submit-fail':
      return event.why.kind === 'reply'
        ? null
        : {
            ...plain(event, 'client', `can't hand ${event.name ?? 'its message'} to ${hostWord(event.host)}: ${wordsOf(event.why)}`),
            tone: 'bad',
          };
    case 'mailbox-deliver':
      return delivered(event, context);
    case 'mailbox-remove':
      return plain(event, hostWord(event.host), `a message is removed from ${event.user}'s mailbox`);
    default:
      return null;
  }
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
  return { ...plain(event, actor, text), tone: 'bad', thread: `${event.host} refusals`, about: 'clients', counted: 'refused' };
}
