/** `attempt-fails`: a host could not get rid of a message, for this reason, and after so long. Said in the words of the mail log. */
import type { LabEvent } from '../../../contract/events.ts';
import { wordsOf } from '../../../contract/why-words.ts';
import { duration, text } from '../schema-values.ts';
import { copiesOn, type Track } from '../messages.ts';
import { formatDuration } from '../units.ts';
import { counted, inAll, often, within } from './bounds.ts';
import { checkKind, hostWord, isDone, overGroups, timesWord, type Evidence } from './kind.ts';

interface Failure {
  words: string;
  /** Since the attempt began. */
  tookMs: number;
}

type Telling = LabEvent<'queue-try' | 'attempt-fail' | 'queue-defer' | 'queue-fail'>;
const TELLING = new Set<string>(['queue-try', 'attempt-fail', 'queue-defer', 'queue-fail'] satisfies Telling['kind'][]);

/**
 * Every reason for which this host put a message off or gave it up, in order: each server tried in vain, and what came of an attempt without
 * any: a look-up that failed, a loop, a destination taken for dead. The reason of a server's that becomes the attempt's own counts once, and
 * so does one that several recipients of an attempt share.
 */
function failuresOf(evidence: Evidence, host: string, tracks: readonly Track[]): Failure[] {
  const begun = new Map<string, number>();
  const counted = new Set<string>();
  return evidence.eventsOf(copiesOn(host, tracks)).flatMap((event): Failure[] => {
    if (!TELLING.has(event.kind)) return [];
    const telling = event as Telling;
    const attempt = `${telling.queueId} ${telling.attempt ?? telling.at}`;
    if (telling.kind === 'queue-try') {
      begun.set(attempt, telling.at);
      return [];
    }
    const words = wordsOf(telling.why);
    const key = `${attempt} ${words}`;
    if (telling.kind !== 'attempt-fail' && counted.has(key)) return [];
    counted.add(key);
    return [{ words, tookMs: telling.at - (begun.get(attempt) ?? telling.at) }];
  });
}

export const attemptFails = checkKind({
  key: 'attempt-fails',
  schema: counted('attempt-fails', {
    host: text('A host').meta({ description: 'The host that tries' }),
    message: text('A message'),
    with: text('A text').meta({ description: 'Part of what the mail log says, such as Connection refused' }),
    after: duration.optional().meta({ description: 'So long after the attempt began, or longer' }),
    ...inAll,
  }),
  refs: { hosts: ['host'], messages: ['message'] },
  judge({ host, message, with: words, after = 0, 'in-all': together = false, ...bounds }, evidence) {
    const wanted = within(0, bounds).expected;
    const verdict = overGroups(evidence, message, together, (tracks) => {
      const failures = failuresOf(evidence, host, tracks);
      const fitting = failures.filter(
        (one) => one.words.toLowerCase().includes(words.toLowerCase()) && one.tookMs >= after,
      );
      const judged = within(fitting.length, bounds);
      const shown = fitting[0] ?? failures[0];
      const found = fitting.length > 0 ? `${timesWord(fitting.length)}, the first time` : 'none like that; first';
      const measured =
        shown === undefined
          ? `${hostWord(host)} never failed with it`
          : `${found} after ${formatDuration(shown.tookMs)}: ${shown.words}`;
      return { passed: judged.passed, missed: judged.missed || tracks.every(isDone), measured };
    });
    const late = after === 0 ? '' : ` after ${formatDuration(after)} or more`;
    const name = `${hostWord(host)}'s try of ${message} ends with "${words}"${often(bounds)}${together ? ' in all' : ''}${late}`;
    return { name, expected: `${wanted}${together ? ' in all' : ''}${late}`, ...verdict };
  },
});
