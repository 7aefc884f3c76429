/**
 * What moves on the map, told by the events up to a moment: which envelopes are under way, what each line carried
 * last, and what the firewall stopped within the last attempt. A fold, oldest event first; pure, and without time:
 * how long an envelope is seen on its line is the picture's affair (envelopes.ts).
 */
import type { EventShapes, LabEvent } from '../../contract/events.ts';
import type { HostKey, Instant, MailId, SessionId } from '../../contract/model.ts';
import type { Reply } from '../../contract/why.ts';
import { createKnown, letter } from '../lab/known.ts';
import { ruleName, replyNote, whyNote, type Tone } from './words.ts';

export type { Tone } from './words.ts';

/** A message on its way over one connection: from a host, or from a person's program (`from` null). */
export interface Flight {
  /** Session, and the event at which it set out: `s3.50` */
  id: string;
  session: SessionId;
  from: HostKey | null;
  /** Who hands it in when it is no host: `carol`. */
  client: string;
  to: HostKey;
  attempt: string | null;
  mail: MailId | null;
  /** '' while nobody knows it. */
  subject: string;
  beganN: number;
  /** `waits`: all is said, and the reply is awaited. */
  phase: 'travels' | 'waits';
  /** Null: still under way. */
  end: { n: number; tone: Tone } | null;
}

export type WireState = 'idle' | 'live' | 'done' | 'waiting' | 'failed' | 'stopped';

/** What went on between two hosts last, in one direction. It stays until the next attempt of `from`. */
export interface WireNews {
  /** Null: a program that is no host. */
  from: HostKey | null;
  to: HostKey;
  state: WireState;
  session: SessionId | null;
  n: number;
  at: Instant;
  /** When the caller knew how it ended; null: it still waits. */
  overAt: Instant | null;
  /** What is written beside the line; '' for nothing. */
  note: string;
}

export interface Motion {
  /** The last event that is in it. */
  n: number;
  /** Those under way, and the last that were, in the order in which they set out. */
  flights: Flight[];
  wires: WireNews[];
}

/** So many flights that ended are kept, for pictures that come later. */
const ENDED_COUNT_MAX = 60;
const NEVER: Pick<WireNews, 'state' | 'session' | 'note' | 'overAt'> = {
  state: 'idle',
  session: null,
  note: '',
  overAt: null,
};

export const wireKey = (from: HostKey | null, to: HostKey): string => `${from ?? ''}>${to}`;

/** How long a program from outside waits for an answer is not the lab's to know: nothing is in flight. */
const isOutside = ({
  outside,
}: LabEvent<'firewall-drop' | 'firewall-reject' | 'link-refuse' | 'link-silence'>): boolean => outside !== undefined;

export interface MotionFold {
  take(event: LabEvent): void;
  view(): Motion;
}

