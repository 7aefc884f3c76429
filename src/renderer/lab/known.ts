/**
 * What earlier events say about those that follow: which host has which address, whose session it is, what rule 3 was.
 * A fold over the events of a world, oldest first; pure. Rows, attempts and stories take their words from it.
 */
import type { EventShapes, LabEvent } from '../../contract/events.ts';
import type { HostKey, Instant, MailId, QueueId, SessionId } from '../../contract/model.ts';
import type { Peer } from '../../contract/why.ts';
import { expectations } from './expectations.ts';

/** Both ends of a connection, or of an attempt to connect. */
export interface Ends {
  at: Instant;
  source: HostKey | null;
  sourceAddress: string;
  target: HostKey | null;
  targetAddress: string;
  targetPort: number;
}

/** An attempt, as far as it has come. */
export interface AttemptFacts {
  host: HostKey;
  mail: MailId | null;
  /** `name[address]` in the order in which they are tried. */
  order: string[];
  /** Preference by name. */
  preferences: Record<string, number>;
}

type Rule = EventShapes['firewall-set']['rules'][number];

export interface Known {
  take(event: LabEvent): void;
  hostAt(address: string): HostKey | null;
  hostOf(peer: Peer): HostKey | null;
  /** Letter of a host: `A`; of a peer that is none of the lab's, its name. */
  letterOf(peer: Peer): string;
  session(id: SessionId | null | undefined): Ends | null;
  attempt(id: string | null | undefined): AttemptFacts | null;
  /** The attempt that a session was dialled for, or that speaks on it now. */
  attemptOn(session: SessionId | null | undefined): string | null;
  /** Who hands in mail on a session: a host's letter, the sender's name once it was said, or `client`. */
  clientOn(session: SessionId | null | undefined): string;
  /** The message that a session brought last. */
  mailOn(session: SessionId | null | undefined): MailId | null;
  subject(mail: MailId | null | undefined): string | null;
  /** The message that a host keeps, or kept, under a queue id. */
  mailAs(host: HostKey, queueId: QueueId): MailId | null;
  /** `any → office port 25` */
  ruleText(number: number | null): string;
  diskBytes(host: HostKey): number | null;
  /** When somebody last started, stopped, crashed or switched off a host. */
  poweredAt(host: HostKey): Instant | null;
  /** The zone that a name belongs to. */
  zoneOf(name: string): string | null;
}

export const letter = (key: HostKey | null | undefined): string => (key ?? '').toUpperCase();

export function createKnown(): Known {
  const addresses = new Map<string, HostKey>();
  const names = new Map<string, HostKey>();
  const disks = new Map<HostKey, number | null>();
  const powered = new Map<HostKey, Instant>();
  const sessions = new Map<SessionId, Ends>();
  const senders = new Map<SessionId, string>();
  const brought = new Map<SessionId, MailId>();
  const subjects = new Map<MailId, string>();
  const kept = new Map<string, MailId>();
  const attempts = new Map<string, AttemptFacts>();
  const zones = new Set<string>();
  const dials = expectations();
  let rules: Rule[] = [];
  let fallback = 'allow';

  const settle = (
    host: HostKey,
    settings: { name?: string; addresses?: string[]; diskBytes?: number | null },
  ): void => {
    for (const address of settings.addresses ?? []) addresses.set(address, host);
    if (settings.name !== undefined) names.set(settings.name.toLowerCase(), host);
    if (settings.diskBytes !== undefined) disks.set(host, settings.diskBytes);
  };
  const hostOf = (peer: Peer): HostKey | null =>
    addresses.get(peer.address) ?? names.get(peer.name.toLowerCase()) ?? null;

  const takeAttempt = (event: LabEvent<'attempt-route' | 'attempt-fail' | 'tx-begin'>): void => {
    if (event.kind === 'attempt-route') {
      const preferences = Object.fromEntries(event.candidates.map(({ name, preference }) => [name, preference]));
      attempts.set(event.attempt, { host: event.host, mail: event.mail ?? null, order: event.order, preferences });
    }
    dials.take(event);
  };

  return {
    take(event) {
      switch (event.kind) {
        case 'host-add':
        case 'host-set':
          return settle(event.host, event.settings);
        case 'person-act':
          if (event.act.do === 'host') powered.set(event.act.host, event.at);
          return;
        case 'zone-set':
          return void zones.add(event.zone.name);
        case 'firewall-set':
          rules = event.rules;
          fallback = event.fallback;
          return;
        case 'link-connect':
        case 'link-refuse':
        case 'link-silence':
        case 'firewall-drop':
        case 'firewall-reject':
          dials.take(event);
          return void sessions.set(event.session, {
            at: event.at,
            source: event.source,
            sourceAddress: 'sourceAddress' in event ? event.sourceAddress : '',
            target: event.host ?? addresses.get(event.targetAddress) ?? null,
            targetAddress: event.targetAddress,
            targetPort: event.targetPort,
          });
        case 'smtp-say': {
          const sender =
            event.side === 'client' ? /^MAIL FROM:<([^@>]+)/im.exec(event.lines.join('\n'))?.[1] : undefined;
          if (sender !== undefined) senders.set(event.session, sender);
          return;
        }
        case 'message-accept':
          if (event.session !== null) brought.set(event.session, event.mail);
          kept.set(`${event.host} ${event.queueId}`, event.mail);
          if (!subjects.has(event.mail)) subjects.set(event.mail, event.subject);
          return;
        case 'attempt-route':
        case 'attempt-fail':
        case 'tx-begin':
          return takeAttempt(event);
        case 'queue-deliver':
        case 'queue-defer':
        case 'queue-fail':
          return dials.take(event);
        default:
      }
    },
    hostAt: (address) => addresses.get(address) ?? null,
    hostOf,
    letterOf: (peer) => letter(hostOf(peer)) || peer.name,
    session: (id) => (id ? (sessions.get(id) ?? null) : null),
    attempt: (id) => (id ? (attempts.get(id) ?? null) : null),
    attemptOn: (session) => (session ? dials.attemptOn(session) : null),
    clientOn(session) {
      const source = session ? sessions.get(session)?.source : null;
      return source ? letter(source) : (session && senders.get(session)) || 'client';
    },
    mailOn: (session) => (session ? (brought.get(session) ?? null) : null),
    subject: (mail) => (mail ? (subjects.get(mail) ?? null) : null),
    mailAs: (host, queueId) => kept.get(`${host} ${queueId}`) ?? null,
    ruleText(number) {
      const rule = number === null ? undefined : rules[number - 1];
      return rule === undefined
        ? `everything else: ${fallback}`
        : ruleWords(rule, (end) => (disks.has(end) ? letter(end) : end));
    },
    diskBytes: (host) => disks.get(host) ?? null,
    poweredAt: (host) => powered.get(host) ?? null,
    zoneOf(name) {
      const labels = name.replace(/\.$/, '').split('.');
      const above = labels.map((_, index) => labels.slice(index).join('.'));
      return above.find((zone) => zones.has(zone)) ?? null;
    },
  };
}

/** `any → office port 25`; hosts by their letters. */
function ruleWords({ source, target, port }: Rule, short: (end: string) => string): string {
  return `${short(source)} → ${short(target)}${port === 'any' ? '' : ` port ${port}`}`;
}
