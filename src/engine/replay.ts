/**
 * Plays the recorded inputs of a run again: what persons did, and what outside programs sent, each at the place
 * in the journal where it was. Everything else follows of itself (same seed, same story).
 *
 * The place of an input is the event before it, its instant, and how many turns the end of that instant had seen.
 */
import type { LabAct, LabEvent } from '../contract/events.ts';
import type { BodyRef, Instant } from '../contract/model.ts';

/** Where an input lies in the old journal; it is read when its turn has come, as it may be large. */
export interface RecordedInput {
  n: number;
  at: Instant;
  turn: number;
  /** Of its JSON. */
  body: BodyRef;
}

export interface Recording {
  inputs: RecordedInput[];
  /** Turns that the end of the first instant had seen. */
  turnBase: number;
  /** Bytes of the old journal. */
  read(ref: BodyRef): Buffer;
  /** True until the lab is where it is to go on from. So long, nothing but the recording moves its clock. */
  playing(): boolean;
}

export interface ReplayDeps {
  /** Number of the last event so far. */
  count(): number;
  perform(by: 'person' | 'script', act: LabAct): void;
  outside(event: LabEvent, read: (ref: BodyRef) => Buffer): void;
}

/** Is this event an input, and no consequence of others? */
export function isInput(event: LabEvent): boolean {
  if (event.kind === 'person-act') return event.by === 'person';
  return (
    event.kind === 'client-data' || event.kind === 'client-end' || ('outside' in event && event.outside !== undefined)
  );
}

export function createReplay({ inputs, read }: Pick<Recording, 'inputs' | 'read'>, deps: ReplayDeps) {
  let at = 0;
  const next = (): RecordedInput | null => inputs[at] ?? null;
  const isHere = ({ n }: RecordedInput): boolean => n === deps.count() + 1;

  const play = (input: RecordedInput): void => {
    const event = JSON.parse(read(input.body).toString()) as LabEvent;
    if (event.kind !== 'person-act') return deps.outside(event, read);
    try {
      deps.perform('person', event.act);
    } catch {
      // It failed the first time too, after it was written down.
    }
  };

  return {
    due(turn: number, now: Instant): boolean {
      const input = next();
      return input !== null && input.at <= now && input.turn === turn && isHere(input);
    },
    /** Inputs that came in one go, in one go. */
    run(): void {
      const first = next();
      for (let input = first; input !== null && input.at === first?.at && input.turn === first.turn; input = next()) {
        if (!isHere(input)) throw new Error(`event ${input.n}, an input, would be number ${deps.count() + 1}`);
        at += 1;
        play(input);
      }
    },
    nextAt: (): Instant | null => next()?.at ?? null,
  };
}
