/**
 * The receiver room of one host: hears a conversation, ends in an accepted message.
 *
 * Each host is a real smtp-server (RFC 5321, 1870, 2034, 2920, 3461, 6152, 6531; ETRN, RFC 1985) behind the
 * network's gate. 250 after the final dot is said when the message is on disk and not before (RFC 5321 §6.1).
 * What is refused is refused here, with a reply that says why: no space, no relaying, no such user, filters.
 *
 * It never looks for a route, never delivers and never opens a connection; what it accepts is the queue's. No
 * TLS and no AUTH are offered. A message with bare CR or LF is refused, as it can't be passed on unchanged.
 */
import type { SMTPServerAddress, SMTPServerDataStream, SMTPServerSession } from 'smtp-server';
import type { Told } from '../../contract/events.ts';
import type { HostKey, HostState, Notify, QueueId } from '../../contract/model.ts';
import type { HostSettings } from '../../contract/settings.ts';
import { replyText } from '../../contract/why-words.ts';
import type { Clock } from '../clock/index.ts';
import { lookupPtr, type Resolver } from '../dns/index.ts';
import type { Caller, End } from '../network/index.ts';
import type { Accepted } from '../queue/index.ts';
import { contentTrouble, headerBlock, headerValue, hopCount, lineTrouble, receivedLine, subjectOf } from './message.ts';
import { diskRefusal, diskRefusalAfterData, greylistVerdict, mailboxOf, quotaRefusal, rcptRefusal, sizeRefusal, within, type No } from './policy.ts';
import { Refused, refusalReply } from './replies.ts';
import { LabServer, type ConnectionEars } from './server.ts';

export { mailDate } from './message.ts';
export { mailboxOf, quotaRefusal } from './policy.ts';

export interface ReceiverDeps {
  host: HostKey;
  state(): HostState;
  clock: Clock;
  resolver: Resolver;
  tell(event: Told): void;
  /** How far a dialogue came: faults may strike. */
  reach(session: string, reached: { verb: string; address: string | null }): { answer: string } | { delayMs: number } | { silence: true } | null;
  synced(): Promise<void>;
  nextQueueId(): QueueId;
  accept(message: Accepted): QueueId;
  kick(queueId: QueueId): void;
  /** ETRN: start sending what waits for a domain. Returns how many messages. */
  flush(domain: string): number;
}


interface Visit {
  caller: Caller;
  end: End | null;
  /** Name of the client by reverse look-up, confirmed. */
  name: string;
  born: number;
}

