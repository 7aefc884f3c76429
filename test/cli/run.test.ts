import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { command, ROOT, STACK, start, temporary } from './command.ts';

const resultShape = z.strictObject({
  lab: z.string(),
  seed: z.int(),
  version: z.string(),
  virtualSeconds: z.number(),
  wallSeconds: z.number(),
  stepsNotDone: z.array(z.unknown()).length(0),
  checks: z.array(
    z.strictObject({ name: z.string(), passed: z.boolean(), expected: z.string(), measured: z.string() }),
  ),
  messages: z.array(
    z.strictObject({
      id: z.string(),
      from: z.string(),
      size: z.int(),
      recipients: z.array(
        z.strictObject({
          address: z.string(),
          fate: z.enum(['delivered', 'bounced', 'waiting', 'discarded', 'refused']),
          host: z.string(),
          at: z.iso.datetime(),
          copies: z.int(),
          reason: z.string().nullable(),
          status: z.string().nullable(),
          code: z.int().nullable(),
        }),
      ),
    }),
  ),
  hosts: z.array(
    z.strictObject({ name: z.string(), queue: z.int(), mailboxes: z.record(z.string(), z.int()), diskBytes: z.int() }),
  ),
});

describe('mail-lab run', () => {
  it('tells the story of a lab in lines, and its checks with ticks', async () => {
    const { code, stdout, stderr } = await command('run', 'relay-through-firewall');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const story = stdout
      .split('\n')
      .filter((line) => /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d:/.test(line))
      .map((line) => line.slice('Mon 09:00:00.000  '.length));
    expect(story).toContain('firewall  drops C → A port 25 (rule 3: drop any -> office port 25)');
    expect(story).toContain('C         DNS: MX theorganisation.test? 1 a, 2 b');
    expect(story).toContain('B         DNS: MX theorganisation.test? 1 a, 2 b; leaves out b: this host itself');
    expect(stdout).toMatch(/C {9}minutes relayed to B: 250 2\.0\.0 Ok: queued as [0-9A-F]+/);
    expect(stdout).toMatch(/A {9}alice's mailbox has minutes: "Minutes of the meeting"/);
    expect(stdout).toMatch(/✓ minutes goes C → B → A/);
    expect(stdout).not.toContain('✗');
    expect(stdout).not.toContain('\u001b');
  });

  it('folds hundreds of equal tries into a line', async () => {
    const { stdout, code } = await command('run', 'one-mx-expires');
    expect(code).toBe(0);
    expect(stdout).toMatch(/… minutes: 8 more tries, until Mon 13:04\n.*tells carol of the delay of minutes/);
    expect(stdout).toMatch(
      /… minutes: 3\d\d more tries, until Mon 0[89]:\d\d\n\nMon 9 March 2026\n.*minutes given up after 7 d/,
    );
    expect(stdout.split('\n').length).toBeLessThan(30);
  });

  it('tells every event when it is asked to', async () => {
    const { stdout } = await command('run', 'relay-through-firewall', '--verbose');
    expect(stdout).toMatch(/s3 → EHLO c\.elsewhere\.test/);
    expect(stdout).toMatch(/s3 ← 250-PIPELINING/);
    expect(stdout).not.toMatch(/undefined|\[object/);
  });

  it('prints one JSON object and nothing else', async () => {
    const { code, stdout, stderr } = await command('run', 'relay-through-firewall', '--json', '--seed', '11');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const result = resultShape.parse(JSON.parse(stdout));
    expect(result).toMatchObject({
      lab: 'relay-through-firewall',
      seed: 11,
      hosts: [
        { name: 'a.theorganisation.test', queue: 0, mailboxes: { alice: 1 } },
        { mailboxes: {} },
        { mailboxes: {} },
      ],
    });
    expect(result.messages).toMatchObject([
      {
        id: 'minutes',
        from: 'carol@elsewhere.test',
        recipients: [{ address: 'alice@theorganisation.test', fate: 'delivered', host: 'a', copies: 1 }],
      },
    ]);
    expect(result.virtualSeconds).toBeGreaterThan(300);
    expect(result.checks.every((check) => check.passed)).toBe(true);
  });

  it('stops where it is told to, and ends with 1 when checks do not hold', async () => {
    const junit = path.join(temporary(), 'checks.xml');
    const { code, stdout } = await command('run', 'one-mx-waits', '--until', '1d', '--json', '--junit', junit);
    expect(code).toBe(1);
    const result = resultShape.parse(JSON.parse(stdout));
    expect(result.virtualSeconds).toBe(86_400);
    expect(result.messages[0]?.recipients[0]).toMatchObject({ fate: 'waiting', host: 'c', copies: 0 });
    const failures = result.checks.filter((check) => !check.passed).length;
    const xml = fs.readFileSync(junit, 'utf8');
    expect(xml).toContain(`<testsuite name="one-mx-waits" tests="${result.checks.length}" failures="${failures}"`);
    expect(xml.match(/<failure /g)).toHaveLength(failures);
    expect(xml).toContain('repeat with: mail-lab run one-mx-waits --seed 4');
    const told = await command('run', 'one-mx-waits', '--until', '2026-03-03T09:00Z');
    expect(told.stdout).toMatch(/✗ alice has minutes once\n {4}expected {2}1 copy\n {4}measured {2}0 copies/);
  });

  it('writes the same journal for the same seed, event by event', async () => {
    const dir = temporary();
    for (const name of ['one', 'two'])
      expect((await command('run', 'relay-through-firewall', '--journal', path.join(dir, name))).code).toBe(0);
    const text = fs.readFileSync(path.join(dir, 'one'), 'utf8');
    expect(fs.readFileSync(path.join(dir, 'two'), 'utf8')).toBe(text);
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { n: number; kind: string });
    expect(events.map(({ n }) => n)).toEqual(events.map((_, index) => index + 1));
    expect(events[0]?.kind).toBe('lab-open');
    expect(events.at(-1)?.kind).toBe('lab-end');
  });

  it('goes on with the lab that a folder holds, and says so', async () => {
    const dir = path.join(temporary(), 'new/lab');
    expect((await command('run', 'one-mx-waits', '--dir', dir, '--until', '1d')).code).toBe(1);
    const other = await command('run', 'relay-through-firewall', '--dir', dir);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain('holds the lab one-mx-waits, not relay-through-firewall');
    const rest = await command('run', '--dir', dir, '--seed', '99');
    expect(rest.code).toBe(0);
    expect(rest.stderr).toMatch(
      /holds a lab already: one-mx-waits, at Tue 3 March 2026 08:\d\d\. Going on with it\. Its seed stays 4/,
    );
    expect(rest.stdout).toMatch(/minutes relayed to A/);
    expect(fs.readdirSync(path.join(dir, 'mail/a/alice/new'))).toHaveLength(1);
  });

  it('plays at a pace', async () => {
    const { code, stdout } = await command('run', 'relay-through-firewall', '--pace', '600', '--json');
    expect(code).toBe(0);
    expect(resultShape.parse(JSON.parse(stdout)).wallSeconds).toBeGreaterThan(0.4);
  });

  it('ends quietly when its reader leaves, and leaves no folder behind', async () => {
    const dir = temporary();
    const { child, said, ended } = start(['run', 'backup-disk-fills', '--verbose'], { env: { TMPDIR: dir } });
    await said(/./);
    child.stdout.destroy();
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 141, stderr: '' });
    expect(fs.readdirSync(dir).filter((name) => name.startsWith('mail-lab-'))).toEqual([]);
  });

  it('can be interrupted', async () => {
    const { child, said, ended } = start(['run', 'relay-through-firewall', '--pace', '1']);
    await said(/firewall {2}drops/);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
  });
});

