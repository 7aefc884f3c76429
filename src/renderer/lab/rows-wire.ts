/** Rows of what goes over the wire: questions to the DNS, connections, the firewall, the dialogue. Pure. */
import type { LabEvent } from '../../contract/events.ts';
import type { RecordText } from '../../contract/model.ts';
import { plainWords } from '../../contract/why-words.ts';
import { letter, type Known } from './known.ts';
import type { Meaning, RowKind, RowWords } from './row.ts';
import { counted, inShort } from './words.ts';

const row = (kind: RowKind, meaning: Meaning, from: string, target: string, text: string, like?: string): RowWords => ({
  kind,
  meaning,
  from,
  target,
  text,
  like,
});

type Stopped = LabEvent<'firewall-drop' | 'firewall-reject'>;

export function wireWords(event: LabEvent, known: Known): RowWords | null {
  const source = 'source' in event ? letter(event.source) || known.clientOn(event.session) : '';
  switch (event.kind) {
    case 'dns-answer':
      return row(
        'DNS',
        event.rcode === 'SERVFAIL' || event.rcode === 'REFUSED' ? 'waiting' : 'neutral',
        letter(event.host),
        'DNS',
        answerWords(event),
        `${event.type} answers`,
      );
    case 'dns-timeout':
      return row('DNS', 'waiting', letter(event.host), 'DNS', `No answer for ${event.type} of ${event.name}`);
    case 'link-connect': {
      const gate = event.rule === null ? '' : `, let through by rule ${event.rule}`;
      return row(
        'Connect',
        'neutral',
        source,
        letter(event.host),
        `Connected to ${event.targetAddress}:${event.targetPort}${gate}`,
      );
    }
    case 'firewall-drop':
    case 'firewall-reject':
      return row('Rule', 'blocked', source, 'wall', stoppedWords(event, known));
    case 'link-refuse':
      return row(
        'Connect',
        'waiting',
        source,
        targetOf(event, known),
        `Refused: nothing listens at ${event.targetAddress}:${event.targetPort}`,
      );
    case 'link-silence':
      return row(
        'Connect',
        'waiting',
        source,
        targetOf(event, known),
        `Calls ${event.targetAddress}:${event.targetPort}, and nothing comes back`,
      );
    case 'link-reset':
      return row(
        'Connect',
        'waiting',
        known.clientOn(event.session),
        letter(event.host ?? known.session(event.session)?.target),
        `Connection reset: ${causeWords(event.cause)}`,
      );
    case 'link-lost':
      return row(
        'Connect',
        'waiting',
        known.clientOn(event.session),
        letter(known.session(event.session)?.target),
        `${counted(event.bytes)} bytes ${event.from === 'server' ? 'of the answer ' : ''}lost on the way: ${causeWords(event.cause)}`,
      );
    case 'smtp-say':
      return sayWords(event, known);
    case 'attempt-fail':
      return row(
        event.why.kind === 'reply' ? 'SMTP' : 'Connect',
        'waiting',
        letter(event.host),
        'peer' in event.why ? known.letterOf(event.why.peer) : '',
        failWords(event, known),
      );
    case 'tx-begin':
      return event.reused
        ? row(
            'Connect',
            'neutral',
            letter(event.host),
            known.letterOf(event.peer),
            'Goes on with the connection that is still open',
          )
        : null;
    default:
      return null;
  }
}

function targetOf(event: LabEvent<'link-refuse' | 'link-silence'>, known: Known): string {
  return letter(event.host ?? known.hostAt(event.targetAddress));
}

function stoppedWords(event: Stopped, known: Known): string {
  const how = event.kind === 'firewall-drop' ? 'Dropped' : 'Rejected';
  return `${how} by ${event.rule === null ? 'the default' : `rule ${event.rule}`}: ${known.ruleText(event.rule)}`;
}

