/**
 * Drives virtual time: releases what arrived, runs what is due, and moves the clock when all is quiet.
 *
 *   quiet? ──► results of work ──► bytes that arrived ──► timers of this instant ──► inputs ──► disk ──► script ──► time moves
 *     ▲             │ some               │ some                  │ some               │ some     │ some     │ some       │
 *     └─────────────┴────────────────────┴───────────────────────┴────────────────────┴──────────┴──────────┴────────────┘
 *
 * Each turn does the first thing that there is to do, and starts again from "quiet?". A person's acts
 * and the script come in at the end of an instant, in the order in which they were given.
 */
import { CALENDAR_END, isPace, PACE_WORDS, type Instant } from '../../contract/instant.ts';
import type { Pacer } from './pacer.ts';
import type { Timers } from './timers.ts';
import type { Work } from './work.ts';

/** Virtual seconds for each real one, or as fast as it can. */
export type Pace = number | 'max';

export interface DriverDeps {
  start: Instant;
  timers: Timers;
  work: Work;
  pacer: Pacer;
  /** The gate: resolves when nothing is in flight; releases what arrived. */
  wires: { quiet(): Promise<void>; release(): boolean };
  /**
   * Programs from outside: one is connected; one was just answered and may be about to say more; one said something that can be taken in;
   * take a share of that in, true if there was something.
   */
  outside: { open(): boolean; active(withinMs: number): boolean; waiting(): boolean; take(): boolean };
  /**
   * End of an instant: put the journal on disk if somebody waits for it. `start` and `finish` say whether there was something
   * to do. While an fsync is under way, time stands still, and only what comes from outside is taken in.
   */
  sync: { wanted(): boolean; start(): boolean; running(): boolean; finish(): boolean };
  /** Inputs of a run that is played again, each at its recorded place. */
  replay?: { due(turn: number, now: Instant): boolean; run(): void; nextAt(): Instant | null };
  /** Number of the last event: a turn of inputs counts if it told something. */
  count(): number;
  /** Turns that the end of the first instant has seen already, of a run that is played again from the midst of one. */
  turnBase: number;
  /** All told so far is handed to the operating system; called before time moves. */
  write(): void;
  /** Nothing to do for a while of real time: leisure for what must not hold up the lab. */
  resting(): void;
  /** All is quiet at this instant: the script may take its next step. True if it did something. */
  settled(): boolean;
  /** The script has a step to take at this instant. */
  stepDue(): boolean;
  /** The clock has come to the end of the calendar and stands. Said once. */
  calendarEnded(): void;
}

export interface Driver {
  now(): Instant;
  /**
   * Turns that the end of this instant has seen so far: inputs, beginnings and ends of an fsync, steps of the script. With the event
   * before it, that is the place of an input: turns within an instant are over before one comes in, so they need no count.
   */
  turn(): number;
  /** Stop with this error, at the next turn. */
  fail(error: Error): void;
  /** What a clock face shows between two jumps. */
  face(): Instant;
  pace(): Pace;
  paused(): boolean;
  setPace(pace: Pace): void;
  pause(): void;
  play(): void;
  /** As fast as it can until then, or until the next event after now when null; then pause or go on as before. */
  jump(to: Instant | null): Promise<void>;
  /** Run something at the end of the present instant, as an input. */
  input<T>(run: () => T): Promise<T>;
  /** Resolves when all is quiet, nothing is due any more and no script goes on. */
  idle(): Promise<void>;
  /** Time stops for good before it would pass this instant. Null: at the end of the calendar. */
  setEnd(at: Instant | null): void;
  /** Something arrived from outside. */
  wake(): void;
  run(): Promise<void>;
  close(): Promise<void>;
}

const LAST_INSTANT = CALENDAR_END - 1;
/** A jump of so much virtual time waits for programs from outside ... */
const LEAP_MS = 1_000;
/** ... for so many real ms at the most. */
const GRACE_REAL_MS = 2;
/** A program that was answered within so many real ms may bring mail for the same fsync. */
const SYNC_GRACE_REAL_MS = 1;
/** So long, and so many turns, the fsync waits for all of them. */
const SYNC_GRACE_REAL_MS_MAX = 5;
const SYNC_GRACE_TURNS_MAX = 100;
/** Timers that may run at one instant before it is called a circle. */
const TIMERS_AT_ONE_INSTANT_MAX = 1_000_000;

