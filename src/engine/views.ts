/** What a page shows of a state: see contract/views.ts. Pure. */
import type { HostKey, HostState, LabState, QueueEntry } from '../contract/model.ts';
import type { BenchView, HostCard, Lesson, MailboxView, QueueRow, QueueView, TextNote } from '../contract/views.ts';
import { wordsOf } from '../contract/why-words.ts';
import { checkZone } from './dns/index.ts';
import { healthyLine } from './network/index.ts';
import { parseFirewall } from './network/firewall-text.ts';
import type { Scenario } from './scenario/index.ts';

export function benchView(state: LabState, now: number): BenchView {
  const { network, dns, scenario } = state;
  return {
    n: state.n,
    now,
    startedAt: state.startedAt,
    seed: state.seed,
    title: scenario.title,
    hosts: Object.values(state.hosts).map((host) => hostCard(host, state)),
    networks: network.networks,
    firewall: network.firewall,
    zones: dns.zones,
    dnsFaults: dns.faults,
    faults: network.faults,
    sessions: Object.values(network.open),
    script: {
      nextStep: scenario.nextStep,
      nextStepAt: scenario.nextStepAt,
      ended: scenario.ended,
      scripted: scenario.scripted,
    },
    names: scenario.names,
  };
}

function hostCard(host: HostState, state: LabState): HostCard {
  const entries = Object.values(host.queue);
  const tries = entries.flatMap((entry) => (entry.nextAt === null ? [] : [entry.nextAt]));
  const users = new Set([...(host.settings.mailboxes ?? []), ...Object.keys(host.mailboxes)]);
  return {
    key: host.key,
    power: host.power,
    settings: host.settings,
    line: state.network.lines[host.key] ?? healthyLine(),
    queueCount: entries.length,
    nextTryAt: tries.length === 0 ? null : tries.reduce((a, b) => Math.min(a, b)),
    usedBytes: host.usedBytes,
    foreignBytes: host.foreignBytes,
    mailboxes: [...users].map((user) => ({ user, count: host.mailboxes[user]?.length ?? 0 })),
    deadDomains: Object.values(host.dead).map(({ domain, until }) => ({ domain, until })),
  };
}

/** Rows that a page can show at once; more are counted only. */
const ROWS_MAX = 2_000;

/** What waits, soonest first; of one host or of all. */
export function queueView(state: LabState, hostKey: HostKey | null): QueueView {
  const all = Object.values(state.hosts)
    .filter((host) => hostKey === null || host.key === hostKey)
    .flatMap((host) => Object.values(host.queue).map((entry) => ({ host, entry })));
  all.sort(
    (a, b) =>
      (a.entry.nextAt ?? 0) - (b.entry.nextAt ?? 0) ||
      a.entry.arrivedAt - b.entry.arrivedAt ||
      (a.entry.queueId < b.entry.queueId ? -1 : 1),
  );
  return { rows: all.slice(0, ROWS_MAX).map(({ host, entry }) => queueRow(host, entry)), count: all.length };
}

function queueRow(host: HostState, entry: QueueEntry): QueueRow {
  const { body: _body, ...rest } = entry;
  const { retry } = host.settings;
  const isReport = entry.envelope.sender === '';
  const waiting = entry.rcpts.find((rcpt) => rcpt.status.kind === 'deferred')?.status;
  return {
    ...rest,
    host: host.key,
    warnAt:
      retry.warnAfterMs === null || isReport || entry.warnedAt !== null ? null : entry.arrivedAt + retry.warnAfterMs,
    giveUpAt: entry.arrivedAt + (isReport ? retry.giveUpReportsAfterMs : retry.giveUpAfterMs),
    reason: waiting?.kind === 'deferred' ? wordsOf(waiting.why) : null,
  };
}

/** The newest first. */
export function mailboxView(state: LabState, host: HostKey, user: string): MailboxView {
  const box = state.hosts[host]?.mailboxes[user] ?? [];
  return { rows: box.slice(-ROWS_MAX).reverse(), count: box.length };
}

export function zoneNotes(name: string, text: string): TextNote[] {
  const { errors, warnings } = checkZone(text, name);
  return [
    ...errors.map((note) => ({ ...note, severity: 'error' as const })),
    ...warnings.map((note) => ({ ...note, severity: 'warning' as const })),
  ];
}

export function firewallNotes(state: LabState, text: string): TextNote[] {
  const parsed = parseFirewall(text, [
    ...Object.keys(state.hosts),
    ...state.network.networks.map((network) => network.key),
  ]);
  return parsed.ok ? [] : parsed.errors.map((note) => ({ ...note, severity: 'error' as const }));
}

export function lessonOf(scenario: Scenario): Lesson {
  const { id, title, shows, summary } = scenario;
  return {
    id,
    title,
    shows,
    summary,
    guide: scenario.guide.map(({ text, hint, steps, ask }) => ({
      text,
      hint,
      ask,
      canDo: steps.length > 0,
      sends: steps.flatMap((step) => (step.kind === 'send' ? [step.send] : [])),
      hours: steps.flatMap((step, index) =>
        step.kind === 'until' ? [{ at: step.at, acts: index > 0 && steps[index - 1]!.kind !== 'until' }] : [],
      ),
    })),
  };
}
