/**
 * The receiver room of one host: hears a conversation, ends in an accepted message.
 *
 * Each host speaks SMTP behind the network's gate (RFC 5321, 1870, 2034, 2920, 3461, 6152, 6531; ETRN, RFC 1985), by the verbs
 * in verbs.ts. 250 after the final dot is said when the message is on disk and not before (RFC 5321 §6.1).
 * What is refused is refused here, with a reply that says why: no space, no relaying, no such user, filters.
 *
 * It never looks for a route, never delivers and never opens a connection; what it accepts is the queue's. No
 * TLS and no AUTH are offered. A message with bare CR or LF is refused, as it can't be passed on unchanged.
 */
import { isUtf8 } from 'node:buffer';
import type { Told } from '../../contract/events.ts';
import type { HostKey, HostState, QueueId } from '../../contract/model.ts';
import type { Reply } from '../../contract/why.ts';
import type { Clock } from '../clock/index.ts';
import { lookupPtr, type Resolver } from '../dns/index.ts';
import { isFinalFor, isRelayFor } from '../hosts.ts';
import type { Caller, End } from '../network/index.ts';
import type { Accepted } from '../queue/index.ts';
import { asKept, readHead, receivedLine } from './message.ts';
import {
  destinationRefusal,
  diskRefusal,
  greylistVerdict,
  messageRefusal,
  rcptRefusal,
  sizeRefusal,
  within,
  type No,
} from './policy.ts';
import { reply, replyAsWritten } from './replies.ts';
import { AMPLE, createRoom } from './room.ts';
import { LabConnection } from './server.ts';
import { LINE_HEARD_MAX, type Gathered } from './stream.ts';
import { answerTo, counted, newSession, type Answer, type House, type Session, type Transaction } from './verbs.ts';

export { mailDate } from './message.ts';
export { mailboxOf, quotaRefusal } from './policy.ts';

type Struck = { answer: string } | { delayMs: number } | { silence: true } | null;

export interface ReceiverDeps {
  host: HostKey;
  state(): HostState;
  clock: Clock;
  resolver: Resolver;
  tell(event: Told): void;
  /** How far a dialogue came: faults may strike. */
  reach(session: string, reached: { verb: string; address: string | null }): Struck;
  synced(): Promise<void>;
  nextQueueId(): QueueId;
  accept(message: Accepted): QueueId;
  kick(queueId: QueueId): void;
  /** ETRN: start sending what waits for a domain. Returns how many messages. */
  flush(domain: string): number;
}

/** Somebody who came by a connection. */
interface Visit {
  id: string;
  caller: Caller;
  connection: LabConnection | null;
  /** Name of the client by reverse look-up, confirmed. */
  name: string;
  /** The life of the host in which it came: one that went down meanwhile takes nothing. */
  life: number;
  session: Session;
  /** The pause before the greeting runs. */
  pausing: boolean;
}

