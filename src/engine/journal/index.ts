/**
 * The journal room: what happened. One append-only log per lab is spool, history and record.
 *
 * A room decides on its own state and tells the journal, which numbers the event, folds it into the state
 * (one `apply` for each room, live and when read back), and appends it. Nothing else changes the state.
 * Messages lie in the same file, by offset. `synced` is group commit: one fsync for all that wait for it.
 *
 * It never decides, it holds no real time and no real port, and no room reads it to decide. The torn end of a
 * killed run is cut off when a lab is opened again, and since all hosts share one log, what remains is a moment
 * at which the whole lab really was. Other damage is never forgotten without a word (damage.ts).
 *
 * Known limit: message bytes stay in the file after a message is gone; a lab's folder only grows.
 */
import type { LabEvent, Told } from '../../contract/events.ts';
import type { BodyRef, LabState, SessionId } from '../../contract/model.ts';
import type { JournalDisk } from './disk.ts';
import { fileTrouble } from '../files.ts';
import { createPage } from './records.ts';
import { createTies } from './ties.ts';

export { openDisk, type JournalDisk } from './disk.ts';
export { damageAt, type Behind } from './damage.ts';
export { checkRecords, endOf, EVENT_BYTES_MAX, readRecords, readWhile } from './records.ts';
export { apply, emptyState, withTables } from './fold.ts';
export { createHistory, type History } from './history.ts';
export { dropCheckpointsAfter, loadCheckpoint, saveCheckpoint, type Checkpoint } from './checkpoints.ts';

import { apply, objectionTo } from './fold.ts';

export interface Journal {
  /** Number an event, fold it in, append it. Returns it as kept. Throws what speaks against it; then it is not told. */
  tell(event: Told): LabEvent;
  /** Append bytes of a message; on disk no later than the next event. `isReadSoon`: they are held in memory for a while, too. */
  keep(bytes: Buffer, isReadSoon?: boolean): BodyRef;
  read(ref: BodyRef): Buffer;
  /** Resolves when everything told so far is on disk. */
  synced(): Promise<void>;
  /** Hand everything told so far to the operating system. */
  write(): void;
  /** Somebody waits for an fsync. */
  syncWanted(): boolean;
  /** Begin an fsync if somebody waits for one. True if it was begun. */
  startSync(): boolean;
  /** An fsync is under way, or over and not yet taken notice of. */
  syncRunning(): boolean;
  /** Let those go on whose fsync is over. True if there were any. To be called when nothing else is left at this instant. */
  finishSync(): boolean;
  /** Id for a message that is accepted on this session: that of the sender's copy, or a fresh one. */
  mailFor(session: SessionId | null): string;
  /** Hear every event after it was folded in. Returns a function that ends it. */
  listen(heard: (event: LabEvent) => void): () => void;
  readonly sizeBytes: number;
  /** Fails where somebody deleted, replaced or changed the file: also a lab that rests is to notice. */
  look(): void;
  /**
   * The lab ends here: nothing that is told from now on is folded in or kept. What was in memory dies without a word, as with a
   * process that is killed, so every event in a journal follows from those before it.
   */
  end(): void;
  close(): void;
}

export interface JournalDeps {
  disk: JournalDisk;
  state: LabState;
  now(): number;
  /** An fsync is over: look again. */
  wake(): void;
  /** A lab can't go on without its disk: it stops, with this message. From then on nothing is told or written any more. */
  fatal(message: string): void;
}

/** Bytes kept for reading back without the disk: what was accepted last is sent on next. */
const RECENT_BYTES_MAX = 32 * 1024 * 1024;
/** A program that pours bytes in without a pause is written down on the way: a page grows no larger. */
const PAGE_BYTES_MAX = 4 * 1024 * 1024;

