/** A line of the story, before it is printed. */
import type { LabEvent } from '../contract/events.ts';
import type { Instant, LabState } from '../contract/model.ts';
import type { MailNames } from './names.ts';
import type { Tone } from './screen.ts';

/** What a folded line counts as: `12 more tries`. null: a detail of a try, not counted. */
export type Counted =
  'queued' | 'tries' | 'relayed' | 'delivered' | 'bounced' | 'reported' | 'refused' | 'strikes' | null;

export interface StoryLine {
  at: Instant;
  /** Who does it: `A`, `firewall`, `script`. */
  actor: string;
  text: string;
  tone: Tone;
  /** Lines of one thread that say the same may be folded; null: always shown. */
  thread: string | null;
  /** What a thread is called. */
  about: string;
  /** Equal in two lines that differ in ids, sizes and times only. */
  same: string;
  counted: Counted;
  /** The world was changed: what comes now is news again. */
  news: boolean;
  /** Stands for lines that were folded; its instant is that of the last one. */
  folds: boolean;
}

/** What a teller knows when it looks for words. */
export interface Context {
  state: LabState;
  names: MailNames;
}

/** A line that is always shown. */
export function plain(event: LabEvent, actor: string, text: string): StoryLine {
  return {
    at: event.at,
    actor,
    text,
    tone: 'plain',
    thread: null,
    about: '',
    same: text,
    counted: null,
    news: false,
    folds: false,
  };
}
