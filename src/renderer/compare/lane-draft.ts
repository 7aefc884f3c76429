/** Lanes while they are drawn: marks, and spans that begin with the first reason and end with the last. Pure. */
import type { Instant, MailId } from '../../contract/model.ts';
import type { Meaning } from '../lab/rows.ts';
import { inShort, plural } from '../lab/words.ts';

/** What somebody got to know at a moment. */
export interface Mark {
  n: number;
  at: Instant;
  meaning: Meaning;
  /** In a few words; marks of one kind have one label. */
  label: string;
  /** In a sentence, without a full stop. */
  words: string;
  mail: MailId | null;
  /** Messages of this sender and subject; '': about none. */
  group: string;
}

/**
 * `unaware`: the sender's mail is late or gone, and nobody has told. `aware`: it is late, and the sender was told.
 * `awaits`: mail is under way of which the recipient knows nothing. `queue`: mail waits here. `full`, `off`: as they say.
 */
export type SpanKind = 'unaware' | 'aware' | 'awaits' | 'queue' | 'full' | 'off';

export interface Span {
  kind: SpanKind;
  from: Instant;
  /** null: it goes on. */
  to: Instant | null;
}

export interface Lane {
  id: string;
  role: 'sender' | 'recipient' | 'admin';
  /** `carol`, or a host's letter. */
  name: string;
  /** Address, or the host's name. */
  full: string;
  marks: Mark[];
  spans: Span[];
  /** What it comes to, in a few words. */
  summary: string;
}

interface Draft extends Omit<Lane, 'summary'> {
  reasons: Map<SpanKind, Set<string>>;
  /** Most messages that waited at a time. */
  most: number;
  /** The longest that anything took to come here. */
  latestMs: number;
}

/** More people than these are told of in the list only. */
const PEOPLE_MAX = 8;

export function createDraft() {
  const lanes = new Map<string, Draft>();
  const open = (lane: Draft, kind: SpanKind): Span | undefined =>
    lane.spans.findLast((span) => span.kind === kind && span.to === null);

  return {
    lane(id: string, role: Lane['role'], name: string, full: string): void {
      const lane = lanes.get(id);
      // Who writes and is written to is first of all a sender: there is more to be told.
      if (lane === undefined)
        lanes.set(id, { id, role, name, full, marks: [], spans: [], reasons: new Map(), most: 0, latestMs: 0 });
      else if (role === 'sender') lane.role = 'sender';
    },
    mark: (id: string, mark: Mark): void => void lanes.get(id)?.marks.push(mark),
    /** `reason` holds, or holds no more, from `at` on. */
    span(id: string, kind: SpanKind, reason: string, holds: boolean, at: Instant): void {
      const lane = lanes.get(id);
      if (lane === undefined) return;
      const reasons = lane.reasons.get(kind) ?? new Set();
      lane.reasons.set(kind, reasons);
      const before = reasons.size;
      if (holds) reasons.add(reason);
      else reasons.delete(reason);
      if (before === 0 && reasons.size > 0) lane.spans.push({ kind, from: at, to: null });
      const last = open(lane, kind);
      if (before > 0 && reasons.size === 0 && last !== undefined) last.to = at;
    },
    isOpen: (id: string, kind: SpanKind): boolean => (lanes.get(id)?.reasons.get(kind)?.size ?? 0) > 0,
    count(id: string, waiting: number): void {
      const lane = lanes.get(id);
      if (lane !== undefined) lane.most = Math.max(lane.most, waiting);
    },
    came(id: string, afterMs: number): void {
      const lane = lanes.get(id);
      if (lane !== undefined) lane.latestMs = Math.max(lane.latestMs, afterMs);
    },
    /** In the order in which mail goes: who writes, the hosts that take it, who gets it. */
    lanes(): Lane[] {
      const all = [...lanes.values()];
      const firstTook = (lane: Draft): number => lane.marks.find(({ label }) => label === 'took it')?.n ?? Infinity;
      const of = (role: Lane['role']): Draft[] => all.filter((lane) => lane.role === role);
      const people = (role: Lane['role']): Draft[] => of(role).slice(0, PEOPLE_MAX);
      const admins = of('admin').sort((a, b) => (firstTook(a) === firstTook(b) ? 0 : firstTook(a) - firstTook(b)));
      return [...people('sender'), ...admins, ...people('recipient')].map(
        ({ reasons: _reasons, most, latestMs, ...lane }) => ({ ...lane, summary: summaryOf(lane, most, latestMs) }),
      );
    },
  };
}

/** Of a host that waited in vain for a client's next words. */
export const GAVE_UP = 'log says timeout';

function summaryOf(lane: Omit<Lane, 'summary'>, most: number, latestMs: number): string {
  const has = (kind: SpanKind): boolean => lane.spans.some((span) => span.kind === kind);
  if (lane.role === 'admin') {
    if (most > 0) return `had ${plural(most, 'message')} waiting${has('full') ? ', disk full' : ''}`;
    if (has('full')) return 'disk full';
    if (lane.marks.some(({ label }) => label === GAVE_UP)) return 'saw a dialogue die';
    return lane.marks.some(({ label }) => label === 'took it')
      ? 'saw nothing wait'
      : has('off')
        ? 'was off'
        : 'saw no mail';
  }
  const reports = lane.marks.filter(({ label }) => label.startsWith('told'));
  if (lane.role === 'sender') {
    if (reports.length > 0)
      return `${reports.at(-1)!.label}${reports.length > 1 ? `; told ${reports.length - 1 === 1 ? 'once' : `${reports.length - 1} times`} before` : ''}`;
    if (has('unaware')) return 'was never told';
    return lane.marks.some(({ meaning }) => meaning === 'arrived') ? 'has no reason to ask' : 'could not hand it in';
  }
  const got = lane.marks.filter(({ meaning }) => meaning === 'arrived').length;
  return got === 0
    ? 'knows of nothing'
    : `has ${got === 1 ? 'it' : got}, ${got === 1 ? 'after' : 'slowest'} ${inShort(latestMs)}`;
}
