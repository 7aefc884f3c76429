/** Rows of what persons do, and of the lab itself. Pure. */
import type { LabAct, LabEvent, SendRequest } from '../../contract/events.ts';
import type { HostKey, LineState } from '../../contract/model.ts';
import { faultWords } from './fault-words.ts';
import { letter, type Known } from './known.ts';
import type { RowWords } from './row.ts';
import { localPart, quoted } from './rows-mail.ts';
import { inShort, plural, sizeWords, whenOf } from './words.ts';

export function worldWords(event: LabEvent, known: Known): RowWords | null {
  switch (event.kind) {
    case 'person-act': {
      const host = 'host' in event.act ? letter(event.act.host) : targetOf(event.act);
      return {
        kind: 'Person',
        meaning: 'act',
        from: event.by === 'person' ? 'You' : 'Script',
        target: host,
        text: actWords(event.act),
      };
    }
    case 'clock-jump':
      return {
        kind: 'Person',
        meaning: 'act',
        from: 'You',
        target: '',
        text: `Jumped to ${whenOf(event.to, event.from)}`,
      };
    case 'host-start':
    case 'host-stop':
    case 'host-crash':
    case 'host-off':
      // The act that it follows has said so; at the start of a lab there is none.
      if (known.poweredAt(event.host) === event.at) return null;
      return { kind: 'Lab', meaning: 'neutral', from: '', target: letter(event.host), text: POWER[event.kind] };
    case 'disk-fill':
      return diskWords(event, known);
    case 'fault-strike':
      return {
        kind: 'Connect',
        meaning: 'failed',
        from: known.clientOn(event.session),
        target: letter(event.host),
        text: `The fault “${event.id}” strikes`,
        like: 'faults',
      };
    case 'lab-open':
      return lab(`Lab opened: ${event.title}`);
    case 'lab-reopen':
      return lab('Lab opened again: queues and mailboxes are as they were');
    case 'lab-end':
      return lab('The script is over');
    case 'step-refuse':
      return {
        kind: 'Lab',
        meaning: event.allowed ? 'neutral' : 'failed',
        from: 'Script',
        target: '',
        text: `Step ${event.step} can’t be done${event.allowed ? ', which its lab allows' : ''}: ${event.message}`,
        like: 'steps not done',
      };
    default:
      return null;
  }
}

const POWER = {
  'host-start': 'Is up',
  'host-stop': 'Is stopped: connections are refused',
  'host-crash': 'Has crashed',
  'host-off': 'Is off',
};
const lab = (text: string): RowWords => ({
  kind: 'Lab',
  meaning: 'neutral',
  from: 'Lab',
  target: '',
  text,
  like: 'lab',
});

function diskWords(event: LabEvent<'disk-fill'>, known: Known): RowWords {
  const room = known.diskBytes(event.host);
  const isFull = room !== null && event.foreignBytes >= room;
  const text =
    event.foreignBytes === 0
      ? 'Its disk is its own again'
      : `${sizeWords(event.foreignBytes)} of ${room === null ? 'its disk' : sizeWords(room)} are taken by others`;
  return { kind: 'Disk', meaning: isFull ? 'failed' : 'neutral', from: '', target: letter(event.host), text };
}

/** Where an act happens that is done to no host. */
function targetOf(act: LabAct): string {
  if (act.do === 'firewall') return 'wall';
  if (act.do === 'zone' || act.do === 'dns-fault' || act.do === 'dns-fault-clear') return 'DNS';
  if (act.do === 'fault') return letter(act.fault.host);
  return act.do === 'send' && act.messages[0]?.via ? letter(act.messages[0].via) : '';
}

