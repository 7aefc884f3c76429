/** A check of many messages goes through the journal a few times, not once for each of them. Counted, not timed. */
import { expect, it } from 'vitest';
import { evidenceFrom } from '../../../src/engine/scenario/checks/evidence.ts';
import { judge, type CheckKey } from '../../../src/engine/scenario/checks/index.ts';
import { isEvidence } from '../../../src/engine/scenario/checks/kind.ts';
import { messageIndex } from '../../../src/engine/scenario/messages.ts';
import { noAnswer, scenarioWith, Story } from './story.ts';

const MESSAGES = 400;
const WALKS_MAX = 6;

/** C puts each of many messages off twice and tells carol; then A and alice get it. */
function manyMessages(): Story {
  const story = new Story();
  for (let i = 1; i <= MESSAGES; i += 1) {
    story
      .connect(`s${i}`, 'c', 'a')
      .accept('c', `C${i}`, `many-${i}`)
      .defer('c', `C${i}`, noAnswer)
      .defer('c', `C${i}`, noAnswer)
      .report('c', `C${i}`, 'delayed', `R${i}`);
    story
      .says('a', `s${i}`, '452 4.3.1 Full')
      .transact('c', `C${i}`, 'a')
      .accept('a', `A${i}`, `many-${i}`)
      .deliver('a', `A${i}`, 'alice')
      .relay('c', `C${i}`)
      .close(`s${i}`);
  }
  return story;
}

const CHECKS: Record<CheckKey, string> = {
  told: '{ who: carol, about: many, kind: delay, times: 1 }',
  'not-told': '{ who: carol, about: many, kind: failure }',
  holds: '{ who: alice, message: many, copies: 1 }',
  lost: '0',
  queue: '{ host: c, holds: many }',
  kept: '{ host: c, message: many, at-most: 1d }',
  'first-try': '{ host: c, tries: a, message: many }',
  route: '{ message: many, through: [c, a], at: 192.0.2.10 }',
  blocked: '{ from: c, to: a, times: 0 }',
  'refused-with': '{ host: a, to: c, code: 452 }',
  'status-in-report': '{ about: many, action: delayed, remote: a }',
  'receives-nothing': '{ host: b }',
  'disk-free-below': '{ host: b, bytes: 100KB }',
  'received-lines': '{ message: many, count: 2 }',
  attempts: '{ host: c, message: many, between: [2, 2] }',
  'attempt-fails': '{ host: c, message: many, with: timed out, times: 2 }',
  'delivered-within': '{ message: many, within: 1d }',
  transactions: '{ from: c, to: a, message: many, times: 400 }',
  'dialogues-at-once': '{ from: c, to: a, times: 1 }',
  connections: '{ from: c, to: a, times: 400 }',
};

const story = manyMessages();

it.each(Object.entries(CHECKS))('%s', (kind, words) => {
  const scenario = scenarioWith(`  - ${kind}: ${words}`);
  const events = story.events.filter(isEvidence);
  const index = messageIndex(story.events, story.state.scenario.names);
  let reads = 0;
  const counted = new Proxy(events, {
    get(target, key, receiver) {
      if (typeof key === 'string' && /^\d/.test(key)) reads += 1;
      return Reflect.get(target, key, receiver) as unknown;
    },
  });
  const copies = new Map(index.copies);
  copies.get = (key) => ((reads += 1), index.copies.get(key));
  const { measured } = judge(
    scenario.checks[0]!,
    evidenceFrom(scenario.hosts, counted, story.state, { ...index, copies }),
  );
  expect(measured).not.toContain('no server has taken');
  expect(reads / events.length).toBeLessThanOrEqual(WALKS_MAX);
});
