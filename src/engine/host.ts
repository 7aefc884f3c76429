/**
 * One mail host as a process: its receiver, queue, sender, mailboxes and resolver, wired together, and what
 * happens to them when the host is stopped, crashes, is switched off, or starts.
 *
 * `queue` knows neither `smtp-out` nor `dsn`: they are handed in here, so that rooms form no circle.
 */
import type { Told } from '../contract/events.ts';
import type { BodyRef, HostKey, HostState, SessionId } from '../contract/model.ts';
import type { Chance, Clock } from './clock/index.ts';
import { createResolver } from './dns/index.ts';
import { createReporter } from './dsn/index.ts';
import { createMailboxes } from './mailbox/index.ts';
import type { Caller, End, Network } from './network/index.ts';
import { createQueue } from './queue/index.ts';
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
    host: key,
    tell,
    now: clock.now,
    nextId: deps.nextQueryId,
    cache: deps.dnsCache,
    exchange: (query, tcp) => network.exchange(key, query, tcp),
  });
  const mailboxes = createMailboxes({ host: key, state, now: clock.now, tell, mailboxOf, quota: quotaRefusal });
  const sender = createSender({
    host: key,
    state,
    clock,
    chance,
    resolver,
    tell,
    dial: (request) => network.dial(request),
    readBody: (entry) => deps.read(entry.body),
  });
  const queue = createQueue({
    host: key,
    state,
    clock,
    chance,
    tell,
    keep: deps.keep,
    mailFor: deps.mailFor,
    deliver: (job, reuse) => sender.deliver(job, reuse),
    deliverHere: (entry, rcpt) => mailboxes.deliver(entry, rcpt),
    report: createReporter({ state, now: clock.now, read: (entry) => deps.read(entry.body) }),
  });
  const receiver = createReceiver({
    host: key,
    state,
    clock,
    resolver,
    tell,
    synced: deps.synced,
    reach: (session, reached) => network.reach(session, reached),
    nextQueueId: queue.nextQueueId,
    accept: queue.accept,
    kick: queue.kick,
    flush: (domain) => queue.flush(domain),
  });

  /** The processes are gone, and what they had in memory. */
  const halt = (): void => {
    queue.halt();
    sender.halt();
    receiver.halt();
  };

  return {
    key,
    state,
    queue,
    halt,
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
