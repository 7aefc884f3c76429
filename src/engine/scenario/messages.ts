/**
 * The way of each message, folded from the journal: which hosts took it, what became of each recipient there,
 * which mailboxes have it, and which reports speak of it. Checks and the `--json` list are made from this.
 *
 * A track is one message across hosts, known by its Message-ID; a copy is that message in one host's queue. A message that no
 * host took has a track too, without a copy: somebody handed it in, and was told no.
 */
import type { LabEvent } from '../../contract/events.ts';
import type { HostKey, Instant, QueueId } from '../../contract/model.ts';
import type { ReportAction, Why } from '../../contract/why.ts';
import { table, tableOf, type Table } from '../../contract/table.ts';

export interface CopyRcpt {
  address: string;
  fate: 'waiting' | 'delivered' | 'relayed' | 'failed' | 'discarded' | 'deleted';
  /** When it got there. */
  at: Instant;
  /** The last reason for not being delivered, whatever became of it later. */
  why: Why | null;
  /** A failure that was reported, or that the journal says need not be. */
  reported: boolean;
}

export interface Copy {
  host: HostKey;
  queueId: QueueId;
  track: Track;
  acceptedAt: Instant;
  removedAt: Instant | null;
  sizeBytes: number;
  rcpts: CopyRcpt[];
}

export interface Delivery {
  host: HostKey;
  user: string;
  at: Instant;
  queueId: QueueId;
}

/** A report that a host made about a copy of a message. `track` is the report's own way, null before it is queued. */
export interface Report {
  host: HostKey;
  at: Instant;
  action: ReportAction;
  to: string;
  about: Copy;
  rcpts: CopyRcpt[];
  /** The reason that it tells, for each of `rcpts`; null: a success. */
  whys: (Why | null)[];
  track: Track | null;
}

/** A host did not take it from the program of the person who wrote it, or not for all of its recipients. */
export interface DoorRefusal {
  host: HostKey;
  at: Instant;
  to: string[];
  why: Why;
}

export interface Track {
  /** Message-ID without angle brackets, or the lab's own id where the message has none. */
  id: string;
  name: string | null;
  from: string;
  subject: string;
  sizeBytes: number;
  handedInAt: Instant;
  isReport: boolean;
  copies: Copy[];
  deliveries: Delivery[];
  reports: Report[];
  refusals: DoorRefusal[];
}

export interface MessageIndex {
  tracks: Track[];
  copies: Map<string, Copy>;
  reports: Report[];
}

export const copyKey = (host: HostKey, queueId: QueueId): string => `${host}/${queueId}`;

/** Those of these messages that a host took. */
export const copiesOn = (host: HostKey, tracks: readonly Track[]): Copy[] =>
  tracks.flatMap(({ copies }) => copies.filter((copy) => copy.host === host));

/** One pass over the journal. `names` gives names by Message-ID, as in `state.scenario.names`. */
export function messageIndex(events: readonly LabEvent[], names: Table<string> = table()): MessageIndex {
  const indexer = messageIndexer();
  for (const event of events) indexer.take(event);
  return indexer.index(names);
}

/** The same, taken further with each event. */
export function messageIndexer(): { take(event: LabEvent): void; index(names: Table<string>): MessageIndex } {
  const index: MessageIndex = { tracks: [], copies: new Map(), reports: [] };
  const tracks = new Map<string, Track>();
  const ownIds: { report: Report; key: string }[] = [];
  return {
    take(event) {
      if (event.kind === 'message-accept') accept(index, tracks, event);
      else if (event.kind === 'dsn-sent') {
        const report = noteReport(index, event);
        if (report !== null) ownIds.push({ report, key: copyKey(event.host, event.queueId) });
      } else if (event.kind === 'submit-fail') {
        const { host, at, to, why, from, messageId } = event;
        trackOf(index, tracks, bareId(messageId), {
          from,
          subject: '',
          sizeBytes: 0,
          handedInAt: at,
          isReport: false,
        }).refusals.push({ host, at, to, why });
      } else follow(index, event);
    },
    index(names) {
      const bare = bareNames(names);
      for (const track of index.tracks) track.name = bare[track.id] ?? null;
      // A report may be journaled before or after it is queued.
      for (const { report, key } of ownIds) report.track = index.copies.get(key)?.track ?? null;
      return index;
    },
  };
}

/** Tracks of a name: the message itself, or all of NAME-1, NAME-2 ... */
export function tracksNamed(index: MessageIndex, name: string): Track[] {
  return index.tracks.filter((track) => track.name === name || (track.name !== null && isNumbered(track.name, name)));
}

/** The reports about a message, and those about a report of it that could not be delivered: what a postmaster gets of both. */
export function reportsOf(track: Track): Report[] {
  // A stranger's message may carry the Message-ID of its own report.
  const found = new Set<Report>(track.reports);
  for (const report of found) report.track?.reports.forEach((one) => found.add(one));
  return [...found];
}

