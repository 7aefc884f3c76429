import { describe, expect, it } from 'vitest';
import { errorLine, loadScenario, type FileError, type Scenario } from '../../../src/engine/scenario/index.ts';

const PARTS = {
  top: 'title: T\nshows: S',
  clock: '{ start: 2026-03-02T09:00Z, seed: 4 }',
  networks: '{ office: 192.0.2.0/24, internet: 203.0.113.0/24 }',
  a: '{ name: a.theorganisation.test, address: 192.0.2.10, final: theorganisation.test, mailboxes: [alice] }',
  c: '{ name: c.elsewhere.test, address: 203.0.113.30, final: elsewhere.test, mailboxes: [carol], retry: article }',
  zone: '    @   MX 1 a',
  firewall: 'default allow',
  script: '  - pass: 3d',
  checks: '  - lost: 0',
};

/** A small lab with parts replaced. Lines: a at 6, c at 7, the zone's record at 11, firewall at 13, script at 16, checks at 18 (each one line long). */
function labWith(parts: Partial<typeof PARTS>): string {
  const p = { ...PARTS, ...parts };
  return [
    p.top,
    `clock: ${p.clock}`,
    `networks: ${p.networks}`,
    'hosts:',
    `  a: ${p.a}`,
    `  c: ${p.c}`,
    'zones:',
    '  theorganisation.test: |',
    '    $TTL 1h',
    p.zone,
    '    a   A    192.0.2.10',
    `firewall: ${p.firewall}`,
    'script:',
    '  - send: { name: minutes, from: carol@elsewhere.test, to: alice@theorganisation.test }',
    p.script,
    'checks:',
    p.checks,
    '',
  ].join('\n');
}

function errorsOf(text: string): FileError[] {
  const loaded = loadScenario(text, 'x.yaml');
  return loaded.ok ? [] : loaded.errors;
}

function loadedFrom(parts: Partial<typeof PARTS>): Scenario {
  const loaded = loadScenario(labWith(parts), 'x.yaml');
  if (!loaded.ok) throw new Error(loaded.errors.map((error) => errorLine('x.yaml', error)).join('\n'));
  return loaded.scenario;
}

const host = (settings: string): string =>
  `{ name: c.elsewhere.test, address: 203.0.113.30, final: elsewhere.test, mailboxes: [carol], ${settings} }`;

