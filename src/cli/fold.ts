/**
 * Folds a story: lines of a thread (one host, one message or one flood of them) that say again what was said are
 * counted, and told in one line when something new comes up: `… 135 more tries until Thu 08:43`.
 *
 * A reason that was told, gave way to another one and is back is told again; so is everything after a person's act.
 */
import type { Counted, StoryLine } from './story-line.ts';
import { dayTime, plural } from './words.ts';

interface Thread {
  /** What was said, and how often. */
  said: Map<string, number>;
  lastReason: string | null;
  folded: Map<NonNullable<Counted>, number>;
  firstAt: number;
  lastAt: number;
  actor: string;
  about: string;
}

/** A reason that keeps coming back in turns is told so often at most. */
const RETOLD_MAX = 3;

/** Other threads' folded lines wait for so many, or so long in virtual time, before they interrupt a story. */
const OTHERS_AFTER_LINES = 20;
const OTHERS_AFTER_MS = 30 * 60_000;

const WORDS: Record<NonNullable<Counted>, (count: number) => string> = {
  queued: (count) => `${count} more queued`,
  tries: (count) => plural(count, 'more try', 'more tries'),
  relayed: (count) => `${count} more relayed`,
  delivered: (count) => `${count} more in the mailbox`,
  bounced: (count) => `${count} more failed`,
  reported: (count) => plural(count, 'more report'),
  refused: (count) => plural(count, 'more refusal'),
  strikes: (count) => plural(count, 'more time', 'more times'),
};

export interface Folder {
  /** The lines to show now: those that were folded before it, if any, and the line itself. */
  take(line: StoryLine): StoryLine[];
  /** What is folded and not yet told. */
  rest(): StoryLine[];
}

export function createFolder(): Folder {
  const threads = new Map<string, Thread>();

  const isTold = (thread: Thread, line: StoryLine): boolean => {
    const times = thread.said.get(line.same) ?? 0;
    const isReason = line.counted === 'tries';
    const isBack = isReason && thread.lastReason !== line.same && times < RETOLD_MAX;
    if (isReason) thread.lastReason = line.same;
    if (times > 0 && !isBack) return true;
    thread.said.set(line.same, times + 1);
    return false;
  };

  const summary = (thread: Thread): StoryLine => {
    const counts = [...thread.folded].map(([counted, count]) => WORDS[counted](count)).join(', ');
    const text = `… ${thread.about}: ${counts}, until ${dayTime(thread.lastAt)}`;
    thread.folded.clear();
    return {
      at: thread.lastAt,
      actor: thread.actor,
      text,
      tone: 'quiet',
      thread: null,
      about: '',
      same: text,
      counted: null,
      news: false,
      folds: true,
    };
  };
  const rest = (isDue: (thread: Thread) => boolean = () => true): StoryLine[] =>
    [...threads.values()]
      .filter((thread) => thread.folded.size > 0 && isDue(thread))
      .sort((a, b) => a.lastAt - b.lastAt)
      .map(summary);
  /** Before a line, what its own thread folded is told, and what others did when it is much or long ago. */
  const before = (line: StoryLine): StoryLine[] =>
    rest(
      (thread) =>
        thread === threads.get(line.thread ?? '') ||
        line.at - thread.firstAt >= OTHERS_AFTER_MS ||
        [...thread.folded.values()].reduce((sum, count) => sum + count, 0) >= OTHERS_AFTER_LINES,
    );

  return {
    take(line) {
      if (line.news) {
        const folded = rest();
        threads.clear();
        return [...folded, line];
      }
      if (line.thread === null) return [...before(line), line];
      let thread = threads.get(line.thread);
      if (thread === undefined) {
        thread = {
          said: new Map(),
          lastReason: null,
          folded: new Map(),
          firstAt: line.at,
          lastAt: line.at,
          actor: line.actor,
          about: line.about,
        };
        threads.set(line.thread, thread);
      }
      if (!isTold(thread, line)) return [...before(line), line];
      if (line.counted !== null) {
        if (thread.folded.size === 0) thread.firstAt = line.at;
        thread.folded.set(line.counted, (thread.folded.get(line.counted) ?? 0) + 1);
        thread.lastAt = line.at;
      }
      return [];
    },
    rest: () => rest(),
  };
}