export function createReceiver(deps: ReceiverDeps) {
  const { host, clock, tell } = deps;
  const visits = new Map<string, Visit>();
  let life = 0;

  const settings = () => deps.state().settings;
  /** A visit outlasts its connection: a message whose client left after the final dot is still judged. */
  const visitOf = (session: string): Visit => visits.get(session) ?? { caller: NOBODY, name: 'unknown', born: life, end: null };

  const refuse = (session: string, stage: 'connect' | 'mail' | 'rcpt' | 'final-dot', address: string | null, no: No): Refused => {
    tell({ kind: 'message-refuse', host, session, stage, address, reply: no.reply, reason: no.reason });
    return new Refused(no.reply);
  };

  const ears: ConnectionEars = {
    said: (session, lines) => tell({ kind: 'smtp-say', host, session, side: 'smtp-in', lines }),
    heard(session, line) {
      if (visitOf(session).caller.outside) tell({ kind: 'smtp-say', host, session, side: 'client', lines: [line.slice(0, 1000)] });
    },
    reached(session, verb, line) {
      const struck = deps.reach(session, { verb, address: /<([^>]*)>/.exec(line)?.[1] ?? null });
      if (struck === null) return null;
      if ('answer' in struck) return Promise.resolve(struck.answer);
      if ('delayMs' in struck) return new Promise((resolve) => clock.at(clock.now() + struck.delayMs, `smtp-in ${session} late`, () => {
        if (visits.has(session)) resolve(null); // nobody waits any more when it is gone, or the host
      }));
      return null;
    },
    greetPause(session, greet) {
      const { greetPauseMs } = settings();
      if (greetPauseMs === 0) return greet();
      clock.at(clock.now() + greetPauseMs, `smtp-in ${session} greet`, () => {
        if (visits.has(session)) greet();
      });
    },
    features() {
      const { extensions, messageSizeMax } = settings();
      return { etrn: extensions.etrn, enhancedCodes: extensions.enhancedCodes, sizeMax: extensions.size ? messageSizeMax : null };
    },
    etrn(session, argument) {
      const domain = argument.replace(/^[@#]/, '');
      if (!settings().relayDomains.includes(domain) && !within(visitOf(session).caller.address, settings().relayClients)) {
        return `459 4.7.1 <${domain}>: service unavailable: not a domain this host relays for`; // RFC 1985 §5.3
      }
      return deps.flush(domain) > 0 ? `250 2.0.0 Queuing started` : `251 2.0.0 no messages waiting for ${domain}`;
    },
  };

  /** Blocklist and the client's name, before the greeting. Both are look-ups, for which a program from outside does not wait. */
  const meet = async (visit: Visit, session: string): Promise<Refused | null> => {
    const { caller } = visit;
    const { blocklistZone, trustedPeers } = settings();
    if (blocklistZone !== null && !within(caller.address, trustedPeers)) {
      const listed = await deps.resolver.ask(`${caller.address.split('.').reverse().join('.')}.${blocklistZone}`, 'A');
      if (listed.rcode === 'NOERROR' && listed.records.some((record) => record.type === 'A')) {
        return refuse(session, 'connect', null, { reply: refusalReply('blocklisted', caller.address), reason: `listed at ${blocklistZone}` });
      }
    }
    if (!caller.outside) visit.name = (await lookupPtr(deps.resolver, caller.address)) ?? 'unknown';
    return null;
  };

  const rcptVerdict = (visit: Visit, session: string, sender: string, address: string): Refused | null => {
    const no = rcptRefusal(deps.state(), address, visit.caller.address);
    if (no !== null) return refuse(session, 'rcpt', address, no);
    const grey = greylistVerdict(deps.state(), { client: visit.caller.address, sender, rcpt: address, now: clock.now() });
    if (grey === null || grey.step === 'known') return null;
    if (grey.step === 'pass') {
      tell({ kind: 'greylist-pass', host, key: grey.key });
      return null;
    }
    if (grey.step === 'meet') tell({ kind: 'greylist-meet', host, key: grey.key });
    return refuse(session, 'rcpt', address, { reply: refusalReply('greylisted', address), reason: 'greylist' });
  };

  /** The whole message is here: judge it, keep it, and answer when it is on disk. */
  const finish = async (visit: Visit, session: SMTPServerSession, bytes: Buffer, sizeBytes: number): Promise<QueueId | Refused> => {
    const rcpts = session.envelope.rcptTo;
    const addresses = [session.envelope.mailFrom, ...rcpts].map((one) => (one === false ? '' : one.address));
    const struck = deps.reach(session.id, { verb: 'final-dot', address: addresses.join(' ') }); // a fault may be for any of them
    if (struck !== null && 'delayMs' in struck) await new Promise<void>((go) => clock.at(clock.now() + struck.delayMs, `smtp-in ${session.id} late`, go));
    if (visit.born !== life) return new Refused(refusalReply('shutting-down')); // the host went down meanwhile: it takes nothing
    if (struck !== null && 'answer' in struck) {
      const [code = '', ...text] = struck.answer.split(' ');
      return new Refused({ code: Number(code), enhanced: null, lines: [text.join(' ')] });
    }
    const queueId = deps.nextQueueId();
    const message = Buffer.concat([Buffer.from(trace(visit, session, queueId, settings(), clock.now())), bytes]);
    const no = messageRefusal(deps.state(), visit.caller, session, { bytes, sizeBytes, keptBytes: message.length });
    if (no !== null) return refuse(session.id, 'final-dot', no.address, no);
    deps.accept(acceptedFrom(session, queueId, message, bytes));
    await deps.synced();
    // The reply goes out first; the queue sets to work at the end of the same instant.
    if (visit.born === life) clock.at(clock.now(), `queue ${host} ${queueId.slice(-5)}`, () => deps.kick(queueId));
    return queueId;
  };

  const server = new LabServer({
    ...fixedOptions,
    name: settings().name,
    onConnect(session, done) {
      const visit = visitOf(session.id);
      void meet(visit, session.id).then((refused) => done(refused ?? undefined));
    },
    onMailFrom(address, session, done) {
      const size = Number((address.args && address.args.SIZE) || 0);
      const no = sizeRefusal(deps.state(), size) ?? diskRefusal(deps.state(), size);
      done(no === null ? undefined : refuse(session.id, 'mail', address.address, no));
    },
    onRcptTo(address, session, done) {
      const sender = (session.envelope.mailFrom as SMTPServerAddress).address;
      done(rcptVerdict(visitOf(session.id), session.id, sender, address.address) ?? undefined);
    },
    onData(stream, session, done) {
      const visit = visitOf(session.id);
      gather(stream, settings().messageSizeMax, (bytes, sizeBytes) => {
        if (visit.caller.outside) tell({ kind: 'smtp-say', host, session: session.id, side: 'client', lines: [`<message of ${sizeBytes} bytes>`, '.'] });
        void finish(visit, session, bytes, sizeBytes).then((result) => {
          if (result instanceof Refused) done(result);
          else done(null, `2.0.0 Ok: queued as ${result}`);
        });
      });
    },
  }, ears);
  server.on('error', () => undefined);

  /** Settings that smtp-server reads itself, as they are now. */
  const fit = (): void => {
    const { extensions, name, serverIdleMs, rcptCountMax } = settings();
    Object.assign(server.options, {
      // The limit is this room's own, so that each refusal is told: the library is not to judge it.
      name, size: 0, hidePIPELINING: !extensions.pipelining, hide8BITMIME: !extensions.eightBitMime,
      hideSMTPUTF8: !extensions.smtpUtf8, hideDSN: !extensions.dsn, hideENHANCEDSTATUSCODES: !extensions.enhancedCodes,
      socketTimeout: serverIdleMs, maxRecipients: rcptCountMax,
    });
  };

  const leave = (say: boolean): void => {
    life += 1;
    for (const connection of [...server.connections]) {
      if (say) connection.send(421, refusalTexts.goodbye(settings().name));
    }
    for (const [, visit] of visits) if (!say) visit.end?.destroy();
    visits.clear();
  };

  return {
    /** A connection reached port 25. */
    take(end: End, session: string, caller: Caller): void {
      fit();
      visits.set(session, { caller, end, name: 'unknown', born: life });
      end.once('close', () => visits.delete(session));
      server.take(end, session);
    },
    /** The daemon ends: 421 to everybody. */
    stop: () => leave(true),
    /** The process is gone without a word. */
    halt: () => leave(false),
  };
}

const NOBODY: Caller = { host: null, address: '0.0.0.0', port: 0, network: '', outside: false };

const refusalTexts = { goodbye: (name: string) => replyText({ ...refusalReply('shutting-down'), code: 421 }).replace(/^421 (\S+) /, `$1 ${name} `) };

const fixedOptions = {
  banner: 'Mail Lab',
  heloResponse: '%s',
  authOptional: true,
  disabledCommands: ['AUTH', 'STARTTLS', 'XCLIENT', 'XFORWARD', 'WIZ', 'SHELL', 'KILL'],
  hideSTARTTLS: true,
  hideREQUIRETLS: true,
  disableReverseLookup: true,
  maxCommandLength: 4096, // RFC 5321 §4.5.3.1.4 asks for 512; room for long addresses with parameters
  logger: false as const,
  closeTimeout: 1,
};

/** Collect a message, but no more of it than may be taken. A client that went away midway is told by its line. */
function gather(stream: SMTPServerDataStream, sizeMax: number, done: (bytes: Buffer, sizeBytes: number) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= sizeMax) chunks.push(chunk);
    else chunks.length = 0;
  });
  stream.on('error', () => (chunks.length = 0));
  stream.on('end', () => done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks), size));
}

