/**
 * What happened: the typed events of the journal.
 *
 * Rule: every view can be rebuilt from the journal, and no room ever reads the journal to decide.
 * Names are noun first. An event holds no real time and no real port. `at` is the virtual instant,
 * `n` counts from 1 without gaps, and so does whatever is called by a number in words: `rule`, `step`. `session`, `queueId` with `host`, and `mail` tie events together.
 */
import type {
  BodyRef,
  DnsFault,
  Envelope,
  Fault,
  FirewallAction,
  HostKey,
  Instant,
  LineState,
  MailboxMessage,
  MailId,
  NetworkDef,
  QueueId,
  Rcpt,
  RecordText,
  SessionId,
  ZoneText,
} from './model.ts';
import type { HostSettings } from './settings.ts';
import type { Peer, Reply, ReportAction, Stage, Why } from './why.ts';

export type MxCandidate = { preference: number; name: string; addresses: string[]; implicit: boolean };

/** Shapes of all events, by kind, without the fields that every event has. */
export interface EventShapes {
  // the lab
  /** `scenario`: the lab file's text and its name, as JSON. `files`: the messages that it names, which lie in the journal before this event. */
  'lab-open': {
    title: string;
    seed: number;
    startAt: Instant;
    version: string;
    scenario: string;
    files: { name: string; body: BodyRef }[];
    scripted: boolean;
    networks: NetworkDef[];
    internetLatencyMs: number;
  };
  /** Opened again after an end or a kill: memory (sessions, caches) is gone, spools are here. `scripted`: the script goes on. */
  'lab-reopen': { version: string; scripted: boolean };
  'lab-end': Record<never, never>;
  /** A person or the script acts. `by` names who; `act` is the command, as in LabApi. */
  'person-act': { by: 'person' | 'script'; act: LabAct };
  'step-begin': { step: number; nextAt: Instant | null };
  /** A step of the script, by its number, could not be carried out; the script goes on. `allowed`: its lab says that this may be. */
  'step-refuse': { step: number; message: string; allowed: boolean };
  /** The clock was moved by a person. */
  'clock-jump': { from: Instant; to: Instant };

  // hosts
  'host-add': { host: HostKey; settings: HostSettings };
  'host-set': { host: HostKey; settings: Partial<HostSettings> };
  'host-start': { host: HostKey };
  'host-stop': { host: HostKey };
  'host-crash': { host: HostKey };
  'host-off': { host: HostKey };
  'disk-fill': { host: HostKey; foreignBytes: number };

  // network. `source` is null for a client program; `outside` is the network in which one from outside stands.
  'link-connect': {
    session: SessionId;
    outside?: string;
    source: HostKey | null;
    sourceAddress: string;
    sourcePort: number;
    host: HostKey;
    targetAddress: string;
    targetPort: number;
    rule: number | null;
  };
  'firewall-drop': {
    session: SessionId;
    outside?: string;
    source: HostKey | null;
    sourceAddress: string;
    targetAddress: string;
    targetPort: number;
    rule: number | null;
  };
  'firewall-reject': {
    session: SessionId;
    outside?: string;
    source: HostKey | null;
    sourceAddress: string;
    targetAddress: string;
    targetPort: number;
    rule: number | null;
  };
  /** Nothing listens there, or nothing is there at all. */
  'link-refuse': {
    session: SessionId;
    outside?: string;
    source: HostKey | null;
    targetAddress: string;
    targetPort: number;
  };
  /** Silence: the target is off, its line is cut, or no such address answers. */
  'link-silence': {
    session: SessionId;
    outside?: string;
    source: HostKey | null;
    targetAddress: string;
    targetPort: number;
  };
  'link-close': { session: SessionId; by: 'client' | 'server' };
  'link-reset': { session: SessionId; cause: string };
  /** Bytes swallowed on the way. */
  'link-lost': { session: SessionId; from: 'client' | 'server'; bytes: number; cause: string };
  'line-set': { host: HostKey; line: LineState };
  'firewall-set': {
    rules: { action: FirewallAction; source: string; target: string; port: number | 'any' }[];
    fallback: FirewallAction;
  };
  'fault-set': { fault: Fault };
  'fault-clear': { id: string };
  'fault-strike': { id: string; session: SessionId };
  /** What an outside program sent: an input, kept so that a run can be repeated. `passed`: so many bytes before it were not needed, and are not kept. */
  'client-data': { session: SessionId; body: BodyRef; passed?: number };
  'client-end': { session: SessionId; how: 'fin' | 'reset' | 'silent' };

