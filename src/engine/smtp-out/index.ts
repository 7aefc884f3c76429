/**
 * The sender room of one host: chooses a host for a domain, speaks a conversation, ends in an outcome.
 *
 * RFC 5321 §5.1: MX by preference, equals at random, never itself or a higher number; each address in turn. Refused,
 * silent, lost, a greeting that is no 220, or a 4xx: the next host, for the recipients concerned. A 5xx to EHLO and HELO, MAIL,
 * RCPT or after DATA is an end, and no other host is asked. When all is temporary, the last failure is the reason.
 * As Postfix, one try calls a few addresses, and talks to fewer servers still: `mx-addresses`, `mx-sessions`.
 *
 * It keeps no message, decides no retry and writes no report: it tells what it tried, and hands the outcome
 * back to the queue. How far a failure reaches: recipient (5xx/4xx to RCPT), message (MAIL, DATA), host
 * (connect, greeting, session lost), domain (look-up, loop).
 */
import type { Told } from '../../contract/events.ts';
import type { HostKey, HostState, QueueEntry, Rcpt } from '../../contract/model.ts';
import type { Peer, Why } from '../../contract/why.ts';
import type { Chance, Clock } from '../clock/index.ts';
import { lookupMx, type Resolver } from '../dns/index.ts';
import type { DialRequest, DialResult } from '../network/index.ts';
import type { Job, Outcome, Reuse } from '../queue/index.ts';
import { Dialogue } from './dialogue.ts';
import { createPool } from './pool.ts';
import { noTarget, planRoute } from './route.ts';
import { Tally } from './tally.ts';

export { Dialogue } from './dialogue.ts';

export interface SenderDeps {
  host: HostKey;
  state(): HostState;
  clock: Clock;
  chance: Chance;
  resolver: Resolver;
  dial(request: DialRequest): Promise<DialResult>;
  readBody(entry: QueueEntry): Buffer;
  tell(event: Told): void;
}

export type Sender = ReturnType<typeof createSender>;

/** A job on its way from host to host. `born`: the life of the process in which it was begun. */
interface Try {
  job: Job;
  reuse: Reuse;
  tally: Tally;
  born: number;
}

/** The process this was done for has ended: nothing is told any more. */
class Ended extends Error {}