export function createReceiver(deps: ReceiverDeps) {
  const { host, clock, tell } = deps;
  const visits = new Map<string, Visit>();
  const room = createRoom();
  let life = 0;

  const settings = () => deps.state().settings;
  /** Nobody waits any more when the client is gone, or the host. */
  const stays = (visit: Visit): boolean => visits.has(visit.id);
  const after = (ms: number, name: string): Promise<void> => new Promise((go) => clock.at(clock.now() + ms, name, go));

  const refuse = (
    visit: Visit,
    stage: 'connect' | 'mail' | 'rcpt' | 'final-dot',
    address: string | null,
    no: No,
  ): Reply => {
    tell({ kind: 'message-refuse', host, session: visit.id, stage, address, reply: no.reply, reason: no.reason });
    return no.reply;
  };

  /** Before the greeting: a pause, then look-ups in a blocklist and for the client's name. A program from outside has no name. */
  const greet = async (visit: Visit): Promise<Answer | null> => {
    const { caller, id } = visit;
    const { greetPauseMs, blocklistZone, trustedPeers } = settings();
    if (greetPauseMs > 0) {
      visit.pausing = true;
      await after(greetPauseMs, `smtp-in ${id} greet`);
      visit.pausing = false;
      if (!stays(visit)) return null;
    }
    if (blocklistZone !== null && !within(caller.address, trustedPeers)) {
      const listed = await deps.resolver.ask(`${caller.address.split('.').reverse().join('.')}.${blocklistZone}`, 'A');
      if (listed.rcode === 'NOERROR' && listed.records.some((record) => record.type === 'A')) {
        const no = { reply: reply('blocklisted', caller.address), reason: `listed at ${blocklistZone}` };
        return { reply: refuse(visit, 'connect', null, no), then: 'close' };
      }
    }
    if (!caller.outside) visit.name = (await lookupPtr(deps.resolver, caller.address)) ?? 'unknown';
    return { reply: reply('greeting', settings().name) };
  };

  const greylist = (visit: Visit, sender: string, rcpt: string): No | null => {
    const grey = greylistVerdict(deps.state(), { client: visit.caller.address, sender, rcpt, now: clock.now() });
    if (grey === null || grey.step === 'known') return null;
    if (grey.step !== 'wait')
      tell({ kind: grey.step === 'pass' ? 'greylist-pass' : 'greylist-meet', host, key: grey.key });
    return grey.step === 'pass' ? null : { reply: reply('greylisted', rcpt), reason: 'greylist' };
  };

  const houseFor = (visit: Visit): House => ({
    settings,
    mail(sender, sizeBytes) {
      const no = sizeRefusal(deps.state(), sizeBytes) ?? diskRefusal(deps.state(), sizeBytes);
      return no === null ? null : refuse(visit, 'mail', sender, no);
    },
    isHere: (domain) => isFinalFor(settings(), domain),
    rcpt(sender, address, said) {
      const no = rcptRefusal(deps.state(), address, visit.caller.address) ?? greylist(visit, sender, address);
      return no === null ? null : refuse(visit, 'rcpt', said, no);
    },
    verify: (address) => destinationRefusal(deps.state(), address, visit.caller.address)?.reply ?? null,
    flush(domain) {
      if (!isRelayFor(settings(), domain)) return false;
      deps.flush(domain.toLowerCase());
      return true;
    },
  });

  const tellLine = ({ id, caller }: Visit, bytes: Buffer): void => {
    if (caller.outside)
      tell({ kind: 'smtp-say', host, session: id, side: 'client', lines: [bytes.toString().slice(0, 1000)] });
  };

  /** A line that a client said; a fault may answer in this host's place, in its own words, or keep the answer back. */
  const line = (visit: Visit, house: House, bytes: Buffer): Answer | Promise<Answer | null> => {
    tellLine(visit, bytes);
    const text = textOf(bytes);
    const torn = settings().extensions.smtpUtf8 && !isCut(bytes) && !isUtf8(bytes);
    const answer = (): Answer =>
      torn ? counted(visit.session, { reply: reply('bad-utf8') }, house) : answerTo(visit.session, text, house);
    const verb = /^\s*(\S*)/.exec(text)?.[1]?.toUpperCase() ?? '';
    const struck = deps.reach(visit.id, { verb, address: /<([^>]*)>/.exec(text)?.[1] ?? null });
    if (struck !== null && 'answer' in struck) return asWritten(struck.answer);
    if (struck === null || !('delayMs' in struck)) return answer();
    return after(struck.delayMs, `smtp-in ${visit.id} late`).then(() => (stays(visit) ? answer() : null));
  };

  /** The whole message is here: judge it, keep it, and answer when it is on disk. Its client may have left meanwhile. */
  const message = async (visit: Visit, house: House, { bytes, sizeBytes, noRoom }: Gathered): Promise<Answer> => {
    const { session, caller, id } = visit;
    const transaction = session.transaction as Transaction;
    const addresses = [...transaction.rcpts.values()].map(({ address }) => address);
    if (caller.outside)
      tell({ kind: 'smtp-say', host, session: id, side: 'client', lines: [`<message of ${sizeBytes} bytes>`, '.'] });
    // A fault may be for any of them.
    const struck = deps.reach(id, {
      verb: 'final-dot',
      address: [transaction.envelope.sender, ...addresses].join(' '),
    });
    if (struck !== null && 'delayMs' in struck) await after(struck.delayMs, `smtp-in ${id} late`);
    if (visit.life !== life) return { reply: reply('shutting-down', settings().name), then: 'close' };
    session.transaction = null;
    if (struck !== null && 'answer' in struck) return asWritten(struck.answer);
    if (noRoom)
      return {
        reply: refuse(visit, 'final-dot', null, {
          reply: reply('disk-full'),
          reason: 'too much was coming in at once',
        }),
      };

    const queueId = deps.nextQueueId();
    const head = readHead(bytes);
    const kept = Buffer.concat(asKept(bytes, head, trace(visit, transaction, queueId)));
    const no = messageRefusal(deps.state(), {
      client: caller.address,
      rcpts: addresses,
      bytes,
      hopCount: head.hopCount,
      sizeBytes,
      keptBytes: kept.length,
    });
    if (no !== null) return counted(session, { reply: refuse(visit, 'final-dot', no.address, no) }, house);
    session.errorCount = session.junkCount = 0;
    const { messageId, subject } = head;
    const { envelope, rcpts } = transaction;
    deps.accept({
      queueId,
      session: id,
      origin: 'smtp',
      bytes: kept,
      envelope,
      rcpts: [...rcpts.values()],
      messageId,
      subject,
    });
    await deps.synced();
    // The reply goes out first; the queue sets to work at the end of the same instant.
    if (visit.life === life) clock.at(clock.now(), `queue ${host} ${queueId.slice(-5)}`, () => deps.kick(queueId));
    return { reply: reply('queued', queueId) };
  };

  const trace = ({ session, name, caller }: Visit, { envelope, rcpts }: Transaction, queueId: QueueId): string => {
    const [only, ...others] = rcpts.values();
    return receivedLine({
      helo: session.helo?.name ?? name,
      clientName: name,
      clientAddress: caller.address,
      hostName: settings().name,
      protocol: envelope.smtpUtf8 ? 'UTF8SMTP' : session.helo?.extended ? 'ESMTP' : 'SMTP',
      queueId,
      rcpt: only === undefined || others.length > 0 ? null : only.address,
      at: clock.now(),
    });
  };

  return {
    /** A connection reached port 25. */
    take(end: End, id: string, caller: Caller): void {
      const visit: Visit = {
        id,
        caller,
        connection: null,
        name: 'unknown',
        life,
        session: newSession(),
        pausing: false,
      };
      const house = houseFor(visit);
      const lastWord = (name: 'too-soon' | 'timeout' | 'endless'): Answer => ({
        reply: reply(name, settings().name),
        then: 'close',
      });
      visits.set(id, visit);
      end.once('close', () => visits.delete(id));
      visit.connection = new LabConnection(end, id, {
        greet: () => greet(visit),
        early(bytes) {
          if (!visit.pausing) return null;
          tellLine(visit, bytes);
          return lastWord('too-soon');
        },
        line: (bytes) => line(visit, house, bytes),
        message: (whole) => message(visit, house, whole),
        room: caller.outside ? room : AMPLE,
        timeout: () => lastWord('timeout'),
        endless: () => lastWord('endless'),
        said: (lines) => tell({ kind: 'smtp-say', host, session: id, side: 'smtp-in', lines }),
        idleMs: () => settings().serverIdleMs,
        messageBytesMax: () => settings().messageSizeMax,
        enhancedCodes: () => settings().extensions.enhancedCodes,
      });
      visit.connection.init();
    },
    /** The daemon ends: 421 to everybody. */
    stop(): void {
      life += 1;
      for (const { connection } of visits.values())
        connection?.say({ reply: reply('shutting-down', settings().name), then: 'close' });
      visits.clear();
    },
    /** The process is gone without a word. */
    halt(): void {
      life += 1;
      for (const { connection } of visits.values()) connection?.drop();
      visits.clear();
    },
  };
}

const isCut = (line: Buffer): boolean => line.length >= LINE_HEARD_MAX;

/** A line as Postfix understands it: to its first NUL, and with question marks for what can't be printed where it was cut. */
function textOf(line: Buffer): string {
  const text = line.toString().split('\0', 1)[0] as string;
  // eslint-disable-next-line no-control-regex -- these are the characters it is about
  return isCut(line) ? text.replace(/[\x00-\x1f\x7f\ufffd]/g, '?') : text;
}

/**
 * A fault's own answer, word for word. It is no error of the client's: it stands for a server whose limits nobody knows.
 * 421 ends the session (RFC 5321 §3.8).
 */
function asWritten(answer: string): Answer {
  const said = replyAsWritten(answer);
  return said.code === 421 ? { reply: said, then: 'close' } : { reply: said };
}
