/**
 * What a window, a page or a command line may ask of a lab. One interface, whatever lies between: the same
 * process, a worker thread, a WebSocket. Every argument and answer is plain data.
 */
import type { LabAct, LabEvent, MxCandidate } from './events.ts';
import type { BodyRef, HostKey, Instant, LabState } from './model.ts';
import type { BenchView, Lesson, MailboxView, QueueView, TextNote } from './views.ts';

/** Virtual seconds for each real one, or as fast as it can. */
export type Pace = number | 'max';

export interface ClockStatus {
  now: Instant;
  /** What a clock face shows between two jumps. */
  face: Instant;
  pace: Pace;
  paused: boolean;
}

/** Something that will happen if nobody does anything: a retry, a step of the script, a time-out. */
export interface Upcoming {
  when: Instant;
  name: string;
}

export interface CheckOutcome {
  name: string;
  passed: boolean;
  /** Not passed, and nothing that can still come in this run changes that; in a branch from before it can be met. */
  missed: boolean;
  expected: string;
  measured: string;
}

export interface PortInfo {
  host: HostKey | 'dns';
  network: string;
  port: number;
}

/** What a host would do now with mail for an address: its look-ups, its route, or why there is none. */
export interface RoutePreview {
  host: HostKey;
  domain: string;
  /** Delivered on this host itself. */
  final: boolean;
  /** What it says to RCPT for this very address, when it is one that it won't take though the domain is its own, or that it relays for. */
  refusal: string | null;
  candidates: MxCandidate[];
  /** Who would be tried, in this order; and why that would fail now, in words, as far as the network knows. */
  order: { name: string; address: string; hindrance: string | null }[];
  dropped: { name: string; reason: string }[];
  /** It answers itself from what it was told before, until then at the longest; null: it would ask. */
  cachedUntil: Instant | null;
  /** In words, when mail would not go anywhere now. */
  problem: string | null;
}

export interface LabApi {
  /** Do something to the lab. Rejects with a text that says what is wrong; then nothing was changed. */
  act(act: LabAct): Promise<void>;
  clock(): Promise<ClockStatus>;
  setPace(pace: Pace): Promise<void>;
  pause(): Promise<void>;
  play(): Promise<void>;
  /** As fast as it can to this instant (null: to the next event, or to the end of what is due), then on as before. Resolves when it is there. */
  jump(to: Instant | null): Promise<void>;
  /** The whole state, after event `n` or now (null). Large: pages ask for views. */
  state(n: number | null): Promise<LabState>;
  /** Views of the lab after event `n`, or now (null). */
  bench(n: number | null): Promise<BenchView>;
  queue(n: number | null, host: HostKey | null): Promise<QueueView>;
  mailbox(n: number | null, host: HostKey, user: string): Promise<MailboxView>;
  /** Events `from` to `to`, both included, as far as there are. */
  events(from: number, to: number): Promise<LabEvent[]>;
  /** The same as the text of a JSON array: on its way to a page it is carried, not read. */
  eventText(from: number, to: number): Promise<string>;
  upcoming(): Promise<Upcoming[]>;
  /** The lab's checks, judged after event `n` or now (null). */
  checks(n: number | null): Promise<CheckOutcome[]>;
  lesson(): Promise<Lesson>;
  /** Carry a step of the guide out for the person: its acts, and the time that it lets pass. What a person did already (mail by its name, power) is not done twice. */
  doGuideStep(index: number): Promise<void>;
  /** What is wrong with a text, before it is taken over. */
  zoneNotes(name: string, text: string): Promise<TextNote[]>;
  firewallNotes(text: string): Promise<TextNote[]>;
  /** The mail log of one host, as sysadmins grep it. */
  mailLog(host: HostKey): Promise<string[]>;
  /** Bytes of a message, as text with one character for each byte. */
  message(body: BodyRef): Promise<string>;
  preview(host: HostKey, address: string): Promise<RoutePreview>;
  /**
   * A port on 127.0.0.1 (0: any free one) that leads to port 25 of a host, for programs that stand in `network` (null: where
   * people stand who call this host); or the port at which the name server is asked. Rejects where the port is in use.
   */
  publish(host: HostKey | 'dns', network: string | null, port: number): Promise<PortInfo>;
  close(): Promise<void>;
}

/** What a lab tells by itself. */
export interface LabNews {
  /** Events as they happen, in batches. */
  events(batch: LabEvent[]): void;
  clock(status: ClockStatus): void;
  /** What went wrong beside the path of mail, in words for a person. */
  trouble(message: string): void;
}