  // names
  'zone-set': { zone: ZoneText };
  'dns-fault-set': { fault: DnsFault };
  'dns-fault-clear': { name: string };
  'dns-ask': { host: HostKey; name: string; type: string; tcp: boolean };
  'dns-answer': {
    host: HostKey;
    name: string;
    type: string;
    rcode: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED';
    records: RecordText[];
    ttl: number;
  };
  'dns-timeout': { host: HostKey; name: string; type: string };

  // hear a conversation
  /** Lines that one side spoke; message bytes are told as a size in brackets. `side` is the speaker's room. */
  'smtp-say': { host: HostKey | null; session: SessionId; side: 'smtp-in' | 'smtp-out' | 'client'; lines: string[] };
  'message-accept': {
    host: HostKey;
    queueId: QueueId;
    session: SessionId | null;
    origin: 'smtp' | 'report';
    mail: MailId;
    envelope: Envelope;
    rcpts: Omit<Rcpt, 'status'>[];
    messageId: string;
    subject: string;
    size: number;
    body: BodyRef;
  };
  /** A refusal by policy or lack of space; what was said is in `reply`. */
  'message-refuse': {
    host: HostKey;
    session: SessionId;
    stage: Stage;
    address: string | null;
    reply: Reply;
    reason: string;
  };
  'greylist-meet': { host: HostKey; key: string };
  'greylist-pass': { host: HostKey; key: string };

  // keep and try. `rcpts` are indexes into the entry's recipients.
  /** `tryNumber`: which try of the message it is, from 1 on; the same for all attempts of one round. */
  'queue-try': { host: HostKey; queueId: QueueId; attempt: string; tryNumber: number; domain: string; rcpts: number[] };
  /** What the zone said and what this host made of it: the why card. */
  'attempt-route': {
    host: HostKey;
    queueId: QueueId;
    attempt: string;
    domain: string;
    candidates: MxCandidate[];
    dropped: { name: string; reason: string }[];
    order: string[];
  };
  /** One host tried without success within an attempt. `next`: the one that is tried now; null: none is, though the limit of sessions (`limit`) may have kept some from it. */
  'attempt-fail': {
    host: HostKey;
    queueId: QueueId;
    attempt: string;
    session: SessionId | null;
    why: Why;
    next: Peer | null;
    limit: boolean;
  };
  'tx-begin': {
    host: HostKey;
    queueId: QueueId;
    attempt: string;
    session: SessionId;
    peer: Peer;
    rcpts: number[];
    reused: boolean;
  };
  /** `reportDue`: no host after this one will report the success (RFC 3461 §5.2.2). */
  'queue-deliver': {
    host: HostKey;
    queueId: QueueId;
    attempt: string | null;
    rcpts: number[];
    how: 'mailbox' | 'relayed';
    peer: Peer | null;
    session: SessionId | null;
    reply: Reply;
    reportDue: boolean;
  };
  /** `tryCount`: of the message, with the one that failed just now. */
  'queue-defer': {
    host: HostKey;
    queueId: QueueId;
    attempt: string | null;
    rcpts: number[];
    why: Why;
    retryAt: Instant;
    tryCount: number;
  };
  /** All recipients of a message have had their try, at different times: those that wait have their next one together. */
  'queue-plan': { host: HostKey; queueId: QueueId; nextAt: Instant };
  'queue-fail': {
    host: HostKey;
    queueId: QueueId;
    attempt: string | null;
    rcpts: number[];
    why: Why;
    expired: boolean;
  };
  'queue-discard': {
    host: HostKey;
    queueId: QueueId;
    rcpts: number[];
    reason: 'notify-never' | 'null-sender' | 'deleted';
  };
  'queue-remove': { host: HostKey; queueId: QueueId };
  'queue-hold': { host: HostKey; queueId: QueueId };
  'queue-release': { host: HostKey; queueId: QueueId; nextAt: Instant };
  'queue-warn': { host: HostKey; queueId: QueueId };
  'destination-fail': { host: HostKey; domain: string; failureCount: number; until: Instant | null; why: Why };
  'destination-ok': { host: HostKey; domain: string };

