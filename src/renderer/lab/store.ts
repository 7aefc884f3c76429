/**
 * What this page knows of the world it shows: its events, the clock, and views of the moment that it looks at.
 *
 * One world is shown at a time (`world`), at one moment (`moment`: an event's number, or null for now). Views are
 * asked for again when something happened, at most some times a second; nothing is folded here.
 */
import { computed, markRaw, reactive, shallowRef, triggerRef } from 'vue';
import type { LabAct, LabEvent } from '../../contract/events.ts';
import type { CheckOutcome, ClockStatus, LabApi, Pace, Upcoming } from '../../contract/lab-api.ts';
import type { KeptLab, LabCard, PageApi, WindowNews, WorldInfo } from '../../contract/page-api.ts';
import type { BenchView, Lesson, QueueView } from '../../contract/views.ts';
import { connect } from './connect.ts';

/** What the inspector shows. */
export type Selection =
  | { kind: 'host'; key: string; tab?: HostTab }
  | { kind: 'mail'; mail: string; form?: 'raw' }
  | { kind: 'attempt'; attempt: string }
  | { kind: 'zone'; name: string }
  | { kind: 'firewall' }
  | null;

export type HostTab = 'queue' | 'mailboxes' | 'disk' | 'settings' | 'log' | 'sessions';
export type Page = 'bench' | 'queue' | 'knew' | 'worlds';

interface Shown {
  labs: LabCard[];
  worlds: WorldInfo[];
  /** Labs that were closed and can be gone on with. */
  kept: KeptLab[];
  world: WorldInfo | null;
  /** Event whose moment is looked at; null: now. */
  moment: number | null;
  page: Page;
  selection: Selection;
  clock: ClockStatus | null;
  lesson: Lesson | null;
  checks: CheckOutcome[];
  upcoming: Upcoming[];
  /** Guide step that the person is at. */
  guideStep: number;
  sending: boolean;
  /** The dialog with the licences is open. */
  licenses: boolean;
  /** What went wrong last, in words; shown until it is dismissed. */
  trouble: string | null;
  connected: boolean;
}

export const shown: Shown = reactive({
  labs: [],
  worlds: [],
  kept: [],
  world: null,
  moment: null,
  page: 'bench',
  selection: null,
  clock: null,
  lesson: null,
  checks: [],
  upcoming: [],
  guideStep: 0,
  sending: false,
  licenses: false,
  trouble: null,
  connected: true,
});
/** All events of the world, in order; never copied. Watch it with `eventCount`. */
export const events = shallowRef<LabEvent[]>([]);
export const eventCount = computed(() => events.value.length);
/** Number of the event with which the lab stands there whole: founding it is one moment, and nothing can be seen before it. */
export const firstMoment = computed(() =>
  Math.max(1, events.value.findIndex(({ kind }) => kind === 'firewall-set') + 1),
);
/** Views of the moment looked at. */
export const bench = shallowRef<BenchView | null>(null);
export const queue = shallowRef<QueueView>({ rows: [], count: 0 });

/** Real ms between two looks while things happen. */
const LOOK_EVERY_MS = 200;
/** So many events come in one piece when there are many, and all who follow them are told so often; real ms. */
const EVENTS_AT_ONCE = 5_000;
const TELL_EVERY_MS = 250;
/** After so long, real ms, a control of the clock is carried out. */
const CONTROL_TAKES_MS = 80;

let api: PageApi;

/** A call to the world that is shown; what fails is told to the person. */
export async function ask<Name extends keyof LabApi>(
  name: Name,
  ...args: Parameters<LabApi[Name]>
): Promise<Awaited<ReturnType<LabApi[Name]>>> {
  if (shown.world === null) throw new Error('no lab is open');
  return api.ask(shown.world.id, name, args);
}

/** As `ask`, for buttons: a failure becomes the trouble line. True if it went well. */
export async function attempt(run: () => Promise<unknown>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    shown.trouble = error instanceof Error ? error.message : String(error);
    return false;
  }
}

/** As `attempt`, for what changes the world: when it is done, the page shows what came of it. */
const change = (run: () => Promise<unknown>): Promise<boolean> =>
  attempt(async () => {
    const before = shown.trouble;
    await run();
    if (shown.trouble === before) shown.trouble = null; // what went wrong before is past
    await look();
  });

export const act = (what: LabAct): Promise<boolean> =>
  change(async () => {
    // What a person does is done now: from the past one goes on by a branch.
    if (shown.moment !== null)
      throw new Error('You are looking at the past: go back to now, or go on from here as a branch.');
    await ask('act', what);
  });
export const doGuideStep = (index: number): Promise<boolean> => change(() => ask('doGuideStep', index));

/** How the clock stands. It tells news with events only, and pages share it: ask after each control, and now and then. */
export async function refreshClock(): Promise<void> {
  const { world } = shown;
  if (world === null) return;
  const clock = await ask('clock').catch(() => null);
  if (clock !== null && shown.world === world) shown.clock = clock;
}

