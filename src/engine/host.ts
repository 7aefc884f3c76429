/**
 * One mail host as a process: its receiver, queue, sender, mailboxes and resolver, wired together, and what
 * happens to them when the host is stopped, crashes, is switched off, or starts.
 *
 * `queue` knows neither `smtp-out` nor `dsn`: they are handed in here, so that rooms form no circle.
 */
import type { Told } from '../contract/events.ts';
import type { BodyRef, HostKey, HostState, QueueEntry, Rcpt, SessionId } from '../contract/model.ts';
import type { Chance, Clock } from './clock/index.ts';
import { createResolver } from './dns/index.ts';
import { makeReport, whyNoReport } from './dsn/index.ts';
import { createMailboxes } from './mailbox/index.ts';
import type { Caller, End, Network } from './network/index.ts';
import { createQueue, type QueueDeps } from './queue/index.ts';
import { createReceiver, mailboxOf, quotaRefusal } from './smtp-in/index.ts';
import { createSender } from './smtp-out/index.ts';

export interface HostDeps {
  key: HostKey;
  clock: Clock;
  chance: Chance;
  state(): HostState;
  dnsCache(): Parameters<typeof createResolver>[0]['cache'] extends () => infer C ? C : never;
  network: Network;
  nextQueryId(): number;
  tell(event: Told): void;
  keep(bytes: Buffer): BodyRef;
  read(ref: BodyRef): Buffer;
  mailFor(session: SessionId | null): string;
  synced(): Promise<void>;
}

export type Host = ReturnType<typeof createHost>;

export function createHost(deps: HostDeps) {
  const { key, clock, chance, state, network, tell } = deps;
  const resolver = createResolver({
    host: key, tell, now: clock.now, nextId: deps.nextQueryId,
    cache: deps.dnsCache, exchange: (query, tcp) => network.exchange(key, query, tcp),
  });
  const mailboxes = createMailboxes({ host: key, state, now: clock.now, tell, mailboxOf, quota: quotaRefusal });
  const sender = createSender({
    host: key, state, clock, chance, resolver, tell,
    dial: (request) => network.dial(request), readBody: (entry) => deps.read(entry.body),
  });
  const queue = createQueue({
    host: key, state, clock, chance, tell, keep: deps.keep, mailFor: deps.mailFor,
    deliver: (job) => sender.deliver(job),
    deliverHere: (entry, rcpt) => mailboxes.deliver(entry, rcpt),
    report: (entry, action, rcpts, facts) => reportFor(deps, entry, action, rcpts, facts),
  });
  const receiver = createReceiver({
    host: key, state, clock, resolver, tell, synced: deps.synced,
    reach: (session, reached) => network.reach(session, reached),
    nextQueueId: queue.nextQueueId, accept: queue.accept, kick: queue.kick,
    flush: (domain) => queue.flush(domain),
  });

  return {
    key,
    state,
    queue,
    take: (end: End, session: SessionId, caller: Caller) => receiver.take(end, session, caller),
    /** Look a name up as this host would. */
    resolver,
    power(to: 'start' | 'stop' | 'crash' | 'off'): void {
      if (to === 'start') {
        if (state().power === 'up') return; // as with any service
        tell({ kind: 'host-start', host: key });
        queue.resume();
        return;
      }
      if (state().power === 'up' && to === 'stop') receiver.stop();
      tell({ kind: `host-${to}`, host: key });
      queue.halt();
      if (to === 'crash') network.resetSessions(key, `${key} crashed`);
      sender.halt();
      receiver.halt();
    },
  };
}

/** A report for those who want one. A report that can't be delivered is never reported, but may go to postmaster. */
const reportFor = (deps: HostDeps, entry: QueueEntry, ...[action, rcpts, facts]: Tail<Parameters<QueueDeps['report']>>): ReturnType<QueueDeps['report']> => {
  const { settings } = deps.state();
  const silent: { rcpts: number[]; reason: 'notify' | 'null-sender' }[] = [];
  const wanted: number[] = [];
  const toPostmaster = settings.doubleBounceToPostmaster && action === 'failed' && entry.envelope.sender === '' && !entry.rcpts.some((rcpt) => rcpt.address.startsWith('postmaster@'));
  for (const index of rcpts) {
    const reason = toPostmaster ? null : whyNoReport(entry.rcpts[index] as Rcpt, entry.envelope, action);
    if (reason === null) wanted.push(index);
    else silent.push({ rcpts: [index], reason });
  }
  if (wanted.length === 0) return { report: null, silent };
  const at = deps.clock.now();
  const to = toPostmaster ? `postmaster@${settings.name}` : entry.envelope.sender;
  // A delay is about several recipients, each with a reason of its own.
  const whyOf = (rcpt: Rcpt) => (action === 'delayed' && rcpt.status.kind === 'deferred' ? rcpt.status.why : facts.why);
  const status = (rcpt: Rcpt): Rcpt => (facts.why === null ? rcpt : { ...rcpt, status: { kind: 'failed', at, why: facts.why, expired: action === 'failed' && rcpt.status.kind === 'deferred' } });
  const { bytes, messageId, subject, eightBit, smtpUtf8 } = makeReport({
    action, entry, now: at, hostName: settings.name, origin: settings.finalDomains[0] ?? settings.name, reportQueueId: facts.queueId,
    rcpts: wanted.map((index) => ({ rcpt: status(entry.rcpts[index] as Rcpt), why: whyOf(entry.rcpts[index] as Rcpt), reply: facts.reply, peer: facts.peer, how: action === 'relayed' ? 'relayed' : 'mailbox' })),
    original: deps.read(entry.body), warnAfterMs: settings.retry.warnAfterMs, retryUntil: facts.retryUntil, ...(toPostmaster ? { to } : {}),
  });
  return { report: { to, bytes, messageId, subject, rcpts: wanted, eightBit, smtpUtf8 }, silent };
};

type Tail<T extends unknown[]> = T extends [unknown, ...infer R] ? R : never;
