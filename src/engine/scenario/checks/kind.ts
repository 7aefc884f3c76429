/** What every kind of check is: a key of the lab file, a schema of its words, and a judgement on the journal. */
import type { z } from 'zod';
import type { EventKind, LabEvent } from '../../../contract/events.ts';
import type { HostKey, Instant, LabState } from '../../../contract/model.ts';
import type { HostSettings } from '../../../contract/settings.ts';
import { wordsOf } from '../../../contract/why-words.ts';
import type { Copy, MessageIndex, Track } from '../messages.ts';
import { tracksNamed } from '../messages.ts';
import type { Table } from '../../../contract/table.ts';

export interface Verdict {
  passed: boolean;
  /** What was found instead, or the number behind a success, in plain words. */
  measured: string;
  /** Not passed, and whatever comes can't change that. Left out where something could. */
  missed?: boolean | undefined;
}

/** What a kind of check makes of the evidence. */
export interface Judgement extends Verdict {
  /** A sentence: what is to be true. */
  name: string;
  expected: string;
}

export interface CheckResult extends Judgement {
  missed: boolean;
}

/** What checks look at. A check that looks at another kind of event names it here, or it would never see one. */
const EVIDENCE_KINDS = [
  'lab-reopen',
  'host-add',
  'host-set',
  'disk-fill',
  'link-connect',
  'link-close',
  'link-reset',
  'firewall-drop',
  'firewall-reject',
  'smtp-say',
  'message-accept',
  'submit-fail',
  'queue-try',
  'attempt-fail',
  'tx-begin',
  'queue-deliver',
  'queue-defer',
  'queue-fail',
  'queue-discard',
  'queue-remove',
  'dsn-sent',
  'dsn-none',
  'mailbox-deliver',
  'mailbox-remove',
] as const satisfies readonly EventKind[];
export type EvidenceEvent = LabEvent<(typeof EVIDENCE_KINDS)[number]>;
const evidenceKinds = new Set<string>(EVIDENCE_KINDS);

/** A client's goodbye: with it its dialogue is over. */
export const isGoodbye = (event: LabEvent): boolean =>
  event.kind === 'smtp-say' && event.side === 'smtp-out' && event.lines[0] === 'QUIT';

/** Of all that is said, refusals and goodbyes alone are looked at. */
export const isEvidence = (event: LabEvent): event is EvidenceEvent =>
  evidenceKinds.has(event.kind) &&
  (event.kind !== 'smtp-say' ||
    isGoodbye(event) ||
    (event.side === 'smtp-in' && event.lines.some((line) => REFUSES.test(line))));
const REFUSES = /^[45]\d\d([ -]|$)/;

export interface Evidence {
  events: readonly EvidenceEvent[];
  state: LabState;
  /** As the lab's file has them. */
  hosts: Table<HostSettings>;
  index: MessageIndex;
  /** What happened to these copies of messages, in order. */
  eventsOf(copies: readonly Copy[]): readonly EvidenceEvent[];
  /** Whose address that was then; null: nobody's in this lab. */
  ownerOf(address: string, at: Instant): HostKey | null;
}

export interface CheckKind<Key extends string, Schema extends z.ZodType> {
  key: Key;
  schema: Schema;
  /** Fields that name a host, a message (or `each`, `all`) or a person: the loader looks them up. */
  refs: { hosts?: string[]; messages?: string[]; people?: string[] };
  judge(wanted: z.output<Schema>, evidence: Evidence): Judgement;
}

/** Keeps the types of a kind together. */
export function checkKind<const Key extends string, Schema extends z.ZodType>(
  kind: CheckKind<Key, Schema>,
): CheckKind<Key, Schema> {
  return kind;
}

/** How a host is called: `A` for key `a`. */
export function hostWord(host: HostKey): string {
  return host.length <= 2 ? host.toUpperCase() : host;
}

/** No server has it in its queue (any more): nothing more happens to it. */
export function isDone(track: Track): boolean {
  return track.copies.every((copy) => copy.removedAt !== null);
}

/** One verdict for all messages of a name; a failure tells of the first that failed and of how many, and of one that is missed first. */
export function overTracks(evidence: Evidence, message: string, judge: (track: Track) => Verdict): Verdict {
  return overGroups(evidence, message, false, ([track]) => judge(track as Track));
}

/** As `overTracks`; with `inAll` the messages of a name are judged all together. */
export function overGroups(
  evidence: Evidence,
  message: string,
  inAll: boolean,
  judge: (tracks: readonly Track[]) => Verdict,
): Verdict {
  const tracks =
    message === 'each' || message === 'all'
      ? evidence.index.tracks.filter((track) => !track.isReport)
      : tracksNamed(evidence.index, message);
  if (tracks.length === 0)
    return {
      passed: false,
      measured: `no server has taken ${message === 'each' || message === 'all' ? 'any message' : message} yet`,
    };
  if (inAll) {
    const verdict = judge(tracks);
    return tracks.length === 1
      ? verdict
      : { ...verdict, measured: `${tracks.length} messages together: ${verdict.measured}` };
  }
  const verdicts = tracks.map((track) => {
    const verdict = judge([track]);
    const isGone = !verdict.passed && verdict.missed === true && track.deliveries.length === 0 && isDone(track);
    return { track, ...verdict, measured: isGone ? `${verdict.measured}, and ${whyGone(track)}` : verdict.measured };
  });
  const failed = verdicts.filter((verdict) => !verdict.passed);
  const missed = failed.find((verdict) => verdict.missed);
  const first = missed ?? failed[0] ?? verdicts[0]!;
  if (tracks.length === 1) return first;
  if (failed.length === 0)
    return {
      passed: true,
      measured: `${tracks.length} messages; ${first.track.name ?? first.track.id}: ${first.measured}`,
    };
  return {
    passed: false,
    missed: missed !== undefined,
    measured: `${failed.length} of ${tracks.length} messages differ; ${first.track.name ?? first.track.id}: ${first.measured}`,
  };
}

/** Why there is nothing to wait for. */
function whyGone({ copies, refusals }: Track): string {
  const [first] = refusals;
  return copies.length > 0 || first === undefined
    ? 'no server has it any more'
    : `no server has taken it: ${wordsOf(first.why)}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `once`, `twice`, `3 times` */
export function timesWord(count: number): string {
  return count === 0 ? 'never' : count === 1 ? 'once' : count === 2 ? 'twice' : `${count} times`;
}
