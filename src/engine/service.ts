/**
 * A lab behind the contract: what LabApi asks, answered from a living lab, and its news told in batches.
 * Every call is checked here, whoever sent it, and says what is wrong with it.
 */
import * as z from 'zod';
import type { LabEvent } from '../contract/events.ts';
import type { Channel } from '../contract/channel.ts';
import { serveChannel } from '../contract/channel.ts';
import { CALENDAR_END, isPace, PACE_WORDS } from '../contract/instant.ts';
import type { CheckOutcome, ClockStatus, LabApi, LabNews, Pace, RoutePreview } from '../contract/lab-api.ts';
import type { HostKey, HostState, LabState } from '../contract/model.ts';
import type { BenchView } from '../contract/views.ts';
import { isPermanent, replyText, wordsOf } from '../contract/why-words.ts';
import type { Why } from '../contract/why.ts';
import { domainOf } from './addresses.ts';
import { createDnsServer, createResolver, lookupMx } from './dns/index.ts';
import { isFinalFor, isRelayFor } from './hosts.ts';
import type { Lab } from './lab.ts';
import { withTables } from './journal/index.ts';
import { mailLog } from './journal/maillog.ts';
import { actsOf, createWitness, type Step, type Witness } from './scenario/index.ts';
import { benchView, firewallNotes, lessonOf, mailboxView, queueView, zoneNotes } from './views.ts';
import { rcptRefusal } from './smtp-in/policy.ts';
import { noTarget, planRoute } from './smtp-out/route.ts';

const instant = z.number().int().min(0).max(CALENDAR_END, 'is past the year 9999, where a lab’s calendar ends');
const count = z.number().int().min(0);
const moment = count.nullable();
const longText = z.string().max(1_000_000);
const hostKey = z.string().min(1).max(64);
const act = z.looseObject({ do: z.string() });
const ARGUMENTS: Record<keyof LabApi, z.ZodType> = {
  act: z.tuple([act]),
  clock: z.tuple([]),
  setPace: z.tuple([z.custom<Pace>(isPace, { error: `is not a pace: ${PACE_WORDS}` })]),
  pause: z.tuple([]),
  play: z.tuple([]),
  jump: z.tuple([instant.nullable()]),
  state: z.tuple([moment]),
  bench: z.tuple([moment]),
  queue: z.tuple([moment, hostKey.nullable()]),
  mailbox: z.tuple([moment, hostKey, z.string().max(256)]),
  events: z.tuple([count, count]),
  eventText: z.tuple([count, count]),
  upcoming: z.tuple([]),
  checks: z.tuple([moment]),
  lesson: z.tuple([]),
  doGuideStep: z.tuple([count]),
  zoneNotes: z.tuple([z.string().max(255), longText]),
  firewallNotes: z.tuple([longText]),
  mailLog: z.tuple([hostKey]),
  message: z.tuple([z.object({ offset: count, size: count })]),
  preview: z.tuple([hostKey, z.string().max(320)]),
  publish: z.tuple([hostKey, z.string().max(64).nullable(), z.number().int().min(0).max(65_535)]),
  close: z.tuple([]),
};
/** All that a lab can be asked. */
export const LAB_CALLS: ReadonlySet<keyof LabApi> = new Set(Object.keys(ARGUMENTS) as (keyof LabApi)[]);

/** Throws when a call's arguments are not what the contract says. */
export function checkCall(name: string, args: unknown[]): void {
  const parsed = ARGUMENTS[name as keyof LabApi].safeParse(args);
  if (!parsed.success)
    throw new Error(
      `${name}: ${parsed.error.issues.map((issue) => `argument ${issue.path.join('.')}: ${issue.message}`).join('; ')}`,
    );
}

/** So many are read back at once. */
const EVENTS_AT_ONCE = 20_000;

