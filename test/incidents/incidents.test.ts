/**
 * What happened to real mail servers, as labs: each file says in its checks what the evidence showed, and all of them must hold.
 * A lab here is a test of the engine and of the checks alike; it teaches nothing, and does not come with the program.
 */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluateChecks } from '../../src/engine/scenario/index.ts';
import { playLab } from '../labs/play.ts';

const names = fs
  .readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -5));

/** What is not as the lab says. `edit` makes another world of it. */
async function redOf(name: string, edit = (text: string): string => text): Promise<string[]> {
  const file = path.join(import.meta.dirname, `${name}.yaml`);
  const { seen } = await playLab({ scenario: { text: edit(fs.readFileSync(file, 'utf8')), file } }, (lab) => ({
    results: evaluateChecks(lab.scenario, lab.events(), lab.state),
    undone: lab
      .events()
      .flatMap((event) =>
        event.kind === 'step-refuse' && !event.allowed ? [`step ${event.step}: ${event.message}`] : [],
      ),
  }));
  expect(seen.results.length, 'a lab without checks shows nothing').toBeGreaterThan(0);
  return [
    ...seen.undone,
    ...seen.results
      .filter(({ passed }) => !passed)
      .map(({ name: check, expected, measured }) => `${check}: expected ${expected}, measured ${measured}`),
  ];
}

describe('incidents', () => {
  it.each(names)('%s', async (name) => {
    expect(await redOf(name)).toEqual([]);
  });

  /** Faults planted for the checks that no lesson has: another world, and what is measured there. */
  const planted: [check: string, name: string, from: string, to: string, red: RegExp][] = [
    [
      'transactions',
      'many-recipients',
      'mailboxes: any',
      'mailboxes: any, recipients: 30',
      /of 50 recipients at the most, measured [4-9] transactions/,
    ],
    [
      'connections',
      'lone-messages',
      '  - pass: 10s',
      '  - pass: 1m\n  - send: { name: more, from: carol@outside.test, to: u@far.test, count: 2, every: 1m }\n  - pass: 3m',
      /2 connections.*measured [34] connections/,
    ],
    [
      'dialogues-at-once',
      'window-of-five',
      '  - { host: a, when: final-dot, then: { delay: 1s } }',
      '  - { host: a, when: final-dot, then: { delay: 1ms } }',
      /10 dialogues at once.*measured [1-9] dialogues? at the most/,
    ],
  ];
  it.each(planted)('%s is red in another world: %s', async (_check, name, from, to, red) => {
    const found = await redOf(name, (text) => {
      expect(text.split(from)).toHaveLength(2);
      return text.replace(from, to);
    });
    expect(found.join('\n')).toMatch(red);
  });
});
