/**
 * An event as a row of the list: who, where, what kind, in plain words, and what it means. One table for the
 * list, the time line and the map, so that a colour means one thing everywhere.
 */
import type { LabEvent } from '../../contract/events.ts';
import type { Instant } from '../../contract/model.ts';
import { replyText, wordsOf } from '../../contract/why-words.ts';

export type Meaning = 'arrived' | 'waiting' | 'failed' | 'blocked' | 'act' | 'neutral' | 'moving';
export type RowKind = 'DNS' | 'Connect' | 'SMTP' | 'Queue' | 'DSN' | 'Disk' | 'Rule' | 'Person' | 'Lab';

export interface EventRow {
  n: number;
  at: Instant;
  kind: RowKind;
  meaning: Meaning;
  /** Letter of a host, a name, or ''. */
  from: string;
  target: string;
  text: string;
  mail: string | null;
}

type Words = Pick<EventRow, 'kind' | 'meaning' | 'from' | 'target' | 'text'>;

const letter = (key: string | null | undefined): string => (key ?? '').toUpperCase();
const localPart = (address: string): string => address.split('@')[0] ?? address;

/** What an event says; null for those that only carry others (data of clients, steps of the script). */
export function rowOf(event: LabEvent): EventRow | null {
  const words = wordsFor(event);
  return words === null ? null : { n: event.n, at: event.at, mail: event.mail ?? null, ...words };
}

function wordsFor(event: LabEvent): Words | null {
  return wire(event) ?? mail(event) ?? world(event);
}

function row(kind: RowKind, meaning: Meaning, from: string, target: string, text: string): Words {
  return { kind, meaning, from, target, text };
}

function wire(event: LabEvent): Words | null {
  switch (event.kind) {
    case 'dns-ask':
      return row('DNS', 'neutral', letter(event.host), 'DNS', `${event.type} of ${event.name}?`);
    case 'dns-answer': {
      const answer = event.rcode !== 'NOERROR' ? event.rcode : event.records.length === 0 ? 'no such record' : event.records.filter((r) => r.type === event.type).map((r) => r.data.replace(/\.$/, '')).join(', ');
      return row('DNS', event.rcode === 'SERVFAIL' ? 'waiting' : 'neutral', letter(event.host), 'DNS', `${event.type} of ${event.name}: ${answer}`);
    }
    case 'dns-timeout':
      return row('DNS', 'waiting', letter(event.host), 'DNS', `No answer for ${event.type} of ${event.name}`);
    case 'link-connect':
      return row('Connect', 'neutral', letter(event.source) || event.sourceAddress, letter(event.host), `Connected to ${event.targetAddress}:${event.targetPort}`);
    case 'firewall-drop':
      return row('Rule', 'blocked', letter(event.source) || event.sourceAddress, 'wall', `Dropped by ${ruleName(event.rule)}: ${event.sourceAddress} to ${event.targetAddress}:${event.targetPort}`);
    case 'firewall-reject':
      return row('Rule', 'blocked', letter(event.source) || event.sourceAddress, 'wall', `Rejected by ${ruleName(event.rule)}: ${event.sourceAddress} to ${event.targetAddress}:${event.targetPort}`);
    case 'link-refuse':
      return row('Connect', 'waiting', letter(event.source), letter(event.host), `Refused: nothing listens at ${event.targetAddress}:${event.targetPort}`);
    case 'link-silence':
      return row('Connect', 'waiting', letter(event.source), letter(event.host), `Silence: nobody answers at ${event.targetAddress}:${event.targetPort}`);
    case 'link-reset':
      return row('Connect', 'waiting', '', letter(event.host), `Connection reset: ${event.cause}`);
    case 'link-lost':
      return row('Connect', 'waiting', '', '', `${event.bytes} bytes lost: ${event.cause}`);
    case 'smtp-say':
      return row('SMTP', meaningOfReply(event.side === 'smtp-in' ? event.lines[0] : undefined), letter(event.host) || 'client', '', event.lines.length > 1 ? `${event.lines[0]}, ${event.lines.length - 1} more` : (event.lines[0] ?? ''));
    case 'attempt-fail':
      return row('Connect', 'waiting', letter(event.host), 'peer' in event.why ? event.why.peer.name.split('.')[0]?.toUpperCase() ?? '' : '', wordsOf(event.why));
    default:
      return null;
  }
}

const ruleName = (rule: number | null): string => (rule === null ? 'the default' : `rule ${rule + 1}`);

function meaningOfReply(line: string | undefined): Meaning {
  if (line === undefined) return 'neutral';
  if (line.startsWith('4')) return 'waiting';
  if (line.startsWith('5')) return 'failed';
  return /queued as/.test(line) ? 'arrived' : 'neutral';
}

