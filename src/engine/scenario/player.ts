/**
 * Plays a lab's script: each step when its time has come and the wires are quiet. What it has done is in the
 * state, so a lab that is opened again goes on with the next step.
 */
import type { LabAct, Told } from '../../contract/events.ts';
import { after } from '../../contract/instant.ts';
import type { LabState } from '../../contract/model.ts';
import type { Clock } from '../clock/index.ts';
import type { Scenario, Step } from './scenario.ts';
import { actsOf, pastWords } from './steps.ts';

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
    wake = clock.at(at, 'script', () => undefined, 'state');
  };

  const due = (): boolean => {
    const { nextStepAt, ended } = state().scenario;
    return !ended && (nextStepAt === null || nextStepAt <= clock.now()) && !deps.busy();
  };

  /** Carries a step out. What can't be done is told, and the story goes on, as it would for a person. */
  const take = (step: Step, number: number): void => {
    const refuse = (error: unknown): void =>
      deps.tell({
        kind: 'step-refuse',
        step: number,
        message: error instanceof Error ? error.message : String(error),
        allowed: step.mayFail,
      });
    const now = clock.now();
    let plan: ReturnType<typeof actsOf> = { acts: [], passMs: 0 };
    let trouble: unknown = null;
    try {
      plan = actsOf(step, scenario, { ...state(), now });
      trouble = pastWords(step, now);
    } catch (error) {
      trouble = error;
    }
    const nextAt = plan.passMs > 0 ? after(now, plan.passMs) : null;
    deps.tell({ kind: 'step-begin', step: number, nextAt });
    if (nextAt !== null) waitUntil(nextAt);
    if (trouble !== null) return refuse(trouble);
    for (const act of plan.acts) {
      try {
        deps.perform(act);
      } catch (error) {
        refuse(error);
      }
    }
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
      take(step, nextStep + 1);
      return true;
    },
  };
}