export function labApi(lab: Lab): LabApi {
  /** Where nothing is kept of it, the living state itself will do. */
  const stateAt = (n: number | null): LabState => (n === null || n === lab.state.n ? lab.state : pastAt(n));
  /** A page asks for several views of one moment: it is folded once. Views read it only. */
  let past: LabState | null = null;
  const pastAt = (n: number): LabState => (past?.n === n ? past : (past = lab.history.at(n)));
  /** Sees events from now on; those before are read back. */
  const follow = (take: (event: LabEvent) => void): void => {
    for (let from = 1; from <= lab.state.n; from += EVENTS_AT_ONCE)
      lab.history.events(from, from + EVENTS_AT_ONCE - 1).forEach(take);
    lab.listen(take);
  };
  let witness: Witness | null = null;
  const checks = (n: number | null): CheckOutcome[] => {
    if (witness === null) follow((witness = createWitness(lab.scenario)).take);
    return witness.judge(
      n === null ? { ...lab.state, now: Math.max(lab.driver.now(), lab.driver.face()) } : stateAt(n),
    );
  };
  /** Names of all that a person or the script handed in so far. */
  let handedIn: Set<string> | null = null;
  const names = (): ReadonlySet<string> => {
    if (handedIn !== null) return handedIn;
    const fresh = (handedIn = new Set());
    follow((event) => {
      if (event.kind !== 'person-act' || event.act.do !== 'send') return;
      for (const { name } of event.act.messages) if (name !== null) fresh.add(name);
    });
    return fresh;
  };
  let jumps = 0;
  /** Timers at which nothing happens are passed over, until another jump is asked for. */
  const jumpToNext = async (mine: number): Promise<void> => {
    const { n } = lab.state;
    do await lab.driver.jump(null);
    while (lab.state.n === n && jumps === mine && lab.upcoming().length > 0);
  };
  const clock = (): ClockStatus => ({
    now: lab.driver.now(),
    face: lab.driver.face(),
    pace: lab.driver.pace(),
    paused: lab.driver.paused(),
  });
  return {
    act: (asked) => lab.act(asked),
    clock: () => Promise.resolve(clock()),
    setPace: async (pace) => lab.driver.setPace(pace),
    async pause() {
      jumps += 1;
      lab.driver.pause();
    },
    play: async () => lab.driver.play(),
    jump: (to) => {
      jumps += 1;
      return to === null ? jumpToNext(jumps) : lab.driver.jump(to);
    },
    state: async (n) => withTables(structuredClone(stateAt(n))),
    bench: async (n) => (n === null ? benchView(lab.state, lab.driver.now()) : pastBench(stateAt(n))),
    queue: async (n, host) => queueView(stateAt(n), host),
    mailbox: async (n, host, user) => mailboxView(stateAt(n), host, user),
    events: async (from, to) => lab.history.events(from, to),
    eventText: async (from, to) => lab.history.text(from, to),
    upcoming: async () => lab.upcoming(),
    checks: async (n) => checks(n),
    lesson: async () => lessonOf(lab.scenario),
    doGuideStep: (index) => doGuideStep(lab, index, names()),
    zoneNotes: async (name, text) => zoneNotes(name, text),
    firewallNotes: async (text) => firewallNotes(lab.state, text),
    mailLog: async (host) => mailLog(lab.events(), host, addressNames(lab.state)),
    message: async (body) => lab.read(body).toString('latin1'),
    preview: (host, address) => preview(lab, host, address),
    publish: (host, network, port) => lab.publish(host, network, port),
    close: () => lab.close(),
  };
}

const pastBench = (state: LabState): BenchView => benchView(state, state.now);

/** Names of the hosts by their addresses, as a reverse look-up would give them. */
const addressNames = (state: LabState): ReadonlyMap<string, string> =>
  new Map(
    Object.values(state.hosts).flatMap(({ settings }) =>
      settings.addresses.map((address) => [address, settings.name] as const),
    ),
  );

/** Virtual ms. In a flood something is always on its way: then the next act comes all the same. */
const QUIET_WITHIN_MS = 900_000;

/** As before a script's next step: what is on its way is let go its way. */
async function quiet(lab: Lab): Promise<void> {
  const latest = lab.driver.now() + QUIET_WITHIN_MS;
  while (lab.busy() && lab.driver.now() < latest) await lab.driver.jump(null);
}

const POWER_AFTER = { start: 'up', stop: 'stopped', crash: 'crashed', off: 'off' } as const;

/** The acts of a guide's step, one after the other, and the time that it lets pass. What a person did already is not done twice. */
async function doGuideStep(lab: Lab, index: number, handedIn: ReadonlySet<string>): Promise<void> {
  const step = lab.scenario.guide[index];
  if (step === undefined) throw new Error(`the guide has no step ${index + 1}: it has ${lab.scenario.guide.length}`);
  for (const part of step.steps) {
    try {
      await doPart(lab, part, handedIn);
    } catch (error) {
      if (!part.mayFail)
        throw new Error(
          `step ${index + 1} of the guide can't be done: ${error instanceof Error ? error.message : String(error)}`,
          { cause: error },
        );
    }
  }
}

async function doPart(lab: Lab, part: Step, handedIn: ReadonlySet<string>): Promise<void> {
  // What these are about depends on where the mail has come by then.
  if (part.kind === 'queue' || part.kind === 'fill-disk') await quiet(lab);
  const { acts, passMs } = actsOf(part, lab.scenario, { ...lab.state, now: lab.driver.now() });
  for (const one of acts) {
    if (one.do === 'send' && one.messages.every(({ name }) => name !== null && handedIn.has(name))) continue;
    if (one.do === 'host' && lab.host(one.host).state().power === POWER_AFTER[one.power]) continue;
    await quiet(lab);
    await lab.act(one);
  }
  if (passMs > 0) await lab.driver.jump(lab.driver.now() + passMs);
}

