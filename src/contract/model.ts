/**
 * The lab as plain data: what the rooms of the engine know, and what a page shows.
 *
 * Everything in here is JSON: no timer, no socket, no Map. Instants are absolute, virtual,
 * in milliseconds since 1970 UTC; `null` stands for "never". The whole state is a fold of the
 * journal: each part is changed by its room's `apply` and by nothing else. What is kept by a name is a `Table`, by host key,
 * queue id, domain, user or session; a state that comes from JSON or out of a clone gets its tables back by `withTables` of the journal.
 */
import type { Instant } from './instant.ts';
import type { HostSettings } from './settings.ts';
import type { Table } from './table.ts';
import type { RcptStatus, Why } from './why.ts';

export type { Instant } from './instant.ts';
/** Short key of a host in a lab: `a`, `b`, `c`. */
export type HostKey = string;
/** Id of one SMTP connection (or attempt to connect), the same for both ends: `s17`. */
export type SessionId = string;
/** Queue id, unique in its host: `4F2A91C`. */
export type QueueId = string;
/** Ties the copies of one message across hosts, and to the reports about it: `m3`. */
export type MailId = string;

/** Bytes of a message in the journal. `offset` is the byte position in the journal's file. */
export interface BodyRef {
  offset: number;
  size: number;
}

export type Notify = 'never' | 'success' | 'failure' | 'delay';

/** MAIL FROM and its parameters. `sender` is '' for the null reverse-path. */
export interface Envelope {
  sender: string;
  /** RET, RFC 3461 §4.3 */
  ret: 'full' | 'hdrs' | null;
  /** ENVID as received (xtext), RFC 3461 §4.4 */
  envid: string | null;
  eightBit: boolean;
  smtpUtf8: boolean;
}

export interface Rcpt {
  address: string;
  /** NOTIFY, RFC 3461 §4.1; null: not given, which means failure and delay. */
  notify: Notify[] | null;
  /** ORCPT as received: `rfc822;alice@example.test` (xtext), RFC 3461 §4.2 */
  orcpt: string | null;
  status: RcptStatus;
}

export interface QueueEntry {
  queueId: QueueId;
  mail: MailId;
  envelope: Envelope;
  rcpts: Rcpt[];
  /** The message as queued here: with this host's Received line on top. */
  body: BodyRef;
  /** Bytes that the disk gauge counts. */
  sizeBytes: number;
  arrivedAt: Instant;
  /** Where it came from: a peer's session, or made here (a report). */
  origin: 'smtp' | 'report';
  /** Message-ID header, '' if there is none. */
  messageId: string;
  /** Subject header, decoded, for people. */
  subject: string;
  /** Failed tries so far. */
  tryCount: number;
  /** Next try, null: none is due (held, or being tried now). */
  nextAt: Instant | null;
  held: boolean;
  /** When the sender was told of the delay, null: not told. */
  warnedAt: Instant | null;
}

/** A destination that did not answer, remembered by the queue of one host. */
export interface DeadDestination {
  domain: string;
  failureCount: number;
  /** Held for dead until then; null: failures are counted, but it is not dead yet. */
  until: Instant | null;
  why: Why;
}

export interface MailboxMessage {
  mail: MailId;
  queueId: QueueId;
  at: Instant;
  sender: string;
  rcpt: string;
  messageId: string;
  subject: string;
  body: BodyRef;
  /** Lines put above the message at delivery (Return-Path and so on). */
  prefix: string;
  sizeBytes: number;
  /** Name of its file in the Maildir's `new`. */
  file: string;
}

export type Power = 'up' | 'stopped' | 'crashed' | 'off';

/** A first meeting that the greylist remembers for some weeks, by `client/24 sender rcpt`. */
export interface GreylistEntry {
  firstAt: Instant;
  passedAt: Instant | null;
}

export interface HostState {
  key: HostKey;
  power: Power;
  /** When it was started last: queue runs are counted from here. */
  upSince: Instant;
  settings: HostSettings;
  queue: Table<QueueEntry>;
  /** How many queue ids were given out; the next id is made from it. */
  queueIdCount: number;
  dead: Table<DeadDestination>;
  mailboxes: Table<MailboxMessage[]>;
  greylist: Table<GreylistEntry>;
  /** So many first meetings more, and the greylist is looked through for what is to be forgotten. */
  greylistSweepIn: number;
  /** Bytes of queued mail and mailboxes. */
  usedBytes: number;
  /** Bytes that somebody else put on this disk ("fill its disk"). */
  foreignBytes: number;
}