export function createJournal(deps: JournalDeps): Journal {
  const { disk, state } = deps;
  const listeners = new Set<(event: LabEvent) => void>();
  const recent = new Map<number, Buffer>();
  /** Their offsets, oldest first from `oldestAt` on. */
  const recentOffsets: number[] = [];
  let oldestAt = 0;
  let recentBytes = 0;
  const page = createPage();
  let ended = false;
  let waiters: (() => void)[] = [];
  let syncing: { waiting: (() => void)[]; done: boolean; error: Error | null } | null = null;
  const ties = createTies({
    mailOf: (host, queueId) => state.hosts[host]?.queue[queueId]?.mail ?? null,
    mailCount: () => state.mailCount,
  });

  const remember = (offset: number, bytes: Buffer) => {
    recent.set(offset, bytes);
    recentOffsets.push(offset);
    recentBytes += bytes.length;
    while (recentBytes > RECENT_BYTES_MAX) {
      const oldest = recentOffsets[oldestAt++] as number;
      recentBytes -= recent.get(oldest)?.length ?? 0;
      recent.delete(oldest);
    }
    if (oldestAt < 10_000) return;
    recentOffsets.splice(0, oldestAt);
    oldestAt = 0;
  };
  const fail = (message: string): void => {
    ended = true;
    page.take(); // what a later write would put behind a gap
    deps.fatal(message);
  };
  /** Has somebody else laid hands on the file? */
  const look = (): void => {
    const trouble = ended ? null : (disk.trouble?.() ?? null);
    if (trouble !== null)
      fail(
        `the lab's journal is no longer what it was: ${trouble}. The lab stops here, because nothing more could be saved`,
      );
  };
  const write = () => {
    if (page.sizeBytes === 0) return;
    try {
      disk.append(page.take());
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) look(); // the disk's own complaint comes first
      fail(
        `the lab's journal can't be written: ${fileTrouble(error)}. What was confirmed until now is kept: free some space, then open the lab again`,
      );
    }
  };

  return {
    tell(told) {
      const event = { n: state.n + 1, at: deps.now(), ...told } as LabEvent;
      if (ended) return event;
      ties.tie(event);
      // Whatever can go wrong does so before anything is changed or written.
      const objection = objectionTo(state, told);
      if (objection !== null) throw new Error(objection);
      const json = JSON.stringify(event);
      apply(state, event);
      page.addEvent(json);
      for (const heard of listeners) heard(event);
      return event;
    },
    keep(bytes, isReadSoon = true) {
      if (page.sizeBytes > PAGE_BYTES_MAX) write();
      const offset = disk.size + page.addBytes(bytes);
      if (isReadSoon) remember(offset, bytes);
      return { offset, size: bytes.length };
    },
    read(ref) {
      const near = recent.get(ref.offset);
      if (near !== undefined) return near;
      write();
      return disk.read(ref.offset, ref.size);
    },
    synced: () => new Promise((resolve) => waiters.push(resolve)),
    write,
    syncWanted: () => waiters.length > 0,
    startSync() {
      if (waiters.length === 0) return false;
      const waiting = waiters;
      waiters = [];
      write();
      syncing = { waiting, done: false, error: null };
      const mine = syncing;
      disk.sync((error) => {
        mine.done = true;
        mine.error = error;
        deps.wake();
      });
      return true;
    },
    syncRunning: () => syncing !== null,
    finishSync() {
      if (syncing?.done !== true) return false;
      const { waiting, error } = syncing;
      syncing = null;
      if (error !== null)
        fail(`the disk under the lab's journal fails: ${fileTrouble(error)}. What was not yet confirmed is lost`);
      look(); // before anything is confirmed
      for (const go of waiting) go();
      return true;
    },
    mailFor: (session) => (session === null ? null : ties.onSession(session)) ?? ties.fresh(),
    listen(heard) {
      listeners.add(heard);
      return () => listeners.delete(heard);
    },
    get sizeBytes() {
      return disk.size + page.sizeBytes;
    },
    look,
    end: () => void (ended = true),
    close() {
      try {
        write();
      } finally {
        disk.close();
      }
    },
  };
}