  // reports: one for all recipients of a message that a round of tries ended for, and one for all that wait. Of success, `relayed` when any was.
  'dsn-sent': {
    host: HostKey;
    about: QueueId;
    mail: MailId;
    queueId: QueueId;
    action: ReportAction;
    to: string;
    rcpts: number[];
  };
  'dsn-none': {
    host: HostKey;
    about: QueueId;
    action: 'failed' | 'delayed';
    reason: 'notify' | 'null-sender';
    rcpts: number[];
  };

  // a person's mail program (or the script's) hands a message in over TCP
  'submit-done': {
    name: string | null;
    messageId: string;
    host: HostKey;
    session: SessionId;
    from: string;
    to: string[];
    reply: Reply;
  };
  /** For each different reason, with the recipients that it is about. */
  'submit-fail': {
    name: string | null;
    messageId: string;
    host: HostKey;
    session: SessionId | null;
    from: string;
    to: string[];
    why: Why;
  };

  // what a person finds
  'mailbox-deliver': { host: HostKey; user: string; message: MailboxMessage };
  /** `files`: names in the Maildir that go with it. */
  'mailbox-remove': { host: HostKey; user: string; queueId: QueueId; files: string[] };
}

export type EventKind = keyof EventShapes;
/** Fields that an event of any kind may carry. */
export interface EventTies {
  host?: HostKey | null;
  session?: SessionId | null;
  queueId?: QueueId;
  mail?: MailId;
  /** On inputs only (a person's act, what an outside program did): how many turns the end of its instant had seen when it came in. */
  turn?: number;
}
/** An event as a room tells it: without number and instant. */
export type Told<K extends EventKind = EventKind> = { [P in K]: { kind: P } & EventShapes[P] & EventTies }[K];
/** An event as the journal keeps it. */
export type LabEvent<K extends EventKind = EventKind> = Told<K> & { n: number; at: Instant };

/** A message as a person or script hands it in; it travels over TCP to a host's port 25. */
export interface SendRequest {
  /** Name for checks and lists; unique in the lab. */
  name: string | null;
  from: string;
  to: string[];
  subject: string;
  body: string;
  /** Whole message (RFC 5322) instead of subject and body; base64. */
  raw: string | null;
  /** Pad the message to about this size, bytes. */
  sizeBytes: number | null;
  /** Carries GTUBE. */
  spam: boolean;
  ret: 'full' | 'hdrs' | null;
  envid: string | null;
  notify: ('never' | 'success' | 'failure' | 'delay')[] | null;
  /** The host whose port 25 it is handed to; null: the host that is final for the sender's domain. */
  via: HostKey | null;
  /** Simulated client: network key. null: the network of `via`. */
  network: string | null;
}

/** One message to hand in `count` times. With a name and a count above one they are called NAME-1, NAME-2 ... */
export interface SendPlan {
  message: SendRequest;
  count: number;
  everyMs: number;
  connections: number;
}

/** Everything a person, a script or a program may do to a lab. Each act is journaled, then carried out. */
export type LabAct =
  | { do: 'send'; messages: SendRequest[]; everyMs: number; connections: number }
  | { do: 'host'; host: HostKey; power: 'start' | 'stop' | 'crash' | 'off' }
  | { do: 'set'; host: HostKey; settings: Partial<HostSettings> }
  | { do: 'line'; host: HostKey; line: Partial<LineState> }
  | { do: 'reset-sessions'; host: HostKey }
  | { do: 'firewall'; text: string }
  | { do: 'zone'; name: string; view: string | null; text: string }
  | { do: 'dns-fault'; fault: DnsFault }
  | { do: 'dns-fault-clear'; name: string }
  | { do: 'fault'; fault: Fault }
  | { do: 'fault-clear'; id: string }
  | { do: 'fill-disk'; host: HostKey; bytes: number }
  | { do: 'flush'; host: HostKey; domain: string | null }
  | { do: 'hold' | 'release' | 'retry' | 'delete'; host: HostKey; queueIds: QueueId[] }
  | { do: 'mailbox-remove'; host: HostKey; user: string; queueId: QueueId }
  | { do: 'jump'; to: Instant };
