/**
 * The queue room of one host: keeps messages and decides when each recipient is tried.
 *
 * What it holds is in the host's state, a fold of the journal; beside it only what dies with the process:
 * timers, jobs under way, and the windows of destinations. It hands jobs (one domain's recipients of one
 * message) to the sender, takes outcomes back, and enters them: delivered, deferred until the schedule's
 * next try, failed and reported, or discarded for a named reason (RFC 5321 §4.5.4.1, §6.1).
 *
 * It opens no connection, knows no reply code and writes no report: sender, mailbox and report writer are
 * handed in. A destination that fails several times while mail waits for it is taken for dead for a while,
 * and the rest is deferred without a try. Warning and giving up are judged after a failed try, not by a timer.
 */
import type { Told } from '../../contract/events.ts';
import type { BodyRef, HostKey, HostState, Instant, QueueEntry, QueueId, Rcpt, SessionId } from '../../contract/model.ts';
import type { Peer, Reply, Why } from '../../contract/why.ts';
import { domainOf } from '../addresses.ts';
import type { Chance, Clock } from '../clock/index.ts';
import { isFinalFor } from '../hosts.ts';
import { createDestinations } from './destinations.ts';
import type { Accepted, Job, Outcome, Report, ReportAction } from './job.ts';
import { dueVerdict, nextTryAt } from './schedule.ts';

export type { Accepted, Job, Outcome, Report, ReportAction } from './job.ts';

export interface QueueDeps {
  host: HostKey;
  state(): HostState;
  clock: Clock;
  chance: Chance;
  tell(event: Told): void;
  keep(bytes: Buffer): BodyRef;
  mailFor(session: SessionId | null): string;
  /** Send; never rejects. */
  deliver(job: Job): Promise<Outcome>;
  /** Put into a mailbox of this host. */
  deliverHere(entry: QueueEntry, rcpt: Rcpt): { reply: Reply } | { why: Why; permanent: boolean };
  /** Make a report for those recipients that want one; the rest is told why not. */
  report(entry: QueueEntry, action: ReportAction, rcpts: number[], facts: { why: Why | null; reply: Reply | null; peer: Peer | null; retryUntil: Instant | null; queueId: QueueId }): { report: Report | null; silent: { rcpts: number[]; reason: 'notify' | 'null-sender' }[] };
}

export type Queue = ReturnType<typeof createQueue>;

