/** `holds`: what a mailbox has now. `receives-nothing`: a mailbox or a host that got nothing at all. */
import { count, keys, text } from '../schema-values.ts';
import { copyKey, localPart, nameOf, sameMailbox, type Track } from '../messages.ts';
import type { Evidence } from './kind.ts';
import { inAll } from './bounds.ts';
import { checkKind, hostWord, isDone, overGroups, plural, timesWord } from './kind.ts';

/** Messages in a person's mailboxes now, on one host or on all. */
function contents(evidence: Evidence, who: string, host: string | undefined): { host: string; queueId: string }[] {
  return Object.values(evidence.state.hosts)
    .filter((one) => host === undefined || one.key === host)
    .flatMap((one) =>
      Object.entries(one.mailboxes)
        .filter(([user]) => sameMailbox(who, user))
        .flatMap(([, messages]) => messages.map(({ queueId }) => ({ host: one.key, queueId }))),
    );
}

const trackOf = ({ index }: Evidence, item: { host: string; queueId: string }): Track | undefined =>
  index.copies.get(copyKey(item.host, item.queueId))?.track;

export const holds = checkKind({
  key: 'holds',
  schema: keys('holds', {
    who: text('A person'),
    message: text('A message').meta({
      description:
        'A name, each (every message that was sent to this person), or all (copies counts the whole mailbox)',
    }),
    copies: count(0, 1_000_000, 'number of copies').optional().meta({ description: 'Left out: 1' }),
    ...inAll,
    host: text('A host').optional().meta({ description: 'Left out: on any host' }),
  }),
  refs: { hosts: ['host'], messages: ['message'], people: ['who'] },
  judge({ who, message, copies = 1, host, 'in-all': together = false }, evidence) {
    const items = contents(evidence, who, host);
    const where = host === undefined ? '' : ` on ${hostWord(host)}`;
    if (message === 'all') {
      return {
        name: `${who}'s mailbox${where} holds ${plural(copies, 'message')}`,
        passed: items.length === copies,
        expected: plural(copies, 'message'),
        measured: plural(items.length, 'message'),
      };
    }
    const byTrack = Map.groupBy(items, (item) => trackOf(evidence, item));
    const isFor = (track: Track): boolean =>
      track.copies.some((copy) => copy.rcpts.some((rcpt) => sameMailbox(who, rcpt.address)));
    const verdict = overGroups(evidence, message, together, (tracks) => {
      if (message === 'each' && !tracks.some(isFor))
        return { passed: true, measured: `${nameOf(tracks[0]!)} is not for ${who}` };
      const found = tracks.flatMap((track) => byTrack.get(track) ?? []);
      const places = [...new Set(found.map((item) => hostWord(item.host)))].join(' and ');
      return {
        passed: found.length === copies,
        // One too many can be deleted.
        missed: found.length < copies && tracks.every(isDone),
        measured: `${plural(found.length, 'copy', 'copies')}${places === '' ? '' : ` on ${places}`}`,
      };
    });
    const what = message === 'each' ? 'each message sent there' : message;
    const name =
      copies === 0
        ? `${who} does not have ${what}${where}`
        : `${who} has ${what} ${timesWord(copies)}${together ? ' in all' : ''}${where}`;
    return { name, expected: plural(copies, 'copy', 'copies'), ...verdict };
  },
});

export const receivesNothing = checkKind({
  key: 'receives-nothing',
  schema: keys('receives-nothing', { who: text('A person').optional(), host: text('A host').optional() }).refine(
    (given) => (given.who === undefined) !== (given.host === undefined),
    { error: 'receives-nothing takes one of the two: who: alice or host: b' },
  ),
  refs: { hosts: ['host'], people: ['who'] },
  judge({ who, host }, evidence) {
    if (who !== undefined) {
      const got = evidence.index.tracks
        .flatMap((track) => track.deliveries)
        .filter((delivery) => sameMailbox(who, delivery.user));
      return {
        name: `${localPart(who)} receives nothing`,
        passed: got.length === 0,
        missed: got.length > 0,
        expected: 'no message',
        measured: plural(got.length, 'message'),
      };
    }
    const taken = evidence.events.filter(
      (event) => event.kind === 'message-accept' && event.host === host && event.origin === 'smtp',
    );
    return {
      name: `${hostWord(host!)} is handed nothing`,
      passed: taken.length === 0,
      missed: taken.length > 0,
      expected: 'no message',
      measured: plural(taken.length, 'message'),
    };
  },
});