export function createMotion(): MotionFold {
  const known = createKnown();
  const open = new Map<SessionId, Flight>();
  const ended: Flight[] = [];
  const wires = new Map<string, WireNews>();
  const hosts = new Set<HostKey>();
  let rules: EventShapes['firewall-set']['rules'] = [];
  let n = 0;

  const setWire = (from: HostKey | null, to: HostKey, event: LabEvent, news: Partial<WireNews>): void => {
    wires.set(wireKey(from, to), { ...NEVER, from, to, n: event.n, at: event.at, ...news });
  };
  const wireOf = (session: SessionId | null): WireNews | null => {
    const ends = known.session(session);
    return ends?.target ? (wires.get(wireKey(ends.source, ends.target)) ?? null) : null;
  };
  const begin = (session: SessionId, event: LabEvent, attempt: string | null): void => {
    const ends = known.session(session);
    if (!ends?.target) return;
    const subject = known.subject(event.mail) ?? '';
    open.set(session, {
      id: `${session}.${event.n}`,
      session,
      from: ends.source,
      client: ends.source === null ? known.clientOn(session) : '',
      to: ends.target,
      attempt,
      mail: event.mail ?? null,
      subject,
      beganN: event.n,
      phase: 'travels',
      end: null,
    });
    setWire(ends.source, ends.target, event, { state: 'live', session });
  };
  const end = (flight: Flight, event: LabEvent, tone: Tone, note: string): void => {
    open.delete(flight.session);
    ended.push({
      ...flight,
      mail: flight.mail ?? event.mail ?? null,
      subject: flight.subject || (known.subject(event.mail) ?? ''),
      end: { n: event.n, tone },
    });
    if (ended.length > 2 * ENDED_COUNT_MAX) ended.splice(0, ENDED_COUNT_MAX);
    setWire(flight.from, flight.to, event, {
      state: tone === 'arrived' ? 'done' : tone,
      session: flight.session,
      overAt: event.at,
      note,
    });
  };
  const flightOf = (attempt: string | null): Flight | undefined =>
    attempt === null ? undefined : [...open.values()].find((flight) => flight.attempt === attempt);
  const fail = (event: LabEvent<'attempt-fail' | 'queue-defer' | 'queue-fail' | 'submit-fail'>): void => {
    const { why } = event;
    const session = 'session' in event ? (event.session ?? null) : null;
    const flight =
      (session === null ? undefined : open.get(session)) ?? flightOf('attempt' in event ? event.attempt : null);
    const note = whyNote(why, flight ? letter(flight.to) : '');
    if (flight !== undefined) return end(flight, event, note.tone, note.text);
    const wire = wireOf(session);
    // A call after this one may still be waiting there.
    if (wire === null || wire.overAt !== null || wire.session !== session) return;
    const waited = wire.state === 'stopped' || wire.state === 'waiting';
    const news: Partial<WireNews> = waited
      ? {}
      : { state: note.tone === 'arrived' ? 'done' : note.tone, note: note.text };
    wires.set(wireKey(wire.from, wire.to), { ...wire, ...news, overAt: event.at });
  };
  const hear = (reply: Reply, to: HostKey): { tone: Tone; text: string } => replyNote(reply, letter(to));

  const takeWire = (event: LabEvent): void => {
    switch (event.kind) {
      case 'link-connect':
        return setWire(event.source, event.host, event, { state: 'live', session: event.session });
      case 'firewall-drop':
      case 'firewall-reject': {
        const target = known.session(event.session)?.target;
        if (!target) return;
        const overAt = event.kind === 'firewall-reject' || isOutside(event) ? event.at : null;
        return setWire(event.source, target, event, {
          state: 'stopped',
          session: event.session,
          overAt,
          note: ruleName(rules, event.rule, event.kind === 'firewall-drop' ? 'drop' : 'reject', hosts),
        });
      }
      case 'link-silence':
      case 'link-refuse': {
        const target = known.session(event.session)?.target;
        const refused = event.kind === 'link-refuse';
        if (target)
          setWire(event.source, target, event, {
            state: 'waiting',
            session: event.session,
            overAt: refused || isOutside(event) ? event.at : null,
            note: refused ? 'connection refused' : 'no answer',
          });
        return;
      }
      case 'link-close':
      case 'link-reset': {
        const flight = open.get(event.session);
        // A host tells by itself what it makes of that; a program does not.
        if (flight?.from === null) return end(flight, event, 'waiting', 'broke off');
        const wire = wireOf(event.session);
        if (flight === undefined && wire?.state === 'live' && wire.session === event.session)
          wires.set(wireKey(wire.from, wire.to), { ...wire, ...NEVER });
        return;
      }
      default:
    }
  };

  const takeMail = (event: LabEvent): void => {
    switch (event.kind) {
      case 'smtp-say': {
        const flight = open.get(event.session);
        if (event.side === 'client' && flight === undefined && event.lines.some((line) => /^MAIL FROM:/i.test(line)))
          begin(event.session, event, null);
        const speaks = open.get(event.session);
        if (speaks !== undefined && event.side !== 'smtp-in' && event.lines.at(-1) === '.')
          open.set(event.session, { ...speaks, phase: 'waits' });
        return;
      }
      case 'tx-begin':
        return begin(event.session, event, event.attempt);
      case 'message-accept':
      case 'message-refuse': {
        const flight = event.session === null ? undefined : open.get(event.session);
        if (flight?.from !== null || flight === undefined) return;
        const note =
          event.kind === 'message-accept' ? { tone: 'arrived' as const, text: '' } : hear(event.reply, flight.to);
        return end(flight, event, note.tone, note.text);
      }
      case 'queue-deliver': {
        const flight = event.session === null ? undefined : open.get(event.session);
        if (flight !== undefined) end(flight, event, 'arrived', hear(event.reply, flight.to).text);
        return;
      }
      case 'attempt-fail':
      case 'queue-defer':
      case 'queue-fail':
      case 'submit-fail':
        return fail(event);
      case 'queue-try':
        for (const wire of wires.values())
          if (wire.from === event.host && wire.overAt !== null)
            wires.set(wireKey(wire.from, wire.to), { ...wire, ...NEVER });
        return;
      default:
    }
  };

  const takeWorld = (event: LabEvent): void => {
    switch (event.kind) {
      case 'host-add':
        return void hosts.add(event.host);
      case 'firewall-set':
        rules = event.rules;
        return;
      case 'lab-reopen':
        open.clear();
        for (const wire of wires.values()) wires.set(wireKey(wire.from, wire.to), { ...wire, ...NEVER });
        return;
      case 'host-stop':
      case 'host-crash':
      case 'host-off':
        // Who is gone tells nothing of what it was about.
        for (const flight of open.values()) if (flight.from === event.host) open.delete(flight.session);
        for (const wire of wires.values())
          if (wire.from === event.host && wire.overAt === null)
            wires.set(wireKey(wire.from, wire.to), { ...wire, ...NEVER });
        return;
      default:
    }
  };

  return {
    take(event) {
      n = event.n;
      known.take(event);
      takeWire(event);
      takeMail(event);
      takeWorld(event);
    },
    view() {
      const flights = [...ended.slice(-ENDED_COUNT_MAX), ...open.values()].sort((a, b) => a.beganN - b.beganN);
      return { n, flights, wires: [...wires.values()] };
    },
  };
}