export async function refreshUpcoming(): Promise<void> {
  const { world } = shown;
  const upcoming = await ask('upcoming').catch(() => null);
  if (upcoming !== null && shown.world === world && shown.moment === null) shown.upcoming = markRaw(upcoming);
}

/** Some checks say how long something has lasted: that grows also while nothing happens. */
export async function refreshChecks(): Promise<void> {
  const { world } = shown;
  if (shown.moment !== null || performance.now() - lookedAt < LOOK_EVERY_MS) return;
  const checks = await ask('checks', null).catch(() => null);
  if (checks !== null && shown.world === world && shown.moment === null) shown.checks = checks;
}

/** A control answers when it is taken in, and is carried out a moment later: ask twice. */
async function control(run: () => Promise<void>): Promise<boolean> {
  const went = await attempt(run);
  await refreshClock();
  setTimeout(() => void refreshClock(), CONTROL_TAKES_MS);
  return went;
}

export const setPace = (pace: Pace): Promise<boolean> => control(() => ask('setPace', pace));
export const play = (): Promise<boolean> => control(() => ask('play'));
export const pause = (): Promise<boolean> => control(() => ask('pause'));
export const jump = async (to: number | null): Promise<boolean> => {
  const went = await change(() => ask('jump', to));
  await refreshClock();
  return went;
};

/** Begin: connect, and learn which labs and worlds there are. `asked`: what the window's menu and its files ask of the page. */
export async function begin(asked: Omit<WindowNews, 'trouble' | 'show'>): Promise<void> {
  api = connect(
    {
      ...asked,
      show: (world) =>
        void attempt(async () => {
          const found = (await api.worlds()).find(({ id }) => id === world);
          if (found !== undefined && found.id !== shown.world?.id) await show(found);
        }),
      worlds(list) {
        shown.worlds = list;
        void refreshKept();
        if (shown.world !== null && !list.some(({ id }) => id === shown.world?.id)) leave();
      },
      events: (world, batch) => {
        if (world === shown.world?.id) hear(batch);
      },
      clock: (world, status) => {
        if (world === shown.world?.id) shown.clock = status;
      },
      trouble: (message) => void (shown.trouble = message),
    },
    () => void (shown.connected = false),
  );
  shown.worlds = await api.worlds();
  const first = shown.worlds.at(-1);
  // Which labs there are can wait until the one that is open stands there.
  if (first !== undefined) await attempt(() => show(first));
  [shown.labs] = await Promise.all([api.labs(), refreshKept()]);
}

const refreshKept = async (): Promise<void> => void (shown.kept = await api.kept().catch(() => shown.kept));

export const openLab = (lab: string): Promise<boolean> => attempt(async () => show(await api.open(lab)));
export const openText = (file: string, text: string): Promise<boolean> =>
  attempt(async () => show(await api.openText(file, text)));
export const reopen = (kept: string): Promise<boolean> => attempt(async () => show(await api.reopen(kept)));
/** Delete a lab that was closed, for good. */
export const forget = (kept: string): Promise<void> => api.forget(kept);
/** Write something down about a world, for whoever shows it next. Nothing is lost to the person if that fails. */
export const remember = (world: string, memory: string): void =>
  void api.remember(world, memory).catch(() => undefined);
/** Open a lab without turning to it: for two worlds side by side. */
export const openBeside = (lab: string): Promise<WorldInfo> => api.open(lab);

/** Go on from the moment looked at: a branch, shown at once. */
export const goOnFromHere = (): Promise<boolean> =>
  attempt(async () => {
    if (shown.world === null || shown.moment === null) return;
    await show(await api.branch(shown.world.id, shown.moment));
  });

/** Close the world that is shown, which ends it; what it wrote is kept. The one opened last is shown then. */
export const closeShown = (): Promise<boolean> =>
  attempt(async () => {
    if (shown.world !== null) await api.close(shown.world.id);
  });

/** Another world than the one shown, for two side by side. */
export const askWorld = <Name extends keyof LabApi>(world: string, name: Name, ...args: Parameters<LabApi[Name]>) =>
  api.ask(world, name, args);

export async function show(world: WorldInfo): Promise<void> {
  // Time stands still in a world that nobody looks at: its guide's hours would pass unseen.
  if (shown.world !== null && shown.world.id !== world.id && shown.clock?.paused === false) await pause();
  Object.assign(shown, { world, moment: null, selection: null, guideStep: 0, checks: [], page: 'bench' });
  aim = null;
  events.value = [];
  newestN = 0;
  const [lesson, clock, map] = await Promise.all([ask('lesson'), ask('clock'), ask('bench', null)]);
  if (shown.world?.id !== world.id) return;
  Object.assign(shown, { lesson, clock });
  bench.value = map;
  newestN = Math.max(newestN, map.n);
  await fill();
  await look();
}

/** The moment of an event, as it can be looked at. */
const momentOf = (n: number | null): number | null => (n === null ? null : Math.max(n, firstMoment.value));