function mail(event: LabEvent): Words | null {
  switch (event.kind) {
    case 'message-accept':
      return row('Queue', 'arrived', event.envelope.sender === '' ? letter(event.host) : localPart(event.envelope.sender), letter(event.host), `Queued as ${event.queueId}: ${event.subject || 'no subject'} (${event.size} bytes)`);
    case 'message-refuse':
      return row('SMTP', event.reply.code < 500 ? 'waiting' : 'failed', '', letter(event.host), `${event.reason}: ${replyText(event.reply)}`);
    case 'attempt-route':
      return row('Queue', 'neutral', letter(event.host), '', event.order.length === 0 ? `No way to ${event.domain}` : `Way to ${event.domain}: ${event.order.join(', then ')}`);
    case 'queue-deliver':
      return event.how === 'mailbox' ? null : row('Queue', 'arrived', letter(event.host), event.peer?.name.split('.')[0]?.toUpperCase() ?? '', replyText(event.reply));
    case 'mailbox-deliver':
      return row('Queue', 'arrived', letter(event.host), event.user, `In the mailbox of ${event.user}: ${event.message.subject || 'no subject'}`);
    case 'queue-defer':
      return row('Queue', 'waiting', letter(event.host), '', `Will be tried again: ${wordsOf(event.why)}`);
    case 'queue-fail':
      return row('Queue', 'failed', letter(event.host), '', `${event.expired ? 'Gave up' : 'Failed'}: ${wordsOf(event.why)}`);
    case 'queue-discard':
      return row('Queue', 'failed', letter(event.host), '', `Dropped: ${event.reason}`);
    case 'dsn-sent':
      return row('DSN', event.action === 'failed' ? 'failed' : event.action === 'delayed' ? 'waiting' : 'arrived', letter(event.host), localPart(event.to), `Tells ${localPart(event.to)}: ${event.action}`);
    case 'dsn-none':
      return row('DSN', 'neutral', letter(event.host), '', `Tells nobody (${event.action}): ${event.reason}`);
    case 'destination-fail':
      return row('Queue', 'waiting', letter(event.host), event.domain, `${event.domain} is held for dead for a while`);
    default:
      return null;
  }
}

function world(event: LabEvent): Words | null {
  switch (event.kind) {
    case 'person-act':
      return row('Person', 'act', event.by === 'person' ? 'You' : 'Script', '', actWords(event));
    case 'disk-fill':
      return row('Disk', 'failed', '', letter(event.host), `${event.foreignBytes} bytes of the disk are taken by others`);
    case 'host-start':
    case 'host-stop':
    case 'host-crash':
    case 'host-off':
      return row('Lab', 'neutral', letter(event.host), '', { 'host-start': 'Up', 'host-stop': 'Stopped', 'host-crash': 'Crashed', 'host-off': 'Off' }[event.kind]);
    case 'lab-open':
      return row('Lab', 'neutral', '', '', `Lab opened: ${event.title}`);
    case 'lab-reopen':
      return row('Lab', 'neutral', '', '', 'Lab opened again');
    case 'lab-end':
      return row('Lab', 'neutral', '', '', 'The script is over');
    case 'step-refuse':
      return row('Lab', 'failed', 'Script', '', event.message);
    case 'submit-fail':
      return row('SMTP', 'failed', localPart(event.from), letter(event.host), `Not taken: ${wordsOf(event.why)}`);
    default:
      return null;
  }
}

function actWords({ act }: LabEvent<'person-act'>): string {
  switch (act.do) {
    case 'send': return act.messages.length === 1 ? `Send ${act.messages[0]?.subject ?? 'a message'}` : `Send ${act.messages.length} messages`;
    case 'host': return `${{ start: 'Start', stop: 'Stop', crash: 'Crash', off: 'Switch off' }[act.power]} ${letter(act.host)}`;
    case 'set': return `Change settings of ${letter(act.host)}`;
    case 'line': return act.line.cut === true ? `Cut the line of ${letter(act.host)}` : act.line.cut === false ? `Mend the line of ${letter(act.host)}` : `Change the line of ${letter(act.host)}`;
    case 'firewall': return 'Change the firewall';
    case 'zone': return `Edit the zone ${act.name}`;
    case 'fault': return `Fault at ${letter(act.fault.host)}`;
    case 'fill-disk': return `Fill the disk of ${letter(act.host)}`;
    case 'flush': return `Try the queue of ${letter(act.host)} now`;
    case 'jump': return 'Jump in time';
    case 'hold':
    case 'release':
    case 'retry':
    case 'delete': return `${act.do[0]?.toUpperCase()}${act.do.slice(1)} ${act.queueIds.length === 1 ? act.queueIds[0] : `${act.queueIds.length} messages`} at ${letter(act.host)}`;
    default: return act.do;
  }
}
