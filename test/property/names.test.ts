/**
 * Anybody may call a mailbox, a domain, a host, a network or a message `constructor` or `__proto__`, or anything else. Labs full of
 * such names run, are told and shown, are opened again, looked back at and gone on from at any event.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFolder } from '../../src/cli/fold.ts';
import { junitOf, resultOf } from '../../src/cli/results.ts';
import { createTeller } from '../../src/cli/story.ts';
import type { LabAct, LabEvent, SendRequest } from '../../src/contract/events.ts';
import { branchLab, stateAt } from '../../src/engine/branch.ts';
import { openLab, type Lab } from '../../src/engine/lab.ts';
import { evaluateChecks, loadScenario } from '../../src/engine/scenario/index.ts';
import { labApi } from '../../src/engine/service.ts';
import { createNow } from '../../src/renderer/bench/now.ts';
import { createMotion } from '../../src/renderer/bench/motion.ts';
import { createLanes } from '../../src/renderer/compare/lanes.ts';
import { createOutcome } from '../../src/renderer/compare/outcome.ts';
import { createAttempt } from '../../src/renderer/inspector/attempt/attempt.ts';
import { createStory } from '../../src/renderer/inspector/mail/story.ts';
import { createKnown } from '../../src/renderer/lab/known.ts';
import { createBook } from '../../src/renderer/queue/book.ts';
import { RawSmtp, messageText, seeded } from '../durability/smtp-client.ts';

const SEED = Number(process.env.SEED ?? 2026);
const LABS = Number(process.env.NAME_LABS ?? 12);
const VERSION = 'test';
/** So many events lie between two that are looked back at. */
const LOOK_EVERY = 11;

const HOSTILE = [
  'constructor',
  '__proto__',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'isPrototypeOf',
  '__defineGetter__',
  'then',
  'toJSON',
  'length',
  '0',
  '-1',
  'null',
  'undefined',
  'each',
  'all',
];
/** What may be the key of a host or a network, and so on: only words that a lab file takes there. */
const KEYS = [
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'isPrototypeOf',
  'then',
  'toJSON',
  'length',
  'null',
  'undefined',
];

