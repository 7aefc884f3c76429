/**
 * The story of a lab, a line per event that matters: from a journal event to words that a sysadmin reads as a mail log.
 *
 * A teller is fed every event after it was folded into the state, and answers with a line, or null for what is
 * only worth telling when all is told (verbose). It remembers names of messages, no more.
 */
import type { LabEvent } from '../contract/events.ts';
import type { LabState } from '../contract/model.ts';
import { createNames } from './names.ts';
import { plain, type StoryLine } from './story-line.ts';
import { everyWord } from './story-rest.ts';
import { storyOf } from './story-told.ts';

export interface Teller {
  tell(event: LabEvent): StoryLine[];
}

/** `past`: events of a lab that is opened again; nothing is told of them, but names come from there. */
export function createTeller(state: LabState, options: { verbose: boolean; past: readonly LabEvent[] }): Teller {
  const names = createNames(state);
  for (const event of options.past) names.note(event);
  return {
    tell(event) {
      names.note(event);
      const line = storyOf(event, { state, names });
      if (options.verbose) return [line ?? { ...plain(event, ...everyWord(event, state)), tone: 'quiet' }];
      return line === null ? [] : [line];
    },
  };
}
