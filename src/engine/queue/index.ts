/**
 * The queue room of one host: keeps messages and decides when each recipient is tried.
 *
 * What it holds is in the host's state, a fold of the journal; beside it only what dies with the process:
 * timers, jobs under way, and the windows of destinations. It hands jobs (one domain's recipients of one
 * message) to the sender, takes outcomes back, and enters them: delivered, deferred until the schedule's
 * next try, failed and reported, or discarded for a named reason (RFC 5321 §4.5.4.1, §6.1).
 *
 * A message is tried in rounds. A round begins when the message is taken up and ends when none of its recipients is
 * under way any more; then, and not before, its sender hears of it: one report for all that failed, one for all
 * successes, one for all that wait. Warning and giving up are judged at each deferral, tried or not, and not by a timer.
 *
 * It opens no connection, knows no reply code and writes no report: sender, mailbox and report writer are
 * handed in. A destination that fails several times while mail waits for it is taken for dead for a while,
 * and the rest is deferred without a try.
 */
import type { Told } from '../../contract/events.ts';
import { CALENDAR_END } from '../../contract/instant.ts';
import type {
  BodyRef,
  HostKey,
  HostState,
  Instant,
  QueueEntry,
  QueueId,
  Rcpt,
  SessionId,
} from '../../contract/model.ts';
import type { RcptStatus, Reply, ReportKind, Why } from '../../contract/why.ts';
import { domainOf } from '../addresses.ts';
import type { Chance, Clock, TimerOrigin } from '../clock/index.ts';
import { isFinalFor } from '../hosts.ts';
import { createDestinations } from './destinations.ts';
import type { Accepted, Job, Outcome, Report, Reuse } from './job.ts';
import { dueVerdict, nextTryAt } from './schedule.ts';

export type { Accepted, Job, Outcome, Report, Reuse } from './job.ts';

export interface QueueDeps {
  host: HostKey;
  state(): HostState;
  clock: Clock;
  chance: Chance;
  tell(event: Told): void;
  keep(bytes: Buffer): BodyRef;
  mailFor(session: SessionId | null): string;
  /** Send; never rejects. */
  deliver(job: Job, reuse: Reuse): Promise<Outcome>;
  /** Put into a mailbox of this host. */
  deliverHere(entry: QueueEntry, rcpt: Rcpt): { reply: Reply } | { why: Why; permanent: boolean };
  /** Make a report about what became of these recipients, for those of whom the sender wants to hear; `silent` are the others. `queueId` is the report's own. */
  report(
    entry: QueueEntry,
    kind: ReportKind,
    rcpts: number[],
    queueId: QueueId,
  ): { report: Report | null; silent: { rcpts: number[]; reason: 'notify' | 'null-sender' }[] };
}

export type Queue = ReturnType<typeof createQueue>;

/** A queue manager reads one message after the other: those that are due at the same instant are taken up this far apart. */
const TAKE_UP_MS = 2;

