import { expect, test, vi } from 'vitest';
import type { LabEvent, Told } from '../../../src/contract/events.ts';
import type { DeadDestination, HostState } from '../../../src/contract/model.ts';
import type { Why } from '../../../src/contract/why.ts';
import { createChance } from '../../../src/engine/clock/index.ts';
import { emptyHost } from '../../../src/engine/hosts.ts';
import { applyQueue } from '../../../src/engine/queue/apply.ts';
import { createDestinations } from '../../../src/engine/queue/destinations.ts';
import { createQueue } from '../../../src/engine/queue/index.ts';
import type { Job, Outcome } from '../../../src/engine/queue/job.ts';
import { defaultSettings } from '../../../src/engine/scenario/defaults.ts';

const WHY: Why = { kind: 'connect', peer: { name: 'b', address: '192.0.2.2', port: 25 }, problem: 'refused' };
const UNREACHABLE: Outcome = { delivered: [], failed: [], deferred: [{ rcpts: [0], why: WHY }], unreachable: true };
const job = (number: number): Job => ({
  host: 'c',
  queueId: `Q${number}`,
  attempt: `c/Q${number}/2`,
  domain: 'theorganisation.test',
  tryNumber: 2,
  rcpts: [0],
});

/** A queue for one destination; `end` ends the job that runs longest. `at` is the clock, ms. */
function queueFor(deadAfterFailures = 4) {
  const dead: Record<string, DeadDestination> = {};
  const running: Job[] = [];
  const seen = { tried: [] as string[], suspended: [] as string[], atOnceMax: 0 };
  const reuse: string[] = [];
  const clock = { at: 0 };
  const destinations = createDestinations({
    host: 'c',
    now: () => clock.at,
    state: () => ({ dead, settings: { connectionCountMax: 20, deadAfterFailures, deadForMs: 300_000 } }) as HostState,
    tell(event: Told) {
      if (event.kind === 'destination-fail') dead[event.domain] = event;
    },
    run(one, { takes, keeps }) {
      running.push(one);
      seen.tried.push(one.queueId);
      seen.atOnceMax = Math.max(seen.atOnceMax, running.length);
      reuse.push(`${one.queueId}${takes ? ' takes' : ''}${keeps ? ' keeps' : ''}`);
    },
    suspend: (one) => seen.suspended.push(one.queueId),
  });
  const end = (outcome: Outcome): void => {
    const one = running.shift() as Job;
    destinations.ended(one, outcome);
    destinations.pump(one.domain);
  };
  const add = (...numbers: number[]): void => numbers.forEach((number) => destinations.add(job(number)));
  return { seen, running, reuse, clock, add, end };
}

const DELIVERED: Outcome = { delivered: [], failed: [], deferred: [], unreachable: false };
const EIGHT = [1, 2, 3, 4, 5, 6, 7, 8];

test('of eight messages for a destination that is silent, five are under way before the first has failed', () => {
  const { seen, running, add, end } = queueFor();
  add(...EIGHT);
  while (running.length > 0) end(UNREACHABLE);
  expect(seen).toEqual({ tried: ['Q1', 'Q2', 'Q3', 'Q4', 'Q5'], suspended: ['Q6', 'Q7', 'Q8'], atOnceMax: 5 });
});

test('of eight for one that refuses before the next is taken up, four are tried', () => {
  const { seen, running, add, end } = queueFor();
  for (const number of EIGHT) {
    add(number);
    if (number > 1 && running.length > 0) end(UNREACHABLE);
  }
  expect(seen).toEqual({ tried: ['Q1', 'Q2', 'Q3', 'Q4'], suspended: ['Q5', 'Q6', 'Q7', 'Q8'], atOnceMax: 2 });
});

test('a success in between takes back what was held against it, and lets one more in', () => {
  const { seen, running, add, end } = queueFor();
  add(...EIGHT, 9, 10);
  for (const outcome of [UNREACHABLE, UNREACHABLE, DELIVERED]) end(outcome);
  expect(running).toHaveLength(4);
  while (running.length > 0) end(UNREACHABLE);
  expect(seen.suspended).toEqual(['Q8', 'Q9', 'Q10']);
});

test('each success lets one more dialogue be open', () => {
  const { seen, running, add, end } = queueFor();
  add(...Array.from({ length: 20 }, (_, place) => place + 1));
  expect(running).toHaveLength(5);
  end(DELIVERED);
  expect(running).toHaveLength(6);
  end(DELIVERED);
  expect(running).toHaveLength(7);
  expect(seen.atOnceMax).toBe(7);
});

test('connections are kept while one job follows on the heels of another, used up afterwards, and never for a lone message', () => {
  const { running, reuse, clock, add, end } = queueFor();
  add(1, 2, 3, 4, 5, 6, 7);
  end(DELIVERED); // 6 and 7 begin
  while (running.length > 1) end(DELIVERED);
  clock.at = 5_000;
  add(8); // long after the last one ended, but 7 is still open
  end(DELIVERED);
  end(DELIVERED);
  clock.at = 6_000;
  add(9);
  expect(reuse).toEqual(['Q1', 'Q2', 'Q3', 'Q4', 'Q5', 'Q6 takes keeps', 'Q7 takes keeps', 'Q8 takes keeps', 'Q9']);
});

test('a message that is deleted in the middle of a round is forgotten', async () => {
  const host = emptyHost('c', defaultSettings('c.elsewhere.test', ['203.0.113.30'], 'internet', '203.0.113.0/24'), 0);
  const hung: ((outcome: Outcome) => void)[] = [];
  const queue = createQueue({
    host: 'c',
    state: () => host,
    clock: { now: () => 0, at: () => () => undefined },
    chance: createChance(1),
    tell: (event) => applyQueue(host, { ...event, n: 1, at: 0 } as LabEvent),
    keep: ({ length: size }) => ({ offset: 0, size }),
    mailFor: () => 'm1',
    deliver: (one) =>
      one.domain === 'one.test' ? Promise.resolve(UNREACHABLE) : new Promise((resolve) => hung.push(resolve)),
    deliverHere: () => ({ reply: { code: 250, enhanced: '2.0.0', lines: ['Ok'] } }),
    report: () => ({ report: null, silent: [] }),
  } as Parameters<typeof createQueue>[0]);
  const queueId = queue.nextQueueId();
  // Where it is remembered shows nowhere else.
  const holders: Set<unknown>[] = [];
  const original = Set.prototype.add;
  const added = vi.spyOn(Set.prototype, 'add').mockImplementation(function add(this: Set<unknown>, value: unknown) {
    if (value === queueId) holders.push(this);
    return original.call(this, value);
  });
  queue.accept({
    queueId,
    session: null,
    origin: 'smtp',
    envelope: { sender: 'carol@elsewhere.test', ret: null, envid: null, eightBit: false, smtpUtf8: false },
    rcpts: ['x@one.test', 'x@two.test'].map((address) => ({ address, notify: null, orcpt: null })),
    bytes: Buffer.from('x'),
    messageId: '',
    subject: '',
  });
  queue.kick(queueId);
  await new Promise(setImmediate);
  added.mockRestore();
  expect(holders.filter((one) => one.has(queueId))).not.toEqual([]);
  queue.remove(queueId);
  hung[0]!({ delivered: [], failed: [], deferred: [{ rcpts: [1], why: WHY }], unreachable: false });
  await new Promise(setImmediate);
  expect(holders.filter((one) => one.has(queueId))).toEqual([]);
});
