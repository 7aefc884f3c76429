/**
 * Plays a lab's script: each step when its time has come and the wires are quiet. What it has done is in the
 * state, so a lab that is opened again goes on with the next step.
 */
import type { LabAct, Told } from '../../contract/events.ts';
import type { LabState } from '../../contract/model.ts';
import type { Clock } from '../clock/index.ts';
import type { Scenario } from './scenario.ts';
import { actsOf } from './steps.ts';

export interface PlayerDeps {
  scenario: Scenario;
  clock: Clock;
  state(): LabState;
  tell(event: Told): void;
  perform(act: LabAct): void;
  /** Something is on its way between hosts, or being handed in: the next step waits. */
  busy(): boolean;
  ended(): void;
}

export function createPlayer(deps: PlayerDeps) {
  const { scenario, clock, state } = deps;
  let wake: (() => void) | null = null;

  const waitUntil = (at: number): void => {
    wake?.();
    wake = clock.at(at, 'script', () => undefined);
  };

  const due = (): boolean => {
    const { nextStepAt, ended } = state().scenario;
    return !ended && (nextStepAt === null || nextStepAt <= clock.now()) && !deps.busy();
  };

  return {
    /** There is a step to take at this instant, when all is quiet. */
    due,
    /** A lab that was opened again waits for the time of its next step. */
    resume(): void {
      const { nextStepAt, ended } = state().scenario;
      if (!ended && nextStepAt !== null) waitUntil(nextStepAt);
    },
    /** All is quiet at this instant. True if a step was taken. */
    settled(): boolean {
      if (!due()) return false;
      const { nextStep } = state().scenario;
      const step = scenario.script[nextStep];
      if (step === undefined) {
        deps.tell({ kind: 'lab-end' });
        deps.ended();
        return true;
      }
      const { acts, passMs } = actsOf(step, scenario, { ...state(), now: clock.now() });
      const nextAt = passMs > 0 ? clock.now() + passMs : null;
      deps.tell({ kind: 'step-begin', index: nextStep, nextAt });
      if (nextAt !== null) waitUntil(nextAt);
      for (const act of acts) {
        try {
          deps.perform(act);
        } catch (error) {
          // The story goes on, as it would for a person; the list of events says what was not done, and why.
          deps.tell({ kind: 'step-refuse', index: nextStep, message: error instanceof Error ? error.message : String(error) });
        }
      }
      return true;
    },
  };
}
