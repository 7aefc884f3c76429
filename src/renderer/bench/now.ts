/** The line above the map: what just happened, in a sentence, and what comes next. Pure; the fold takes the oldest event first. */
import type { LabEvent } from '../../contract/events.ts';
import type { Instant, MailId } from '../../contract/model.ts';
import type { Upcoming } from '../../contract/lab-api.ts';
import type { BenchView, QueueRow } from '../../contract/views.ts';
import { plainWords } from '../../contract/why-words.ts';
import type { Why } from '../../contract/why.ts';
import { createKnown, letter } from '../lab/known.ts';
import { rowOf } from '../lab/rows.ts';
import { counted, plural } from '../lab/words.ts';
import type { Motion } from './motion.ts';
import { quoted } from './words.ts';

export interface NowView {
  text: string;
  at: Instant;
  mail: MailId | null;
}

export interface Next {
  text: string;
  when: Instant;
  /** Waiting mail, or a step of the script. */
  meaning: 'waiting' | 'act' | 'neutral';
}

const localPart = (address: string): string => address.split('@')[0] || 'nobody';

export function createNow(): { take(event: LabEvent): void; view(): NowView | null } {
  const known = createKnown();
  let now: NowView | null = null;
  /** Who found which message in a mailbox last. */
  let found: { mail: MailId; user: string; host: string } | null = null;

  const subject = (event: LabEvent): string => quoted(known.subject(event.mail ?? known.mailOn(event.session)) ?? '');
  const failed = (why: Why): string => plainWords(why, known.letterOf);
  const caller = (event: LabEvent): string => known.clientOn(event.session);
  const target = (event: LabEvent): string => letter(known.session(event.session)?.target) || 'nobody';

  const mailText = (event: LabEvent): string | null => {
    switch (event.kind) {
      case 'message-accept':
        return event.origin === 'report'
          ? null
          : known.session(event.session)?.source
            ? null
            : `${letter(event.host)} took ${subject(event)} from ${localPart(event.envelope.sender)}`;
      case 'message-refuse':
        return known.session(event.session)?.source
          ? null
          : `${letter(event.host)} refused a message from ${caller(event)}`;
      case 'tx-begin':
        return `${letter(event.host)} is handing ${subject(event)} to ${target(event)}`;
      case 'mailbox-deliver':
        found = { mail: event.message.mail, user: event.user, host: letter(event.host) };
        return `${quoted(event.message.subject)} is in ${event.user}’s mailbox`;
      case 'queue-deliver': {
        if (event.how === 'mailbox') return null;
        if (found !== null && found.mail === event.mail)
          return `${found.host} put ${subject(event)} into ${found.user}’s mailbox`;
        return event.peer === null
          ? null
          : `${known.letterOf(event.peer)} has ${subject(event)} from ${letter(event.host)}, and answers for it now`;
      }
      case 'attempt-fail':
        return failed(event.why);
      case 'queue-defer':
        return `${letter(event.host)} keeps ${subject(event)} and will try again. ${failed(event.why)}`;
      case 'queue-fail':
        return `${letter(event.host)} ${event.expired ? 'gave up' : 'could not deliver'} ${subject(event)}. ${failed(event.why)}`;
      case 'dsn-sent':
        return `${letter(event.host)} tells ${localPart(event.to)}: ${quoted(known.subject(known.mailAs(event.host, event.about)) ?? '')} is ${event.action}`;
      case 'submit-fail':
        return `${letter(event.host)} did not take ${localPart(event.from)}’s message. ${failed(event.why)}`;
      default:
        return null;
    }
  };

  const wireText = (event: LabEvent): string | null => {
    switch (event.kind) {
      case 'queue-try':
        return `${letter(event.host)} asks who takes mail for ${event.domain}`;
      case 'link-connect':
        return event.source === null
          ? `${letter(event.host)} is called by a mail program`
          : `${letter(event.source)} calls ${letter(event.host)}`;
      case 'firewall-drop':
        return `The firewall dropped ${caller(event)}’s call to ${target(event)}; ${caller(event)} waits for an answer`;
      case 'firewall-reject':
        return `The firewall rejected ${caller(event)}’s call to ${target(event)}`;
      case 'link-silence':
        return `${caller(event)} calls ${target(event)}, and nobody answers`;
      case 'link-refuse':
        return `${target(event)} refused ${caller(event)}’s call`;
      case 'smtp-say':
        return event.side === 'smtp-in' || event.lines.at(-1) !== '.'
          ? null
          : `${caller(event)} waits for ${target(event)}’s answer to the whole message`;
      case 'link-lost':
        return `${counted(event.bytes)} bytes from ${event.from === 'client' ? caller(event) : target(event)} were lost on the way`;
      default:
        return null;
    }
  };

  const worldText = (event: LabEvent): string | null => {
    switch (event.kind) {
      case 'lab-open':
        return 'The lab is open. Nothing has happened yet';
      case 'lab-end':
        return 'The story is over. Everything can still be touched';
      case 'person-act':
      case 'host-start':
      case 'host-stop':
      case 'host-crash':
      case 'host-off':
      case 'step-refuse': {
        const row = rowOf(event, known);
        return row === null ? null : [row.from, row.text].filter((one) => one !== '').join(': ');
      }
      default:
        return null;
    }
  };

  return {
    take(event) {
      known.take(event);
      const text = mailText(event) ?? wireText(event) ?? worldText(event);
      if (text !== null) now = { text, at: event.at, mail: event.mail ?? known.mailOn(event.session) };
    },
    view: () => now,
  };
}

