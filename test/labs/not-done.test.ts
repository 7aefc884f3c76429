/** Steps that can't be done: each is told with its number and its reason, and a run that met one is not green unless its lab allows it. */
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { LabEvent } from '../../src/contract/events.ts';
import { labApi } from '../../src/engine/service.ts';
import { rowOf } from '../../src/renderer/lab/rows.ts';
import { command, temporary } from '../cli/command.ts';
import { playLab, startLab } from './play.ts';

const WORLD = `title: Steps that can't be done
shows: What the lab says of them.
clock: { start: 2026-03-02T09:00Z, seed: 1 }
networks: { office: 192.0.2.0/24 }
hosts:
  a: { name: a.theorganisation.test, address: 192.0.2.10, final: theorganisation.test, mailboxes: [alice], disk: 1MB }
  c: { name: c.elsewhere.test, address: 192.0.2.30, final: elsewhere.test, mailboxes: [carol] }
zones:
  theorganisation.test: |
    @ MX 10 a
    a A 192.0.2.10
`;
const SENT = `  - send: { name: minutes, from: carol@elsewhere.test, to: alice@theorganisation.test, size: 500KB }
  - pass: 1h
`;
const lab = (steps: string, checks = '') => ({ text: `${WORLD}script:\n${SENT}${steps}${checks}`, file: 'steps.yaml' });

const refusals = (events: readonly LabEvent[]): [number, string][] =>
  events.flatMap((event) => (event.kind === 'step-refuse' ? [[event.step, event.message]] : []));

/** The step, and what the lab says of it. */
const cases: [step: string, says: RegExp][] = [
  ['start: a', /^host a is up already/],
  [
    'hold: { host: c, message: minutes }',
    /^c has no message minutes in its queue: it never arrived there, or has already left$/,
  ],
  ['release: { host: c, message: minutes }', /^c has no message minutes in its queue/],
  ['retry: { host: c, message: minutes }', /^c has no message minutes in its queue/],
  ['delete: { host: c, message: minutes }', /^c has no message minutes in its queue/],
  ['dns-mend: theorganisation.test', /^the DNS has no fault for theorganisation\.test; there is none$/],
  [
    'fill-disk: { host: a, leave: 900KB }',
    /^a's disk has only 49\d\.\d KB besides its mail: 900\.0 KB can't be left free$/,
  ],
  // The clock has stood at the message's arrival since, so the file could not know.
  ['until: 2026-03-02T10:00Z', /^2026-03-02T10:00:00\.000Z has passed: it is 2026-03-02T10:00:0\d\.\d+Z by then/],
  ['jump: 2026-03-02T10:00Z', /^2026-03-02T10:00:00\.000Z has passed/],
];

it.each(cases)('%s', async (step, says) => {
  const { seen } = await playLab({ scenario: lab(`  - ${step}\n`) }, (played) => refusals(played.events()));
  expect(seen).toEqual([[3, expect.stringMatching(says)]]);
});

it('takes a fault away once', async () => {
  const steps = `  - fault: { id: gap, host: a, when: final-dot, then: cut }
  - clear-fault: gap
  - clear-fault: gap
`;
  const { seen } = await playLab({ scenario: lab(steps) }, (played) => refusals(played.events()));
  expect(seen).toEqual([[5, 'there is no fault gap any more; there is none']]);
});

it('hands a series in where it was begun, though the host has moved away meanwhile', async () => {
  const steps = `  - send: { name: many, count: 3, every: 10m, from: carol@elsewhere.test, to: alice@theorganisation.test }
  - set: { host: c, final: [], name: c.nowhere.test }
  - pass: 1h
`;
  const { seen } = await playLab(
    { scenario: lab(steps, 'checks:\n  - holds: { who: alice, message: many }\n') },
    (played) => ({
      refused: refusals(played.events()),
      taken: played.events().filter((event) => event.kind === 'submit-done').length,
    }),
  );
  expect(seen).toEqual({ refused: [], taken: 4 });
});

it('all of an empty queue is none, and no mistake', async () => {
  const { seen } = await playLab({ scenario: lab('  - hold: { host: c, message: all }\n') }, (played) =>
    refusals(played.events()),
  );
  expect(seen).toEqual([]);
});

it('has words in the list of events', async () => {
  const { seen } = await playLab({ scenario: lab('  - start: a\n  - start: a\n    may-fail: true\n') }, (played) =>
    played
      .events()
      .filter(({ kind }) => kind === 'step-refuse')
      .map((event) => rowOf(event)),
  );
  expect(seen).toMatchObject([
    {
      kind: 'Lab',
      meaning: 'failed',
      from: 'Script',
      text: 'Step 3 can’t be done: host a is up already: stop it first, or leave it',
    },
    {
      meaning: 'neutral',
      text: expect.stringMatching(/^Step 4 can’t be done, which its lab allows: host a is up/) as string,
    },
  ]);
});

it('ends a step of the guide with its number and the reason', async () => {
  const guide = `guide:
  - text: Send the minutes.
    do:
      - send: { name: minutes, from: carol@elsewhere.test, to: alice@theorganisation.test }
  - text: Hold all that waits, which is nothing, and then a message that nobody sent.
    do:
      - hold: { host: c, message: all }
      - hold: { host: c, message: minutes }
`;
  const { lab: opened, clock } = await startLab({
    scenario: { text: `${WORLD}${guide}`, file: 'guide.yaml' },
    script: false,
  });
  await expect(labApi(opened).doGuideStep(1)).rejects.toThrow(
    "step 2 of the guide can't be done: c has no message minutes in its queue",
  );
  await opened.close();
  await clock;
});

it('makes a run red, in all its forms, unless its lab allows it', async () => {
  const dir = temporary();
  const file = (name: string, steps: string): string => {
    const where = path.join(dir, name);
    fs.writeFileSync(where, lab(steps, 'checks:\n  - lost: 0\n').text);
    return where;
  };
  const red = file('red.yaml', '  - start: a\n');
  const junit = path.join(dir, 'red.xml');
  const plain = await command('run', red, '--junit', junit);
  expect(plain.code).toBe(1);
  expect(plain.stdout).toMatch(/ script {4}step 3 can't be done: host a is up already/);
  expect(plain.stdout).toMatch(/✗ Step 3 of the script \(line 15\) could not be done: host a is up already/);
  expect(plain.stdout).toMatch(/The only check holds\. 1 of 3 steps could not be done\./);
  expect(fs.readFileSync(junit, 'utf8')).toMatch(
    /tests="2" failures="1"[^]*name="Step 3 of the script, line 15, is done"/,
  );
  const verbose = await command('run', red, '--verbose');
  expect(verbose.stdout).toMatch(/ script {4}step 3 can't be done: host a is up already/);
  expect(verbose.stdout).not.toContain('step-refuse');
  const json = await command('run', red, '--json');
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({
    stepsNotDone: [{ step: 3, line: 15, message: expect.stringContaining('up already') as string, mayFail: false }],
  });
  const green = await command('run', file('green.yaml', '  - start: a\n    may-fail: true\n'));
  expect(green.code).toBe(0);
  expect(green.stdout).toMatch(
    /- Step 3 of the script \(line 15\) could not be done, which its lab allows: host a is up already/,
  );
});