export function createQueue(deps: QueueDeps) {
  const { clock } = deps;
  const key = deps.host;
  const timers = new Map<QueueId, () => void>();
  /** Recipients under way, by message. */
  const busy = new Map<QueueId, Set<number>>();
  /** Counts lives of the process: outcomes of a life that ended are nobody's. */
  let life = 0;
  const destinations = createDestinations({
    host: key, state: deps.state, now: clock.now, tell: deps.tell,
    run: (job) => void runJob(job),
    suspend: (job, last) => settle(job, { delivered: [], failed: [], deferred: [{ rcpts: job.rcpts, why: { kind: 'suspended', domain: job.domain, last } }], unreachable: false }),
  });

  const entryOf = (queueId: QueueId): QueueEntry => {
    const entry = deps.state().queue[queueId];
    if (entry === undefined) throw new Error(`${key} has no message ${queueId} in its queue; it may be delivered or deleted meanwhile`);
    return entry;
  };

  const accept = (message: Accepted): QueueId => {
    const { bytes, ...facts } = message;
    const body = deps.keep(bytes);
    deps.tell({ kind: 'message-accept', host: key, mail: deps.mailFor(message.session), size: bytes.length, body, ...facts });
    return message.queueId;
  };

  const nextQueueId = (): QueueId => {
    const count = deps.state().queueIdCount + 1;
    return `${deps.chance.hex(5, `queue id ${key} ${count}`)}${count.toString(16).toUpperCase().padStart(5, '0')}`;
  };

  const runJob = async (job: Job): Promise<void> => {
    const born = life;
    const outcome = await deps.deliver(job);
    if (born !== life) return;
    destinations.ended(job, outcome);
    settle(job, outcome);
    destinations.pump(job.domain);
  };

  /** Enter an outcome. Reports are kept before the failure is told: a torn log may repeat one, and loses none. */
  const settle = (job: Job, outcome: Outcome): void => {
    const { queueId } = job;
    const under = busy.get(queueId);
    for (const index of job.rcpts) under?.delete(index);
    if (under?.size === 0) busy.delete(queueId);
    const entry = deps.state().queue[queueId];
    if (entry === undefined) return; // deleted meanwhile
    for (const { rcpts, peer, session, reply, dsnOffered } of outcome.delivered) {
      if (!dsnOffered) sendReport(entry, 'relayed', rcpts, { reply, peer });
      deps.tell({ kind: 'queue-deliver', host: key, queueId, attempt: job.attempt, rcpts, how: 'relayed', peer, session, reply });
    }
    for (const { rcpts, why } of outcome.failed) fail(entry, job.attempt, rcpts, why, false);
    for (const { rcpts, why } of outcome.deferred) putOff(entry, job.attempt, rcpts, why);
    if (outcome.deferred.length > 0) warn(entry);
    wrapUp(entry);
  };

  const putOff = (entry: QueueEntry, attempt: string | null, rcpts: number[], why: Why): void => {
    const { retry } = deps.state().settings;
    const now = clock.now();
    const isReport = entry.envelope.sender === '';
    const verdict = dueVerdict(retry, { arrivedAt: entry.arrivedAt, now, isReport, warnedAt: entry.warnedAt });
    // A destination that was not tried decides nobody's end (RFC 5321 §4.5.4.1): one more try comes first.
    if (verdict.giveUp && why.kind !== 'suspended') return fail(entry, attempt, rcpts, why, true);
    const retryAt = nextTryAt(retry.curve, { arrivedAt: entry.arrivedAt, now, tryCount: entry.tryCount + 1, scanOrigin: deps.state().upSince });
    deps.tell({ kind: 'queue-defer', host: key, queueId: entry.queueId, attempt, rcpts, why, retryAt });
  };

  /** After a failed try: one word to the sender about all recipients that wait, each with its own reason. */
  const warn = (entry: QueueEntry): void => {
    const { retry } = deps.state().settings;
    const { arrivedAt, warnedAt, queueId } = entry;
    if (!dueVerdict(retry, { arrivedAt, now: clock.now(), isReport: entry.envelope.sender === '', warnedAt }).warn) return;
    const late = entry.rcpts.flatMap((rcpt, index) => (rcpt.status.kind === 'deferred' ? [index] : []));
    if (late.length === 0) return;
    sendReport(entry, 'delayed', late, { retryUntil: arrivedAt + retry.giveUpAfterMs });
    deps.tell({ kind: 'queue-warn', host: key, queueId });
  };

  const fail = (entry: QueueEntry, attempt: string | null, rcpts: number[], why: Why, expired: boolean): void => {
    const silent = sendReport(entry, 'failed', rcpts, { why });
    deps.tell({ kind: 'queue-fail', host: key, queueId: entry.queueId, attempt, rcpts, why, expired });
    for (const { rcpts: who, reason } of silent) {
      deps.tell({ kind: 'queue-discard', host: key, queueId: entry.queueId, rcpts: who, reason: reason === 'notify' ? 'notify-never' : 'null-sender' });
    }
  };

  const sendReport = (
    entry: QueueEntry, action: ReportAction, rcpts: number[],
    facts: { why?: Why; reply?: Reply; peer?: Peer; retryUntil?: Instant },
  ): { rcpts: number[]; reason: 'notify' | 'null-sender' }[] => {
    const queueId = nextQueueId();
    const { report, silent } = deps.report(entry, action, rcpts, {
      why: facts.why ?? null, reply: facts.reply ?? null, peer: facts.peer ?? null, retryUntil: facts.retryUntil ?? null, queueId,
    });
    if (report !== null) {
      accept({
        queueId, session: null, origin: 'report', bytes: report.bytes, messageId: report.messageId, subject: report.subject,
        envelope: { sender: '', ret: null, envid: null, eightBit: report.eightBit, smtpUtf8: report.smtpUtf8 },
        rcpts: [{ address: report.to, notify: null, orcpt: null }],
      });
      const made = entryOf(queueId);
      deps.tell({ kind: 'dsn-sent', host: key, about: entry.queueId, mail: made.mail, queueId, action, to: report.to, rcpts: report.rcpts });
      clock.at(clock.now(), `queue ${key} ${queueId.slice(-5)}`, () => kick(queueId));
    }
    for (const { rcpts: who, reason } of silent) {
      // That nobody asked for a report of success is no news.
      if (action === 'failed' || action === 'delayed') deps.tell({ kind: 'dsn-none', host: key, about: entry.queueId, action, reason, rcpts: who });
    }
    return silent;
  };

  /** Done with all recipients: the message leaves the queue; else the next try is set. */
  const wrapUp = (entry: QueueEntry): void => {
    const open = entry.rcpts.some((rcpt) => rcpt.status.kind === 'waiting' || rcpt.status.kind === 'deferred');
    if (open) return plan(entry);
    cancelTimer(entry.queueId);
    deps.tell({ kind: 'queue-remove', host: key, queueId: entry.queueId });
  };

  const cancelTimer = (queueId: QueueId): void => {
    timers.get(queueId)?.();
    timers.delete(queueId);
  };

  const plan = (entry: QueueEntry): void => {
    cancelTimer(entry.queueId);
    if (entry.held || deps.state().power !== 'up') return;
    const under = busy.get(entry.queueId);
    let next = Infinity;
    entry.rcpts.forEach((rcpt, index) => {
      if (rcpt.status.kind === 'deferred' && !under?.has(index)) next = Math.min(next, rcpt.status.retryAt);
    });
    if (next === Infinity) return;
    timers.set(entry.queueId, clock.at(next, `queue ${key} ${entry.queueId.slice(-5)}`, () => {
      timers.delete(entry.queueId);
      kick(entry.queueId);
    }));
  };

  /** Try what is due: recipients never tried, and those whose retry has come (all deferred ones with `now`). */
  const kick = (queueId: QueueId, all = false): void => {
    const entry = deps.state().queue[queueId];
    if (entry === undefined || entry.held || deps.state().power !== 'up') return;
    const under = busy.get(queueId) ?? new Set<number>();
    const domains = new Map<string, number[]>();
    entry.rcpts.forEach((rcpt, index) => {
      const { status } = rcpt;
      const due = status.kind === 'waiting' || (status.kind === 'deferred' && (all || status.retryAt <= clock.now()));
      if (!due || under.has(index)) return;
      const domain = domainOf(rcpt.address).toLowerCase();
      if (isFinalFor(deps.state().settings, domain) || domain === '') deliverHere(entry, index);
      else domains.set(domain, [...(domains.get(domain) ?? []), index]);
    });
    for (const [domain, rcpts] of domains) {
      const attempt = `${key}/${queueId}/${entry.tryCount + 1}${domains.size > 1 ? `/${domain}` : ''}`;
      for (const index of rcpts) under.add(index);
      busy.set(queueId, under);
      deps.tell({ kind: 'queue-try', host: key, queueId, attempt, domain, rcpts });
      destinations.add({ host: key, queueId, attempt, domain, rcpts });
    }
    if (deps.state().queue[queueId] !== undefined) wrapUp(entry);
  };

  const deliverHere = (entry: QueueEntry, index: number): void => {
    const rcpt = entry.rcpts[index] as Rcpt;
    const result = deps.deliverHere(entry, rcpt);
    if ('reply' in result) {
      sendReport(entry, 'delivered', [index], { reply: result.reply });
      deps.tell({ kind: 'queue-deliver', host: key, queueId: entry.queueId, attempt: null, rcpts: [index], how: 'mailbox', peer: null, session: null, reply: result.reply });
    } else if (result.permanent) fail(entry, null, [index], result.why, false);
    else {
      putOff(entry, null, [index], result.why);
      warn(entry);
    }
  };

  const halt = (): void => {
    life += 1;
    for (const cancel of timers.values()) cancel();
    timers.clear();
    busy.clear();
    destinations.clear();
  };

  /** Everything in the queue, in order of arrival. */
  const all = (): QueueEntry[] => Object.values(deps.state().queue).sort((a, b) => (a.queueId.slice(-5) < b.queueId.slice(-5) ? -1 : 1));

  return {
    nextQueueId,
    accept,
    kick,
    /** Something is being sent at this moment. */
    busy: () => busy.size > 0,
    /** The host is up (again): what was due is tried, the rest waits for its time. */
    resume(): void {
      for (const entry of all()) {
        kick(entry.queueId);
      }
    },
    halt,
    /** Try now what waits, of one domain or all: `postqueue -f`, ETRN. */
    flush(domain: string | null): number {
      destinations.forget(domain);
      const chosen = all().filter((entry) => !entry.held && (domain === null || entry.rcpts.some((rcpt) => domainOf(rcpt.address).toLowerCase() === domain.toLowerCase())));
      for (const entry of chosen) kick(entry.queueId, true);
      return chosen.length;
    },
    retry(queueId: QueueId): void {
      const entry = entryOf(queueId);
      for (const rcpt of entry.rcpts) destinations.forget(domainOf(rcpt.address).toLowerCase());
      kick(queueId, true);
    },
    hold(queueId: QueueId): void {
      entryOf(queueId);
      cancelTimer(queueId);
      deps.tell({ kind: 'queue-hold', host: key, queueId });
    },
    release(queueId: QueueId): void {
      entryOf(queueId);
      deps.tell({ kind: 'queue-release', host: key, queueId, nextAt: clock.now() });
      kick(queueId, true);
    },
    /** A message that is being sent at this moment may arrive all the same, as with any mail server. */
    remove(queueId: QueueId): void {
      const entry = entryOf(queueId);
      const rcpts = entry.rcpts.flatMap((rcpt, index) => (rcpt.status.kind === 'waiting' || rcpt.status.kind === 'deferred' ? [index] : []));
      deps.tell({ kind: 'queue-discard', host: key, queueId, rcpts, reason: 'deleted' });
      wrapUp(entry);
    },
  };
}