/** The world that was shown is no more: to another one, or to the welcome page. */
function leave(): void {
  Object.assign(shown, {
    world: null,
    moment: null,
    selection: null,
    clock: null,
    lesson: null,
    checks: [],
    upcoming: [],
    sending: false,
  });
  aim = null;
  events.value = [];
  bench.value = null;
  const next = shown.worlds.at(-1);
  if (next !== undefined) void attempt(() => show(next));
}

/** The world whose clock stands only because one looks back. */
let ranUntilLook: string | null = null;
/** The moment that the page turns to; once its views are there, it is the one shown. */
let aim: number | null = null;
let turning = false;

/** The moment from which a step goes on: the one that the page turns to just now, else the one shown. */
export const momentAimedAt = (): number | null => aim;

/**
 * Look at the moment of an event; null: back to now. Time stands still for who looks back, and goes on as it did before.
 * The page turns in one piece, when all views of that moment are there. Asked again meanwhile, only the last one counts.
 */
export async function lookAt(n: number | null): Promise<void> {
  aim = momentOf(n);
  if (turning) return;
  turning = true;
  let went = true;
  while (went && shown.connected && shown.moment !== aim) went = await attempt(turn);
  aim = shown.moment;
  turning = false;
}

async function turn(): Promise<void> {
  if (aim !== null && shown.moment === null) {
    ranUntilLook = shown.clock?.paused === false ? (shown.world?.id ?? null) : null;
    if (ranUntilLook !== null) await pause();
  }
  await look();
  if (shown.moment !== null) return;
  if (ranUntilLook !== null && ranUntilLook === shown.world?.id) await play();
  ranUntilLook = null;
}

/** Number of the newest event that the page heard of. */
let newestN = 0;
/** The list that is being filled. */
let filling: LabEvent[] | null = null;

/** Take in events that follow those known. News and answers overlap: what is known is passed over. */
function take(batch: LabEvent[], known: LabEvent[]): void {
  for (const event of batch) if (event.n === known.length + 1) known.push(event);
}

function hear(batch: LabEvent[]): void {
  const newest = batch.at(-1);
  if (newest === undefined) return;
  newestN = Math.max(newestN, newest.n);
  take(batch, events.value);
  // What was told before the page listened, or while it filled its list, is asked for.
  if (events.value.length < newestN) return void attempt(fill);
  triggerRef(events);
  lookSoon();
}

/** Ask for all events that are not known yet. All pieces are asked for at once: one is taken in while the next is on its way. */
async function fill(): Promise<void> {
  const known = events.value;
  if (filling === known) return;
  filling = known;
  try {
    await fillUp(known);
  } finally {
    if (filling === known) filling = null;
  }
  lookSoon();
}

async function fillUp(known: LabEvent[]): Promise<void> {
  let toldAt = performance.now();
  while (known.length < newestN) {
    const [begin, end] = [known.length, newestN];
    const pieces = Array.from({ length: Math.ceil((end - begin) / EVENTS_AT_ONCE) }, (_, index) => {
      const from = begin + index * EVENTS_AT_ONCE;
      return ask('eventText', from + 1, Math.min(end, from + EVENTS_AT_ONCE));
    });
    for (const piece of pieces) {
      const batch = JSON.parse(await piece) as LabEvent[];
      if (events.value !== known) return;
      take(batch, known);
      if (known.length < end && performance.now() - toldAt < TELL_EVERY_MS) continue;
      triggerRef(events);
      toldAt = performance.now();
    }
    if (known.length < end) return; // who answers knows less than was told
  }
}

let looking = false;
let lookAgain = false;
let lookedAt = 0;

/** At once when nothing was asked for a while; what is told again and again is looked at now and then. */
function lookSoon(): void {
  if (looking) {
    lookAgain = true;
    return;
  }
  looking = true;
  setTimeout(
    () => {
      void attempt(look).finally(() => {
        looking = false;
        lookedAt = performance.now();
        if (lookAgain) lookSoon();
        lookAgain = false;
      });
    },
    lookedAt + LOOK_EVERY_MS - performance.now(),
  );
}

/** Ask for the views of the moment that is aimed at, and show them, all at once. */
async function look(): Promise<void> {
  const { world } = shown;
  const moment = aim;
  if (world === null) return;
  const asked = Promise.all([
    ask('bench', moment),
    ask('queue', moment, null),
    ask('checks', moment),
    moment === null ? ask('upcoming') : Promise.resolve([]),
  ]);
  // Meanwhile the person may have turned to another moment or world, or the world may be gone: then nobody needs the answer.
  const isWanted = (): boolean => shown.world === world && aim === moment && shown.connected;
  const answers = await asked.catch((error: unknown) => {
    if (isWanted()) throw error;
    return null;
  });
  if (!isWanted() || answers === null) return;
  const [nextBench, nextQueue, checks, upcoming] = answers;
  bench.value = nextBench;
  queue.value = nextQueue;
  Object.assign(shown, { moment, checks, upcoming: markRaw(upcoming) });
}
