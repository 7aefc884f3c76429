/** What must hold in every world, judged on its journal and its last state. Each breach is a sentence. */
import type { LabEvent } from '../../src/contract/events.ts';
import type { LabState, Rcpt } from '../../src/contract/model.ts';
import type { Why } from '../../src/contract/why.ts';

type Of<K extends LabEvent['kind']> = Extract<LabEvent, { kind: K }>;
type Accept = Of<'message-accept'>;
type Read = (ref: { offset: number; size: number }) => Buffer;

/** What a world met: the test wants to have seen all of it. */
export interface Met {
  '4xx': number;
  '5xx': number;
  timeout: number;
  cut: number;
  reset: number;
  loop: number;
  hops: number;
  'full disk': number;
  'delayed report': number;
  'failed report': number;
  'success report': number;
  'null sender failed': number;
  'lost reply': number;
  greylist: number;
  suspended: number;
  expired: number;
  deleted: number;
}

export const nothingMet = (): Met => ({
  '4xx': 0,
  '5xx': 0,
  timeout: 0,
  cut: 0,
  reset: 0,
  loop: 0,
  hops: 0,
  'full disk': 0,
  'delayed report': 0,
  'failed report': 0,
  'success report': 0,
  'null sender failed': 0,
  'lost reply': 0,
  greylist: 0,
  suspended: 0,
  expired: 0,
  deleted: 0,
});

const end = (key: string, index: number): string => `${key} ${index}`;
const idOf = (event: { host?: string | null; queueId?: string }): string => `${event.host}/${event.queueId}`;

/** All breaches of what must hold. `met` is counted up. */
export function breaches(events: LabEvent[], state: LabState, read: Read, met: Met): string[] {
  const found: string[] = [];
  const of = <K extends LabEvent['kind']>(kind: K): Of<K>[] =>
    events.filter((event): event is Of<K> => event.kind === kind);
  const accepts = new Map(of('message-accept').map((event) => [idOf(event), event]));
  found.push(...fates(events, accepts, state));
  found.push(...handovers(events, accepts));
  found.push(...reports(events, accepts, read));
  found.push(...patience(events, accepts, state));
  found.push(...circles(accepts, state, read));
  found.push(...powers(events));
  count(events, met);
  return found;
}

/** Every accepted recipient has one end: delivered, failed and reported (or silenced for a reason), or discarded for a reason. */
function fates(events: LabEvent[], accepts: Map<string, Accept>, state: LabState): string[] {
  const found: string[] = [];
  const ends = new Map<string, string[]>();
  const told = new Set<string>();
  for (const event of events) {
    if (event.kind === 'queue-deliver' || event.kind === 'queue-fail' || event.kind === 'queue-discard') {
      for (const index of event.rcpts) {
        const key = end(idOf(event), index);
        ends.set(key, [...(ends.get(key) ?? []), event.kind === 'queue-discard' ? event.reason : event.kind]);
      }
    }
    if ((event.kind === 'dsn-sent' || event.kind === 'dsn-none') && event.action === 'failed') {
      for (const index of event.rcpts) told.add(end(`${event.host}/${event.about}`, index));
    }
  }
  for (const [key, accept] of accepts) {
    const entry = state.hosts[accept.host]?.queue[accept.queueId];
    accept.rcpts.forEach((rcpt, index) => {
      const its = ends.get(end(key, index)) ?? [];
      const who = `${rcpt.address} of ${key} (${accept.messageId})`;
      if (its.length === 0) {
        if (state.hosts[accept.host]?.power === 'up')
          found.push(`${who} has no end, and its host is up: ${JSON.stringify(entry?.rcpts[index]?.status)}`);
        else if (entry === undefined) found.push(`${who} has no end and is in no queue`);
        return;
      }
      if (entry !== undefined) found.push(`${who} has ended and is in the queue still`);
      const [first, second] = its;
      const isDeleted = second === 'deleted'; // before its failure was reported
      if (first === 'queue-fail' && told.has(end(key, index)) === isDeleted)
        found.push(`${who} failed without a report or a reason for none`);
      const fine =
        its.length === 1 ||
        (its.length === 2 &&
          first === 'queue-fail' &&
          (isDeleted || second === 'notify-never' || second === 'null-sender'));
      if (!fine) found.push(`${who} has more than one end: ${its.join(', ')}`);
    });
  }
  return found;
}

