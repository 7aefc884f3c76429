/** The way of a message: `route`, `first-try`, `attempts`, `received-lines`, `delivered-within`. */
import { z } from 'zod';
import type { LabEvent } from '../../../contract/events.ts';
import type { HostKey } from '../../../contract/model.ts';
import { count, keys, span, text } from '../schema-values.ts';
import { copiesOn, sameMailbox, type Track } from '../messages.ts';
import { formatDuration } from '../units.ts';
import { inAll } from './bounds.ts';
import type { Evidence } from './kind.ts';
import { checkKind, hostWord, isDone, overGroups, overTracks, plural } from './kind.ts';

const words = (hosts: readonly string[]): string => (hosts.length === 0 ? 'nobody' : hosts.map(hostWord).join(' → '));

/** The hosts that took a message, in their order; a host that took it twice stands there twice. */
function routeOf(track: Track): string[] {
  return [...track.copies].sort((a, b) => a.acceptedAt - b.acceptedAt).map((copy) => copy.host);
}

/** The address at which the last host took it; null while none has. */
function lastAddress(evidence: Evidence, track: Track): string | null {
  const last = evidence
    .eventsOf(track.copies)
    .findLast((event): event is LabEvent<'queue-deliver'> => event.kind === 'queue-deliver' && event.peer !== null);
  return last?.peer?.address ?? null;
}

export const route = checkKind({
  key: 'route',
  schema: keys('route', {
    message: text('A message'),
    through: z.array(z.string()).min(1),
    at: text('An address').optional().meta({ description: 'The address at which the last host takes it' }),
  }),
  refs: { hosts: ['through'], messages: ['message'] },
  judge({ message, through, at }, evidence) {
    const verdict = overTracks(evidence, message, (track) => {
      const found = routeOf(track);
      const address = at === undefined ? null : lastAddress(evidence, track);
      return {
        passed: found.join() === through.join() && (at === undefined || address === at),
        missed: isDone(track) || found.some((one, i) => one !== through[i]),
        measured: `${words(found)}${address === null ? '' : `, at ${address}`}`,
      };
    });
    const wanted = `${words(through)}${at === undefined ? '' : `, at ${at}`}`;
    return { name: `${message} goes ${wanted}`, expected: wanted, ...verdict };
  },
});

/** Tries of a host for its copies of some messages. What was put off without one, as its destination was taken for dead, was not tried. */
function triesOf(evidence: Evidence, host: string, tracks: readonly Track[]): LabEvent<'queue-try'>[] {
  const mine = evidence
    .eventsOf(copiesOn(host, tracks))
    .filter(
      (event): event is LabEvent<'queue-try' | 'queue-defer' | 'queue-fail'> =>
        event.kind === 'queue-try' || event.kind === 'queue-defer' || event.kind === 'queue-fail',
    );
  const suspended = new Set(
    mine.flatMap((event) => (event.kind !== 'queue-try' && event.why.kind === 'suspended' ? [event.attempt] : [])),
  );
  return mine.filter(
    (event): event is LabEvent<'queue-try'> => event.kind === 'queue-try' && !suspended.has(event.attempt),
  );
}

export const attempts = checkKind({
  key: 'attempts',
  schema: keys('attempts', {
    host: text('A host'),
    message: text('A message'),
    between: z.tuple([count(0, 1e6, 'number of tries'), count(0, 1e6, 'number of tries')]),
    ...inAll,
    over: span.optional().meta({ description: 'The first and the last are at least so far apart' }),
  }),
  refs: { hosts: ['host'], messages: ['message'] },
  judge({ host, message, between: [least, most], over, 'in-all': together = false }, evidence) {
    const verdict = overGroups(evidence, message, together, (tracks) => {
      const tries = triesOf(evidence, host, tracks);
      const spreadMs = tries.length === 0 ? 0 : tries.at(-1)!.at - tries[0]!.at;
      const passed = tries.length >= least && tries.length <= most && (over === undefined || spreadMs >= over);
      return {
        passed,
        missed: tracks.every(isDone) || tries.length > most,
        measured: `${plural(tries.length, 'try', 'tries')} over ${formatDuration(spreadMs)}`,
      };
    });
    const spread = over === undefined ? '' : ` over ${formatDuration(over)} or more`;
    const often = `${least === most ? plural(least, 'time') : `${least} to ${most} times`}${together ? ' in all' : ''}`;
    return { name: `${hostWord(host)} tries ${message} ${often}${spread}`, expected: `${often}${spread}`, ...verdict };
  },
});

/** The server that a host turned to first: told by what came of it, a dialogue or a reason with a peer; and whose it is. */
function firstPeer(
  evidence: Evidence,
  host: string,
  track: Track | null,
): { name: string; owner: HostKey | null } | null {
  for (const event of track === null ? evidence.events : evidence.eventsOf(copiesOn(host, [track]))) {
    if ((event.kind !== 'tx-begin' && event.kind !== 'attempt-fail') || event.host !== host) continue;
    const peer = event.kind === 'tx-begin' ? event.peer : 'peer' in event.why ? event.why.peer : null;
    if (peer !== null) return { name: peer.name, owner: evidence.ownerOf(peer.address, event.at) };
  }
  return null;
}

