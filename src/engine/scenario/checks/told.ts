/** `told` and `not-told`: did a person hear of a message, when, and how often? Counted at the mailbox, where a person looks. */
import { z } from 'zod';
import { listed } from '../names.ts';
import { count, duration, keys, oneOf, text } from '../schema-values.ts';
import type { ReportAction } from '../../../contract/why.ts';
import { reportsOf, sameMailbox, type Track } from '../messages.ts';
import { formatDuration } from '../units.ts';
import { inAll } from './bounds.ts';
import { checkKind, hostWord, isDone, overGroups, overTracks, timesWord, type Evidence, type Verdict } from './kind.ts';

export const KINDS = ['delay', 'failure', 'success'] as const;
type Kind = (typeof KINDS)[number];

const ACTIONS: Record<Kind, readonly ReportAction[]> = {
  delay: ['delayed'],
  failure: ['failed'],
  success: ['delivered', 'relayed'],
};
const WORDS: Record<Kind, string> = { delay: 'delay', failure: 'failure', success: 'delivery' };

interface News {
  sinceMs: number;
  kind: Kind;
  by: string;
}

/** The reports about a message that reached a person's mailbox, oldest first. */
export function newsFor(who: string, track: Track): News[] {
  return reportsOf(track)
    .flatMap((report) => (report.track?.deliveries ?? []).map((delivery) => ({ report, delivery })))
    .filter(
      ({ delivery, report }) => sameMailbox(who, delivery.user) && (!who.includes('@') || sameMailbox(who, report.to)),
    )
    .map(({ report, delivery }) => ({
      sinceMs: delivery.at - track.handedInAt,
      kind: KINDS.find((kind) => ACTIONS[kind].includes(report.action))!,
      by: report.host,
    }))
    .sort((a, b) => a.sinceMs - b.sinceMs);
}

export const told = checkKind({
  key: 'told',
  schema: keys('told', {
    who: text('A person'),
    about: text('A message'),
    kind: oneOf(KINDS, 'a kind of report'),
    by: text('A host').optional().meta({ description: 'The host whose report it is' }),
    between: z.tuple([duration, duration]).optional().meta({ description: 'Since the message was handed in' }),
    times: count(0, 1_000_000, 'number of times').optional().meta({ description: 'Left out: once or more' }),
    ...inAll,
  }),
  refs: { hosts: ['by'], messages: ['about'], people: ['who'] },
  judge(wanted, evidence) {
    const { who, about, kind, between, times, by, 'in-all': together = false } = wanted;
    const window =
      between === undefined
        ? ''
        : `, ${formatDuration(between[0])} to ${formatDuration(between[1])} after it was handed in`;
    const author = by === undefined ? '' : `, by ${hostWord(by)}`;
    const often = `${times === undefined ? 'at least once' : timesWord(times)}${together ? ' in all' : ''}`;
    const verdict = overGroups(evidence, about, together, (tracks) => {
      const news = tracks.flatMap((track) => newsFor(who, track));
      const heard = news.filter((one) => one.kind === kind && (by === undefined || one.by === by));
      const inTime = heard.filter(
        (one) => between === undefined || (one.sinceMs >= between[0] && one.sinceMs <= between[1]),
      );
      const enough = times === undefined ? heard.length > 0 : heard.length === times;
      const tooLate =
        between !== undefined && tracks.every((track) => evidence.state.now - track.handedInAt > between[1]);
      const missed =
        inTime.length < heard.length ||
        (times !== undefined && heard.length > times) ||
        tooLate ||
        tracks.every(isQuiet);
      return { passed: enough && inTime.length === heard.length, missed, measured: heardWords(news, who) };
    });
    return {
      name: `${who} is told of the ${WORDS[kind]} of ${about}${times === undefined ? '' : ` ${often}`}${author}`,
      expected: `${often}${window}${author}`,
      ...waitingWords(verdict, evidence, wanted),
    };
  },
});

export const notTold = checkKind({
  key: 'not-told',
  schema: keys('not-told', {
    who: text('A person'),
    about: text('A message'),
    kind: oneOf(KINDS, 'a kind of report').optional(),
  }),
  refs: { messages: ['about'], people: ['who'] },
  judge({ who, about, kind }, evidence) {
    const verdict = overTracks(evidence, about, (track) => {
      const news = newsFor(who, track).filter((one) => kind === undefined || one.kind === kind);
      return { passed: news.length === 0, missed: news.length > 0, measured: heardWords(news, who) };
    });
    const what = kind === undefined ? '' : ` of the ${WORDS[kind]}`;
    return { name: `${who} is not told${what} of ${about}`, expected: 'no report', ...verdict };
  },
});

/** Nothing happens to it any more, and no report about it is on its way. */
const isQuiet = (track: Track): boolean =>
  isDone(track) && reportsOf(track).every((report) => report.track !== null && isDone(report.track));

function heardWords(news: News[], who: string): string {
  if (news.length === 0) return `${who} heard nothing`;
  const shown = news
    .slice(0, 4)
    .map((one) => `of the ${WORDS[one.kind]} after ${formatDuration(one.sinceMs)}, from ${hostWord(one.by)}`);
  return `${who} heard ${listed(shown)}${news.length > 4 ? ` and ${news.length - 4} times more` : ''}`;
}

/** A check that isn't met yet says how long it has been waiting, so that one sees whether to wait on. */
function waitingWords(
  verdict: Verdict,
  evidence: Evidence,
  wanted: { about: string; between?: [number, number] | undefined },
): Verdict {
  const first = evidence.index.tracks.find((track) => track.name === wanted.about);
  if (verdict.passed || first === undefined || wanted.between === undefined) return verdict;
  const ageMs = evidence.state.now - first.handedInAt;
  return ageMs > wanted.between[1]
    ? verdict
    : { ...verdict, measured: `${verdict.measured}; ${wanted.about} is ${formatDuration(ageMs)} old` };
}
