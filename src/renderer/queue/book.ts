/**
 * What the events say beside the queue: whom each message's sender was told of what, and the messages that left.
 * A fold, so that a long run is read once; views of what is in the queue now come from the lab.
 */
import type { LabEvent } from '../../contract/events.ts';
import type { HostKey, Instant, QueueId } from '../../contract/model.ts';
import { wordsOf } from '../../contract/why-words.ts';
import type { RcptStatus, ReportAction } from '../../contract/why.ts';
import type { QueueRow } from '../../contract/views.ts';

/** What a host told a sender, or why it told nobody. */
export interface Notice {
  at: Instant;
  action: ReportAction;
  /** Who was told; null: nobody. */
  to: string | null;
}

/** A message that is in no queue any more, as it was when it left. */
export interface LeftRow extends QueueRow {
  leftAt: Instant;
  /** Number of the event with which it left. */
  n: number;
}

/** Of those that left well, and of those that failed, more than these are counted only. */
export const LEFT_MAX = 500;

export const rowKey = (row: { host: HostKey; queueId: QueueId }): string => `${row.host}/${row.queueId}`;

export function createBook() {
  const entries = new Map<string, QueueRow>();
  const notices = new Map<string, Notice[]>();
  const left: Record<'well' | 'failed', LeftRow[]> = { well: [], failed: [] };
  let failedCount = 0;
  let leftCount = 0;

  const enter = (key: string, indexes: number[], status: RcptStatus): void => {
    const entry = entries.get(key);
    for (const index of indexes)
      if (entry?.rcpts[index] !== undefined) entry.rcpts[index] = { ...entry.rcpts[index], status };
  };
  const note = (key: string, notice: Notice): void => void notices.set(key, [...(notices.get(key) ?? []), notice]);

  const leave = (key: string, event: LabEvent): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    leftCount += 1;
    const how = hasFailed(entry) ? 'failed' : 'well';
    if (how === 'failed') failedCount += 1;
    left[how].push({ ...entry, leftAt: event.at, n: event.n, giveUpAt: event.at });
    // What fails is rare and looked for: it isn't pushed out by what goes well.
    if (left[how].length > 2 * LEFT_MAX) left[how] = left[how].slice(-LEFT_MAX);
  };

  return {
    take(event: LabEvent): void {
      switch (event.kind) {
        case 'message-accept':
          entries.set(rowKey(event), newRow(event));
          return;
        case 'queue-deliver':
          return enter(rowKey(event), event.rcpts, {
            kind: 'delivered',
            at: event.at,
            how: event.how,
            peer: event.peer,
            reply: event.reply,
            reportDue: event.reportDue,
          });
        case 'queue-defer': {
          const entry = entries.get(rowKey(event));
          if (entry !== undefined) Object.assign(entry, { tryCount: event.tryCount, reason: wordsOf(event.why) });
          return enter(rowKey(event), event.rcpts, {
            kind: 'deferred',
            at: event.at,
            why: event.why,
            retryAt: event.retryAt,
          });
        }
        case 'queue-fail':
          return enter(rowKey(event), event.rcpts, {
            kind: 'failed',
            at: event.at,
            why: event.why,
            expired: event.expired,
            reportDue: true,
          });
        case 'queue-discard':
          return enter(
            rowKey(event),
            event.rcpts.filter((index) => entries.get(rowKey(event))?.rcpts[index]?.status.kind !== 'failed'),
            { kind: 'discarded', at: event.at, reason: event.reason },
          );
        case 'queue-warn': {
          const entry = entries.get(rowKey(event));
          if (entry !== undefined) entry.warnedAt = event.at;
          return;
        }
        case 'dsn-sent':
          return note(`${event.host}/${event.about}`, { at: event.at, action: event.action, to: event.to });
        case 'dsn-none':
          return note(`${event.host}/${event.about}`, { at: event.at, action: event.action, to: null });
        case 'queue-remove':
          return leave(rowKey(event), event);
      }
    },
    view: () => ({
      /** The newest first. */
      left: [...left.well.slice(-LEFT_MAX), ...left.failed.slice(-LEFT_MAX)].sort((a, b) => b.n - a.n),
      leftCount,
      failedCount,
      noticesOf: (row: { host: HostKey; queueId: QueueId }): Notice[] => notices.get(rowKey(row)) ?? [],
    }),
  };
}

export type BookView = ReturnType<ReturnType<typeof createBook>['view']>;

export const hasFailed = (row: QueueRow): boolean => row.rcpts.some(({ status }) => status.kind === 'failed');
export const isLeft = (row: QueueRow): row is LeftRow => 'leftAt' in row;

function newRow(event: LabEvent<'message-accept'>): QueueRow {
  const { host, queueId, mail, envelope, rcpts, origin, messageId, subject, size } = event;
  return {
    host,
    queueId,
    mail,
    envelope,
    origin,
    messageId,
    subject,
    sizeBytes: size,
    arrivedAt: event.at,
    rcpts: rcpts.map((rcpt) => ({ ...rcpt, status: { kind: 'waiting' } })),
    tryCount: 0,
    nextAt: null,
    held: false,
    warnedAt: null,
    warnAt: null,
    giveUpAt: event.at,
    reason: null,
  };
}