export function createDriver(deps: DriverDeps): Driver {
  const { timers, work, pacer, wires } = deps;
  let now = deps.start;
  let pace: Pace = 'max';
  let paused = false;
  let anchor = { virtual: now, real: pacer.now() };
  /** Time stops for good here: the last instant of all, or one that was asked for. */
  let endAt: Instant = LAST_INSTANT;
  let saidEnd = false;
  let jumpTo: Instant | null = null;
  let jumpDone: (() => void) | null = null;
  let ranHere = 0;
  let turns = deps.turnBase;
  let failure: Error | null = null;
  let inputs: (() => void)[] = [];
  /** Changes of pace: no part of the story, so they move no clock. */
  const controls: (() => void)[] = [];
  let idleWaiters: (() => void)[] = [];
  let closing = false;
  let graced = false;
  /** How long an fsync has waited for programs that were just answered; null: none waits. */
  let syncGrace: { since: number; turns: number } | null = null;
  /** Programs from outside had their share, and everything else comes before the next one. */
  let outsideHadShare = false;
  let ended: Promise<void> | null = null;

  const reanchor = () => {
    anchor = { virtual: now, real: pacer.now() };
  };
  const moveTo = (when: Instant) => {
    if (when <= now) return;
    deps.write();
    now = when;
    ranHere = 0;
    turns = 0;
  };
  /** Where the interpolated clock stands: never past the next timer, never past the end. */
  const interpolated = (rate: number): Instant => {
    const next = timers.peek();
    const reached = Math.floor(anchor.virtual + (pacer.now() - anchor.real) * rate);
    return Math.max(now, Math.min(reached, next?.when ?? Infinity, endAt));
  };
  const rate = () => (paused ? 0 : pace === 'max' ? 1 : pace);

  const runDue = (): boolean => {
    const first = timers.peek();
    if (first === null || first.when > now) return false;
    for (let next: typeof first | null = first; next !== null && next.when <= now; next = timers.peek()) {
      ranHere += 1;
      if (ranHere > TIMERS_AT_ONE_INSTANT_MAX) {
        throw new Error(
          `the clock stands still: timer '${next.name}' is set again and again at ${new Date(now).toISOString()}`,
        );
      }
      timers.take()();
    }
    return true;
  };

  /** Acts of persons, at the instant that the clock's face shows; what was recorded, at its own. */
  const runInputs = (): boolean => {
    if (deps.replay?.due(turns, now)) {
      deps.replay.run();
      return true;
    }
    if (inputs.length === 0) return false;
    // What this instant still has to do comes at this instant, and with it what was asked meanwhile.
    const isOpen = deps.sync.wanted() || deps.sync.running() || deps.stepDue();
    if (!isOpen) moveTo(interpolated(rate()));
    if ((timers.peek()?.when ?? Infinity) <= now) return true; // what is due at this instant comes first
    const batch = inputs;
    inputs = [];
    for (const run of batch) run();
    return true;
  };

  /** A share of what outside programs sent; then disk, script and time go on before they have another one. */
  const takeOutside = (): boolean => {
    outsideHadShare = !outsideHadShare && deps.outside.take();
    return outsideHadShare;
  };

  const endJump = () => {
    jumpTo = null;
    const done = jumpDone;
    jumpDone = null;
    reanchor();
    done?.();
  };

  /** Nothing is left at this instant: go on to the next one, or wait. */
  const passTime = async (): Promise<void> => {
    const limit = Math.min(endAt, jumpTo ?? Infinity);
    const recorded = deps.replay?.nextAt() ?? Infinity;
    if (recorded <= now)
      throw new Error(`an input that is recorded at ${new Date(recorded).toISOString()} finds no place`);
    const due = Math.min(timers.peek()?.when ?? Infinity, recorded);
    const fast = jumpTo !== null || (pace === 'max' && !paused);
    if (fast && due !== Infinity && due <= limit) {
      // A program in the middle of its dialogue gets a moment before time leaps from under it; one that thinks holds nothing up.
      if (!graced && due - now >= LEAP_MS && deps.outside.open()) {
        graced = true;
        if (!deps.outside.waiting()) await pacer.sleep(GRACE_REAL_MS);
        return;
      }
      graced = false;
      moveTo(due);
      reanchor();
      return;
    }
    if (jumpTo !== null && limit === jumpTo) {
      moveTo(jumpTo);
      endJump();
      return;
    }
    if (!paused && now >= endAt) paused = true;
    if (now >= LAST_INSTANT && !saidEnd) {
      saidEnd = true;
      deps.calendarEnded();
    }
    const isBusy = deps.outside.waiting();
    if (!isBusy && (due === Infinity || paused || due > limit)) noticeIdle();
    if (closing || inputs.length > 0 || controls.length > 0) return;
    const target = Math.min(due, limit);
    const speed = rate();
    const waitMs =
      speed === 0 || (due === Infinity && limit === LAST_INSTANT)
        ? null
        : Math.max(0, (target - anchor.virtual) / speed - (pacer.now() - anchor.real));
    if (waitMs !== 0 && !isBusy) {
      deps.write();
      deps.resting();
      await pacer.sleep(waitMs);
    }
    if (closing || speed === 0) return;
    moveTo(Math.min(interpolated(speed), target));
  };

  const noticeIdle = () => {
    const waiters = idleWaiters;
    idleWaiters = [];
    for (const tell of waiters) tell();
  };

  /** Programs that are about to say more may bring mail for the same fsync: it waits for them a moment. */
  const graceBeforeSync = (): boolean => {
    syncGrace ??= { since: pacer.now(), turns: 0 };
    syncGrace.turns += 1;
    const isOver = syncGrace.turns > SYNC_GRACE_TURNS_MAX || pacer.now() - syncGrace.since > SYNC_GRACE_REAL_MS_MAX;
    if (!isOver && deps.outside.active(SYNC_GRACE_REAL_MS)) return true;
    syncGrace = null;
    return false;
  };

  /** The first thing that there is to do at this instant; when there is nothing, time passes. */
  const turn = async (): Promise<void> => {
    await wires.quiet();
    if (failure !== null) throw failure;
    if (work.release() || wires.release() || runDue()) return;
    for (const change of controls.splice(0)) change();
    const before = deps.count();
    if (runInputs() || takeOutside()) {
      // What told nothing (a control of the clock, a question of dig) is not part of the story.
      if (deps.count() > before) turns += 1;
      return;
    }
    if (deps.sync.running()) {
      if (deps.sync.finish()) turns += 1;
      else if (!deps.outside.waiting()) await pacer.sleep(null);
      return;
    }
    if (deps.sync.wanted() && graceBeforeSync()) return;
    if (deps.sync.start()) return void (turns += 1);
    if (deps.settled()) return void (turns += 1);
    if (!closing) await passTime();
  };

  const loop = async (): Promise<void> => {
    reanchor();
    while (!closing) await turn();
    // What is in flight at the end comes to its end, so that no callback finds a closed lab.
    await wires.quiet();
    work.release();
    while (deps.sync.running() && !deps.sync.finish()) await pacer.sleep(null);
    deps.write();
    noticeIdle();
  };

  /** Change how time passes: between two turns only. The face goes on from where it stands, and the lab's own clock is not touched. */
  const control = (change: () => void) => {
    const apply = () => {
      anchor = { virtual: interpolated(rate()), real: pacer.now() };
      change();
    };
    if (ended === null) return apply();
    controls.push(apply);
    pacer.wake();
  };

  return {
    now: () => now,
    turn: () => turns,
    fail(error) {
      failure ??= error;
      pacer.wake();
    },
    face: () => (pace === 'max' && !paused ? now : interpolated(rate())),
    pace: () => pace,
    paused: () => paused,
    setPace(value) {
      if (!isPace(value)) throw new Error(`${value} is not a pace: ${PACE_WORDS}. To stop the clock, pause it`);
      control(() => (pace = value));
    },
    pause: () => control(() => (paused = true)),
    play: () => control(() => (paused = false)),
    jump(to) {
      const target = to ?? timers.peek()?.when ?? now;
      jumpDone?.();
      return new Promise((resolve) => {
        jumpTo = Math.max(Math.min(target, LAST_INSTANT), now);
        jumpDone = resolve;
        pacer.wake();
      });
    },
    input(run) {
      return new Promise((resolve, reject) => {
        inputs.push(() => {
          try {
            resolve(run());
          } catch (error) {
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        });
        pacer.wake();
      });
    },
    idle: () =>
      new Promise((resolve) => {
        idleWaiters.push(resolve);
        pacer.wake();
      }),
    setEnd(at) {
      endAt = Math.min(at ?? LAST_INSTANT, LAST_INSTANT);
      pacer.wake();
    },
    wake: () => pacer.wake(),
    run: () => (ended ??= loop()),
    async close() {
      closing = true;
      pacer.wake();
      await ended;
    },
  };
}
