/**
 * A lab: builds the rooms and wires them. The only place that knows them all.
 *
 * `openLab` makes a new lab in a folder from a scenario, or opens again what lies there: the journal is folded,
 * what a killed process had in memory (sessions, caches) is gone, clock, queues, mailboxes, zones, rules and settings are as
 * they were. Everything that a page or a program may do goes through `act`, in the order in which it comes.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { LabAct, LabEvent, Told } from '../contract/events.ts';
import { CALENDAR_END } from '../contract/instant.ts';
import type { HostKey, LabState } from '../contract/model.ts';
import { ActRefused, createActs } from './acts.ts';
import { actTrouble } from './act-schema.ts';
import {
  createChance,
  createDriver,
  createRealPacer,
  createWork,
  Timers,
  type Clock,
  type Driver,
  type Pacer,
} from './clock/index.ts';
import { createDnsServer } from './dns/index.ts';
import { fileTrouble } from './files.ts';
import { lockFolder } from './folder.ts';
import { createHost, type Host } from './host.ts';
import {
  createHistory,
  createJournal,
  loadCheckpoint,
  openDisk,
  saveCheckpoint,
  type History,
  type JournalDisk,
} from './journal/index.ts';
import { createMaildirWriter } from './mailbox/index.ts';
import { createNetwork, createWires, type Network, type Published } from './network/index.ts';
import { foundLab, readBack, understand, type LabText } from './opening.ts';
import { createPlayer } from './scenario/player.ts';
import { sideOf, type Scenario } from './scenario/index.ts';
import { salvageTo } from './salvage.ts';
import { createReplay, type Recording } from './replay.ts';
import { createSubmitter } from './submit.ts';

export interface LabOptions {
  /** Not needed where `dir` holds a lab already. */
  scenario: LabText | null;
  /** Folder of the lab; null: a temporary one, which is removed at the end. */
  dir: string | null;
  seed?: number | null;
  version: string;
  /** Where the journal is damaged, go on with what lies before the damage; a copy is kept. Else such a lab is not opened. */
  salvage?: boolean;
  /** Real port of the name server; 0 or left out: any. */
  dnsPort?: number;
  /** Where that port is in use, any other will do. */
  dnsPortOrAny?: boolean;
  pacer?: Pacer;
  /** False: the script waits for another opening, and a person does what is done. Left out: it is played. */
  script?: boolean;
  /** For tests: another file under the journal. */
  disk?: (path: string) => JournalDisk;
  /** For tests: random real delays, see NetworkDeps. */
  rough?: (key: object, run: () => void) => void;
  /** For tests: a checkpoint at the first chance after so many events. */
  checkpointEvery?: number;
  /** Play recorded inputs again instead of opening the folder as after an end: see branch.ts. */
  branch?: Recording;
  /** What goes wrong beside the path of mail, in words for a person. */
  complain?: (message: string) => void;
}

export interface Lab {
  readonly dir: string;
  readonly scenario: Scenario;
  readonly state: LabState;
  readonly driver: Driver;
  readonly network: Network;
  /** True when the folder held a lab already. */
  readonly reopened: boolean;
  /** Do something to the lab; resolves when it is done, rejects with ActRefused when it is wrong. */
  act(act: LabAct): Promise<void>;
  host(key: HostKey): Host;
  listen(heard: (event: LabEvent) => void): () => void;
  /** Something is on its way between hosts, or being handed in: the next step of a story waits for it. */
  busy(): boolean;
  /** What is due, soonest first. */
  upcoming(): { when: number; name: string }[];
  /** Looking back: any earlier state, any events. */
  readonly history: History;
  /** Every event so far, read back from the journal. */
  events(): LabEvent[];
  /** Hand all that was told to the operating system: whoever opens the journal finds it. */
  write(): void;
  /** Bytes of a message in the journal. */
  read(ref: { offset: number; size: number }): Buffer;
  /** `network` null: where people stand who call this host. */
  publish(host: HostKey | 'dns', network: string | null, port: number): Promise<Published>;
  /** Resolves when the script has ended and all is quiet. */
  played(): Promise<void>;
  /** Stop everything; the folder stays (unless it was a temporary one) and can be opened again. */
  close(): Promise<void>;
}

/** Mailbox messages whose files may wait for a moment of leisure. */
const UNDELIVERED_MAX = 100_000;
const LEISURE_REAL_MS = 50;
/** How often a lab looks whether its journal is still there, beside each fsync. */
const WATCH_REAL_MS = 1_000;
/** A checkpoint after so many events at the soonest, and the later the larger it is: it may cost no more than a quarter of the log. */
const CHECKPOINT_EVERY_EVENTS = 2_000;
const CHECKPOINT_BYTES_PER_EVENT = 50;

