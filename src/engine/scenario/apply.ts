/** How far the script has come: changed here and nowhere else. */
import type { LabEvent } from '../../contract/events.ts';
import type { ScenarioState } from '../../contract/model.ts';

export function applyScenario(state: ScenarioState, event: LabEvent): void {
  switch (event.kind) {
    case 'lab-open':
      state.title = event.title;
      state.scripted = event.scripted;
      return;
    case 'lab-reopen':
      state.scripted = event.scripted;
      return;
    case 'step-begin':
      state.nextStep = event.step;
      state.nextStepAt = event.nextAt;
      return;
    case 'person-act':
      if (event.act.do === 'send') state.submitCount += event.act.messages.length;
      return;
    case 'submit-done':
    case 'submit-fail':
      if (event.name !== null) state.names[event.messageId] = event.name;
      return;
    case 'lab-end':
      state.ended = true;
      return;
  }
}