/** What was handed on was taken at the other side; what was delivered lies in a mailbox. */
function handovers(events: LabEvent[], accepts: Map<string, Accept>): string[] {
  const found: string[] = [];
  const taken = new Map<string, Set<string>>();
  for (const accept of accepts.values()) {
    if (accept.session === null) continue;
    const key = `${accept.session} ${accept.messageId}`;
    taken.set(key, new Set([...(taken.get(key) ?? []), ...accept.rcpts.map((rcpt) => rcpt.address)]));
  }
  const boxed = new Set(
    events.flatMap((event) =>
      event.kind === 'mailbox-deliver'
        ? [`${idOf({ host: event.host, queueId: event.message.queueId })} ${event.message.rcpt}`]
        : [],
    ),
  );
  for (const event of events) {
    if (event.kind !== 'queue-deliver') continue;
    const accept = accepts.get(idOf(event)) as Accept;
    for (const index of event.rcpts) {
      const { address } = accept.rcpts[index] as Rcpt;
      if (event.how === 'relayed' && taken.get(`${event.session} ${accept.messageId}`)?.has(address) !== true)
        found.push(`${address} of ${idOf(event)} was handed on in ${event.session}, where nobody took it`);
      if (event.how === 'mailbox' && !boxed.has(`${idOf(event)} ${address}`))
        found.push(`${address} of ${idOf(event)} was delivered into no mailbox`);
    }
  }
  return found;
}

/** No report on a report; and each says what the evidence says. RFC 3464 §2.3 */
function reports(events: LabEvent[], accepts: Map<string, Accept>, read: Read): string[] {
  const found: string[] = [];
  const about = new Map<string, number>();
  events.forEach((event, place) => {
    if (event.kind !== 'dsn-sent') return;
    const subject = accepts.get(`${event.host}/${event.about}`) as Accept;
    const report = accepts.get(idOf(event)) as Accept;
    const name = `report ${idOf(event)} about ${event.about}`;
    if (report.envelope.sender !== '') found.push(`${name} has a sender`);
    if (subject.envelope.sender === '' && (!event.to.startsWith('postmaster@') || event.action !== 'failed'))
      found.push(`${name} is a report on a report`);
    const key = `${event.host}/${event.about} ${event.action}`;
    about.set(key, (about.get(key) ?? 0) + 1);
    if (event.action === 'delayed' && about.get(key) !== 1) found.push(`${name} is the second warning`);
    const text = read(report.body).toString('latin1');
    const blocks = statusBlocks(text);
    for (const index of event.rcpts) {
      const { address } = subject.rcpts[index] as Rcpt;
      const block = blocks.find((fields) => fields.get('final-recipient')?.endsWith(`; ${address}`));
      if (block === undefined) {
        found.push(`${name} has no block for ${address}`);
        continue;
      }
      if (block.get('action') !== actionFor(events, place, event, index))
        found.push(`${name}: Action ${block.get('action')} for ${address}, which is ${event.action}`);
      found.push(...statusBreaches(name, block, event, evidence(events, place, event, index)));
    }
    if (blocks.length !== event.rcpts.length)
      found.push(`${name} has ${blocks.length} blocks for ${event.rcpts.length} recipients`);
  });
  return found;
}

/** Of success, one report tells who was delivered and who was relayed. */
function actionFor(events: LabEvent[], place: number, dsn: Of<'dsn-sent'>, index: number): string {
  if (dsn.action === 'failed' || dsn.action === 'delayed') return dsn.action;
  const deliver = events
    .slice(0, place)
    .find(
      (event) =>
        event.kind === 'queue-deliver' &&
        event.host === dsn.host &&
        event.queueId === dsn.about &&
        event.rcpts.includes(index),
    ) as Of<'queue-deliver'>;
  return deliver.how === 'mailbox' ? 'delivered' : 'relayed';
}