/** What a host would do now: its cache, the zone as it is, the faults in force. Looking changes nothing and asks nobody. */
async function preview(lab: Lab, host: HostKey, address: string): Promise<RoutePreview> {
  const { settings } = lab.host(host).state();
  const domain = domainOf(address);
  const base: RoutePreview = {
    host,
    domain,
    final: isFinalFor(settings, domain),
    refusal: refusalOf(lab.host(host).state(), address),
    candidates: [],
    order: [],
    dropped: [],
    cachedUntil: null,
    problem: null,
  };
  if (base.final) return base;
  const nameServer = createDnsServer({ state: () => lab.state.dns });
  const resolver = createResolver({
    host,
    now: lab.driver.now,
    nextId: () => 1,
    tell: () => undefined,
    cache: () => lab.state.dns.caches[host],
    exchange: async (query, tcp) => nameServer.answer({ query, tcp, network: settings.network }).reply ?? 'timeout',
  });
  const answer = await lookupMx(resolver, domain);
  if (answer.kind !== 'mx') {
    const failed = answer.kind === 'failed' ? answer : { name: domain, type: 'MX', problem: 'null-mx' as const };
    return {
      ...base,
      problem: endWords({ kind: 'dns', domain, name: failed.name, type: failed.type, problem: failed.problem }),
    };
  }
  const plan = planRoute({
    domain,
    addressCountMax: settings.mxAddressCountMax,
    candidates: answer.candidates,
    self: { names: [settings.name], addresses: settings.addresses },
    chance: () => 0,
  });
  const asked = new Set([domain, ...answer.candidates.map(({ name }) => name)].map((name) => name.toLowerCase()));
  const known = Object.values(lab.state.dns.caches[host] ?? {}).filter(
    ({ name, type, until }) => asked.has(name.toLowerCase()) && type !== 'AAAA' && until > lab.driver.now(),
  );
  return {
    ...base,
    cachedUntil: known.length === 0 ? null : Math.max(...known.map(({ until }) => until)),
    candidates: answer.candidates,
    order: plan.order.map(({ name, address: at }) => ({ name, address: at, hindrance: hindranceOf(lab, host, at) })),
    dropped: plan.dropped,
    problem: plan.order.length === 0 ? endWords(noTarget(domain, plan, answer.candidates)) : null,
  };
}

/** A reason, and what follows from it. */
const endWords = (why: Why): string =>
  `${wordsOf(why)}: ${isPermanent(why) ? 'it goes back to its sender' : 'it waits, and is tried again'}`;

/** What a stranger hears at RCPT where the domain is this host's own, or one that it relays for. */
function refusalOf(state: HostState, address: string): string | null {
  const { settings } = state;
  const domain = domainOf(address);
  const isIts = isFinalFor(settings, domain) || isRelayFor(settings, domain);
  const no = isIts ? rcptRefusal(state, address, NOBODY) : null;
  return no === null ? null : replyText(no.reply);
}
const NOBODY = '0.0.0.0';

/** What keeps a call of this host from being answered there, at this instant. */
function hindranceOf(lab: Lab, host: HostKey, address: string): string | null {
  const { kind, rule, target } = lab.network.wouldMeet(host, address);
  const name = target?.key.toUpperCase() ?? '';
  switch (kind) {
    case 'link-connect':
      return null;
    case 'firewall-drop':
      return `dropped by ${rule === null ? 'the firewall’s default' : `rule ${rule}`}`;
    case 'firewall-reject':
      return `rejected by ${rule === null ? 'the firewall’s default' : `rule ${rule}`}`;
    case 'link-refuse':
      return `refused: ${name} is ${target?.power}`;
    case 'link-silence':
      if (target === null) return `nobody has ${address}`;
      return `no answer: ${target.power === 'off' ? `${name} is off` : `the line of ${lab.state.network.lines[target.key]?.cut ? name : host.toUpperCase()} is cut`}`;
  }
}

/** Real ms between two batches of events. */
const BATCH_REAL_MS = 50;

/** Serve a lab on a channel. Returns what ends it. */
export function serveLab(lab: Lab, channel: Channel, after: (ms: number, run: () => void) => () => void): () => void {
  const news = serveChannel<LabApi, LabNews>(channel, labApi(lab), [...LAB_CALLS], checkCall);
  let batch: LabEvent[] = [];
  let cancel: (() => void) | null = null;
  const flush = (): void => {
    cancel = null;
    const events = batch;
    batch = [];
    news.events(events);
    news.clock({
      now: lab.driver.now(),
      face: lab.driver.face(),
      pace: lab.driver.pace(),
      paused: lab.driver.paused(),
    });
  };
  const deaf = lab.listen((event) => {
    batch.push(event);
    cancel ??= after(BATCH_REAL_MS, flush);
  });
  const end = (): void => {
    deaf();
    cancel?.();
  };
  channel.onClose(end);
  return end;
}
