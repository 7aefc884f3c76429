/** The events that only a verbose run tells, each in a line: who, and what. The table is kept complete by the compiler. */
import type { EventKind, LabEvent } from '../contract/events.ts';
import type { LabState } from '../contract/model.ts';
import { replyText, wordsOf } from '../contract/why-words.ts';
import { formatDuration, formatSize } from '../engine/scenario/index.ts';
import { faultWords } from './story-acts.ts';
import type { ALWAYS } from './story-told.ts';
import { hostAtAddress, hostWord, peerWord, plural, whenWords } from './words.ts';

type Words = [actor: string, text: string];
/** Every kind but those that the story tells whenever they happen. */
type Rest = Exclude<EventKind, keyof typeof ALWAYS>;

const TABLE: { [K in Rest]: (event: LabEvent<K>, state: LabState) => Words } = {
  'lab-open': (e) => [
    'lab',
    `opens: ${e.title} (seed ${e.seed}; networks ${e.networks.map(({ key, block }) => `${key} ${block}`).join(', ')})`,
  ],
  'lab-end': () => ['lab', 'the script has ended'],
  'step-begin': (e) => [
    'script',
    `step ${e.step}${e.nextAt === null ? '' : `, the next one at ${whenWords(e.nextAt, e.at)}`}`,
  ],
  'clock-jump': (e) => ['clock', `moved on by ${formatDuration(e.to - e.from)}`],
  'host-add': (e) => [
    hostWord(e.host),
    `is ${e.settings.name} at ${e.settings.addresses.join(', ')} in ${e.settings.network}`,
  ],
  'host-set': (e) => [hostWord(e.host), `has new settings: ${Object.keys(e.settings).join(', ')}`],
  'host-start': (e) => [hostWord(e.host), 'starts'],
  'host-stop': (e) => [hostWord(e.host), 'stops'],
  'host-crash': (e) => [hostWord(e.host), 'crashes'],
  'host-off': (e) => [hostWord(e.host), 'is off'],
  'disk-fill': (e) => [
    hostWord(e.host),
    e.foreignBytes === 0
      ? 'nothing else is on the disk any more'
      : `other things take ${formatSize(e.foreignBytes)} of the disk`,
  ],
  'link-connect': (e, state) => [
    e.source === null ? 'client' : hostWord(e.source),
    `${e.session} connects to ${hostAtAddress(e.targetAddress, state)} port ${e.targetPort} from ${e.sourceAddress}:${e.sourcePort}${e.rule === null ? '' : ` (firewall rule ${e.rule})`}`,
  ],
  'link-silence': (e, state) => [
    hostWord(e.source ?? 'client'),
    `${e.session} calls ${hostAtAddress(e.targetAddress, state)} port ${e.targetPort}: silence`,
  ],
  'link-refuse': (e, state) => [
    hostWord(e.source ?? 'client'),
    `${e.session} calls ${hostAtAddress(e.targetAddress, state)} port ${e.targetPort}: refused`,
  ],
  'link-close': (e) => ['link', `${e.session} closed by the ${e.by}`],
  'link-reset': (e) => ['link', `${e.session} reset: ${e.cause}`],
  'link-lost': (e) => ['link', `${e.session} lost ${formatSize(e.bytes)} from the ${e.from}: ${e.cause}`],
  'line-set': (e) => [
    hostWord(e.host),
    e.line.cut
      ? 'line: cut'
      : `line: ${formatDuration(e.line.extraLatencyMs)} of extra latency, ${e.line.bytesPerSecond === null ? 'full speed' : `${formatSize(e.line.bytesPerSecond)}/s`}${e.line.loseReplies ? ', loses replies' : ''}`,
  ],
  'firewall-set': (e) => [
    'firewall',
    `${plural(e.rules.length, 'rule')}, default ${e.fallback}${e.rules.map((r, i) => `\n${i + 1}  ${r.action} ${r.source} -> ${r.target} port ${r.port}`).join('')}`,
  ],
  'fault-set': (e) => ['fault', `${e.fault.id}: ${faultWords(e.fault)}`],
  'fault-clear': (e) => ['fault', `${e.id} is over`],
  'client-data': (e) => ['client', `${e.session} sent ${formatSize(e.body.size)}`],
  'client-end': (e) => ['client', `${e.session} left (${e.how})`],
  'zone-set': (e) => [
    'DNS',
    `zone ${e.zone.name}${e.zone.view === null ? '' : ` for ${e.zone.view}`}:\n${e.zone.text.trimEnd()}`,
  ],
  'dns-fault-set': (e) => ['DNS', `fault: ${e.fault.kind} for ${e.fault.name}`],
  'dns-fault-clear': (e) => ['DNS', `no fault any more for ${e.name}`],
  'dns-ask': (e) => [hostWord(e.host), `DNS ask ${e.type} ${e.name}${e.tcp ? ' over TCP' : ''}`],
  'dns-answer': (e) => [
    hostWord(e.host),
    `DNS answer ${e.type} ${e.name}: ${e.records.length > 0 ? e.records.map((r) => `${r.type} ${r.data}`).join(', ') : e.rcode === 'NOERROR' ? 'nothing' : e.rcode} (TTL ${e.ttl})`,
  ],
  'dns-timeout': (e) => [hostWord(e.host), `DNS no answer ${e.type} ${e.name}`],
  'smtp-say': (e) => [
    e.host === null ? 'client' : e.side === 'client' ? 'client' : hostWord(e.host),
    e.lines.map((line) => `${e.session} ${e.side === 'smtp-in' ? '←' : '→'} ${line}`).join('\n'),
  ],
  'message-accept': (e) => [
    hostWord(e.host),
    `queued ${e.queueId} "${e.subject}" to ${e.rcpts.map(({ address }) => address).join(', ')} (${e.origin}, ${formatSize(e.size)})`,
  ],
  'message-refuse': (e) => [
    hostWord(e.host),
    `${e.session} refused at ${e.stage}: ${replyText(e.reply)} (${e.reason})`,
  ],
  'greylist-meet': (e) => [hostWord(e.host), `greylist meets ${e.key}`],
  'greylist-pass': (e) => [hostWord(e.host), `greylist lets pass ${e.key}`],
  'queue-try': (e) => [hostWord(e.host), `${e.queueId} try ${e.tryNumber} for ${e.domain}`],
  'attempt-fail': (e) => [hostWord(e.host), `${e.queueId} ${wordsOf(e.why)}`],
  'tx-begin': (e, state) => [
    hostWord(e.host),
    `${e.queueId} begins a transaction with ${peerWord(e.peer, state)} on ${e.session}${e.reused ? ' (kept open)' : ''}`,
  ],
  'queue-deliver': (e) => [hostWord(e.host), `${e.queueId} ${e.how}: ${replyText(e.reply)}`],
  'queue-plan': (e) => [
    hostWord(e.host),
    `${e.queueId} all waiting recipients are tried together at ${whenWords(e.nextAt, e.at)}`,
  ],
  'queue-remove': (e) => [hostWord(e.host), `${e.queueId} removed`],
  'queue-warn': (e) => [hostWord(e.host), `${e.queueId} is late: its sender is to be told`],
  'destination-fail': (e) => [
    hostWord(e.host),
    `${e.domain} failed ${plural(e.failureCount, 'time')} in a row${e.until === null ? '' : `, taken for dead until ${whenWords(e.until, e.at)}`}`,
  ],
  'destination-ok': (e) => [hostWord(e.host), `${e.domain} answers again`],
  'dsn-none': (e) => [hostWord(e.host), `${e.about} no report (${e.action}): ${e.reason}`],
  'submit-done': (e) => ['client', `handed ${e.name ?? e.messageId} to ${hostWord(e.host)}: ${replyText(e.reply)}`],
  'submit-fail': (e) => ['client', `could not hand ${e.name ?? e.messageId} to ${hostWord(e.host)}: ${wordsOf(e.why)}`],
};

/** Who and what, of an event that is no part of the story. */
export function everyWord(event: LabEvent, state: LabState): Words {
  return (TABLE[event.kind as Rest] as (event: LabEvent, state: LabState) => Words)(event, state);
}