/** Nobody is put off past the end of the message's time, whether it was tried or not; and what a round brings is told in one report of each kind. */
function patience(events: LabEvent[], accepts: Map<string, Accept>, state: LabState): string[] {
  const found: string[] = [];
  const told = new Set<string>();
  for (const event of events) {
    if (event.kind === 'queue-defer') {
      const { at, envelope } = accepts.get(idOf(event)) as Accept;
      const { giveUpAfterMs, giveUpReportsAfterMs } = (state.hosts[event.host] as LabState['hosts'][string]).settings
        .retry;
      if (event.at - at >= (envelope.sender === '' ? giveUpReportsAfterMs : giveUpAfterMs))
        found.push(`${idOf(event)} is put off (${event.why.kind}) though its time is over`);
    }
    if (event.kind !== 'dsn-sent') continue;
    const kind = event.action === 'failed' || event.action === 'delayed' ? event.action : 'success';
    const key = `${event.host}/${event.about} ${kind} ${event.at}`;
    if (told.has(key)) found.push(`${event.host}/${event.about}: two reports of ${kind} at one time`);
    told.add(key);
  }
  return found;
}

/** The event that a report speaks of precedes it. */
function evidence(
  events: LabEvent[],
  place: number,
  dsn: Of<'dsn-sent'>,
  index: number,
): { why: Why | null; expired: boolean } {
  const fits = (event: LabEvent): boolean =>
    event.host === dsn.host &&
    event.queueId === dsn.about &&
    'rcpts' in event &&
    (event.rcpts as number[]).includes(index);
  if (dsn.action === 'failed') {
    const fail = events
      .slice(0, place)
      .findLast((event) => event.kind === 'queue-fail' && fits(event)) as Of<'queue-fail'>;
    return { why: fail.why, expired: fail.expired };
  }
  if (dsn.action !== 'delayed') return { why: null, expired: false };
  const defer = events
    .slice(0, place)
    .findLast((event) => event.kind === 'queue-defer' && fits(event)) as Of<'queue-defer'>;
  return { why: defer.why, expired: false };
}

function statusBreaches(
  name: string,
  block: Map<string, string>,
  dsn: Of<'dsn-sent'>,
  { why, expired }: { why: Why | null; expired: boolean },
): string[] {
  const found: string[] = [];
  const status = block.get('status') ?? '';
  const wantedClass = dsn.action === 'failed' ? (expired ? '45' : '5') : dsn.action === 'delayed' ? '4' : '2';
  if (!wantedClass.includes(status[0] ?? '-'))
    found.push(`${name}: Status ${status} for ${dsn.action}${expired ? ' (expired)' : ''}`);
  if (why === null) return found;
  const wanted = statusFor(why);
  if (wanted !== null && status.slice(1) !== wanted.slice(1))
    found.push(`${name}: Status ${status}, but ${JSON.stringify(why)} is ${wanted}`);
  const remote = block.get('remote-mta');
  const diagnostic = block.get('diagnostic-code') ?? '';
  if (why.kind === 'reply') {
    if (remote !== `dns; ${why.peer.name}`) found.push(`${name}: Remote-MTA ${remote}, but ${why.peer.name} said it`);
    if (!diagnostic.startsWith(`smtp; ${why.reply.code}`))
      found.push(`${name}: Diagnostic-Code ${diagnostic}, but ${why.reply.code} was said`);
  } else {
    if (remote !== undefined) found.push(`${name}: Remote-MTA ${remote} for a reason of this host's own, ${why.kind}`);
    if (diagnostic.startsWith('smtp'))
      found.push(`${name}: Diagnostic-Code ${diagnostic} for a reason of this host's own`);
  }
  return found;
}

/** RFC 3463, as the project's reference gives them; the first digit is judged apart. Null: no opinion. */
function statusFor(why: Why): string | null {
  switch (why.kind) {
    case 'dns':
      return {
        'null-mx': '5.1.10',
        nxdomain: '5.4.4',
        'no-address': '5.4.4',
        'no-primary': '4.4.4',
        servfail: '4.4.3',
        timeout: '4.4.3',
        refused: '4.4.3',
        'bad-answer': '4.4.3',
      }[why.problem];
    case 'connect':
      return '4.4.1';
    case 'lost':
      return '4.4.2';
    case 'loop':
      return '5.4.6';
    case 'reply':
    case 'local':
      return why.reply.enhanced ?? (why.reply.code >= 400 ? `${String(why.reply.code)[0]}.0.0` : null);
    case 'extension':
      return { '8BITMIME': '5.6.3', SMTPUTF8: '5.6.7', SIZE: '5.3.4' }[why.extension];
    case 'suspended':
      return statusFor(why.last);
    case 'person':
      return null;
  }
}