interface World {
  bench: Pick<BenchView, 'script'>;
  rows: readonly QueueRow[];
  upcoming: readonly Upcoming[];
  motion: Motion;
  now: Instant;
}

/** The soonest thing that happens if nobody does anything; null when nothing is due. */
export function nextOf({ bench, rows, upcoming, motion, now }: World): Next | null {
  const found = [
    nextTry(rows, now),
    nextTimeout(upcoming, motion, now),
    nextSend(upcoming, now),
    nextStep(bench, now),
  ].filter((one) => one !== null);
  return found.reduce<Next | null>((best, one) => (best === null || one.when < best.when ? one : best), null);
}

function nextTry(rows: readonly QueueRow[], now: Instant): Next | null {
  const due = rows.filter(({ nextAt, held }) => !held && nextAt !== null && nextAt >= now);
  const first = due.reduce<QueueRow | null>(
    (best, row) => (best === null || row.nextAt! < best.nextAt! ? row : best),
    null,
  );
  if (first === null) return null;
  const same = due.filter(({ host, nextAt }) => host === first.host && nextAt === first.nextAt);
  const what = same.length > 1 ? plural(same.length, 'message') : quoted(first.subject, 28);
  return {
    text: `${letter(first.host)} tries ${what}${first.tryCount > 0 ? ' again' : ''}`,
    when: first.nextAt!,
    meaning: 'waiting',
  };
}

/** Whoever waits for an answer will stop. Time-outs have technical names: it is told only when it is plain whose it is. */
function nextTimeout(upcoming: readonly Upcoming[], { wires, flights }: Motion, now: Instant): Next | null {
  const calling = wires.filter(
    ({ state, overAt, from }) => (state === 'stopped' || state === 'waiting') && overAt === null && from !== null,
  );
  const dial = upcoming.find(({ name, when }) => name.startsWith('dial ') && when >= now);
  if (dial !== undefined && calling.length === 1)
    return {
      text: `${letter(calling[0]!.from)} stops waiting for ${letter(calling[0]!.to)}`,
      when: dial.when,
      meaning: 'neutral',
    };
  const waiting = flights.filter(({ end, phase }) => end === null && phase === 'waits');
  const idle = upcoming.find(({ name, when }) => /^line \d+ 1 idle$/.test(name) && when >= now);
  if (idle !== undefined && waiting.length === 1 && waiting[0]!.from !== null)
    return {
      text: `${letter(waiting[0]!.from)} stops waiting for ${letter(waiting[0]!.to)}`,
      when: idle.when,
      meaning: 'neutral',
    };
  return null;
}

function nextSend(upcoming: readonly Upcoming[], now: Instant): Next | null {
  const due = upcoming.find(({ name, when }) => name.startsWith('submit ') && when >= now);
  return due === undefined ? null : { text: 'the next message is handed in', when: due.when, meaning: 'act' };
}

function nextStep({ script }: Pick<BenchView, 'script'>, now: Instant): Next | null {
  if (script.ended || !script.scripted || script.nextStepAt === null || script.nextStepAt < now) return null;
  return { text: 'the story goes on', when: script.nextStepAt, meaning: 'act' };
}
