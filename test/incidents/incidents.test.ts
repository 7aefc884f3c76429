/**
 * What happened to real mail servers, as labs: each file says in its checks what the evidence showed, and all of them must hold.
 * A lab here is a test of the engine and of the checks alike; it teaches nothing, and does not come with the program.
 */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluateChecks } from '../../src/engine/scenario/index.ts';
import { playLab } from '../labs/play.ts';

const names = fs.readdirSync(import.meta.dirname).filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -5));

/** Labs whose checks do not all hold yet, and what is missing. One that holds has no place here. */
const RED: Record<string, string> = {
  'answer-as-it-was-said': 'a reply of a fault is given an enhanced code',
  'bounce-of-a-big-message': 'a report brings the whole message whatever its size',
  'known-users-own-network': "known users are skipped for clients of the relay's own network",
  'lone-messages': 'a connection is kept for a message that has nothing behind it',
  'many-recipients': 'there is no limit on the recipients of a transaction',
  'nobody-greets': 'the server hangs up before it has greeted',
  'primary-name-gone': 'a backup bounces mail when the name of the better MX is gone',
  'report-mixed': 'one report for each reply',
  'report-success': 'one report for each domain, and for local and relayed',
  'report-two-domains': 'one report for each domain',
  'suspended-expires': 'what is only suspended never expires',
  'two-sessions-an-attempt': 'every MX is asked in one try',
  'window-of-five': 'two dialogues at first',
};

/** What is not as the lab says. `edit` makes another world of it. */
async function redOf(name: string, edit = (text: string): string => text): Promise<string[]> {
  const file = path.join(import.meta.dirname, `${name}.yaml`);
  const { seen } = await playLab({ scenario: { text: edit(fs.readFileSync(file, 'utf8')), file } }, (lab) => ({
    results: evaluateChecks(lab.scenario, lab.events(), lab.state),
    undone: lab.events().flatMap((event) => (event.kind === 'step-refuse' && !event.allowed ? [`step ${event.step}: ${event.message}`] : [])),
  }));
  expect(seen.results.length, 'a lab without checks shows nothing').toBeGreaterThan(0);
  return [...seen.undone, ...seen.results.filter(({ passed }) => !passed).map(({ name: check, expected, measured }) => `${check}: expected ${expected}, measured ${measured}`)];
}

describe('incidents', () => {
  it.each(names.filter((name) => !(name in RED)))('%s', async (name) => {
    expect(await redOf(name)).toEqual([]);
  });

  const red = names.filter((name) => name in RED);
  if (red.length > 0) {
    it.each(red)('%s, which is not there yet', async (name) => {
      expect(await redOf(name), `${name} holds: take it off the list`).not.toEqual([]);
    });
  }

  /** Faults planted for the checks that no lesson has: another world, and what is measured there. */
  const planted: [check: string, name: string, from: string, to: string, red: RegExp][] = [
    ['transactions', 'many-recipients', 'mailboxes: any', 'mailboxes: any, recipients: 30', /of 50 recipients at the most, measured [4-9] transactions/],
    ['connections', 'lone-messages', '  - pass: 10s', '  - pass: 1m\n  - send: { name: more, from: carol@outside.test, to: u@far.test, count: 2, every: 1m }\n  - pass: 3m', /2 connections.*measured [34] connections/],
    ['dialogues-at-once', 'window-of-five', '  - { host: a, when: final-dot, then: { delay: 1s } }', '  - { host: a, when: final-dot, then: { delay: 1ms } }', /12 dialogues at once.*measured [1-5] dialogues? at the most/],
  ];
  it.each(planted)('%s is red in another world: %s', async (_check, name, from, to, red) => {
    const found = await redOf(name, (text) => {
      expect(text.split(from)).toHaveLength(2);
      return text.replace(from, to);
    });
    expect(found.join('\n')).toMatch(red);
  });

  it('names only labs that there are as not there yet', () => {
    expect(Object.keys(RED).filter((name) => !names.includes(name))).toEqual([]);
  });
});
