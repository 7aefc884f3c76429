/**
 * Plays the recorded inputs of a run again: what persons did, and what outside programs sent, each at the place
 * in the journal where it was. Everything else follows of itself (same seed, same story).
 */
import type { LabAct, LabEvent } from '../contract/events.ts';
import type { BodyRef, Instant } from '../contract/model.ts';

export interface ReplayDeps {
  /** Number of the last event so far. */
  count(): number;
  perform(by: 'person' | 'script', act: LabAct): void;
  outside(event: LabEvent, read: (ref: BodyRef) => Buffer): void;
}

/** Is this event an input, and no consequence of others? */
export function isInput(event: LabEvent): boolean {
  if (event.kind === 'person-act') return event.by === 'person';
  return event.kind === 'client-data' || event.kind === 'client-end' || ('outside' in event && event.outside !== undefined);
}

export function createReplay({ inputs, read }: { inputs: LabEvent[]; read(ref: BodyRef): Buffer }, deps: ReplayDeps) {
  let at = 0;
  const next = (): LabEvent | null => inputs[at] ?? null;
  const isDue = (turn: number, now: Instant): boolean => {
    const input = next();
    return input !== null && input.at <= now && input.turn === turn;
  };
  return {
    due: isDue,
    /** Inputs that came in one go, in one go. */
    run(): void {
      const turn = next()?.turn;
      for (let input = next(); input !== null && input.turn === turn; input = next()) {
        if (input.n !== deps.count() + 1) throw new Error(`this run can't be repeated from its journal: event ${input.n} (${input.kind}) would be number ${deps.count() + 1}`);
        at += 1;
        if (input.kind !== 'person-act') {
          deps.outside(input, read);
          continue;
        }
        try {
          deps.perform('person', input.act);
        } catch {
          // It failed the first time too, after it was written down.
        }
      }
    },
    nextAt: (): Instant | null => next()?.at ?? null,
  };
}