describe('what is wrong is said on stderr, with what to do, and ends with 2', () => {
  const inTheWay = path.join(temporary(), 'file');
  fs.writeFileSync(inTheWay, '');
  const cases: [args: string[], says: RegExp][] = [
    [['run'], /run what\? .*mail-lab labs/],
    [['run', 'one-mx-wait'], /no lab `one-mx-wait`: did you mean one-mx-waits\?/],
    [['run', 'firewall'], /did you mean relay-through-firewall\?/],
    [['run', 'xyzzy'], /no lab `xyzzy`\. `mail-lab labs` lists them/],
    [['run', 'labs/nowhere.yaml'], /there is no file labs\/nowhere\.yaml/],
    [['run', 'labs'], /labs can't be read: it is a folder/],
    [['run', 'package.json'], /package\.json:\d+:\d+: [^]*is not a lab that can be run/],
    [['run', 'one-mx-waits', '--pace', '0'], /--pace 0: write/],
    [['run', 'one-mx-waits', '--pace', 'fast'], /--pace fast: write/],
    [['run', 'one-mx-waits', '--seed', '1.5'], /--seed 1\.5: write a whole number/],
    [['run', 'one-mx-waits', '--until', 'tomorrow'], /--until tomorrow: write an instant/],
    [['run', 'one-mx-waits', '--until', '2020-01-01T00:00Z'], /the lab is at Mon 2 March 2026 09:00 already/],
    [['run', 'one-mx-waits', '--dir', inTheWay], /it is not a folder\. Choose another folder with --dir/],
    [['run', 'one-mx-waits', '--dir', path.join(inTheWay, 'below')], /it is not a folder/],
    [
      ['run', 'one-mx-waits', '--journal', '/nowhere/at/all'],
      /\/nowhere\/at\/all can't be written: there is no such file or folder/,
    ],
    [['run', 'one-mx-waits', '--junit', ROOT], /can't be written: it is a folder/],
    [['run', 'one-mx-waits', 'one-mx-expires'], /too many arguments/],
    [['rnu'], /unknown command 'rnu'\n\(Did you mean run\?\)/],
    [['run', '--sed', '1'], /Did you mean --seed\?/],
    [['serve', '--port-base', '80'], /--port-base 80: write a number from 1024/],
    [['serve', 'nothing'], /no lab `nothing`/],
  ];
  it.each(cases)('%j', async (args, says) => {
    const { code, stderr } = await command(...args);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(STACK);
    expect(code).toBe(2);
  });

  it.skipIf(process.platform !== 'linux')("where Node's own mkdir would never return", async () => {
    const { code, stderr } = await command('run', 'one-mx-waits', '--dir', '/proc/mail-lab');
    expect(stderr).toMatch(/can't use \/proc\/mail-lab: it can't be written to/);
    expect(code).toBe(2);
  });
});