const word = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...HOSTILE) },
  {
    weight: 1,
    arbitrary: fc
      .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
      .map((text) => text.replace(/[\p{C}\s<>@"\\]/gu, '_')),
  },
);
const names = fc.record({
  keys: fc.uniqueArray(fc.constantFrom(...KEYS), { minLength: 5, maxLength: 5 }),
  words: fc.array(word, { minLength: 4, maxLength: 4 }),
  seed: fc.nat(),
});
type Names = typeof names extends fc.Arbitrary<infer N> ? N : never;

let root = '';
beforeAll(() => void (root = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-names-'))));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));
const freshDir = (): string => fs.mkdtempSync(path.join(root, 'lab-'));

/** A name that may stand in the DNS: what is not allowed there is left out. */
const label = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40) || 'x';

function labFile({ keys, seed }: Names): string {
  const [a, b, c, office, internet] = keys as [string, string, string, string, string];
  const domain = (key: string): string => `${key.toLowerCase()}.test`;
  return JSON.stringify({
    title: 'Names',
    shows: 'Every name is a name.',
    clock: { start: '2026-03-02T09:00Z', seed: seed % 1_000 },
    networks: { [office]: '192.0.2.0/24', [internet]: '203.0.113.0/24' },
    hosts: {
      [a]: {
        name: `a.${domain(a)}`,
        address: '192.0.2.10',
        final: domain(a),
        mailboxes: 'any',
        retry: { preset: 'article', 'give-up': '4h', warn: '1h' },
      },
      [b]: {
        name: `b.${domain(b)}`,
        address: '203.0.113.20',
        final: domain(b),
        relay: domain(a),
        mailboxes: 'constructor',
        filters: { greylist: '1m' },
      },
      [c]: { name: `c.${domain(c)}`, address: '203.0.113.30', final: domain(c), mailboxes: 'any' },
    },
    zones: {
      [domain(a)]: {
        [office]: `@ 60 MX 1 a\n@ 60 MX 2 b.${domain(b)}.\na 60 A 192.0.2.10\n`,
        everyone: `@ 60 MX 1 a\n@ 60 MX 2 b.${domain(b)}.\na 60 A 192.0.2.10\n`,
      },
      [domain(b)]: '@ 60 MX 1 b\nb 60 A 203.0.113.20\nconstructor 60 A 203.0.113.77\n',
      [domain(c)]: '@ 60 MX 1 c\nc 60 A 203.0.113.30\n',
    },
    firewall: `allow ${b} -> ${a} port 25\nreject ${internet} -> ${office} port 25\ndefault allow`,
    faults: [
      { id: 'constructor', host: b, when: { command: 'RCPT' }, then: { answer: '451 4.3.0 constructor' }, times: 1 },
    ],
    script: [
      {
        send: {
          name: 'constructor',
          from: `constructor@${domain(c)}`,
          to: [`toString@${domain(a)}`, `constructor@${domain(b)}`],
          subject: '__proto__',
          via: c,
          network: internet,
        },
      },
      { send: { name: 'valueOf', from: '<>', to: `hasOwnProperty@${domain(a)}`, via: b, count: 2 } },
      { pass: '2h' },
      { set: { host: a, 'greet-pause': '1s' } },
      { flush: { host: b, domain: 'constructor.test' } },
      { hold: { host: c, message: 'constructor' } },
      { release: { host: c, message: 'constructor' } },
      { 'dns-fault': { name: 'constructor.test', kind: 'servfail' } },
      { pass: '5h' },
    ],
    checks: [
      { holds: { who: 'toString', message: 'constructor', host: a } },
      { lost: 0 },
      { queue: { host: c, empty: true } },
      { told: { who: 'constructor', about: 'constructor', kind: 'delay', by: c } },
      { 'first-try': { message: 'constructor', host: c, tries: b } },
    ],
  });
}

/** A program from outside that says any words. */
async function outside(port: number, words: string[]): Promise<void> {
  const client = new RawSmtp(port);
  await client.reply();
  for (const [place, name] of words.entries()) {
    const bytes = Buffer.from(name).toString('latin1');
    await client.say(`${place % 2 === 0 ? 'EHLO' : 'HELO'} ${bytes}`);
    for (const from of ['', `${bytes}@constructor.test`, bytes]) {
      const reply = await client.send(
        from,
        [
          `${bytes}@${['constructor', 'prototype', 'tostring', 'valueof'][place % 4]}.test`,
          `"${bytes}"@[203.0.113.30]`,
        ],
        messageText(bytes, `${bytes}: ${bytes}\r\n`),
      );
      if (reply?.startsWith('250') !== true) await client.say('RSET');
    }
    await client.say(`VRFY ${bytes}`);
    await client.say(`ETRN ${bytes}`);
    await client.say(bytes);
  }
  await client.quit();
}

/** Acts in which every name is from outside. Some are refused; none may end the lab. */
function acts(name: string, host: string, now: number): LabAct[] {
  const letter: SendRequest = {
    name,
    from: `${name}@${label(name)}.test`,
    to: [`${name}@constructor.test`, `${name}@${label(name)}.test`, `${name}@tostring.test`],
    subject: name,
    body: name,
    raw: null,
    sizeBytes: null,
    spam: false,
    ret: null,
    envid: null,
    notify: null,
    via: host,
    network: null,
  };
  const raw = Buffer.from(`Message-ID: <${name}>\r\nSubject: ${name}\r\n\r\n`).toString('base64');
  return [
    { do: 'send', messages: [letter, { ...letter, raw }, { ...letter, via: name }], everyMs: 0, connections: 1 },
    { do: 'send', messages: [letter, { ...letter, raw }], everyMs: 0, connections: 1 },
    { do: 'send', messages: [{ ...letter, network: name }], everyMs: 0, connections: 1 },
    { do: 'host', host: name, power: 'stop' },
    { do: 'set', host: name, settings: { greetPauseMs: 1 } },
    { do: 'set', host, settings: { network: name } },
    { do: 'line', host: name, line: { cut: true } },
    { do: 'reset-sessions', host: name },
    { do: 'firewall', text: `drop ${name} -> any port 25` },
    { do: 'zone', name, view: name, text: '@ 60 A 192.0.2.7\n' },
    {
      do: 'zone',
      name: `${label(name)}.test`,
      view: null,
      text: `${label(name)} 60 A 192.0.2.7\n@ 60 MX 1 ${label(name)}\n`,
    },
    { do: 'dns-fault', fault: { name, kind: 'slow', delayMs: 10 } },
    { do: 'dns-fault-clear', name },
    {
      do: 'fault',
      fault: {
        id: name,
        host,
        when: { at: 'command', verb: name.slice(0, 16) },
        address: name,
        then: { do: 'answer', reply: `450 ${name}` },
        from: now,
        until: null,
        left: 1,
      },
    },
    { do: 'fault-clear', id: name },
    { do: 'flush', host, domain: name },
    { do: 'hold', host, queueIds: [name] },
    { do: 'delete', host: name, queueIds: [name] },
    { do: 'mailbox-remove', host, user: name, queueId: name },
    { do: 'mailbox-remove', host: name, user: name, queueId: name },
  ];
}

/** What a page asks, with any name. */
async function ask(lab: Lab, name: string): Promise<void> {
  const api = labApi(lab);
  const calls = [
    api.queue(null, name),
    api.mailbox(null, name, name),
    api.preview(name, `x@${name}`),
    api.preview(Object.keys(lab.state.hosts)[0]!, `${name}@${name}`),
    api.mailLog(name),
    api.publish(name, name, 0),
    api.zoneNotes(name, name),
    api.firewallNotes(`drop ${name} -> ${name}`),
    api.bench(null),
    api.checks(null),
    api.state(null),
  ];
  for (const { status, reason } of (await Promise.allSettled(calls)).map((one) => ({
    status: one.status,
    reason: 'reason' in one ? (one.reason as Error) : null,
  })))
    if (status === 'rejected') expect(reason!.constructor.name, reason!.stack).toMatch(/^(Error|ActRefused)$/);
}

/** All that is folded from events, on the command line and on the page. */
function tell(lab: Lab, events: LabEvent[]): void {
  const [teller, folder] = [createTeller(lab.state, { verbose: true, past: [] }), createFolder()];
  for (const event of events) for (const line of teller.tell(event)) folder.take(line);
  const checks = evaluateChecks(lab.scenario, events, lab.state);
  junitOf(resultOf(lab, events, checks, { version: VERSION, wallMs: 1 }));
  const attempts = events.flatMap((event) => (event.kind === 'queue-try' ? [event.attempt] : []));
  const mails = events.flatMap((event) => (event.kind === 'message-accept' ? [event.mail] : []));
  const folds = [
    createKnown(),
    createBook(),
    createLanes(null),
    createOutcome(),
    createNow(),
    createMotion(),
    createAttempt(attempts[0] ?? ''),
    createStory(mails[0] ?? ''),
  ];
  for (const fold of folds) {
    for (const event of events) fold.take(event);
    if ('view' in fold) (fold.view as (...given: unknown[]) => unknown)(lab.driver.now());
  }
}

const tables = (state: Lab['state']): object[] => [
  state.hosts,
  state.network.lines,
  state.network.open,
  state.dns.caches,
  ...Object.values(state.dns.caches),
  state.scenario.names,
  ...Object.values(state.hosts).flatMap(({ queue, dead, mailboxes, greylist }) => [queue, dead, mailboxes, greylist]),
];

async function play(given: Names, dir: string): Promise<{ lab: Lab; live: Map<number, string> }> {
  const lab = await openLab({
    scenario: { text: labFile(given), file: 'names.yaml' },
    dir,
    version: VERSION,
    checkpointEvery: 40,
    complain: (message) => expect.fail(message),
  });
  const live = new Map<number, string>();
  lab.listen(({ n }) => void (n % LOOK_EVERY === 0 && live.set(n, JSON.stringify(lab.state))));
  const run = lab.driver.run();
  const [a, , c] = given.keys as [string, string, string];
  const { port } = await lab.publish(c, given.keys[4]!, 0);
  await outside(port, given.words); // before a firewall bars it
  await Promise.all(
    given.words.flatMap((name) =>
      acts(name, name.length % 2 === 0 ? a : c, lab.driver.now()).map((act) =>
        lab
          .act(act)
          .catch((error: Error) => expect(error.constructor.name, error.stack).toMatch(/^(Error|ActRefused)$/)),
      ),
    ),
  );
  await Promise.race([
    lab.played(),
    run.then(() => {
      throw new Error('the lab ended by itself');
    }),
  ]);
  for (const name of [...HOSTILE, ...given.words]) await ask(lab, name);
  return { lab, live };
}

describe(`names from outside (SEED=${SEED} NAME_LABS=${LABS})`, () => {
  it('are names, wherever they stand', { timeout: 10 * 60_000 }, async () => {
    const seen = { events: 0, branches: 0, boxes: new Set<string>() };
    await fc.assert(
      fc.asyncProperty(names, async (given) => {
        const dir = freshDir();
        const { lab, live } = await play(given, dir);
        tell(lab, lab.events());
        for (const { mailboxes } of Object.values(lab.state.hosts))
          for (const user of Object.keys(mailboxes)) seen.boxes.add(user);
        const end = lab.state.n;
        seen.events += end;
        await lab.close();
        for (const [n, state] of live)
          expect(JSON.stringify(stateAt(dir, n, VERSION)) === state, `the fold at event ${n}`).toBe(true);

        const again = await openLab({ scenario: null, dir, version: VERSION, script: false });
        expect(again.state.n).toBeGreaterThan(end);
        const past = again.history.at(Math.floor(end / 2));
        for (const one of [...tables(again.state), ...tables(past), ...tables(lab.state)])
          expect(Object.getPrototypeOf(one)).toBe(null);
        for (const name of given.words) await ask(again, name);
        await again.close();
        const chance = seeded(given.seed);
        for (let i = 0; i < 2; i += 1) {
          const branch = await branchLab(
            { from: dir, n: 1 + Math.floor(chance() * end), to: freshDir() },
            { version: VERSION },
          );
          seen.branches += 1;
          await branch.close();
        }
      }),
      { seed: SEED, numRuns: LABS, endOnFailure: process.env.SHRINK === undefined },
    );
    console.log(`${LABS} labs of ${seen.events} events, ${seen.branches} branches, ${seen.boxes.size} mailboxes`);
    for (const name of ['constructor', '__proto__', 'tostring']) expect([...seen.boxes]).toContain(name);
  });
});

describe('a lab file', () => {
  const file = (more: string): string =>
    labFile({ keys: ['a', 'b', 'c', 'office', 'internet'], words: [], seed: 1 }).replace(/\}$/, `,${more}}`);
  it.each([
    ['hosts', { hosts: { __proto__x: { name: 'a.test', address: '192.0.2.1' } } }],
    ['networks', { networks: { __proto__x: '192.0.2.0/24' } }],
    ['zones', { zones: { __proto__x: '@ 60 A 192.0.2.1' } }],
    ['a view', { zones: { 'x.test': { __proto__x: '@ 60 A 192.0.2.1' } } }],
    ['a step', { script: [{ __proto__x: 'a' }] }],
    ['settings', { hosts: { a: { name: 'a.test', address: '192.0.2.1', __proto__x: 1 } } }],
  ])('says that __proto__ can be no key (%s)', (_where, part) => {
    const lab = { ...(JSON.parse(file('"variantOf": "x"')) as object), ...part };
    const loaded = loadScenario(JSON.stringify(lab).replaceAll('__proto__x', '__proto__'), 'x.yaml');
    expect(loaded.ok ? [] : loaded.errors.map(({ message }) => message)).toEqual(
      expect.arrayContaining([expect.stringContaining('__proto__')]),
    );
  });

  it.each(['constructor', '__proto__', 'toString'])('says that there is no host or network %s', (name) => {
    const step = (act: object): string[] => {
      const loaded = loadScenario(
        file(`"script": ${JSON.stringify([act])}, "checks": []`).replace(
          /"script":\[\{"send".*?\],"checks":\[.*?\],/,
          '',
        ),
        'x.yaml',
      );
      return loaded.ok ? [] : loaded.errors.map(({ message }) => message);
    };
    const send = { from: 'x@a.test', to: 'x@a.test' };
    for (const act of [
      { send: { ...send, via: name } },
      { off: name },
      { set: { host: name, disk: '5MB' } },
      { 'fill-disk': { host: name, leave: '1MB' } },
      { flush: name },
      { slow: { host: name, latency: '1s' } },
    ])
      expect(step(act)).toEqual([expect.stringContaining(`there is no host \`${name}\``)]);
    expect(step({ send: { ...send, network: name } })).toEqual([
      expect.stringContaining(`there is no network \`${name}\``),
    ]);
    expect(step({ hold: { host: 'a', message: name } })).toEqual([
      expect.stringContaining(`sends a message \`${name}\``),
    ]);
  });
});
