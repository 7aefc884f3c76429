import { expect, test } from 'vitest';
import type { Told } from '../../../src/contract/events.ts';
import type { DeadDestination, HostState } from '../../../src/contract/model.ts';
import type { Why } from '../../../src/contract/why.ts';
import { createDestinations } from '../../../src/engine/queue/destinations.ts';
import type { Job, Outcome } from '../../../src/engine/queue/job.ts';

const WHY: Why = { kind: 'connect', peer: { name: 'b', address: '192.0.2.2', port: 25 }, problem: 'refused' };
const UNREACHABLE: Outcome = { delivered: [], failed: [], deferred: [{ rcpts: [0], why: WHY }], unreachable: true };
const job = (number: number): Job => ({ host: 'c', queueId: `Q${number}`, attempt: `c/Q${number}/2`, domain: 'theorganisation.test', rcpts: [0] });

/** A queue of eight for one destination; `end` ends the job that runs longest. */
function eight(deadAfterFailures: number) {
  const dead: Record<string, DeadDestination> = {};
  const running: Job[] = [];
  const seen = { tried: [] as string[], suspended: [] as string[], atOnceMax: 0 };
  const destinations = createDestinations({
    host: 'c', now: () => 0, state: () => ({ dead, settings: { connectionCountMax: 20, deadAfterFailures, deadForMs: 300_000 } }) as HostState,
    tell(event: Told) {
      if (event.kind === 'destination-fail') dead[event.domain] = event;
    },
    run(one) {
      running.push(one);
      seen.tried.push(one.queueId);
      seen.atOnceMax = Math.max(seen.atOnceMax, running.length);
    },
    suspend: (one) => seen.suspended.push(one.queueId),
  });
  for (let number = 1; number <= 8; number += 1) destinations.add(job(number));
  const end = (outcome: Outcome): void => {
    const one = running.shift() as Job;
    destinations.ended(one, outcome);
    destinations.pump(one.domain);
  };
  return { seen, running, end };
}

test('of eight messages for a destination that nobody answers at, four are tried, two at once', () => {
  const { seen, running, end } = eight(4);
  while (running.length > 0) end(UNREACHABLE);
  expect(seen).toEqual({ tried: ['Q1', 'Q2', 'Q3', 'Q4'], suspended: ['Q5', 'Q6', 'Q7', 'Q8'], atOnceMax: 2 });
});

test('a success in between takes back what was held against it', () => {
  const { seen, running, end } = eight(4);
  const delivered: Outcome = { delivered: [], failed: [], deferred: [], unreachable: false };
  for (const outcome of [UNREACHABLE, UNREACHABLE, delivered]) end(outcome);
  while (running.length > 0) end(UNREACHABLE);
  expect(seen.tried).toEqual(['Q1', 'Q2', 'Q3', 'Q4', 'Q5', 'Q6', 'Q7']);
  expect(seen.suspended).toEqual(['Q8']);
});