/** The recipients' blocks of the message/delivery-status part, RFC 3464 §2.1.1. */
export function statusBlocks(message: string): Map<string, string>[] {
  const part =
    /^Content-Type: message\/(?:global-)?delivery-status\r\n(?:[^\r\n]+\r\n)*\r\n([^]*?)\r\n--/im.exec(message)?.[1] ??
    '';
  return part
    .split(/\r\n\r\n/)
    .slice(1)
    .filter((block) => block.trim() !== '')
    .map((block) => {
      const fields = new Map<string, string>();
      for (const line of block.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
        const cut = line.indexOf(':');
        fields.set(line.slice(0, cut).toLowerCase(), line.slice(cut + 1).trim());
      }
      return fields;
    });
}

/** No message has gone through more hosts than a host lets pass. RFC 5321 §6.3 */
function circles(accepts: Map<string, Accept>, state: LabState, read: Read): string[] {
  const found: string[] = [];
  for (const [key, accept] of accepts) {
    const text = read(accept.body).toString('latin1');
    const header = text.slice(0, text.indexOf('\r\n\r\n'));
    const hops = header.match(/^received:/gim)?.length ?? 0;
    const max = state.hosts[accept.host]?.settings.hopCountMax ?? 0;
    if (hops > max + 1) found.push(`${key} was taken with ${hops} Received lines, of ${max}`);
  }
  return found;
}

/** A host that is down says nothing, takes nothing and tries nothing. */
function powers(events: LabEvent[]): string[] {
  const found: string[] = [];
  const up = new Map<string, boolean>();
  const silentKinds = [
    'message-accept',
    'queue-try',
    'queue-deliver',
    'queue-defer',
    'queue-fail',
    'tx-begin',
    'mailbox-deliver',
    'dsn-sent',
    'message-refuse',
  ];
  for (const event of events) {
    if (event.kind === 'host-add' || event.kind === 'host-start') up.set(event.host, true);
    if (event.kind === 'host-stop' || event.kind === 'host-crash' || event.kind === 'host-off')
      up.set(event.host, false);
    if (silentKinds.includes(event.kind) && up.get(event.host as string) === false)
      found.push(`${event.host} is down, and there is ${event.kind} (event ${event.n})`);
  }
  return found;
}

function count(events: LabEvent[], met: Met): void {
  for (const event of events) {
    if (event.kind === 'attempt-fail' || event.kind === 'queue-defer' || event.kind === 'queue-fail') {
      const { why } = event;
      if (why.kind === 'reply') met[why.reply.code < 500 ? '4xx' : '5xx'] += 1;
      if ((why.kind === 'lost' || why.kind === 'connect') && why.problem === 'timeout') met.timeout += 1;
      if (why.kind === 'lost' && why.problem === 'reset') met.reset += 1;
      if (why.kind === 'lost' && why.stage === 'final-dot') met['lost reply'] += 1;
      if (why.kind === 'loop') met.loop += 1;
      if (why.kind === 'suspended') met.suspended += 1;
    }
    if (event.kind === 'queue-fail' && event.expired) met.expired += 1;
    if (event.kind === 'queue-discard' && event.reason === 'deleted') met.deleted += 1;
    if (event.kind === 'link-lost' && /cut|fault/.test(event.cause)) met.cut += 1;
    if (event.kind === 'message-refuse' && event.reason === 'a loop') met.hops += 1;
    if (event.kind === 'message-refuse' && event.reason === 'greylist') met.greylist += 1;
    if (event.kind === 'message-refuse' && /disk/.test(event.reason)) met['full disk'] += 1;
    if (event.kind === 'dsn-sent')
      met[
        event.action === 'delayed' ? 'delayed report' : event.action === 'failed' ? 'failed report' : 'success report'
      ] += 1;
    if (event.kind === 'dsn-none' && event.reason === 'null-sender' && event.action === 'failed')
      met['null sender failed'] += 1;
  }
}