/** What somebody did: `Stopped B`, `Sent “Minutes” from carol to alice`. */
export function actWords(act: LabAct): string {
  switch (act.do) {
    case 'send':
      return sendWords(act.messages, act.everyMs);
    case 'host':
      return `${{ start: 'Started', stop: 'Stopped', crash: 'Crashed', off: 'Switched off' }[act.power]} ${letter(act.host)}`;
    case 'set':
      return `Changed settings of ${letter(act.host)}: ${Object.entries(act.settings).map(settingWords).join(', ')}`;
    case 'line':
      return lineWords(act.host, act.line);
    case 'reset-sessions':
      return `Broke off the sessions of ${letter(act.host)}`;
    case 'firewall':
      return 'Changed the firewall';
    case 'zone':
      return `Edited the zone ${act.name}${act.view === null ? '' : ` as ${act.view} sees it`}`;
    case 'dns-fault':
      return `Made the DNS of ${act.fault.name} ${{ 'no-answer': 'silent', servfail: 'fail', nxdomain: 'deny that it exists', slow: 'slow' }[act.fault.kind]}`;
    case 'dns-fault-clear':
      return `Mended the DNS of ${act.name}`;
    case 'fault':
      return `Set a fault at ${letter(act.fault.host)}, ${faultWords(act.fault)}`;
    case 'fault-clear':
      return `Took the fault “${act.id}” away`;
    case 'fill-disk':
      return act.bytes === 0
        ? `Freed the disk of ${letter(act.host)}`
        : `Put ${sizeWords(act.bytes)} on the disk of ${letter(act.host)}`;
    case 'flush':
      return `Had ${letter(act.host)} try its queue now${act.domain === null ? '' : `, for ${act.domain}`}`;
    case 'mailbox-remove':
      return `Deleted a message from the mailbox of ${act.user}`;
    case 'jump':
      return 'Jumped in time';
    case 'hold':
    case 'release':
    case 'retry':
    case 'delete': {
      const done = { hold: 'Held', release: 'Released', retry: 'Retried', delete: 'Deleted' }[act.do];
      return `${done} ${act.queueIds.length === 1 ? act.queueIds[0] : plural(act.queueIds.length, 'message')} in the queue of ${letter(act.host)}`;
    }
  }
}

function sendWords(messages: SendRequest[], everyMs: number): string {
  const [first] = messages;
  if (first === undefined) return 'Sent nothing';
  const people = `from ${localPart(first.from)} to ${localPart(first.to[0] ?? '')}${first.to.length > 1 ? ` and ${first.to.length - 1} more` : ''}`;
  if (messages.length === 1) return `Sent ${quoted(first.subject)} ${people}`;
  return `Sent ${plural(messages.length, 'message')} ${people}${everyMs > 0 ? `, one every ${inShort(everyMs)}` : ''}`;
}

function lineWords(host: HostKey, line: Partial<LineState>): string {
  if (line.cut !== undefined) return `${line.cut ? 'Cut' : 'Mended'} the line of ${letter(host)}`;
  if (line.loseReplies !== undefined)
    return line.loseReplies
      ? `Made the line of ${letter(host)} lose replies`
      : `Made the line of ${letter(host)} carry replies again`;
  const { extraLatencyMs = 0, bytesPerSecond = null } = line;
  const slow = [
    extraLatencyMs > 0 ? `${inShort(extraLatencyMs)} later` : '',
    bytesPerSecond === null ? '' : `${sizeWords(bytesPerSecond)} a second`,
  ].filter((part) => part !== '');
  return slow.length === 0
    ? `Made the line of ${letter(host)} fast again`
    : `Slowed the line of ${letter(host)} down: ${slow.join(', ')}`;
}

/** `diskFullReply`: `disk full reply` */
const inWords = (name: string): string =>
  name.replace(/(Bytes|Ms)$/, '').replace(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);

/** `disk full reply permanent`, `addresses 192.0.2.10, 198.51.100.10`; of what has parts the name says enough. */
function settingWords([name, value]: [string, unknown]): string {
  const words = inWords(name);
  if (value === null) return `${words} none`;
  if (Array.isArray(value) && value.every((one) => typeof one === 'string'))
    return `${words} ${value.join(', ') || 'none'}`;
  if (typeof value === 'number')
    return `${words} ${name.endsWith('Bytes') ? sizeWords(value) : name.endsWith('Ms') ? inShort(value) : value}`;
  return typeof value === 'string' || typeof value === 'boolean'
    ? `${words} ${value === true ? 'on' : value === false ? 'off' : value}`
    : words;
}
