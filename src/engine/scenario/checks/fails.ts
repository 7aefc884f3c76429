/** `attempt-fails`: a host tried in vain, for this reason, and after so long. Said in the words of the mail log. */
import type { LabEvent } from '../../../contract/events.ts';
import { wordsOf } from '../../../contract/why-words.ts';
import { duration, keys, text } from '../schema-values.ts';
import { copyKey, type Track } from '../messages.ts';
import { formatDuration } from '../units.ts';
import { bounds, within } from './bounds.ts';
import { checkKind, hostWord, isDone, overTracks, timesWord, type Evidence } from './kind.ts';

interface Failure {
  words: string;
  /** Since the attempt began. */
  tookMs: number;
}

/** Each server tried in vain for a message by this host, in order: an attempt may have more than one. */
function failuresOf(evidence: Evidence, host: string, track: Track): Failure[] {
  const own = new Set(track.copies.filter((copy) => copy.host === host).map((copy) => copyKey(host, copy.queueId)));
  const begun = new Map<string, number>();
  return evidence.events.flatMap((event: LabEvent) => {
    if ((event.kind !== 'queue-try' && event.kind !== 'attempt-fail') || !own.has(copyKey(event.host, event.queueId))) return [];
    if (event.kind === 'queue-try') begun.set(event.attempt, event.at);
    return event.kind === 'queue-try' ? [] : [{ words: wordsOf(event.why), tookMs: event.at - (begun.get(event.attempt) ?? event.at) }];
  });
}

export const attemptFails = checkKind({
  key: 'attempt-fails',
  schema: keys('attempt-fails', {
    host: text('A host').meta({ description: 'The host that tries' }),
    message: text('A message'),
    with: text('A text').meta({ description: 'Part of what the mail log says, such as Connection refused' }),
    after: duration.optional().meta({ description: 'So long after the attempt began, or longer' }),
    ...bounds,
  }),
  refs: { hosts: ['host'], messages: ['message'] },
  judge({ host, message, with: words, after = 0, times, 'at-least': least }, evidence) {
    let expected = '';
    const verdict = overTracks(evidence, message, (track) => {
      const failures = failuresOf(evidence, host, track);
      const fitting = failures.filter((one) => one.words.toLowerCase().includes(words.toLowerCase()) && one.tookMs >= after);
      const judged = within(fitting.length, times, least);
      expected = judged.expected;
      const shown = fitting[0] ?? failures[0];
      const often = fitting.length > 0 ? `${timesWord(fitting.length)}, the first time` : '';
      const measured =
        shown === undefined ? `${hostWord(host)} never failed with it` : `${often === '' ? 'first' : often} after ${formatDuration(shown.tookMs)}: ${shown.words}`;
      return { passed: judged.passed, missed: judged.missed || isDone(track), measured };
    });
    const late = after === 0 ? '' : ` after ${formatDuration(after)} or more`;
    const name = `${hostWord(host)}'s try of ${message} ends with "${words}"${late}`;
    return { name, expected: `${expected || 'once'}${late}`, ...verdict };
  },
});
