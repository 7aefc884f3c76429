/**
 * An event as a row of the list: who, where, what kind, in plain words, and what it means. One table for the
 * list, the time line and the map, so that a colour means one thing everywhere. Pure.
 *
 * What only carries others has no row: the question to an answer, the change that follows an act. `SILENT` names them all.
 */
import type { LabEvent } from '../../contract/events.ts';
import type { HostKey } from '../../contract/model.ts';
import { createKnown, type Known } from './known.ts';
import type { EventRow } from './row.ts';
import { mailWords } from './rows-mail.ts';
import { wireWords } from './rows-wire.ts';
import { worldWords } from './rows-world.ts';

export type { EventRow, Meaning, RowKind, RowWords } from './row.ts';

const nobody = createKnown();

/** What an event says, as those before it let one understand it; null for those that only carry others. */
export function rowOf(event: LabEvent, known: Known = nobody): EventRow | null {
  const words = wireWords(event, known) ?? mailWords(event, known) ?? worldWords(event, known);
  if (words === null) return null;
  const mail = event.mail ?? known.mailOn(event.session) ?? null;
  return {
    ...words,
    n: event.n,
    at: event.at,
    mail,
    hosts: hostsOf(event, known),
    like: words.like ?? likes[event.kind] ?? words.kind,
  };
}

function hostsOf(event: LabEvent, known: Known): HostKey[] {
  const ends = known.session(event.session);
  const acted = event.kind === 'person-act' && 'host' in event.act ? event.act.host : null;
  const found = [event.host, 'source' in event ? event.source : null, ends?.source, ends?.target, acted];
  return [...new Set(found.filter((key): key is HostKey => typeof key === 'string'))];
}

/** Kinds without a row, and where what they say is to be read. */
export const SILENT = {
  'step-begin': 'the acts of the step',
  'host-add': 'the map',
  'host-set': 'the act before it',
  'link-close': 'the last words of the dialogue',
  'line-set': 'the act before it',
  'firewall-set': 'the act before it',
  'fault-set': 'the act before it',
  'fault-clear': 'the act before it',
  'client-data': 'what the server hears of it',
  'client-end': 'what becomes of the dialogue',
  'zone-set': 'the act before it',
  'dns-fault-set': 'the act before it',
  'dns-fault-clear': 'the act before it',
  'dns-ask': 'the answer, or that there was none',
  'queue-try': 'the way that is chosen',
  'queue-remove': 'what became of the last recipient',
  'queue-hold': 'the act before it',
  'queue-release': 'the act before it',
  'queue-warn': 'the report',
  'submit-done': 'that the server keeps it',
  'mailbox-remove': 'the act before it',
} as const satisfies Partial<Record<LabEvent['kind'], string>>;

/** Events of a kind, in words. */
const likes: Partial<Record<LabEvent['kind'], string>> = {
  'dns-timeout': 'DNS time-outs',
  'link-connect': 'connections',
  'firewall-drop': 'drops',
  'firewall-reject': 'rejects',
  'link-refuse': 'refused connections',
  'link-silence': 'silences',
  'link-reset': 'resets',
  'link-lost': 'lost bytes',
  'attempt-route': 'ways chosen',
  'attempt-fail': 'failed hosts',
  'tx-begin': 'open connections used again',
  'message-accept': 'messages queued',
  'message-refuse': 'refusals',
  'queue-deliver': 'hand-overs',
  'mailbox-deliver': 'mailbox deliveries',
  'queue-defer': 'waits',
  'queue-plan': 'next tries',
  'queue-fail': 'final failures',
  'queue-discard': 'dropped mail',
  'dsn-sent': 'reports',
  'dsn-none': 'reports not sent',
  'host-start': 'power',
  'host-stop': 'power',
  'host-crash': 'power',
  'host-off': 'power',
  'destination-fail': 'dead destinations',
  'destination-ok': 'revived destinations',
  'person-act': 'acts',
  'disk-fill': 'disk fillings',
};