/** What is wrong, the parts, where the error must be, what it must say. The position is where `at` stands in the file. */
const bad: [what: string, parts: Partial<typeof PARTS>, at: string, message: RegExp][] = [
  [
    'an unknown key',
    { top: 'title: T\nshows: S\nsumary: x' },
    'sumary',
    /`sumary` is not a key of a lab: did you mean `summary`\?/,
  ],
  [
    'a duration without a unit',
    { script: '  - pass: 3' },
    '3\nchecks',
    /`3` is not a duration: write a number with its unit, such as 30s, 30m, 4h/,
  ],
  ['a duration in words', { script: '  - pass: 3 days' }, '3 days', /write a number with its unit/],
  ['no time at all', { script: '  - pass: 0s' }, '0s', /write a duration above zero/],
  [
    'a wrong size',
    { script: '  - send: { from: carol@elsewhere.test, to: alice@theorganisation.test, size: big }' },
    'big',
    /not a size: write bytes, or a number with KB/,
  ],
  ["a zone's error", { zone: '    @   MX one a' }, 'one a', /MX needs a preference number/],
  [
    "somebody's address in a zone",
    { zone: '    @   MX 1 a\n    w   A 8.8.8.8' },
    '8.8.8.8',
    /8\.8\.8\.8 may be somebody's: use an address in 192\.0\.2\.0\/24/,
  ],
  [
    "somebody's name in a zone",
    { zone: '    @   MX 1 mail.example.com.' },
    'mail.example.com.',
    /use a name under \.test or \.example/,
  ],
  [
    "a firewall's error",
    { firewall: '|\n  allow c -> a port 25\n  block any -> a' },
    'block any',
    /"block" is not an action: write "drop" or "reject"/,
  ],
  [
    "a firewall's error in a list",
    { firewall: '{ rules: [allow c -> a, drop q -> a] }' },
    'q -> a',
    /no host or network is called "q"/,
  ],
  ['an unknown host in a step', { script: '  - off: q' }, 'q\nchecks', /there is no host `q`: there are a and c/],
  ['an unknown host in a check', { checks: '  - queue: { host: d, empty: true }' }, 'd, empty', /there is no host `d`/],
  [
    'an address outside its network',
    { a: '{ name: a.theorganisation.test, address: 203.0.113.10, network: office }' },
    '203.0.113.10',
    /is not within office \(192\.0\.2\.0\/24\)/,
  ],
  [
    'an address in no network',
    { a: '{ name: a.theorganisation.test, address: 198.51.100.9 }' },
    '198.51.100.9',
    /in none of the networks/,
  ],
  [
    'one address for two',
    {
      a: '{ name: a.theorganisation.test, address: 192.0.2.10 }',
      c: '{ name: c.elsewhere.test, address: 192.0.2.10, final: elsewhere.test }',
    },
    '192.0.2.10, final: elsewhere',
    /is the address of a already/,
  ],
  [
    'one name for two',
    { c: '{ name: a.theorganisation.test, address: 203.0.113.30, final: elsewhere.test, mailboxes: [carol] }' },
    'a.theorganisation.test, address: 203',
    /is the name of a already/,
  ],
  [
    "somebody's host name",
    { c: '{ name: mail.elsewhere.com, address: 203.0.113.30, final: elsewhere.test }' },
    'mail.elsewhere.com',
    /may be somebody's: use a name under \.test/,
  ],
  [
    "somebody's address",
    { c: '{ name: c.elsewhere.test, address: 8.8.8.8, final: elsewhere.test }' },
    '8.8.8.8',
    /is not an address for documents: use an address in/,
  ],
  [
    "somebody's network",
    { networks: '{ office: 192.0.2.0/24, internet: 203.0.113.0/24, home: 10.0.0.0/8 }' },
    '10.0.0.0/8',
    /10\.0\.0\.0\/8 is not a block for documents/,
  ],
  [
    'a malformed network',
    { networks: '{ office: 192.0.2.0/24, internet: 203.0.113.5/24 }' },
    '203.0.113.5/24',
    /no block: write its first address/,
  ],
  [
    'overlapping networks',
    { networks: '{ office: 192.0.2.0/24, lab: 192.0.2.0/28, internet: 203.0.113.0/24 }' },
    '192.0.2.0/28',
    /overlaps office/,
  ],
  [
    'a network called like a host',
    { networks: '{ a: 192.0.2.0/24, internet: 203.0.113.0/24 }' },
    'a: { name',
    /there is a network `a` too/,
  ],
  [
    "the name server's address",
    {
      networks: '{ office: 192.0.2.0/24, isp: 198.51.100.0/24, internet: 203.0.113.0/24 }',
      a: '{ name: a.x.test, address: 198.51.100.53 }',
    },
    '198.51.100.53',
    /the lab's name server/,
  ],
  ['an unknown preset', { c: host('retry: postfx') }, 'postfx', /did you mean postfix\?/],
  [
    'a number of another preset',
    { c: host('retry: { preset: postfix, every: 3m }') },
    '3m',
    /postfix has no `every`: its curve takes min, max and scan; `every` is for sendmail or article/,
  ],
  ['an unknown key below retry', { c: host('retry: { preset: postfix, evry: 3m }') }, 'evry', /did you mean `every`\?/],
  ['an unknown setting', { c: host('disk-ful: temporary') }, 'disk-ful', /did you mean `disk-full`\?/],
  ['an unknown peer', { c: host('trusts: [z]') }, 'z]', /`z` is not a host, network, address or block/],
  ['a domain both final and relayed', { c: host('relay: elsewhere.test') }, 'elsewhere.test }', /is final here too/],
  [
    'users without a domain',
    { c: host('known-users: [dora]') },
    'dora',
    /write relay: \[theorganisation\.test\], or the whole address/,
  ],
  ['a clock before 1990', { clock: '{ start: 1989-12-31T23:59Z }' }, '1989', /before 1990: write a later start/],
  [
    'a clock without time of day',
    { clock: '{ start: 2026-03-02 }' },
    '2026-03-02 }',
    /write it in UTC, as 2026-03-02T09:00Z/,
  ],
  [
    'two acts in one step',
    { script: '  - pass: 3d\n    off: a' },
    'pass: 3d',
    /a step does one thing: write - pass: \.\.\. and - off: \.\.\. as steps of their own/,
  ],
  ['a step without an act', { script: '  - note: nothing' }, 'note: nothing', /this step does nothing/],
  ['an unknown step', { script: '  - wait: 3d' }, 'wait', /`wait` is not a key of a step/],
  [
    'an unknown message',
    { checks: '  - holds: { who: alice, message: minuts }' },
    'minuts',
    /did you mean `minutes`\?/,
  ],
  [
    'an unknown person',
    { checks: '  - told: { who: carl, about: minutes, kind: delay }' },
    'carl',
    /no host has a mailbox for `carl`: did you mean `carol`\?/,
  ],
  [
    'an unknown kind of report',
    { checks: '  - told: { who: carol, about: minutes, kind: dealy }' },
    'dealy',
    /did you mean delay\?/,
  ],
  ['an unknown check', { checks: '  - holdss: { who: alice, message: minutes }' }, 'holdss', /did you mean `holds`\?/],
  [
    'a window that runs backwards',
    { checks: '  - told: { who: carol, about: minutes, kind: delay, between: [5h, 4h] }' },
    'between: [5h',
    /between runs backwards/,
  ],
  [
    'a check of two things',
    { checks: '  - queue: { host: a, empty: true, max: 3 }' },
    'queue',
    /queue takes one of empty/,
  ],
  [
    'a sender from nowhere',
    { script: '  - send: { from: bob@nowhere.test, to: alice@theorganisation.test }' },
    'bob@nowhere.test',
    /no host is final for nowhere\.test/,
  ],
  [
    "a recipient at somebody's",
    { script: '  - send: { from: carol@elsewhere.test, to: alice@gmail.com }' },
    'alice@gmail.com',
    /gmail\.com may be somebody's/,
  ],
  [
    'no mail address',
    { script: '  - send: { from: carol@elsewhere.test, to: alice }' },
    'alice }\nchecks',
    /write it like alice@theorganisation\.test/,
  ],
  [
    'a null sender without a host',
    { script: '  - send: { from: <>, to: alice@theorganisation.test }' },
    'send: { from: <>',
    /the null sender has no home/,
  ],
  [
    'a name given twice',
    { script: '  - send: { name: minutes, from: carol@elsewhere.test, to: alice@theorganisation.test }' },
    'minutes, from: carol@elsewhere.test, to: alice@theorganisation.test }\nchecks',
    /there is a message `minutes` already/,
  ],
  [
    'never beside others',
    { script: '  - send: { from: carol@elsewhere.test, to: alice@theorganisation.test, notify: [never, delay] }' },
    'notify: [never',
    /never stands alone/,
  ],
  [
    'a missing eml file',
    { script: '  - send: { from: carol@elsewhere.test, to: alice@theorganisation.test, eml: x.eml }' },
    'x.eml',
    /x\.eml can.t be read: this lab came without its folder/,
  ],
  [
    'an eml file elsewhere',
    { script: '  - send: { from: carol@elsewhere.test, to: alice@theorganisation.test, eml: ../../etc/passwd }' },
    '../../etc',
    /outside the lab's folder/,
  ],
  [
    'a time that is over',
    { script: '  - until: 2026-03-01T10:00Z' },
    '2026-03-01',
    /the script has reached 2026-03-02T09:00Z by then/,
  ],
  ['a disk without limit', { script: '  - fill-disk: { host: a, leave: 5KB }' }, '5KB', /a has no limit on its disk/],
  ["a fault's moment", { script: '  - fault: { host: a, when: later, then: cut }' }, 'later', /write when: final-dot/],
  [
    "a fault's answer",
    { script: '  - fault: { host: a, when: final-dot, then: { answer: 250 Ok } }' },
    '250 Ok',
    /no refusal: write a code of 400 to 599/,
  ],
  [
    'a fault that is not there',
    { script: '  - clear-fault: digger' },
    'digger',
    /there is no fault `digger` before this step/,
  ],
  ['a slow line that is not slow', { script: '  - slow: { host: a }' }, 'slow: { host: a }', /slow needs latency/],
  [
    'an address taken by a set step',
    { script: '  - set: { host: a, address: 203.0.113.30 }' },
    '203.0.113.30 }\nchecks',
    /is the address of c/,
  ],
  [
    "a zone step's error",
    { script: '  - zone:\n      name: theorganisation.test\n      text: |\n        @ MX a' },
    'a\nchecks',
    /MX needs a preference/,
  ],
  [
    'an answer that is none',
    { top: 'title: T\nshows: S\nguide:\n  - text: x\n    ask: { question: y, answers: [one, two], answer: three }' },
    'three',
    /none of the answers: write one of them word by word: one \| two/,
  ],
];