/** The name that it was tried by, and whose that is where its own is another. */
function calledWords({ name, owner }: { name: string; owner: HostKey | null }, { hosts }: Evidence): string {
  return owner === null || hosts[owner]?.name.toLowerCase() === name.toLowerCase()
    ? name
    : `${hostWord(owner)}, called ${name},`;
}

/** It has begun, and nothing came of it so far. */
const isFirstUnderWay = (evidence: Evidence, host: string, track: Track): boolean =>
  triesOf(evidence, host, [track]).length > 0 &&
  track.copies.some(
    (copy) => copy.host === host && copy.rcpts.every(({ fate, why }) => fate === 'waiting' && why === null),
  );

export const firstTry = checkKind({
  key: 'first-try',
  schema: keys('first-try', { host: text('A host'), tries: text('A host'), message: text('A message').optional() }),
  refs: { hosts: ['host', 'tries'], messages: ['message'] },
  judge({ host, tries, message }, evidence) {
    const judge = (track: Track | null) => {
      const peer = firstPeer(evidence, host, track);
      return {
        passed: peer?.owner === tries,
        missed: peer !== null || (track !== null && isDone(track)),
        measured:
          peer !== null
            ? `${calledWords(peer, evidence)} first`
            : track !== null && isFirstUnderWay(evidence, host, track)
              ? `${hostWord(host)}'s first try is under way`
              : `${hostWord(host)} has tried nobody yet`,
      };
    };
    const verdict = message === undefined ? judge(null) : overTracks(evidence, message, judge);
    const what = message === undefined ? '' : ` for ${message}`;
    return {
      name: `${hostWord(host)} tries ${hostWord(tries)} first${what}`,
      expected: `${hostWord(tries)} first`,
      ...verdict,
    };
  },
});

export const receivedLines = checkKind({
  key: 'received-lines',
  schema: keys('received-lines', {
    message: text('A message'),
    count: count(1, 1000, 'number of lines').optional(),
    by: z
      .array(z.string())
      .min(1)
      .optional()
      .meta({ description: 'Who wrote them, from the top: the last host first' }),
  }).refine((given) => given.count !== undefined || given.by !== undefined, {
    error: 'received-lines takes count: 3, by: [a, b, c], or both',
  }),
  refs: { hosts: ['by'], messages: ['message'] },
  judge({ message, count: wanted = undefined, by }, evidence) {
    // Every host puts one line on top of what it takes (RFC 5321 §4.4); what the client wrote below is not counted.
    const verdict = overTracks(evidence, message, (track) => {
      const found = routeOf(track).reverse();
      const passed =
        (wanted === undefined || found.length === wanted) && (by === undefined || found.join() === by.join());
      const missed =
        isDone(track) ||
        found.length > (wanted ?? by!.length) ||
        (by !== undefined && found.some((one, i) => one !== by[by.length - found.length + i]));
      return {
        passed,
        missed,
        measured: `${plural(found.length, 'line')}: ${found.map(hostWord).join(', ')} from the top`,
      };
    });
    const number = wanted ?? by!.length;
    const authors = by === undefined ? '' : ` by ${by.map(hostWord).join(', ')}`;
    return {
      name: `${message} carries ${plural(number, 'Received line')}`,
      expected: `${plural(number, 'line')}${authors}`,
      ...verdict,
    };
  },
});

export const deliveredWithin = checkKind({
  key: 'delivered-within',
  schema: keys('delivered-within', { message: text('A message'), within: span, who: text('A person').optional() }),
  refs: { messages: ['message'], people: ['who'] },
  judge({ message, within, who }, evidence) {
    const verdict = overTracks(evidence, message, (track) => {
      const wanted = new Set(
        track.copies
          .flatMap((copy) => copy.rcpts.map((rcpt) => rcpt.address))
          .filter((address) => who === undefined || sameMailbox(who, address)),
      );
      const ages = [...wanted]
        .map((address) => track.deliveries.find((one) => sameMailbox(address, one.user)))
        .map((one) => one && one.at - track.handedInAt);
      if (ages.length === 0) return { passed: false, missed: isDone(track), measured: 'not there' };
      const missing = ages.filter((age) => age === undefined).length;
      const ageMs = evidence.state.now - track.handedInAt;
      if (missing > 0)
        return {
          passed: false,
          missed: isDone(track) || ageMs > within,
          measured: `not there after ${formatDuration(ageMs)}`,
        };
      const slowest = Math.max(0, ...ages.map((age) => age ?? 0));
      return {
        passed: slowest <= within,
        missed: slowest > within,
        measured: `there after ${formatDuration(slowest)}`,
      };
    });
    return {
      name: `${message} arrives within ${formatDuration(within)}`,
      expected: `${formatDuration(within)} at the most`,
      ...verdict,
    };
  },
});
