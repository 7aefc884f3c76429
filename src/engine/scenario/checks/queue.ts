/** `queue`: what a host's queue holds, and held. `kept`: how long a message lay in one. */
import type { LabEvent } from '../../../contract/events.ts';
import { count, duration, flag, keys, text } from '../schema-values.ts';
import { nameOf, tracksNamed } from '../messages.ts';
import { formatDuration } from '../units.ts';
import type { Evidence } from './kind.ts';
import { checkKind, hostWord, isDone, overTracks, plural } from './kind.ts';

/** The greatest number of messages that lay in a queue at once. */
function peakOf(events: readonly LabEvent[], host: string): number {
  let [now, peak] = [0, 0];
  for (const event of events) {
    if (event.kind === 'message-accept' && event.host === host) now += 1;
    else if (event.kind === 'queue-remove' && event.host === host) now -= 1;
    peak = Math.max(peak, now);
  }
  return peak;
}

export const queue = checkKind({
  key: 'queue',
  schema: keys('queue', {
    host: text('A host'),
    empty: flag.optional().meta({ description: 'Empty now (true), or not (false)' }),
    holds: text('A message').optional().meta({ description: 'This message waits there now' }),
    max: count(0, 1_000_000, 'number of messages').optional().meta({ description: 'At no moment more than this' }),
    peak: count(1, 1_000_000, 'number of messages')
      .optional()
      .meta({ description: 'At some moment this many or more' }),
  }).refine(
    (given) => [given.empty, given.holds, given.max, given.peak].filter((one) => one !== undefined).length === 1,
    {
      error: 'queue takes one of empty: true, holds: MESSAGE, max: 10 and peak: 10 beside its host',
    },
  ),
  refs: { hosts: ['host'], messages: ['holds'] },
  judge({ host, empty, holds, max, peak }, evidence) {
    const now = Object.keys(evidence.state.hosts[host]?.queue ?? {}).length;
    const whose = `${hostWord(host)}'s queue`;
    if (empty !== undefined) {
      return {
        name: `${whose} is ${empty ? '' : 'not '}empty`,
        passed: (now === 0) === empty,
        expected: empty ? 'no message' : 'a message or more',
        measured: `${plural(now, 'message')}${now === 0 ? '' : `: ${sample(evidence, host)}`}`,
      };
    }
    if (holds !== undefined) {
      const verdict = overTracks(evidence, holds, (track) => {
        const waits = track.copies.some(
          (copy) => copy.host === host && evidence.state.hosts[host]?.queue[copy.queueId] !== undefined,
        );
        return { passed: waits, missed: isDone(track), measured: waits ? 'it waits there' : 'it is not there' };
      });
      return { name: `${holds} waits in ${whose}`, expected: 'it waits there', ...verdict };
    }
    const found = peakOf(evidence.events, host);
    const measured = `${found} at the most, ${now} now`;
    if (max !== undefined)
      return {
        name: `${whose} never holds more than ${max}`,
        passed: found <= max,
        missed: found > max,
        expected: `${max} at the most`,
        measured,
      };
    return { name: `${whose} grows to ${peak} or more`, passed: found >= peak!, expected: `${peak} or more`, measured };
  },
});

function sample(evidence: Evidence, host: string): string {
  const ids = Object.keys(evidence.state.hosts[host]?.queue ?? {});
  const names = ids.slice(0, 3).map((id) => {
    const copy = evidence.index.copies.get(`${host}/${id}`);
    return copy === undefined ? id : copy.track.isReport ? 'a report' : nameOf(copy.track);
  });
  return names.join(', ') + (ids.length > 3 ? ' ...' : '');
}

export const kept = checkKind({
  key: 'kept',
  schema: keys('kept', {
    host: text('A host'),
    message: text('A message'),
    'at-least': duration.optional(),
    'at-most': duration.optional(),
  }).refine((given) => given['at-least'] !== undefined || given['at-most'] !== undefined, {
    error: 'kept takes at-least: 2d, at-most: 5m, or both',
  }),
  refs: { hosts: ['host'], messages: ['message'] },
  judge({ host, message, 'at-least': least, 'at-most': most }, evidence) {
    const bounds = [
      least === undefined ? '' : `at least ${formatDuration(least)}`,
      most === undefined ? '' : `at most ${formatDuration(most)}`,
    ];
    const expected = bounds.filter((bound) => bound !== '').join(', ');
    const verdict = overTracks(evidence, message, (track) => {
      const copies = track.copies.filter((copy) => copy.host === host);
      if (copies.length === 0)
        return { passed: false, missed: isDone(track), measured: `${hostWord(host)} never had it` };
      const keptMs = Math.max(...copies.map((copy) => (copy.removedAt ?? evidence.state.now) - copy.acceptedAt));
      const isThere = copies.some((copy) => copy.removedAt === null);
      // Still there: a least time may be met already, a most time must not be judged met before it is over.
      const passed = (least === undefined || keptMs >= least) && (most === undefined || keptMs <= most);
      const missed = isDone(track) || (most !== undefined && keptMs > most);
      return { passed, missed, measured: `${formatDuration(keptMs)}${isThere ? ', and it is still there' : ''}` };
    });
    const what = tracksNamed(evidence.index, message).length > 1 ? `each ${message}` : message;
    return { name: `${hostWord(host)} keeps ${what} ${expected}`, expected, ...verdict };
  },
});
