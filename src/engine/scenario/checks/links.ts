/** What passed between two hosts: `connections`, `dialogues-at-once`, `transactions`; and who was on a connection, for `refused-with`. */
import { z } from 'zod';
import type { LabEvent } from '../../../contract/events.ts';
import type { HostKey, SessionId } from '../../../contract/model.ts';
import { count, duration, text } from '../schema-values.ts';
import { copiesOn, tracksNamed } from '../messages.ts';
import { formatDuration } from '../units.ts';
import { counted, within, type Bounds } from './bounds.ts';
import { checkKind, hostWord, isGoodbye, plural, type Evidence, type Judgement } from './kind.ts';

const between = { from: text('A host'), to: text('A host') };

interface Ends {
  source: HostKey | null;
  target: HostKey;
}

/** Both ends of each connection that was made, by session. */
export function endsOf(evidence: Evidence): Map<SessionId, Ends> {
  return new Map(
    evidence.events.flatMap((event) =>
      event.kind === 'link-connect' ? [[event.session, { source: event.source, target: event.host }]] : [],
    ),
  );
}

const ways = (from: HostKey, to: HostKey): string => `${hostWord(from)} to ${hostWord(to)}`;

function judged(
  name: string,
  found: number,
  bounds: Bounds,
  words: { one: string; many: string; more: string },
): Judgement {
  const { passed, missed, expected } = within(found, bounds);
  return { name, passed, missed, expected, measured: `${plural(found, words.one, words.many)}${words.more}` };
}

/** `2 connections`, `5 connections or more`, `no connection` */
function numberWords(bounds: Bounds, one: string, many: string): string {
  const { times, 'at-least': least, 'at-most': most } = bounds;
  if (times !== undefined) return times === 0 ? `no ${one}` : plural(times, one, many);
  if (most === undefined) return `${plural(least ?? 1, one, many)} or more`;
  return least === undefined ? `${plural(most, one, many)} at the most` : `${least} to ${plural(most, one, many)}`;
}

export const connections = checkKind({
  key: 'connections',
  schema: counted('connections', between),
  refs: { hosts: ['from', 'to'] },
  judge({ from, to, ...bounds }, evidence) {
    const made = evidence.events.filter(
      (event) => event.kind === 'link-connect' && event.source === from && event.host === to,
    );
    const wanted = numberWords(bounds, 'connection', 'connections');
    return {
      ...judged(`${ways(from, to)}: ${wanted}`, made.length, bounds, {
        one: 'connection',
        many: 'connections',
        more: '',
      }),
      expected: wanted,
    };
  },
});

export const transactions = checkKind({
  key: 'transactions',
  schema: counted('transactions', {
    ...between,
    message: text('A message').optional().meta({ description: 'Only those for this message' }),
    'recipients-at-most': count(1, 1_000_000, 'number of recipients')
      .optional()
      .meta({ description: 'None of them with more' }),
  }),
  refs: { hosts: ['from', 'to'], messages: ['message'] },
  judge({ from, to, message, 'recipients-at-most': rcptsMost = Infinity, ...bounds }, evidence) {
    const events =
      message === undefined ? evidence.events : evidence.eventsOf(copiesOn(from, tracksNamed(evidence.index, message)));
    const begun = events.filter(
      (event): event is LabEvent<'tx-begin'> =>
        event.kind === 'tx-begin' && event.host === from && evidence.ownerOf(event.peer.address, event.at) === to,
    );
    const largest = begun.reduce((most, { rcpts }) => Math.max(most, rcpts.length), 0);
    const what = `${numberWords(bounds, 'transaction', 'transactions')}${message === undefined ? '' : ` for ${message}`}`;
    const limit = rcptsMost === Infinity ? '' : `, of ${plural(rcptsMost, 'recipient')} at the most`;
    const found = judged(`${ways(from, to)}: ${what}${limit}`, begun.length, bounds, {
      one: 'transaction',
      many: 'transactions',
      more: begun.length === 0 ? '' : `, the largest with ${plural(largest, 'recipient')}`,
    });
    const tooLarge = largest > rcptsMost;
    return {
      ...found,
      expected: `${what}${limit}`,
      passed: found.passed && !tooLarge,
      missed: found.missed === true || tooLarge,
    };
  },
});

/** The greatest number of dialogues at once within a time. One ends with its QUIT: a client that has said it goes on to the next without waiting for the answer. */
function peakOf(evidence: Evidence, from: HostKey, to: HostKey, [first, last]: readonly [number, number]): number {
  const open = new Set<SessionId>();
  let peak = 0;
  let since = -Infinity;
  /** So many have been open since the last change, until this instant. */
  const look = (until: number): void => {
    if (since <= last && until >= first) peak = Math.max(peak, open.size);
    since = until;
  };
  for (const event of evidence.events) {
    look(event.at);
    if (event.kind === 'link-connect' && event.source === from && event.host === to) open.add(event.session);
    else if (
      event.kind === 'link-close' ||
      event.kind === 'link-reset' ||
      (event.kind === 'smtp-say' && isGoodbye(event))
    )
      open.delete(event.session);
    else if (event.kind === 'lab-reopen') open.clear();
  }
  look(evidence.state.now);
  return peak;
}

export const dialoguesAtOnce = checkKind({
  key: 'dialogues-at-once',
  schema: counted('dialogues-at-once', {
    ...between,
    between: z
      .tuple([duration, duration])
      .optional()
      .meta({ description: 'Only in this time, counted from the start of the lab' }),
  }),
  refs: { hosts: ['from', 'to'] },
  judge({ from, to, between: times, ...bounds }, evidence) {
    const { startedAt, now } = evidence.state;
    const window =
      times === undefined ? ([-Infinity, Infinity] as const) : ([startedAt + times[0], startedAt + times[1]] as const);
    const peak = peakOf(evidence, from, to, window);
    const when =
      times === undefined ? '' : `, from ${formatDuration(times[0])} to ${formatDuration(times[1])} after the start`;
    const wanted = `${numberWords(bounds, 'dialogue', 'dialogues')} at once${when}`;
    const found = judged(`${ways(from, to)}: ${wanted}`, peak, bounds, {
      one: 'dialogue',
      many: 'dialogues',
      more: ' at the most',
    });
    return { ...found, expected: wanted, missed: found.missed === true || (!found.passed && now > window[1]) };
  },
});
