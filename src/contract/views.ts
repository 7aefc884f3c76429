/**
 * What a page shows of a lab at a moment, cut to what it needs: counts instead of contents, rows instead of the
 * whole state. Made on the engine's side, so that a lab with a hundred thousand messages costs a page no more
 * than a small one. Everything else a page makes from the events.
 */
import type { SendPlan } from './events.ts';
import type {
  DnsFault,
  Fault,
  HostKey,
  Instant,
  LineState,
  MailboxMessage,
  NetworkDef,
  NetworkState,
  OpenSession,
  Power,
  QueueEntry,
  ZoneText,
} from './model.ts';
import type { HostSettings } from './settings.ts';

export interface HostCard {
  key: HostKey;
  power: Power;
  settings: HostSettings;
  line: LineState;
  queueCount: number;
  /** The soonest next try in its queue. */
  nextTryAt: Instant | null;
  /** Queued mail and mailboxes. */
  usedBytes: number;
  foreignBytes: number;
  mailboxes: { user: string; count: number }[];
  deadDomains: { domain: string; until: Instant | null }[];
}

export interface BenchView {
  /** Number of the last event that is in it. */
  n: number;
  now: Instant;
  startedAt: Instant;
  seed: number;
  title: string;
  hosts: HostCard[];
  networks: NetworkDef[];
  firewall: NetworkState['firewall'];
  zones: ZoneText[];
  dnsFaults: DnsFault[];
  faults: Fault[];
  sessions: OpenSession[];
  script: { nextStep: number; nextStepAt: Instant | null; ended: boolean; scripted: boolean };
  /** Names that script and persons gave to messages, by Message-ID. */
  names: Record<string, string>;
}

export interface QueueRow extends Omit<QueueEntry, 'body'> {
  host: HostKey;
  /** When the sender will be told of the delay: at the first failed try past this instant. Null: never, or done. */
  warnAt: Instant | null;
  giveUpAt: Instant;
  /** Why it waits, in the words of the mail log. */
  reason: string | null;
}

export interface QueueView {
  rows: QueueRow[];
  /** How many there are in all; `rows` may be fewer. */
  count: number;
}

export interface MailboxView {
  rows: MailboxMessage[];
  count: number;
}

/** A mistake in a text, or something that may be one. */
export interface TextNote {
  line: number;
  column: number;
  message: string;
  severity: 'error' | 'warning';
}

/** A lab's lesson, as its file has it. */
export interface Lesson {
  id: string;
  title: string;
  shows: string;
  summary: string | null;
  guide: {
    /** Markdown. */
    text: string;
    hint: string | null;
    /** The step can be carried out for a person. */
    canDo: boolean;
    /** Mail that this step hands in: what a person who does it by hand writes. */
    sends: SendPlan[];
    /** The hours to which it lets the clock run, where it names them. */
    hours: { at: Instant; /** Before it, and after the hour before, there is something to do. */ acts: boolean }[];
    ask: { question: string; answers: string[]; answer: string; because: string | null } | null;
  }[];
}