/** `spam-12` belongs to `spam`. */
export function isNumbered(name: string, group: string): boolean {
  return name.startsWith(`${group}-`) && /^\d+$/.test(name.slice(group.length + 1));
}

/** What people call it: its name, or its Message-ID. */
export function nameOf(track: Track): string {
  return track.name ?? (track.subject === '' ? track.id : `“${track.subject}”`);
}

export function sameMailbox(who: string, address: string): boolean {
  const wanted = who.toLowerCase();
  const given = address.toLowerCase();
  return wanted === given || (wanted.includes('@') !== given.includes('@') && localPart(wanted) === localPart(given));
}

export function localPart(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? address : address.slice(0, at);
}

/** Names by Message-ID without angle brackets, however they were kept. */
export function bareNames(names: Table<string>): Table<string> {
  return tableOf(Object.entries(names).map(([id, name]) => [bareId(id), name]));
}

export function bareId(id: string): string {
  return id.trim().replace(/^<|>$/g, '');
}

/** The track of a message, begun where there is none yet. */
function trackOf(
  index: MessageIndex,
  tracks: Map<string, Track>,
  id: string,
  facts: Pick<Track, 'from' | 'subject' | 'sizeBytes' | 'handedInAt' | 'isReport'>,
): Track {
  const known = tracks.get(id);
  if (known !== undefined) return known;
  const track: Track = { id, name: null, ...facts, copies: [], deliveries: [], reports: [], refusals: [] };
  tracks.set(id, track);
  index.tracks.push(track);
  return track;
}

function accept(index: MessageIndex, tracks: Map<string, Track>, event: LabEvent<'message-accept'>): void {
  const { envelope, subject, size, at, origin } = event;
  const track = trackOf(index, tracks, bareId(event.messageId) || event.mail, {
    from: envelope.sender,
    subject,
    sizeBytes: size,
    handedInAt: at,
    isReport: origin === 'report',
  });
  if (track.copies.length === 0) Object.assign(track, { subject, sizeBytes: size });
  const copy: Copy = {
    host: event.host,
    queueId: event.queueId,
    track,
    acceptedAt: event.at,
    removedAt: null,
    sizeBytes: event.size,
    rcpts: event.rcpts.map(({ address }) => ({ address, fate: 'waiting', at: event.at, why: null, reported: false })),
  };
  track.copies.push(copy);
  index.copies.set(copyKey(event.host, event.queueId), copy);
}

function noteReport(index: MessageIndex, event: LabEvent<'dsn-sent'>): Report | null {
  const about = index.copies.get(copyKey(event.host, event.about));
  if (about === undefined) return null;
  const rcpts = event.rcpts.flatMap((position) => about.rcpts[position] ?? []);
  if (event.action === 'failed') for (const rcpt of rcpts) rcpt.reported = true;
  const report: Report = {
    host: event.host,
    at: event.at,
    action: event.action,
    to: event.to,
    about,
    rcpts,
    track: null,
    whys: rcpts.map((rcpt) => (event.action === 'delayed' || event.action === 'failed' ? rcpt.why : null)),
  };
  about.track.reports.push(report);
  index.reports.push(report);
  return report;
}

function follow(index: MessageIndex, event: LabEvent): void {
  if (event.kind === 'mailbox-deliver') {
    const delivery = { host: event.host, user: event.user, at: event.at, queueId: event.message.queueId };
    index.copies.get(copyKey(event.host, event.message.queueId))?.track.deliveries.push(delivery);
    return;
  }
  if (event.kind === 'dsn-none') {
    const copy = index.copies.get(copyKey(event.host, event.about));
    if (event.action === 'failed') for (const position of event.rcpts) setReported(copy, position);
    return;
  }
  if (event.kind === 'queue-remove') {
    const copy = index.copies.get(copyKey(event.host, event.queueId));
    if (copy !== undefined) copy.removedAt = event.at;
    return;
  }
  if (
    event.kind !== 'queue-deliver' &&
    event.kind !== 'queue-defer' &&
    event.kind !== 'queue-fail' &&
    event.kind !== 'queue-discard'
  )
    return;
  const copy = index.copies.get(copyKey(event.host, event.queueId));
  for (const position of event.rcpts) {
    const rcpt = copy?.rcpts[position];
    if (rcpt === undefined) continue;
    rcpt.at = event.at;
    if (event.kind === 'queue-deliver') rcpt.fate = event.how === 'mailbox' ? 'delivered' : 'relayed';
    else if (event.kind === 'queue-discard') rcpt.fate = event.reason === 'deleted' ? 'deleted' : 'discarded';
    else {
      rcpt.fate = event.kind === 'queue-fail' ? 'failed' : 'waiting';
      rcpt.why = event.why;
    }
  }
}

function setReported(copy: Copy | undefined, position: number): void {
  const rcpt = copy?.rcpts[position];
  if (rcpt !== undefined) rcpt.reported = true;
}