export async function openLab(options: LabOptions): Promise<Lab> {
  const dir = options.dir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-'));
  const unlock = lockFolder(dir);
  let disk: JournalDisk | null = null;
  try {
    const file = path.join(dir, 'journal.log');
    disk = options.disk?.(file) ?? openDisk(file, { durable: options.dir !== null });
    return await buildLab(options, dir, disk, unlock);
  } catch (error) {
    disk?.close();
    unlock();
    if (options.dir === null) fs.rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

async function buildLab(options: LabOptions, dir: string, disk: JournalDisk, unlock: () => void): Promise<Lab> {
  const complain = options.complain ?? ((message) => console.error(message));
  const { state, source, reopened } = readBack(disk, dir, {
    version: options.version,
    given: options.scenario,
    salvage: options.salvage === true ? salvageTo(complain) : null,
  });
  const { scenario, files } = understand(source);
  const seed = reopened ? state.seed : (options.seed ?? scenario.seed);
  const chance = createChance(seed);
  const pacer = options.pacer ?? createRealPacer();
  const plays = options.branch === undefined ? options.script !== false : state.scenario.scripted;

  const timers = new Timers();
  const wires = createWires(() => work);
  const work = createWork(() => wires.noticed());
  const clock: Clock = {
    now: () => driver.now(),
    at: (when, name, run, origin) => timers.set(when, name, run, origin),
  };
  const journal = createJournal({
    disk,
    state,
    now: () => driver.now(),
    wake: () => driver.wake(),
    fatal(message) {
      const error = new Error(message);
      driver.fail(error); // wherever this is thrown: who runs the lab hears of it
      throw error;
    },
  });
  const history = createHistory({
    disk,
    write: journal.write,
    count: () => state.n,
    saved: (upTo) => loadCheckpoint(dir, options.version, disk.size, upTo)?.state ?? null,
  });
  const tell = (event: Told): void => void journal.tell(event);
  const hosts = new Map<HostKey, Host>();
  const hostOf = (key: HostKey): Host => {
    const host = hosts.get(key);
    if (host === undefined) throw new Error(`no host '${key}' in this lab; there are: ${[...hosts.keys()].join(', ')}`);
    return host;
  };
  const nameServer = createDnsServer({ state: () => state.dns });
  const network = createNetwork({
    now: clock.now,
    at: clock.at,
    work,
    wires,
    tell,
    keep: (bytes) => journal.keep(bytes, false), // an input is only read when it is played again
    state: () => state.network,
    hosts: () => state.hosts,
    accept: (key, end, session, caller) => hostOf(key).take(end, session, caller),
    answer: (query, asker, tcp) => nameServer.answer({ query, tcp, network: asker.network }),
    realTimer: (ms, run) => pacer.after(ms, () => void driver.input(run)),
    realNow: pacer.now,
    turn: () => driver.turn(),
    rough: options.rough,
    complain,
    wake: () => driver.wake(),
  });
  const submitter = createSubmitter({ clock, state: () => state, network, tell });
  const acts = createActs({
    state: () => state,
    host: hostOf,
    network,
    submitter,
    tell,
    jump: (to) => (options.branch?.playing() ? undefined : void driver.jump(to)),
    turn: () => driver.turn(),
  });
  let announceEnd: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (announceEnd = resolve));
  const busy = (): boolean => network.busy() || submitter.busy();
  const player = createPlayer({
    scenario,
    clock,
    state: () => state,
    tell,
    perform: (act) => acts.perform('script', act),
    busy,
    ended: () => announceEnd(),
  });
  let writeMailboxes: () => void = () => undefined;
  // Leisure is when nothing happened for a moment of real time: a pause between two commands of a client is none.
  let restingSince: number | null = null;
  const leisure = (): void => {
    if (restingSince !== null) return;
    restingSince = state.n;
    pacer.after(LEISURE_REAL_MS, () => {
      const idle = restingSince === state.n;
      restingSince = null;
      if (idle) writeMailboxes();
      else leisure();
    });
  };
  const { checkpointEvery } = options;
  let nextCheckpoint = state.n + (checkpointEvery ?? CHECKPOINT_EVERY_EVENTS);
  /**
   * Nothing is in memory that the state does not hold: a lab can be woken up from here as if nothing had been. To be asked when all is
   * quiet; then whatever goes on has a timer to wake it, or stands in an open session.
   */
  const clean = (): boolean =>
    timers.inMemory === 0 &&
    Object.keys(state.network.open).length === 0 &&
    [...hosts.values()].every((host) => !host.queue.busy());
  const checkpoint = (): void => {
    if (state.n < nextCheckpoint || !clean()) return;
    save();
  };
  const save = (): void => {
    journal.write();
    let bytes = 0;
    try {
      bytes = saveCheckpoint(dir, { version: options.version, offset: journal.sizeBytes, turn: driver.turn(), state });
    } catch (error) {
      complain(
        `a checkpoint of the lab can't be written in ${path.join(dir, 'checkpoints')}: ${fileTrouble(error)}. The lab goes on without it: only opening and looking back take longer`,
      );
    }
    nextCheckpoint =
      state.n + (checkpointEvery ?? Math.max(CHECKPOINT_EVERY_EVENTS, Math.ceil(bytes / CHECKPOINT_BYTES_PER_EVENT)));
  };
  const replay =
    options.branch === undefined
      ? undefined
      : createReplay(options.branch, {
          count: () => state.n,
          perform: (by, act) => acts.perform(by, act),
          outside: (event, read) => network.replay(event, read),
        });
  const driver: Driver = createDriver({
    start: reopened ? state.now : scenario.startAt,
    timers,
    work,
    pacer,
    wires,
    replay,
    count: () => state.n,
    turnBase: options.branch?.turnBase ?? 0,
    outside: network.outside,
    resting: leisure,
    sync: {
      wanted: journal.syncWanted,
      start: journal.startSync,
      running: journal.syncRunning,
      finish: journal.finishSync,
    },
    write: journal.write,
    settled() {
      checkpoint();
      return plays && player.settled();
    },
    stepDue: () => plays && player.due(),
    calendarEnded() {
      complain('the lab’s calendar ends with the year 9999: its clock has stopped, and nothing due later will happen');
      announceEnd();
    },
  });

  const addHost = (key: HostKey): void => {
    hosts.set(
      key,
      createHost({
        key,
        clock,
        chance,
        network,
        tell,
        keep: journal.keep,
        read: journal.read,
        mailFor: journal.mailFor,
        synced: journal.synced,
        state: () => state.hosts[key] as LabState['hosts'][string],
        dnsCache: () => state.dns.caches[key],
        nextQueryId: () => (state.dns.askCount + 1) & 0xffff,
      }),
    );
  };

  await network.open({ dnsPort: options.dnsPort ?? 0, orAny: options.dnsPortOrAny ?? false });
  if (reopened && replay === undefined) {
    tell({ kind: 'lab-reopen', version: options.version, scripted: plays });
    save(); // what was in memory is gone: from here on a run can be repeated again
  }
  if (!reopened) foundLab(journal, { scenario, files, source, seed, version: options.version, scripted: plays });
  for (const key of Object.keys(state.hosts)) addHost(key);
  const maildir = createMaildirWriter({
    root: path.join(dir, 'mail'),
    fs: fs.promises,
    readBody: journal.read,
    onError: complain,
  });
  await maildir.mend(state);
  // Files of mailboxes are written at leisure: creating them costs more than anything else in a flood.
  let undelivered: LabEvent<'mailbox-deliver'>[] = [];
  writeMailboxes = () => {
    const batch = undelivered;
    undelivered = [];
    for (const { host, user, message } of batch) maildir.deliver(host, user, message);
  };
  journal.listen((event) => {
    if (event.kind === 'mailbox-remove') {
      writeMailboxes();
      for (const file of event.files) maildir.remove(event.host, event.user, { file });
    }
    if (event.kind !== 'mailbox-deliver') return;
    undelivered.push(event);
    if (undelivered.length >= UNDELIVERED_MAX) writeMailboxes();
  });
  if (reopened) {
    for (const host of hosts.values()) if (state.hosts[host.key]?.power === 'up') host.queue.resume();
    if (state.scenario.ended) announceEnd();
  }
  if (plays) player.resume();
  let unwatch = (): void => undefined;
  const watch = (): void => {
    unwatch = pacer.after(WATCH_REAL_MS, () => {
      if (isSound()) watch();
    });
  };
  const isSound = (): boolean => {
    try {
      journal.look();
      return true;
    } catch {
      undelivered = []; // or their folder would be made anew
      return false;
    }
  };
  watch();

  let closed: Promise<void> | null = null;
  // A lab whose disk failed ends with that error, and still gives its folder back.
  const close = async (): Promise<void> => {
    unwatch();
    try {
      await driver.close();
      if (isSound()) writeMailboxes();
    } finally {
      journal.end();
      for (const host of hosts.values()) host.halt();
      await network.close();
      await maildir.settled();
      try {
        journal.close();
      } finally {
        unlock();
        if (options.dir === null) fs.rmSync(dir, { recursive: true, force: true });
      }
    }
  };

  return {
    dir,
    scenario,
    state,
    driver,
    network,
    reopened,
    act: (act) => driver.input(() => acts.perform('person', checked(act))),
    host: hostOf,
    listen: journal.listen,
    busy,
    upcoming: () => timers.upcoming().filter(({ when }) => when < CALENDAR_END),
    history,
    events: () => history.events(1, state.n),
    write: journal.write,
    read: journal.read,
    publish: (host, from, port) => network.publish(host, from ?? sideOf(host, scenario), port),
    async played() {
      await ended;
      driver.setEnd(driver.now());
      await driver.idle();
      writeMailboxes();
      await maildir.settled();
    },
    close: () => (closed ??= close()),
  };
}

/** Throws ActRefused for what is no act. */
function checked(act: LabAct): LabAct {
  const trouble = actTrouble(act);
  if (trouble !== null) throw new ActRefused(`this request is not valid: ${trouble}`);
  return act;
}