export function createSender(deps: SenderDeps) {
  const { clock, host } = deps;
  const pool = createPool({ now: clock.now, at: clock.at });
  const open = new Set<Dialogue>();
  /** Counts lives of the process, as the queue does. */
  let life = 0;

  const alive = (born: number): void => {
    if (born !== life) throw new Ended();
  };

  /** A dialogue that can carry a transaction, kept or new; or why there is none. */
  const connect = async (
    peer: Peer,
    takes: boolean,
    born: number,
  ): Promise<{ dialogue: Dialogue; reused: boolean } | { session: string; why: Why }> => {
    const kept = takes ? pool.take(peer.address) : null;
    if (kept !== null) {
      kept.peer = peer;
      return { dialogue: kept, reused: true };
    }
    const { timeouts, name } = deps.state().settings;
    const dialled = await deps.dial({
      source: host,
      network: null,
      address: peer.address,
      port: peer.port,
      timeoutMs: timeouts.connectMs,
    });
    if (born !== life && dialled.ok) dialled.end.destroy();
    alive(born);
    const { session } = dialled;
    if (!dialled.ok) return { session, why: { kind: 'connect', peer, problem: dialled.problem } };
    const { end } = dialled;
    const dialogue = new Dialogue(end, {
      host,
      name,
      peer,
      session,
      timeouts,
      now: clock.now,
      at: clock.at,
      tell: deps.tell,
    });
    open.add(dialogue);
    end.once('close', () => open.delete(dialogue));
    const why = await dialogue.open();
    alive(born);
    if (why === null) return { dialogue, reused: false };
    void dialogue.quit();
    return { session, why };
  };

  /** One host, for the recipients that are left. Returns what is wrong when they need another one, and whether it came past EHLO. */
  const tryHost = async (
    peer: Peer,
    { job, reuse, tally, born }: Try,
  ): Promise<{ why: Why | null; session: string; talked: boolean }> => {
    const { queueId, attempt } = job;
    const connected = await connect(peer, reuse.takes, born);
    if ('why' in connected) {
      tally.putOff(connected.why);
      return { ...connected, talked: false };
    }
    const { dialogue, reused } = connected;
    const { session } = dialogue;
    const leave = (): void => (reuse.keeps && dialogue.usable ? pool.keep(dialogue) : void dialogue.quit());
    const entry = deps.state().queue[queueId];
    if (entry === undefined) {
      // deleted meanwhile
      leave();
      tally.giveUp();
      return { why: null, session, talked: true };
    }
    const rcpts = tally.left;
    deps.tell({ kind: 'tx-begin', host, queueId, attempt, session, peer, rcpts, reused });
    const wanted = rcpts.map((index) => entry.rcpts[index] as Rcpt);
    const done = await dialogue.transact({
      envelope: entry.envelope,
      rcpts: wanted,
      message: deps.readBody(entry),
      downgrades: deps.state().settings.downgradesEightBit,
    });
    alive(born);
    if (done.reusable) leave();
    else void dialogue.quit();
    return { why: tally.enter(rcpts, done, dialogue), session, talked: true };
  };

  const send = async (one: Try): Promise<void> => {
    const {
      job: { domain, queueId, attempt },
      tally,
      born,
    } = one;
    const answer = await lookupMx(deps.resolver, domain);
    alive(born);
    if (answer.kind === 'null-mx')
      return tally.endAll({ kind: 'dns', domain, name: domain, type: 'MX', problem: 'null-mx' });
    if (answer.kind === 'failed')
      return tally.endAll({ kind: 'dns', domain, name: answer.name, type: answer.type, problem: answer.problem });
    const { name, addresses, mxAddressCountMax, mxSessionCountMax } = deps.state().settings;
    let draws = 0;
    const plan = planRoute({
      domain,
      addressCountMax: mxAddressCountMax,
      candidates: answer.candidates,
      self: { names: [name], addresses },
      chance: (n, what) => deps.chance.below(n, `${attempt} ${what} ${draws++}`),
    });
    const candidates = answer.candidates.map(({ preference, name: mx, addresses: found, implicit }) => ({
      preference,
      name: mx,
      addresses: found,
      implicit,
    }));
    deps.tell({
      kind: 'attempt-route',
      host,
      queueId,
      attempt,
      domain,
      candidates,
      dropped: plan.dropped,
      order: plan.order.map((t) => `${t.name}[${t.address}]`),
    });
    if (plan.order.length === 0) return tally.endAll(noTarget(domain, plan, answer.candidates));
    const peers = plan.order.map(({ name: mx, address, port }): Peer => ({ name: mx, address, port }));
    let talks = 0;
    for (const [place, peer] of peers.entries()) {
      const { why, session, talked } = await tryHost(peer, one);
      if (talked) talks += 1;
      const next = tally.left.length === 0 ? null : (peers[place + 1] ?? null);
      const limit = next !== null && talks >= mxSessionCountMax;
      if (why !== null)
        deps.tell({ kind: 'attempt-fail', host, queueId, attempt, session, why, next: limit ? null : next, limit });
      if (limit || tally.left.length === 0) return;
    }
  };

  return {
    /** Try a job to its end. Never rejects; the outcome of a life that ended says nothing. */
    async deliver(job: Job, reuse: Reuse): Promise<Outcome> {
      const tally = new Tally(job.rcpts);
      try {
        await send({ job, reuse, tally, born: life });
      } catch (error) {
        if (!(error instanceof Ended)) throw error;
      }
      return tally.outcome();
    },
    /** The process ends: dialogues are left without a word, and what was under way is nobody's any more. */
    halt(): void {
      life += 1;
      pool.clear();
      for (const dialogue of open) dialogue.drop();
      open.clear();
    },
  };
}