export function createQueue(deps: QueueDeps) {
  const { clock } = deps;
  const key = deps.host;
  const timers = new Map<QueueId, () => void>();
  /** Recipients under way, by message. */
  const busy = new Map<QueueId, Set<number>>();
  /** Messages that were put off in the round that is under way. */
  const putOffNow = new Set<QueueId>();
  /** When the next message that is due may be taken up. */
  let takesUpFrom = -Infinity;
  /** Counts lives of the process: outcomes of a life that ended are nobody's. */
  let life = 0;
  const destinations = createDestinations({
    host: key,
    state: deps.state,
    now: clock.now,
    tell: deps.tell,
    run: (job, reuse) => void runJob(job, reuse),
    suspend: (job, last) =>
      settle(job, {
        delivered: [],
        failed: [],
        deferred: [{ rcpts: job.rcpts, why: { kind: 'suspended', domain: job.domain, last } }],
        unreachable: false,
      }),
  });

  const entryOf = (queueId: QueueId): QueueEntry => {
    const entry = deps.state().queue[queueId];
    if (entry === undefined)
      throw new Error(`${key} has no message ${queueId} in its queue; it may have been delivered or deleted meanwhile`);
    return entry;
  };

  const accept = (message: Accepted): QueueId => {
    const { bytes, ...facts } = message;
    const body = deps.keep(bytes);
    deps.tell({
      kind: 'message-accept',
      host: key,
      mail: deps.mailFor(message.session),
      size: bytes.length,
      body,
      ...facts,
    });
    return message.queueId;
  };

  const nextQueueId = (): QueueId => {
    const count = deps.state().queueIdCount + 1;
    return `${deps.chance.hex(5, `queue id ${key} ${count}`)}${count.toString(16).toUpperCase().padStart(5, '0')}`;
  };
  /** Name of a message's timers: those of one instant run in the order in which the messages came. */
  const timerName = (queueId: QueueId): string => `queue ${key} ${queueId.slice(-5)}`;

  // ── a round ───────────────────────────────────────────────────────────────

  const isDue = ({ status }: Rcpt): boolean =>
    status.kind === 'waiting' || (status.kind === 'deferred' && status.retryAt <= clock.now());

  /** Take a message up when its turn comes, after those that are due at this instant too. */
  const takeUp = (queueId: QueueId, all = false): void => {
    const at = Math.max(clock.now(), takesUpFrom);
    takesUpFrom = at + TAKE_UP_MS;
    if (at > clock.now()) setTimer(queueId, at, 'memory', () => kick(queueId, all));
    else kick(queueId, all);
  };

  /** Try what is due: recipients never tried, and those whose retry has come (with `all`, every one that waits). */
  const kick = (queueId: QueueId, all = false): void => {
    const entry = deps.state().queue[queueId];
    if (entry === undefined || entry.held || deps.state().power !== 'up') return;
    const { settings } = deps.state();
    const tryNumber = entry.tryCount + 1;
    const under = busy.get(queueId);
    const domains = new Map<string, number[]>();
    entry.rcpts.forEach((rcpt, index) => {
      if (under?.has(index) || !(isDue(rcpt) || (all && rcpt.status.kind === 'deferred'))) return;
      const domain = domainOf(rcpt.address);
      if (isFinalFor(settings, domain) || domain === '') deliverHere(entry, index, tryNumber);
      else {
        const ofDomain = domains.get(domain);
        if (ofDomain === undefined) domains.set(domain, [index]);
        else ofDomain.push(index);
      }
    });
    for (const job of begin(entry, domains, tryNumber)) destinations.add(job);
    endRound(entry);
  };

  /** The jobs of a round, all of them under way before the first is run. */
  const begin = ({ queueId }: QueueEntry, domains: Map<string, number[]>, tryNumber: number): Job[] => {
    const { transactionRcptCountMax } = deps.state().settings;
    const parts = [...domains].flatMap(([domain, rcpts]) =>
      chunksOf(rcpts, transactionRcptCountMax).map((part, place) => ({ domain, rcpts: part, place })),
    );
    const under = busy.get(queueId) ?? new Set<number>();
    return parts.map(({ domain, rcpts, place }) => {
      const which = parts.length === 1 ? '' : `/${domain}${place === 0 ? '' : `#${place + 1}`}`;
      const attempt = `${key}/${queueId}/${tryNumber}${which}`;
      for (const index of rcpts) under.add(index);
      busy.set(queueId, under);
      deps.tell({ kind: 'queue-try', host: key, queueId, attempt, tryNumber, domain, rcpts });
      return { host: key, queueId, attempt, domain, tryNumber, rcpts };
    });
  };

  const runJob = async (job: Job, reuse: Reuse): Promise<void> => {
    const born = life;
    const outcome = await deps.deliver(job, reuse);
    if (born !== life) return;
    destinations.ended(job, outcome);
    settle(job, outcome);
    destinations.pump(job.domain);
  };

  const settle = (job: Job, outcome: Outcome): void => {
    const { queueId, attempt } = job;
    const under = busy.get(queueId);
    for (const index of job.rcpts) under?.delete(index);
    if (under?.size === 0) busy.delete(queueId);
    const entry = deps.state().queue[queueId];
    if (entry === undefined) return; // deleted meanwhile
    for (const { rcpts, peer, session, reply, dsnOffered } of outcome.delivered) {
      deps.tell({
        kind: 'queue-deliver',
        host: key,
        queueId,
        attempt,
        rcpts,
        how: 'relayed',
        peer,
        session,
        reply,
        reportDue: !dsnOffered,
      });
    }
    for (const { rcpts, why } of outcome.failed) fail(entry, attempt, rcpts, why, false);
    for (const { rcpts, why } of outcome.deferred) putOff(entry, job, rcpts, why);
    endRound(entry);
  };

  const deliverHere = (entry: QueueEntry, index: number, tryNumber: number): void => {
    const result = deps.deliverHere(entry, entry.rcpts[index] as Rcpt);
    if ('reply' in result) {
      deps.tell({
        kind: 'queue-deliver',
        host: key,
        queueId: entry.queueId,
        attempt: null,
        rcpts: [index],
        how: 'mailbox',
        peer: null,
        session: null,
        reply: result.reply,
        reportDue: true,
      });
    } else if (result.permanent) fail(entry, null, [index], result.why, false);
    else putOff(entry, { attempt: null, tryNumber }, [index], result.why);
  };

  /** What the schedule says to a message of this age. */
  const verdictOn = ({ arrivedAt, warnedAt, envelope }: QueueEntry) =>
    dueVerdict(deps.state().settings.retry, {
      arrivedAt,
      warnedAt,
      now: clock.now(),
      isReport: envelope.sender === '',
    });
  const nextTryOf = ({ arrivedAt }: QueueEntry, tryCount: number): Instant =>
    Math.min(
      CALENDAR_END,
      nextTryAt(deps.state().settings.retry.curve, {
        arrivedAt,
        tryCount,
        now: clock.now(),
        scanOrigin: deps.state().upSince,
      }),
    );

  const putOff = (
    entry: QueueEntry,
    { attempt, tryNumber }: Pick<Job, 'tryNumber'> & { attempt: string | null },
    rcpts: number[],
    why: Why,
  ): void => {
    putOffNow.add(entry.queueId);
    if (verdictOn(entry).giveUp) return fail(entry, attempt, rcpts, why, true);
    deps.tell({
      kind: 'queue-defer',
      host: key,
      queueId: entry.queueId,
      attempt,
      rcpts,
      why,
      retryAt: nextTryOf(entry, tryNumber),
      tryCount: tryNumber,
    });
  };

  const fail = (entry: QueueEntry, attempt: string | null, rcpts: number[], why: Why, expired: boolean): void =>
    deps.tell({ kind: 'queue-fail', host: key, queueId: entry.queueId, attempt, rcpts, why, expired });

  /** No recipient is under way any more: those who are to hear of it are told, and the message leaves or has its next try set. */
  const endRound = (entry: QueueEntry): void => {
    const { queueId } = entry;
    if (busy.has(queueId) || deps.state().queue[queueId] !== entry) return; // it has left already
    const isJudged = putOffNow.delete(queueId);
    // Time may have run out for those that were put off early in the round.
    if (isJudged && verdictOn(entry).giveUp)
      for (const { index, status } of waiting(entry)) fail(entry, null, [index], status.why, true);
    tellOfEnds(entry);
    const late = waiting(entry);
    if (isJudged && late.length > 0 && verdictOn(entry).warn) {
      sendReport(
        entry,
        'delayed',
        late.map(({ index }) => index),
      );
      deps.tell({ kind: 'queue-warn', host: key, queueId });
    }
    if (late.length > 0 || entry.rcpts.some(({ status }) => status.kind === 'waiting')) return plan(entry);
    leave(queueId);
  };

  const tellOfEnds = (entry: QueueEntry): void => {
    const due = (kind: 'failed' | 'delivered'): number[] =>
      entry.rcpts.flatMap(({ status }, index) => (status.kind === kind && status.reportDue ? [index] : []));
    for (const { rcpts, reason } of sendReport(entry, 'failed', due('failed'))) {
      deps.tell({
        kind: 'queue-discard',
        host: key,
        queueId: entry.queueId,
        rcpts,
        reason: reason === 'notify' ? 'notify-never' : 'null-sender',
      });
    }
    sendReport(entry, 'success', due('delivered'));
  };

  /** The report is kept before it is told that there is one: a torn log may repeat it, and loses none. Returns those of whom nobody hears. */
  const sendReport = (
    entry: QueueEntry,
    kind: ReportKind,
    rcpts: number[],
  ): ReturnType<QueueDeps['report']>['silent'] => {
    if (rcpts.length === 0) return [];
    const queueId = nextQueueId();
    const { report, silent } = deps.report(entry, kind, rcpts, queueId);
    if (report !== null) {
      accept({
        queueId,
        session: null,
        origin: 'report',
        bytes: report.bytes,
        messageId: report.messageId,
        subject: report.subject,
        envelope: { sender: '', ret: null, envid: null, eightBit: report.eightBit, smtpUtf8: report.smtpUtf8 },
        rcpts: [{ address: report.to, notify: null, orcpt: null }],
      });
      deps.tell({
        kind: 'dsn-sent',
        host: key,
        about: entry.queueId,
        mail: entryOf(queueId).mail,
        queueId,
        action: report.action,
        to: report.to,
        rcpts: report.rcpts,
      });
      clock.at(clock.now(), timerName(queueId), () => kick(queueId));
    }
    // That nobody asked for a report of success is no news.
    if (kind !== 'success')
      for (const { rcpts: who, reason } of silent)
        deps.tell({ kind: 'dsn-none', host: key, about: entry.queueId, action: kind, reason, rcpts: who });
    return silent;
  };

  const leave = (queueId: QueueId): void => {
    cancelTimer(queueId);
    putOffNow.delete(queueId); // it may be deleted in the middle of a round
    deps.tell({ kind: 'queue-remove', host: key, queueId });
  };

  const cancelTimer = (queueId: QueueId): void => {
    timers.get(queueId)?.();
    timers.delete(queueId);
  };

  const setTimer = (queueId: QueueId, at: Instant, origin: TimerOrigin, run: () => void): void => {
    cancelTimer(queueId);
    timers.set(
      queueId,
      clock.at(
        at,
        timerName(queueId),
        () => {
          timers.delete(queueId);
          run();
        },
        origin,
      ),
    );
  };

  /** A message is taken up as a whole: all that wait have their next try together. */
  const plan = (entry: QueueEntry): void => {
    const { queueId } = entry;
    if (new Set(waiting(entry).map(({ status }) => status.retryAt)).size > 1)
      deps.tell({ kind: 'queue-plan', host: key, queueId, nextAt: nextTryOf(entry, entry.tryCount) });
    const [first] = waiting(entry);
    if (first === undefined || entry.held || deps.state().power !== 'up') return cancelTimer(queueId);
    setTimer(queueId, first.status.retryAt, 'state', () => takeUp(queueId));
  };

  const halt = (): void => {
    life += 1;
    for (const cancel of timers.values()) cancel();
    timers.clear();
    busy.clear();
    putOffNow.clear();
    takesUpFrom = -Infinity;
    destinations.clear();
  };

  /** Everything in the queue, in order of arrival. */
  const all = (): QueueEntry[] =>
    Object.values(deps.state().queue).sort((a, b) => (a.queueId.slice(-5) < b.queueId.slice(-5) ? -1 : 1));

  return {
    nextQueueId,
    accept,
    kick,
    /** Something is being sent at this moment, or about to be. */
    busy: () => busy.size > 0 || takesUpFrom > clock.now(),
    /** The host is up (again): what was due is tried, the rest waits for its time. */
    resume(): void {
      for (const entry of all()) {
        if (!entry.held && entry.rcpts.some(isDue)) takeUp(entry.queueId);
        else endRound(entry);
      }
    },
    halt,
    /** Try now what waits, of one domain or all: `postqueue -f`, ETRN. */
    flush(domain: string | null): number {
      destinations.forget(domain);
      const chosen = all().filter(
        (entry) =>
          !entry.held &&
          (domain === null || entry.rcpts.some((rcpt) => domainOf(rcpt.address) === domain.toLowerCase())),
      );
      for (const entry of chosen) takeUp(entry.queueId, true);
      return chosen.length;
    },
    retry(queueId: QueueId): void {
      const entry = entryOf(queueId);
      for (const rcpt of entry.rcpts) destinations.forget(domainOf(rcpt.address));
      takeUp(queueId, true);
    },
    hold(queueId: QueueId): void {
      entryOf(queueId);
      cancelTimer(queueId);
      deps.tell({ kind: 'queue-hold', host: key, queueId });
    },
    release(queueId: QueueId): void {
      entryOf(queueId);
      deps.tell({ kind: 'queue-release', host: key, queueId, nextAt: clock.now() });
      takeUp(queueId, true);
    },
    /** What is deleted is reported to nobody, a failure of the round that is under way neither. A message that is being sent at this moment may arrive all the same. As `postsuper -d`. */
    remove(queueId: QueueId): void {
      const rcpts = entryOf(queueId).rcpts.flatMap(({ status }, index) =>
        status.kind === 'waiting' || status.kind === 'deferred' || (status.kind === 'failed' && status.reportDue)
          ? [index]
          : [],
      );
      deps.tell({ kind: 'queue-discard', host: key, queueId, rcpts, reason: 'deleted' });
      leave(queueId);
    },
  };
}

/** Recipients that were put off, with their places among all. */
function waiting(entry: QueueEntry): { index: number; status: Extract<RcptStatus, { kind: 'deferred' }> }[] {
  return entry.rcpts.flatMap(({ status }, index) => (status.kind === 'deferred' ? [{ index, status }] : []));
}

function chunksOf<T>(list: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, place) =>
    list.slice(place * size, (place + 1) * size),
  );
}
