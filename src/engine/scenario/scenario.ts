/**
 * A lab file, understood: plain data in terms of the contract, with every default filled in.
 * Made by `loadScenario` alone. Journaled with the lab, so nothing in here may be a function or a date object.
 */
import type { SendPlan } from '../../contract/events.ts';
import type {
  DnsFault,
  FaultThen,
  FaultWhen,
  FirewallAction,
  HostKey,
  Instant,
  LineState,
  NetworkDef,
  Power,
  ZoneText,
} from '../../contract/model.ts';
import type { HostSettings } from '../../contract/settings.ts';
import type { Check } from './checks/index.ts';
import type { Table } from '../../contract/table.ts';

export interface FirewallText {
  rules: { action: FirewallAction; source: string; target: string; port: number | 'any' }[];
  fallback: FirewallAction;
}

/** A fault before its time is known: `afterMs` and `forMs` count from the step (or the start of the lab). */
export interface FaultPlan {
  id: string;
  host: HostKey;
  when: FaultWhen;
  address: string | null;
  then: FaultThen;
  afterMs: number;
  /** null: without end. */
  forMs: number | null;
  /** How often it may strike; null: without limit. */
  times: number | null;
}

export type StepAct =
  | { kind: 'send'; send: SendPlan }
  | { kind: 'pass'; ms: number }
  | { kind: 'until'; at: Instant }
  | { kind: 'jump'; to: { at: Instant } | { ms: number } }
  | { kind: 'power'; host: HostKey; power: 'start' | 'stop' | 'crash' | 'off' }
  | { kind: 'line'; host: HostKey; line: Partial<LineState> }
  | { kind: 'reset'; host: HostKey }
  | { kind: 'fault'; fault: FaultPlan }
  | { kind: 'clear-fault'; id: string }
  | { kind: 'fill-disk'; host: HostKey; amount: { bytes: number } | { leaveBytes: number } }
  | { kind: 'zone'; zone: ZoneText }
  | { kind: 'dns-fault'; fault: DnsFault }
  | { kind: 'dns-mend'; name: string }
  | { kind: 'firewall'; text: string }
  | { kind: 'set'; host: HostKey; settings: Partial<HostSettings> }
  | { kind: 'flush'; host: HostKey; domain: string | null }
  | { kind: 'queue'; act: 'hold' | 'release' | 'retry' | 'delete'; host: HostKey; message: string };

/**
 * `fileLine` is where the step begins in the file; `note` a sentence for people; `guide` the index of the guide step that it belongs to.
 * `mayFail`: that it can't be done is part of the story.
 */
export type Step = StepAct & { fileLine: number; note: string | null; mayFail: boolean; guide: number | null };

export interface GuideStep {
  /** Markdown. */
  text: string;
  hint: string | null;
  /** What "do it for me" carries out. */
  steps: Step[];
  ask: { question: string; answers: string[]; answer: string; because: string | null } | null;
}

export interface Scenario {
  /** File name without folder and ending: `one-mx-waits`. */
  id: string;
  title: string;
  shows: string;
  summary: string | null;
  variantOf: string | null;
  startAt: Instant;
  seed: number;
  networks: NetworkDef[];
  internetLatencyMs: number;
  hosts: Table<HostSettings>;
  /** Hosts that are not up when the lab opens. */
  powers: Table<Power>;
  zones: ZoneText[];
  firewall: FirewallText;
  faults: FaultPlan[];
  guide: GuideStep[];
  /** The script; where the file has none, the guide's steps one after the other. */
  script: Step[];
  checks: Check[];
}
