/**
 * A host's queue in the state: changed here and nowhere else.
 *
 * One function enters a recipient's status, and takes legal steps only: what is delivered, failed or discarded is final, and
 * a recipient is in exactly one state (RFC 5321 §6.1). That a room wants another step is found before it is told (`queueObjection`);
 * folding what was told never fails.
 */
import type { LabEvent, Told } from '../../contract/events.ts';
import type { HostState, QueueEntry } from '../../contract/model.ts';
import { table } from '../../contract/table.ts';
import type { RcptStatus } from '../../contract/why.ts';

const LEGAL: Record<RcptStatus['kind'], RcptStatus['kind'][]> = {
  waiting: ['delivered', 'deferred', 'failed', 'discarded'],
  deferred: ['delivered', 'deferred', 'failed', 'discarded'],
  failed: ['discarded'],
  delivered: [],
  discarded: [],
};

const STEPS = {
  'queue-deliver': 'delivered',
  'queue-defer': 'deferred',
  'queue-fail': 'failed',
  'queue-discard': 'discarded',
} as const;

/** Why a step is not legal; null: it is. */
function stepObjection(entry: QueueEntry, index: number, to: RcptStatus['kind']): string | null {
  const rcpt = entry.rcpts[index];
  if (rcpt === undefined) return `message ${entry.queueId} has no recipient number ${index}`;
  return LEGAL[rcpt.status.kind].includes(to)
    ? null
    : `message ${entry.queueId}: recipient ${rcpt.address} is ${rcpt.status.kind} and can't become ${to}`;
}

/** What speaks against telling this, in words; null: nothing. */
export function queueObjection(host: HostState, event: Told): string | null {
  const to = STEPS[event.kind as keyof typeof STEPS];
  const entry = event.queueId === undefined ? undefined : host.queue[event.queueId];
  if (to === undefined || !('rcpts' in event)) return null;
  if (entry === undefined) return `${host.key} has no message ${event.queueId} in its queue that could become ${to}`;
  for (const index of event.rcpts as number[]) {
    const objection = stepObjection(entry, index, to);
    if (objection !== null) return objection;
  }
  return null;
}

function enter(entry: QueueEntry, indexes: number[], status: RcptStatus): void {
  for (const index of indexes) {
    const rcpt = entry.rcpts[index];
    if (rcpt !== undefined && stepObjection(entry, index, status.kind) === null) rcpt.status = { ...status };
  }
}

/** The soonest retry among recipients that wait for one, but for those under way. */
function soonest(entry: QueueEntry, underWay: number[]): number | null {
  let next: number | null = null;
  const busy = new Set(underWay);
  entry.rcpts.forEach((rcpt, index) => {
    if (rcpt.status.kind !== 'deferred' || busy.has(index)) return;
    next = next === null ? rcpt.status.retryAt : Math.min(next, rcpt.status.retryAt);
  });
  return next;
}

export function applyQueue(host: HostState, event: LabEvent): void {
  if (event.kind === 'message-accept') return accept(host, event);
  if (event.kind === 'destination-fail') {
    const { domain, failureCount, until, why } = event;
    host.dead[domain] = { domain, failureCount, until, why };
    return;
  }
  if (event.kind === 'destination-ok') {
    delete host.dead[event.domain];
    return;
  }
  if (event.kind === 'host-stop' || event.kind === 'host-crash' || event.kind === 'host-off') {
    host.dead = table(); // the queue manager's memory
    return;
  }
  if (event.kind === 'dsn-sent' || event.kind === 'dsn-none') {
    if (event.action === 'delayed') return;
    for (const index of event.rcpts) {
      const status = host.queue[event.about]?.rcpts[index]?.status;
      if (status?.kind === 'failed' || status?.kind === 'delivered') status.reportDue = false;
    }
    return;
  }
  const entry = event.queueId === undefined ? undefined : host.queue[event.queueId];
  if (entry !== undefined) applyEntry(host, entry, event);
}

function accept(host: HostState, event: LabEvent & { kind: 'message-accept' }): void {
  host.queueIdCount += 1;
  host.usedBytes += event.body.size;
  host.queue[event.queueId] = {
    queueId: event.queueId,
    mail: event.mail,
    envelope: event.envelope,
    rcpts: event.rcpts.map((rcpt) => ({ ...rcpt, status: { kind: 'waiting' } })),
    body: event.body,
    sizeBytes: event.body.size,
    arrivedAt: event.at,
    origin: event.origin,
    messageId: event.messageId,
    subject: event.subject,
    tryCount: 0,
    nextAt: null,
    held: false,
    warnedAt: null,
  };
}

function applyEntry(host: HostState, entry: QueueEntry, event: LabEvent): void {
  switch (event.kind) {
    case 'queue-try':
      entry.nextAt = soonest(entry, event.rcpts);
      return;
    case 'queue-deliver':
      return enter(entry, event.rcpts, {
        kind: 'delivered',
        at: event.at,
        how: event.how,
        peer: event.peer,
        reply: event.reply,
        reportDue: event.reportDue,
      });
    case 'queue-defer':
      enter(entry, event.rcpts, { kind: 'deferred', at: event.at, why: event.why, retryAt: event.retryAt });
      entry.tryCount = event.tryCount;
      entry.nextAt = soonest(entry, []);
      return;
    case 'queue-plan':
      for (const { status } of entry.rcpts) if (status.kind === 'deferred') status.retryAt = event.nextAt;
      entry.nextAt = event.nextAt;
      return;
    case 'queue-fail':
      return enter(entry, event.rcpts, {
        kind: 'failed',
        at: event.at,
        why: event.why,
        expired: event.expired,
        reportDue: true,
      });
    case 'queue-discard':
      return enter(entry, event.rcpts, { kind: 'discarded', at: event.at, reason: event.reason });
    case 'queue-remove':
      host.usedBytes -= entry.sizeBytes;
      delete host.queue[entry.queueId];
      return;
    case 'queue-hold':
      entry.held = true;
      entry.nextAt = null;
      return;
    case 'queue-release':
      entry.held = false;
      entry.nextAt = event.nextAt;
      return;
    case 'queue-warn':
      entry.warnedAt = event.at;
      return;
  }
}