/** `bytes` are empty when there were too many of them; `keptBytes` counts this host's Received line too. */
function messageRefusal(
  state: HostState, caller: Caller, session: SMTPServerSession, message: { bytes: Buffer; sizeBytes: number; keptBytes: number },
): (No & { address: string | null }) | null {
  const { settings } = state;
  const { bytes, sizeBytes, keptBytes } = message;
  const tooBig = sizeRefusal(state, sizeBytes);
  if (tooBig !== null) return { ...tooBig, address: null };
  const trouble = lineTrouble(bytes);
  if (trouble !== null) {
    const text = `Error: the message has ${trouble} in it; lines end with CR LF, and nothing else may hold either`;
    return { reply: { code: 554, enhanced: '5.6.0', lines: [text] }, reason: trouble, address: null };
  }
  if (hopCount(headerBlock(bytes)) > settings.hopCountMax) return { reply: refusalReply('too-many-hops'), reason: 'a loop', address: null };
  if (settings.contentFilter !== null && !within(caller.address, settings.trustedPeers)) {
    const found = contentTrouble(bytes, settings.contentFilter);
    if (found !== null) return { reply: refusalReply('content'), reason: `content: ${found}`, address: null };
  }
  const disk = diskRefusalAfterData(state, keptBytes);
  if (disk !== null) return { ...disk, address: null };
  for (const { address } of session.envelope.rcptTo) {
    const user = mailboxOf(state, address);
    const no = user === null || session.envelope.rcptTo.length > 1 ? null : quotaRefusal(state, user, address, keptBytes);
    if (no !== null && rcptIsHere(state, address)) return { ...no, address };
  }
  return null;
}

