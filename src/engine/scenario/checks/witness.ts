/**
 * Judging over and over while a lab runs: each event is seen once, and those that checks look at are kept. What is kept
 * grows with messages, tries and connections; of what was said, with the refusals alone.
 */
import type { LabEvent } from '../../../contract/events.ts';
import type { LabState } from '../../../contract/model.ts';
import { messageIndexer } from '../messages.ts';
import { evidenceFrom, evidenceOf } from './evidence.ts';
import { judge, type Judged } from './index.ts';
import { isEvidence, type CheckResult, type EvidenceEvent } from './kind.ts';

export interface Witness {
  /** The number of the last event that it saw; 0 before the first. */
  readonly n: number;
  take(event: LabEvent): void;
  /** All checks of the lab, in the order of its file. `state` is that of a moment up to the last event seen. */
  judge(state: LabState): CheckResult[];
}

export function createWitness(judged: Judged): Witness {
  const kept: EvidenceEvent[] = [];
  const indexer = messageIndexer();
  let n = 0;
  return {
    get n() {
      return n;
    },
    take(event) {
      n = event.n;
      if (judged.checks.length === 0 || !isEvidence(event)) return;
      kept.push(event);
      indexer.take(event);
    },
    judge(state) {
      const evidence =
        state.n >= n
          ? evidenceFrom(judged.hosts, kept, state, indexer.index(state.scenario.names))
          : evidenceOf(judged.hosts, kept.slice(0, countUpTo(kept, state.n)), state);
      return judged.checks.map((check) => judge(check, evidence));
    },
  };
}

/** How many of these events came up to number `n`. */
function countUpTo(events: readonly EvidenceEvent[], n: number): number {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle] as EvidenceEvent).n <= n) low = middle + 1;
    else high = middle;
  }
  return low;
}