export type FirewallAction = 'allow' | 'reject' | 'drop';

/** Source and target are `any`, a host key, a network key, an address or a CIDR block. */
export interface FirewallRule {
  action: FirewallAction;
  source: string;
  target: string;
  port: number | 'any';
  hitCount: number;
  lastHit: { at: Instant; from: string; to: string; port: number } | null;
}

export interface NetworkDef {
  key: string;
  /** CIDR block. */
  block: string;
  /** One-way time of a line within this network. */
  latencyMs: number;
}

/** What ails a host's line. Both directions, unless said otherwise. */
export interface LineState {
  cut: boolean;
  extraLatencyMs: number;
  bytesPerSecond: number | null;
  /** Lose what the host's servers answer, take what is sent to them. */
  loseReplies: boolean;
}

export type FaultWhen =
  /** The line of the dialogue dies (silence) at this point. */
  { at: 'bytes'; count: number } | { at: 'final-dot' } | { at: 'command'; verb: string };

export type FaultThen = { do: 'cut' } | { do: 'reset' } | { do: 'answer'; reply: string } | { do: 'delay'; ms: number };

/** "when STAGE at HOST for ADDRESS, then ANSWER, from T for D" */
export interface Fault {
  id: string;
  host: HostKey;
  when: FaultWhen;
  /** Substring of sender or recipient; null: any. */
  address: string | null;
  then: FaultThen;
  from: Instant;
  until: Instant | null;
  /** How often it may still strike; null: without limit. */
  left: number | null;
}

export interface NetworkState {
  networks: NetworkDef[];
  firewall: { rules: FirewallRule[]; fallback: FirewallAction; fallbackHitCount: number };
  /** One-way time between two different networks. */
  internetLatencyMs: number;
  lines: Table<LineState>;
  faults: Fault[];
  /** Counters from which ids and simulated ports are made. */
  sessionCount: number;
  /** Open sessions, for pictures and for "no dialogue open". */
  open: Table<OpenSession>;
}

export interface OpenSession {
  session: SessionId;
  /** Host key, or null for a program from outside. */
  source: HostKey | null;
  sourceAddress: string;
  sourcePort: number;
  target: HostKey;
  targetAddress: string;
  targetPort: number;
  since: Instant;
}

export type DnsFaultKind = 'no-answer' | 'servfail' | 'nxdomain' | 'slow';

export interface DnsFault {
  /** Domain and everything below it; `.` for all. */
  name: string;
  kind: DnsFaultKind;
  /** For `slow`: one way, ms. */
  delayMs: number;
}

/** One resource record as text: `a.theorganisation.test. 3600 MX 1 a.theorganisation.test.` split up. */
export interface RecordText {
  name: string;
  ttl: number;
  type: string;
  data: string;
}

export interface CacheEntry {
  name: string;
  type: string;
  rcode: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED';
  records: RecordText[];
  until: Instant;
}

export interface ZoneText {
  /** Origin, without the dot at its end: `theorganisation.test`. */
  name: string;
  /** Key of the network that sees this text; null: everybody who has no view of their own. */
  view: string | null;
  text: string;
}

export interface ZoneInForce extends ZoneText {
  /** How often its text was set: the serial of the SOA that is made up where the text states none. */
  serial: number;
}

export interface DnsState {
  zones: ZoneInForce[];
  faults: DnsFault[];
  /** The resolver cache of each host, by `name type`. */
  caches: Table<Table<CacheEntry>>;
  /** So many answers more, and the caches are looked through for what has run out. */
  cacheSweepIn: number;
  /** How many questions hosts have asked; the next one's number is made from it. */
  askCount: number;
}

export interface ScenarioState {
  title: string;
  /** The lab's script is played; else the lab waits for what persons do. */
  scripted: boolean;
  /** Index of the next script step; steps before it were carried out. */
  nextStep: number;
  /** When the next step is due; null: at once, when the wires are quiet. */
  nextStepAt: Instant | null;
  /** Names given to messages by script or person, by Message-ID. */
  names: Table<string>;
  /** Messages that script and persons handed in, or began to. */
  submitCount: number;
  ended: boolean;
}

export interface LabState {
  now: Instant;
  startedAt: Instant;
  seed: number;
  /** Number of the last event folded in. */
  n: number;
  /** How many messages came into the lab or were made in it; `m<count>` is the last one's id. */
  mailCount: number;
  network: NetworkState;
  dns: DnsState;
  hosts: Table<HostState>;
  scenario: ScenarioState;
}