/** `No answer in 30 s, so B is next` */
function failWords(event: LabEvent<'attempt-fail'>, known: Known): string {
  const { why, next } = event;
  const limited = event.limit ? ', and one try talks to no more servers than this (mx-sessions)' : '';
  const after = next === null ? limited : `, so ${known.letterOf(next)} is next`;
  const dialled = known.session(event.session);
  if (why.kind === 'connect' && why.problem === 'timeout' && dialled !== null)
    return `No answer in ${inShort(event.at - dialled.at)}${after}`;
  const words = plainWords(why, known.letterOf);
  return why.kind === 'reply' && !event.limit ? words : `${words}${after}`;
}

/** Letter of `name[address]`. */
export function letterOfTarget(target: string, known: Known): string {
  const [, name = target, address = ''] = /^(.*)\[(.*)\]$/.exec(target) ?? [];
  return known.letterOf({ name, address, port: 25 });
}

function sayWords(event: LabEvent<'smtp-say'>, known: Known): RowWords {
  const [first = ''] = event.lines;
  const server = letter(known.session(event.session)?.target ?? (event.side === 'smtp-in' ? event.host : null));
  const client = known.clientOn(event.session);
  const isReply = event.side === 'smtp-in';
  const message = /^<message of (\d+) bytes>$/.exec(first);
  if (message !== null)
    return row(
      'SMTP',
      'moving',
      client,
      server,
      `Sends the message: ${counted(Number(message[1]))} bytes, then a lone dot`,
      'messages sent',
    );
  const like = isReply ? `${first.slice(0, 3)} replies` : `${/^[A-Z]+/i.exec(first)?.[0] ?? 'other'} commands`;
  return row(
    'SMTP',
    isReply ? meaningOfReply(first) : 'neutral',
    client,
    server,
    shortened(event.lines, isReply),
    like,
  );
}

/** A pipelined command group on one line; of a long reply the first line. */
function shortened(lines: string[], isReply: boolean): string {
  const [first = ''] = lines;
  if (lines.length === 1) return first;
  return isReply ? `${first}, ${lines.length - 1} more` : lines.join(' · ');
}

function meaningOfReply(line: string): Meaning {
  if (line.startsWith('4')) return 'waiting';
  if (line.startsWith('5')) return 'failed';
  return /queued as/.test(line) ? 'arrived' : 'neutral';
}

function answerWords({ name, type, rcode, records }: LabEvent<'dns-answer'>): string {
  const asked = type === 'PTR' ? addressOfReverse(name) : name;
  if (rcode === 'NXDOMAIN')
    return type === 'PTR' ? `${asked} has no name` : `${type} of ${asked}: no such name (NXDOMAIN)`;
  if (rcode !== 'NOERROR')
    return `${type} of ${asked}: the name server ${rcode === 'SERVFAIL' ? 'failed' : 'refused'} (${rcode})`;
  const found = records.filter((record) => record.type === type);
  if (found.length === 0) return type === 'AAAA' ? `${asked} has no IPv6 address` : `${asked} has no ${type}`;
  if (type === 'MX')
    return `MX of ${asked}: ${found
      .map((record) => nearName(record, asked))
      .sort(byPreference)
      .join(', ')}`;
  return `${asked} is ${found.map(({ data }) => data.replace(/\.$/, '')).join(' and ')}`;
}

/** `1 a` instead of `1 a.theorganisation.test.` within its own domain. */
function nearName({ data }: RecordText, domain: string): string {
  const plain = data.replace(/(?<=.)\.$/, '');
  return plain.endsWith(`.${domain}`) ? plain.slice(0, -domain.length - 1) : plain;
}

const byPreference = (one: string, other: string): number => Number.parseInt(one) - Number.parseInt(other);

/** `30.113.0.203.in-addr.arpa` is 203.0.113.30. */
function addressOfReverse(name: string): string {
  const found = /^([\d.]+)\.in-addr\.arpa\.?$/.exec(name);
  return found === null ? name : (found[1] ?? '').split('.').reverse().join('.');
}

/** `fault fault-a-1`: `the fault “fault-a-1”` */
const causeWords = (cause: string): string => cause.replace(/^fault (.+)$/, 'the fault “$1”');