function rcptIsHere(state: HostState, address: string): boolean {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return state.settings.finalDomains.some((own) => own.toLowerCase() === domain) || domain === state.settings.name.toLowerCase();
}

function trace(visit: Visit, session: SMTPServerSession, queueId: string, settings: HostSettings, at: number): string {
  const rcpts = session.envelope.rcptTo;
  return receivedLine({
    helo: session.hostNameAppearsAs || 'unknown', clientName: visit.name, clientAddress: visit.caller.address, hostName: settings.name,
    protocol: session.envelope.smtpUtf8 ? 'UTF8SMTP' : session.openingCommand === 'EHLO' ? 'ESMTP' : 'SMTP',
    queueId, rcpt: rcpts.length === 1 ? (rcpts[0] as SMTPServerAddress).address : null, at,
  });
}

function acceptedFrom(session: SMTPServerSession, queueId: string, message: Buffer, bytes: Buffer): Accepted {
  const { envelope } = session;
  const block = headerBlock(bytes);
  return {
    queueId, session: session.id, origin: 'smtp', bytes: message,
    envelope: {
      sender: (envelope.mailFrom as SMTPServerAddress).address,
      ret: (envelope.dsn?.ret?.toLowerCase() as 'full' | 'hdrs' | undefined) ?? null,
      envid: envelope.dsn?.envid ?? null,
      eightBit: envelope.bodyType === '8bitmime',
      smtpUtf8: envelope.smtpUtf8 ?? false,
    },
    rcpts: envelope.rcptTo.map((rcpt) => ({
      address: rcpt.address,
      notify: rcpt.dsn?.notify ? (rcpt.dsn.notify.map((word: string) => word.toLowerCase()) as Notify[]) : null,
      orcpt: rcpt.dsn?.orcpt ?? null,
    })),
    messageId: headerValue(block, 'Message-ID'),
    subject: subjectOf(block),
  };
}