describe('errors in lab files', () => {
  it('has a sound lab to spoil', () => {
    expect(errorsOf(labWith({}))).toEqual([]);
  });

  it.each(bad)('%s', (_what, parts, at, message) => {
    const text = labWith(parts);
    const errors = errorsOf(text);
    const before = text.slice(0, text.indexOf(at)).split('\n');
    const found = errors.find((error) => message.test(error.message));
    expect(found ?? errors).toMatchObject({ line: before.length, column: before.at(-1)!.length + 1 });
  });

  it.each([
    ['', 1, /the file is empty/],
    ['hello', 1, /wants keys with values/],
    ['title: T\ntitle: U', 2, /stands here for the second time/],
    ['title: T\n\tshows: S', 2, /tabs/],
    ['title: { a: 1\nshows: S', 2, /not closed/],
    ['title: T', 1, /`shows` is missing/],
    ['title: [1]\n', 1, /text/],
  ])('a file that is no lab: %j', (text, line, message) => {
    const errors = errorsOf(text);
    expect(errors.some((error) => error.line === line && message.test(error.message)) ? 'found' : errors).toBe('found');
  });

  it('tells all errors at once, in the order of the file', () => {
    const errors = errorsOf(
      labWith({
        a: '{ name: mail.somewhere.com, address: 8.8.8.8 }',
        script: '  - off: q',
        checks: '  - queue: { host: z, empty: true }',
      }),
    );
    expect(errors.map((error) => error.path)).toEqual([
      'hosts.a.name',
      'hosts.a.address',
      'script.1.off',
      'checks.0.queue.host',
    ]);
    expect(errorLine('x.yaml', errors[2]!)).toMatch(/^x\.yaml:16:10: script\.1\.off: there is no host/);
  });

  it('does not choke on a file that tries to', () => {
    const bomb = [
      'a: &a [x, x]',
      ...Array.from(
        { length: 30 },
        (_, i) => `b${i}: &b${i} [*${i === 0 ? 'a' : `b${i - 1}`}, *${i === 0 ? 'a' : `b${i - 1}`}]`,
      ),
    ].join('\n');
    expect(errorsOf(bomb).length).toBeGreaterThan(0);
    expect(errorsOf(labWith({ top: 'title: T\nshows: S\n__proto__: { polluted: yes }' })).length).toBeGreaterThan(0);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('a scenario', () => {
  it('has every default filled in', () => {
    const { hosts, networks, firewall, zones, startAt, seed, id } = loadedFrom({});
    expect({ id, seed, startAt: new Date(startAt).toISOString() }).toEqual({
      id: 'x',
      seed: 4,
      startAt: '2026-03-02T09:00:00.000Z',
    });
    expect(networks).toEqual([
      { key: 'office', block: '192.0.2.0/24', latencyMs: 2 },
      { key: 'internet', block: '203.0.113.0/24', latencyMs: 2 },
    ]);
    expect(hosts.a).toMatchObject({
      name: 'a.theorganisation.test',
      addresses: ['192.0.2.10'],
      network: 'office',
      finalDomains: ['theorganisation.test'],
      relayDomains: [],
      mailboxes: ['alice', 'postmaster'],
      relayClients: ['192.0.2.0/24'],
      messageSizeMax: 10_240_000,
      hopCountMax: 50,
      errorCountMax: 20,
      junkCommandCountMax: 100,
      diskBytes: null,
      timeouts: {
        connectMs: 30_000,
        greetingMs: 300_000,
        commandMs: 300_000,
        dataMs: 120_000,
        dataBlockMs: 180_000,
        finalDotMs: 600_000,
      },
    });
    expect(hosts.a?.retry.preset).toBe('postfix');
    expect(hosts.c?.retry).toMatchObject({ preset: 'article', warnAfterMs: 14_400_000, giveUpAfterMs: 604_800_000 });
    expect(firewall).toEqual({ rules: [], fallback: 'allow' });
    expect(zones).toEqual([
      { name: 'theorganisation.test', view: null, text: '$TTL 1h\n@   MX 1 a\na   A    192.0.2.10\n' },
    ]);
  });

  it('spells out the short forms of a host', () => {
    const { hosts } = loadedFrom({
      c: host(`relay: [theorganisation.test], known-users: [alice, bob@x.test], trusts: [a, office], relay-clients: 203.0.113.0/28,
        retry: { preset: exim, warn: never, give-up: 2d, rules: [{ until: 1h, wait: 5m }] }, disk: 5MB, disk-full: permanent, quota: none, relay-denied: permanent,
        filters: { blocklist: bl.test, greylist: 5m, content: [pills] }, extensions: { dsn: false }, timeouts: { final-dot: 5m }, hops: 30, errors: 5, junk-commands: 50, double-bounce: postmaster`),
    });
    expect(hosts.c).toMatchObject({
      knownUsers: ['alice@theorganisation.test', 'bob@x.test'],
      trustedPeers: ['192.0.2.10', '192.0.2.0/24'],
      relayClients: ['203.0.113.0/28'],
      retry: {
        warnAfterMs: null,
        giveUpAfterMs: 172_800_000,
        giveUpReportsAfterMs: 172_800_000,
        curve: { rules: [{ untilAgeMs: 3_600_000, waitMs: 300_000, factor: 1 }] },
      },
      diskBytes: 5_000_000,
      diskFullReply: 'permanent',
      mailboxQuotaBytes: null,
      relayDenied: 'permanent',
      blocklistZone: 'bl.test',
      greylistMs: 300_000,
      contentFilter: { gtube: true, patterns: ['pills'] },
      hopCountMax: 30,
      errorCountMax: 5,
      junkCommandCountMax: 50,
      doubleBounceToPostmaster: true,
    });
    expect(hosts.c?.extensions).toMatchObject({ dsn: false, pipelining: true });
    expect(hosts.c?.timeouts).toMatchObject({ finalDotMs: 300_000, connectMs: 30_000 });
  });

  it('takes any mailbox, a view for a network, and rules with a default', () => {
    const text = labWith({
      a: '{ name: a.theorganisation.test, address: 192.0.2.10, mailboxes: any, power: off }',
      firewall: '{ default: drop, rules: [allow c -> a port 25] }',
    }).replace('zones:', 'zones:\n  x.test: { office: "@ A 192.0.2.9", everyone: "@ A 203.0.113.9" }');
    const loaded = loadScenario(text, 'y.yml');
    expect(loaded.ok ? loaded.scenario : loaded.errors).toMatchObject({
      id: 'y',
      powers: { a: 'off' },
      firewall: { fallback: 'drop', rules: [{ action: 'allow', source: 'c', target: 'a', port: 25 }] },
    });
    expect(loaded.ok && loaded.scenario.hosts.a?.mailboxes).toBeNull();
    expect(
      loaded.ok && loaded.scenario.zones.filter((zone) => zone.name === 'x.test').map((zone) => zone.view),
    ).toEqual(['office', null]);
  });

  it("takes the guide's steps for a script when it has none of its own", () => {
    const text = labWith({}).replace(
      /script:[^]*checks:/,
      'guide:\n  - { text: One, do: [off: a] }\n  - text: Two\n  - { text: Three, do: [{ pass: 1h }, { start: a }] }\nchecks:',
    );
    const loaded = loadScenario(text, 'x.yaml');
    expect(
      loaded.ok ? loaded.scenario.script.map(({ kind, guide, fileLine }) => [kind, guide, fileLine]) : loaded.errors,
    ).toEqual([
      ['power', 0, 15],
      ['pass', 2, 17],
      ['power', 2, 17],
    ]);
  });

  it('knows in a step what the steps before have set', () => {
    const { script } = loadedFrom({
      script:
        '  - set: { host: a, disk: 1MB, timeouts: { connect: 5s } }\n  - fill-disk: { host: a, leave: 5KB }\n  - set: { host: a, timeouts: { greeting: 9s } }',
    });
    expect(script.at(-1)).toMatchObject({ settings: { timeouts: { connectMs: 5000, greetingMs: 9000 } } });
  });

  it('reads a message from a file beside it', () => {
    const text = labWith({
      script: '  - send: { from: carol@elsewhere.test, to: alice@theorganisation.test, eml: mail/x.eml }',
    });
    const asked: string[] = [];
    const loaded = loadScenario(
      text,
      '/labs/x.yaml',
      (name) => (asked.push(name), { ok: true, bytes: Buffer.from('Subject: hi\r\n\r\n') }),
    );
    expect(asked).toEqual(['mail/x.eml']);
    expect(loaded.ok ? loaded.scenario.script[1] : loaded.errors).toMatchObject({
      send: { message: { raw: Buffer.from('Subject: hi\r\n\r\n').toString('base64') } },
    });
  });

  it('is plain data', () => {
    const scenario = loadedFrom({});
    expect(JSON.parse(JSON.stringify(scenario))).toEqual(scenario);
  });
});
