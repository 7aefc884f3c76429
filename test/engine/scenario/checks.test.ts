import { describe, expect, it } from 'vitest';
import type { Why } from '../../../src/contract/why.ts';
import { checkKeys } from '../../../src/engine/scenario/checks/index.ts';
import { full, fullAtB, noAnswer, oneMxWaits, START, Story } from './story.ts';

/** A story through B: A's connection is dropped, B takes it, keeps it for a day, and A gets it. */
function throughB(): Story {
  return new Story()
    .accept('c', 'C1', 'minutes')
    .tell({
      kind: 'firewall-drop',
      session: 's1',
      source: 'c',
      sourceAddress: '203.0.113.30',
      targetAddress: '192.0.2.10',
      targetPort: 25,
      rule: 3,
    })
    .at('30s')
    .attempt('c', 'C1', noAnswer)
    .accept('b', 'B1', 'minutes')
    .relay('c', 'C1')
    .tell({
      kind: 'tx-begin',
      host: 'b',
      queueId: 'B1',
      attempt: 't',
      session: 's3',
      peer: { name: 'a.theorganisation.test', address: '192.0.2.10', port: 25 },
      rcpts: [0],
      reused: false,
    })
    .at('1d')
    .accept('a', 'A1', 'minutes')
    .deliver('a', 'A1', 'alice')
    .relay('b', 'B1');
}

/** B is full: C bounces. */
function bounced(): Story {
  return new Story()
    .accept('c', 'C1', 'minutes')
    .at('30s')
    .attempt('c', 'C1', noAnswer)
    .connect('s2', 'c', 'b')
    .says(
      'b',
      's2',
      '552 5.3.1 Mail system full',
      '503 5.5.1 Error: need MAIL command',
      '554 5.5.1 Error: no valid recipients',
    )
    .attempt('c', 'C1', fullAtB)
    .fail('c', 'C1', fullAtB, 'C2');
}

const queued = (): Story => new Story().accept('c', 'C1', 'minutes').defer('c', 'C1', noAnswer).at('1h');
const twice = (): Story => oneMxWaits().at('3d1h').accept('a', 'A2', 'minutes').deliver('a', 'A2', 'alice');

/** C hands the minutes to A at once. */
function delivered(): Story {
  const peer = { name: 'a.theorganisation.test', address: '192.0.2.10', port: 25 };
  const reply = { code: 250, enhanced: '2.0.0', lines: ['Ok'] };
  return new Story()
    .accept('c', 'C1', 'minutes')
    .accept('a', 'A1', 'minutes')
    .deliver('a', 'A1', 'alice')
    .tell({
      kind: 'queue-deliver',
      host: 'c',
      queueId: 'C1',
      attempt: 't',
      rcpts: [0],
      how: 'relayed',
      peer,
      session: null,
      reply,
      reportDue: false,
    })
    .remove('c', 'C1');
}

/** C brings the minutes in two transactions, to 50 and to 3. */
const twoTransactions = (): Story =>
  new Story()
    .accept('c', 'C1', 'minutes')
    .transact('c', 'C1', 'a', 50)
    .transact('c', 'C1', 'a', 3)
    .transact('c', 'C1', 'b');

/** C opens a dialogue with A at 0, another after a minute; the first ends after 100 s, and a third comes at once. All end after three minutes. */
function threeDialogues(): Story {
  return new Story()
    .connect('s1', 'c', 'a')
    .at('1m')
    .connect('s2', 'c', 'a')
    .connect('s9', 'c', 'b')
    .at('100s')
    .close('s1')
    .connect('s3', 'c', 'a')
    .at('110s')
    .close('s3')
    .at('3m')
    .close('s2')
    .close('s9')
    .at('1h');
}

/** kind, story, check that holds, check that doesn't, and what the latter must say it measured. */
const cases: [kind: string, story: () => Story, holds: string, fails: string, measured: RegExp][] = [
  [
    'told',
    oneMxWaits,
    'told: { who: carol, about: minutes, kind: delay, between: [4h, 4h30m], times: 1 }',
    'told: { who: carol, about: minutes, kind: delay, between: [5h, 6h] }',
    /carol heard of the delay after 4 h 4 min, from C/,
  ],
  [
    'told',
    oneMxWaits,
    'told: { who: carol, about: minutes, kind: delay }',
    'told: { who: carol, about: minutes, kind: delay, times: 2 }',
    /after 4 h 4 min/,
  ],
  [
    'told',
    oneMxWaits,
    'told: { who: carol, about: minutes, kind: delay, by: c }',
    'told: { who: carol, about: minutes, kind: delay, by: b }',
    /from C/,
  ],
  [
    'told',
    bounced,
    'told: { who: carol, about: minutes, kind: failure, times: 1 }',
    'told: { who: carol, about: minutes, kind: success }',
    /of the failure after 30 s/,
  ],
  [
    'told',
    queued,
    'told: { who: carol, about: minutes, kind: delay, times: 0 }',
    'told: { who: carol, about: minutes, kind: delay, between: [4h, 5h] }',
    /carol heard nothing; minutes is 1 h old/,
  ],
  [
    'not-told',
    throughB,
    'not-told: { who: carol, about: minutes }',
    'not-told: { who: carol, about: many }',
    /no server has taken many yet/,
  ],
  [
    'not-told',
    oneMxWaits,
    'not-told: { who: carol, about: minutes, kind: failure }',
    'not-told: { who: carol, about: minutes }',
    /of the delay/,
  ],
  [
    'holds',
    oneMxWaits,
    'holds: { who: alice, message: minutes, copies: 1 }',
    'holds: { who: alice, message: minutes, copies: 2 }',
    /1 copy on A/,
  ],
  [
    'holds',
    twice,
    'holds: { who: alice, message: minutes, copies: 2 }',
    'holds: { who: alice, message: minutes }',
    /2 copies on A/,
  ],
  [
    'holds',
    oneMxWaits,
    'holds: { who: alice, message: each, host: a }',
    'holds: { who: alice, message: each, host: b }',
    /0 copies/,
  ],
  [
    'holds',
    oneMxWaits,
    'holds: { who: carol, message: all, copies: 1 }',
    'holds: { who: carol, message: all, copies: 0 }',
    /1 message/,
  ],
  ['lost', oneMxWaits, 'lost: 0', 'lost: 1', /0 lost of 2: 2 in a mailbox/],
  ['lost', bounced, 'lost: 0', 'lost: 2', /1 failed and reported/],
  ['queue', queued, 'queue: { host: c, empty: false }', 'queue: { host: c, empty: true }', /1 message: minutes/],
  ['queue', queued, 'queue: { host: c, holds: minutes }', 'queue: { host: b, holds: minutes }', /it is not there/],
  ['queue', oneMxWaits, 'queue: { host: c, max: 2 }', 'queue: { host: c, max: 1 }', /2 at the most, 0 now/],
  ['queue', oneMxWaits, 'queue: { host: c, peak: 2 }', 'queue: { host: c, peak: 3 }', /2 at the most/],
  [
    'kept',
    throughB,
    'kept: { host: c, message: minutes, at-most: 1m }',
    'kept: { host: b, message: minutes, at-most: 1m }',
    /23 h 59 min/,
  ],
  [
    'kept',
    queued,
    'kept: { host: c, message: minutes, at-least: 1h }',
    'kept: { host: c, message: minutes, at-least: 2h }',
    /1 h, and it is still there/,
  ],
  [
    'kept',
    queued,
    'kept: { host: c, message: minutes, at-most: 2h }',
    'kept: { host: b, message: minutes, at-most: 2h }',
    /B never had it/,
  ],
  [
    'first-try',
    throughB,
    'first-try: { host: c, tries: a, message: minutes }',
    'first-try: { host: c, tries: b }',
    /a\.theorganisation\.test first/,
  ],
  [
    'first-try',
    throughB,
    'first-try: { host: b, tries: a }',
    'first-try: { host: a, tries: b }',
    /A has tried nobody yet/,
  ],
  [
    'route',
    throughB,
    'route: { message: minutes, through: [c, b, a] }',
    'route: { message: minutes, through: [c, a] }',
    /C → B → A/,
  ],
  [
    'blocked',
    throughB,
    'blocked: { from: c, to: a, by: drop, rule: 3 }',
    'blocked: { from: c, to: a, rule: 1 }',
    /1 connection stopped, the first by rule 3 \(drop\)/,
  ],
  [
    'attempt-fails',
    oneMxWaits,
    'attempt-fails: { host: c, message: minutes, with: connection timed out, times: 3 }',
    'attempt-fails: { host: c, message: minutes, with: Connection refused }',
    /^none like that; first after 0 s: connect to a\.theorganisation\.test\[192\.0\.2\.10\]:25: Connection timed out/,
  ],
  [
    'attempt-fails',
    oneMxWaits,
    'attempt-fails: { host: c, message: minutes, with: timed out }',
    'attempt-fails: { host: c, message: minutes, with: timed out, after: 10m }',
    /^none like that; first after 0 s/,
  ],
  [
    'attempt-fails',
    delivered,
    'attempt-fails: { host: c, message: minutes, with: timed out, times: 0 }',
    'attempt-fails: { host: c, message: minutes, with: timed out }',
    /C never failed with it/,
  ],
  [
    'route',
    delivered,
    'route: { message: minutes, through: [c, a], at: 192.0.2.10 }',
    'route: { message: minutes, through: [c, a], at: 198.51.100.10 }',
    /^C → A, at 192\.0\.2\.10$/,
  ],
  [
    'blocked',
    throughB,
    'blocked: { from: b, to: a, times: 0 }',
    'blocked: { from: c, to: a, at-least: 2 }',
    /1 connection stopped/,
  ],
  [
    'refused-with',
    bounced,
    'refused-with: { host: b, code: 552, status: 5.3.1, times: 1 }',
    'refused-with: { host: b, code: 452 }',
    /it said 552 5\.3\.1/,
  ],
  [
    'refused-with',
    bounced,
    'refused-with: { host: b, code: 552, to: c }',
    'refused-with: { host: b, code: 552, to: a }',
    /it refused A nothing/,
  ],
  [
    'refused-with',
    bounced,
    'refused-with: { host: b, code: 503, times: 1 }',
    'refused-with: { host: b, code: 554 }',
    /it said 552 5\.3\.1$/,
  ],
  [
    'transactions',
    twoTransactions,
    'transactions: { from: c, to: a, message: minutes, times: 2, recipients-at-most: 50 }',
    'transactions: { from: c, to: a, times: 2, recipients-at-most: 49 }',
    /^2 transactions, the largest with 50 recipients$/,
  ],
  [
    'transactions',
    twoTransactions,
    'transactions: { from: b, to: a, at-most: 0 }',
    'transactions: { from: c, to: a, at-most: 1 }',
    /^2 transactions/,
  ],
  [
    'connections',
    threeDialogues,
    'connections: { from: c, to: a, times: 3 }',
    'connections: { from: c, to: a, at-most: 2 }',
    /^3 connections$/,
  ],
  [
    'connections',
    threeDialogues,
    'connections: { from: a, to: c, times: 0 }',
    'connections: { from: a, to: c }',
    /^0 connections$/,
  ],
  [
    'dialogues-at-once',
    threeDialogues,
    'dialogues-at-once: { from: c, to: a, times: 2 }',
    'dialogues-at-once: { from: c, to: a, at-least: 3 }',
    /^2 dialogues at the most$/,
  ],
  [
    'dialogues-at-once',
    threeDialogues,
    'dialogues-at-once: { from: c, to: a, between: [2m, 3m], times: 1 }',
    'dialogues-at-once: { from: c, to: a, between: [90s, 3m], times: 1 }',
    /^2 dialogues at the most$/,
  ],
  [
    'status-in-report',
    bounced,
    "status-in-report: { about: minutes, action: failed, status: 5.3.1, remote: b, diagnostic: '552 5.3.1', by: c }",
    'status-in-report: { about: minutes, status: 4.3.1 }',
    /C reported failed, 5\.3\.1, b\.theorganisation\.test: smtp; 552 5\.3\.1 Mail system full/,
  ],
  [
    'status-in-report',
    oneMxWaits,
    'status-in-report: { about: minutes, action: delayed, status: 4.4.1, diagnostic: timed out }',
    'status-in-report: { about: minutes, action: delayed, remote: a }',
    /C reported delayed, 4\.4\.1: connect to a/,
  ],
  [
    'status-in-report',
    oneMxWaits,
    'status-in-report: { about: minutes, action: delayed }',
    'status-in-report: { about: minutes, action: failed }',
    /delayed/,
  ],
  ['receives-nothing', oneMxWaits, 'receives-nothing: { host: b }', 'receives-nothing: { host: a }', /1 message/],
  ['receives-nothing', queued, 'receives-nothing: { who: alice }', 'receives-nothing: { host: c }', /1 message/],
  [
    'disk-free-below',
    () => new Story().accept('b', 'B1', 'minutes', { size: 950_000 }),
    'disk-free-below: { host: b, bytes: 60KB }',
    'disk-free-below: { host: b, bytes: 40KB }',
    /50\.0 KB at the least/,
  ],
  [
    'disk-free-below',
    () => new Story().tell({ kind: 'disk-fill', host: 'b', foreignBytes: 990_000 }),
    'disk-free-below: { host: b, bytes: 20KB }',
    'disk-free-below: { host: a, bytes: 20KB }',
    /its disk has no limit/,
  ],
  [
    'received-lines',
    throughB,
    'received-lines: { message: minutes, count: 3, by: [a, b, c] }',
    'received-lines: { message: minutes, count: 2 }',
    /3 lines: A, B, C from the top/,
  ],
  [
    'received-lines',
    throughB,
    'received-lines: { message: minutes, by: [a, b, c] }',
    'received-lines: { message: minutes, by: [c, b, a] }',
    /A, B, C/,
  ],
  [
    'attempts',
    oneMxWaits,
    'attempts: { host: c, message: minutes, between: [4, 4], over: 3d }',
    'attempts: { host: c, message: minutes, between: [5, 9] }',
    /4 tries over 3 d 11 min/,
  ],
  [
    'attempts',
    oneMxWaits,
    'attempts: { host: b, message: minutes, between: [0, 0] }',
    'attempts: { host: c, message: minutes, between: [1, 9], over: 4d }',
    /4 tries/,
  ],
  [
    'delivered-within',
    oneMxWaits,
    'delivered-within: { message: minutes, within: 3d30m }',
    'delivered-within: { message: minutes, within: 3d }',
    /there after 3 d 11 min/,
  ],
  [
    'delivered-within',
    throughB,
    'delivered-within: { message: minutes, within: 1d, who: alice }',
    'delivered-within: { message: minutes, within: 1h, who: alice }',
    /there after 1 d/,
  ],
];

describe('checks', () => {
  it.each(cases)('%s: %#', (kind, story, holds, fails, measured) => {
    const yes = story().judge(holds);
    expect({ ...yes, check: holds }).toMatchObject({ passed: true });
    const no = story().judge(fails);
    expect({ ...no, check: fails }).toMatchObject({ passed: false });
    expect(no.measured).toMatch(measured);
    for (const { name, expected, measured: found } of [yes, no])
      expect([name, expected, found].every((words) => words.length > 2 && !words.includes('undefined'))).toBe(true);
    expect(holds.startsWith(`${kind}:`)).toBe(true);
  });

  it('shows every kind both ways', () => {
    expect(checkKeys.filter((key) => !cases.some(([kind]) => kind === key))).toEqual([]);
  });

  it('says what is still open before anything was sent', () => {
    for (const [, , check] of cases.filter(([kind]) => kind !== 'disk-free-below'))
      expect(() => new Story().judge(check)).not.toThrow();
  });

  it('names a check by its own sentence where it has one', () => {
    expect(oneMxWaits().judge('{ say: Nothing went astray, lost: 0 }').name).toBe('Nothing went astray');
  });
});

describe('a check that is not met', () => {
  const open = (story: Story, check: string): string => {
    const { passed, missed } = story.judge(check);
    return passed ? 'met' : missed ? 'missed' : 'open';
  };
  const told = 'told: { who: carol, about: minutes, kind: delay, between: [4h, 5h] }';

  it('is open while it can still be met, and missed when nothing can mend it', () => {
    expect(open(new Story(), told)).toBe('open');
    expect(open(queued(), told)).toBe('open');
    expect(open(queued().at('6h'), told)).toBe('missed');
    expect(open(delivered(), told)).toBe('missed');
    expect(open(queued(), 'lost: 1')).toBe('open');
    expect(open(new Story().accept('c', 'C1', 'minutes').relay('c', 'C1'), 'lost: 0')).toBe('missed');
    expect(open(queued(), 'route: { message: minutes, through: [c, a] }')).toBe('open');
    expect(open(throughB(), 'route: { message: minutes, through: [c, a] }')).toBe('missed');
    expect(open(queued(), 'delivered-within: { message: minutes, within: 2h }')).toBe('open');
    expect(open(queued().at('3h'), 'delivered-within: { message: minutes, within: 2h }')).toBe('missed');
    expect(open(queued(), 'receives-nothing: { host: c }')).toBe('missed');
    expect(open(throughB(), 'blocked: { from: c, to: a, at-least: 2 }')).toBe('open');
    expect(open(throughB(), 'blocked: { from: c, to: a, times: 0 }')).toBe('missed');
  });

  it('is not given up for a copy too many, which a person can delete, but for one that cannot come any more', () => {
    expect(open(twice(), 'holds: { who: alice, message: minutes }')).toBe('open');
    expect(open(oneMxWaits(), 'holds: { who: alice, message: minutes, copies: 2 }')).toBe('missed');
  });
});

describe('blocked', () => {
  it('is called by what is wanted', () => {
    expect(throughB().judge('blocked: { from: b, to: a, times: 0 }').name).toBe(
      'The firewall does not stop B on its way to A',
    );
  });
});

describe('lost', () => {
  it('counts a failure whose report was dropped, but not one whose report waits', () => {
    const reported = (): Story =>
      new Story()
        .accept('c', 'C1', 'minutes')
        .accept('c', 'C2', 'report', { origin: 'report', to: 'carol@elsewhere.test' })
        .fail('c', 'C1', fullAtB)
        .tell({
          kind: 'dsn-sent',
          host: 'c',
          about: 'C1',
          mail: 'x',
          queueId: 'C2',
          action: 'failed',
          to: 'carol@elsewhere.test',
          rcpts: [0],
        });
    expect(reported().judge('lost: 0').passed).toBe(true);
    const dropped = reported()
      .tell({ kind: 'queue-discard', host: 'c', queueId: 'C2', rcpts: [0], reason: 'null-sender' })
      .remove('c', 'C2');
    expect(dropped.judge('lost: 0')).toMatchObject({
      passed: false,
      measured:
        '1 lost of 2: minutes for alice@theorganisation.test, last seen on C (failed, and its report reached nobody)',
    });
  });

  it('counts a message that was handed on to nobody', () => {
    const { passed, measured } = new Story().accept('c', 'C1', 'minutes').relay('c', 'C1').judge('lost: 0');
    expect(passed).toBe(false);
    expect(measured).toBe('1 lost of 1: minutes for alice@theorganisation.test, last seen on C (relayed)');
  });

  it('counts a failure that nobody was told of, and none that need not be', () => {
    const failed = (): Story => new Story().accept('c', 'C1', 'minutes').fail('c', 'C1', fullAtB);
    expect(failed().judge('lost: 0').passed).toBe(false);
    const need = failed().tell({
      kind: 'dsn-none',
      host: 'c',
      about: 'C1',
      action: 'failed',
      reason: 'null-sender',
      rcpts: [0],
    });
    expect(need.judge('lost: 0').passed).toBe(true);
  });

  it('counts a message that left a queue without a fate, and a delivery that is in no mailbox', () => {
    expect(new Story().accept('c', 'C1', 'minutes').remove('c', 'C1').judge('lost: 0').passed).toBe(false);
    const said = new Story().accept('a', 'A1', 'minutes').tell({
      kind: 'queue-deliver',
      host: 'a',
      queueId: 'A1',
      attempt: null,
      rcpts: [0],
      how: 'mailbox',
      peer: null,
      session: null,
      reply: { code: 250, enhanced: null, lines: [] },
      reportDue: true,
    });
    expect(said.judge('lost: 0').passed).toBe(false);
  });

  it('takes a copy that arrived twice for not lost', () => {
    expect(twice().judge('lost: 0').passed).toBe(true);
  });

  it('counts what a person deleted from a queue', () => {
    const deleted = new Story()
      .accept('c', 'C1', 'minutes')
      .tell({ kind: 'queue-discard', host: 'c', queueId: 'C1', rcpts: [0], reason: 'deleted' })
      .remove('c', 'C1');
    expect(deleted.judge('lost: 0')).toMatchObject({
      passed: false,
      measured:
        '1 lost of 1: minutes for alice@theorganisation.test, last seen on C (deleted from its queue by a person)',
    });
  });
});

describe('groups', () => {
  const three = (): Story =>
    ['many-1', 'many-2', 'many-3'].reduce(
      (story, name, i) => story.accept('a', `A${i}`, name).deliver('a', `A${i}`, 'alice'),
      new Story(),
    );

  it('a name with a count means each of its messages', () => {
    expect(three().judge('holds: { who: alice, message: many }')).toMatchObject({
      passed: true,
      measured: '3 messages; many-1: 1 copy on A',
    });
    expect(three().judge('holds: { who: alice, message: many-2 }').passed).toBe(true);
    expect(
      three().accept('a', 'A9', 'many-2').deliver('a', 'A9', 'alice').judge('holds: { who: alice, message: many }'),
    ).toMatchObject({
      passed: false,
      measured: '1 of 3 messages differ; many-2: 2 copies on A',
    });
  });
});

describe('refused-with', () => {
  it('counts each refusal that the host spoke, and with `to` those of the same that it spoke to this host', () => {
    const story = bounced()
      .connect('s7', null, 'b')
      .says('b', 's7', '552-5.3.1 Mail system full', '552 5.3.1 Come back later')
      .says('b', 's7', '250 2.1.0 Ok', '552 5.3.1 Mail system full');
    expect(story.judge('refused-with: { host: b, code: 552, times: 3 }').passed).toBe(true);
    expect(story.judge('refused-with: { host: b, code: 552, to: c, times: 1 }').passed).toBe(true);
  });

  it('counts what a fault answers, with a status of the class alone where none was said', () => {
    const story = new Story().connect('s1', 'c', 'a').says('a', 's1', '550 blocked');
    expect(story.judge('refused-with: { host: a, code: 550, status: 5.0.0, to: c, times: 1 }').passed).toBe(true);
  });
});

describe('a server', () => {
  it('is known by its address, whatever the zone calls it, and where it stood at the time', () => {
    const called = { name: 'mail.theorganisation.test', address: '192.0.2.10', port: 25 };
    const no: Why = { kind: 'reply', peer: called, stage: 'rcpt', reply: full };
    const story = (): Story =>
      new Story()
        .accept('c', 'C1', 'minutes')
        .attempt('c', 'C1', { kind: 'connect', peer: called, problem: 'refused' })
        .transact('c', 'C1', 'a')
        .fail('c', 'C1', no, 'C2');
    const checks = [
      'first-try: { host: c, tries: a, message: minutes }',
      'status-in-report: { about: minutes, action: failed, remote: a }',
      'transactions: { from: c, to: a }',
    ];
    for (const check of checks) expect(story().judge(check)).toMatchObject({ passed: true });
    // It has moved since, and B stands there now: it was A all the same.
    const moved = (): Story =>
      story()
        .at('1h')
        .tell({ kind: 'host-set', host: 'a', settings: { addresses: ['192.0.2.11'] } })
        .tell({ kind: 'host-set', host: 'b', settings: { addresses: ['192.0.2.10'] } });
    for (const check of checks) expect(moved().judge(check)).toMatchObject({ passed: true });
    expect(moved().judge('first-try: { host: c, tries: b, message: minutes }')).toMatchObject({
      passed: false,
      measured: expect.stringMatching(/^A, called mail\.theorganisation\.test, first/) as string,
    });
  });
});

describe('attempt-fails', () => {
  const asked: Why = {
    kind: 'dns',
    domain: 'theorganisation.test',
    name: 'theorganisation.test',
    type: 'MX',
    problem: 'servfail',
  };
  const loop: Why = { kind: 'loop', domain: 'theorganisation.test', how: 'mx' };
  const suspended: Why = { kind: 'suspended', domain: 'theorganisation.test', last: noAnswer };
  const untried = (story: Story, why: Why): Story => {
    const facts = { host: 'c', queueId: 'C1', attempt: `u${story.events.length}`, rcpts: [0] };
    return story
      .tell({ kind: 'queue-try', domain: 'theorganisation.test', tryNumber: 1, ...facts })
      .tell({ kind: 'queue-defer', why, retryAt: START, tryCount: 1, ...facts });
  };

  it.each([
    ['a look-up that failed', asked, 'try again'],
    ['a destination that is taken for dead', suspended, 'delivery temporarily suspended'],
  ])('sees %s', (_what, why, words) => {
    const story = untried(untried(new Story().accept('c', 'C1', 'minutes'), why), why);
    expect(story.judge(`attempt-fails: { host: c, message: minutes, with: ${words}, times: 2 }`)).toMatchObject({
      passed: true,
    });
  });

  it('sees a loop', () => {
    const story = new Story().accept('c', 'C1', 'minutes').report('c', 'C1', 'failed', 'C2').fail('c', 'C1', loop);
    expect(
      story.judge('attempt-fails: { host: c, message: minutes, with: loops back to myself, times: 1 }'),
    ).toMatchObject({ passed: true });
  });

  it('counts the reason of a server once, though it becomes that of the attempt', () => {
    expect(queued().judge('attempt-fails: { host: c, message: minutes, with: timed out, times: 1 }')).toMatchObject({
      passed: true,
    });
  });

  it('counts what was put off without a try, which attempts does not', () => {
    const story = untried(queued(), suspended);
    expect(story.judge('attempts: { host: c, message: minutes, between: [1, 1] }')).toMatchObject({ passed: true });
    expect(story.judge('attempt-fails: { host: c, message: minutes, with: timed out, times: 2 }')).toMatchObject({
      passed: true,
    });
  });
});

describe('what is counted', () => {
  const threeWaiting = (): Story =>
    ['many-1', 'many-2', 'many-3'].reduce(
      (story, name, i) => story.accept('c', `C${i}`, name).defer('c', `C${i}`, noAnswer),
      new Story(),
    );

  it('is counted for each message of a name, or with in-all for all of them together', () => {
    const check = (words: string) =>
      threeWaiting().judge(`attempt-fails: { host: c, message: many, with: timed out, ${words} }`);
    expect(check('times: 1').passed).toBe(true);
    expect(check('times: 3').passed).toBe(false);
    expect(check('times: 3, in-all: true')).toMatchObject({
      passed: true,
      expected: '3 times in all',
      measured: expect.stringMatching(/^3 messages together: 3 times/) as string,
    });
    expect(threeWaiting().judge('attempts: { host: c, message: many, between: [3, 3], in-all: true }').passed).toBe(
      true,
    );
    const told = (): Story =>
      [0, 1, 2].reduce((story, i) => story.report('c', `C${i}`, 'delayed', `D${i}`), threeWaiting());
    expect(told().judge('told: { who: carol, about: many, kind: delay, times: 3, in-all: true }').passed).toBe(true);
    expect(told().judge('told: { who: carol, about: many, kind: delay, times: 1, in-all: true }')).toMatchObject({
      passed: false,
      missed: true,
    });
    const there = (): Story =>
      ['many-1', 'many-2'].reduce(
        (story, name, i) => story.accept('a', `A${i}`, name).deliver('a', `A${i}`, 'alice'),
        new Story(),
      );
    expect(there().judge('holds: { who: alice, message: many, copies: 2, in-all: true }').passed).toBe(true);
  });

  it('has bounds on both sides', () => {
    const check = (words: string) => threeDialogues().judge(`connections: { from: c, to: a, ${words} }`);
    expect(check('at-least: 2, at-most: 4')).toMatchObject({ passed: true, expected: '2 to 4 connections' });
    expect(check('at-most: 2')).toMatchObject({ passed: false, missed: true, expected: '2 connections at the most' });
    expect(check('at-least: 4')).toMatchObject({ passed: false, missed: false });
    expect(() => check('times: 2, at-most: 3')).toThrow('times is the exact number');
    expect(() => check('at-least: 5, at-most: 3')).toThrow('write at-least: 3, at-most: 5');
  });
});

describe('mail that was refused at the door', () => {
  const refused = (): Story => new Story().refusedAtTheDoor('minutes', 'b', fullAtB);

  it('is told of by nobody, is not lost, and does not come any more', () => {
    expect(refused().judge('not-told: { who: carol, about: minutes }')).toMatchObject({
      passed: true,
      measured: 'carol heard nothing',
    });
    expect(refused().judge('lost: 0').passed).toBe(true);
    expect(refused().judge('told: { who: carol, about: minutes, kind: failure }')).toMatchObject({
      passed: false,
      missed: true,
      measured: expect.stringMatching(
        /carol heard nothing, and no server has taken it: host b\.\S+ said: 552 5\.3\.1/,
      ) as string,
    });
    expect(refused().judge('delivered-within: { message: minutes, within: 1h }')).toMatchObject({
      passed: false,
      missed: true,
    });
  });
});

describe('the copy that a postmaster gets of a report that nobody takes', () => {
  const bounceOfBounce = (): Story =>
    new Story()
      .accept('a', 'A1', 'minutes')
      .reportTo('carol@elsewhere.test', 'a', 'A1', 'failed', 'A2')
      .fail('a', 'A1', noAnswer)
      .reportTo('postmaster@a.theorganisation.test', 'a', 'A2', 'failed', 'A3')
      .fail('a', 'A2', fullAtB);

  it('tells the postmaster of the message, once it is in the mailbox; until then it is on its way', () => {
    const check = 'told: { who: postmaster, about: minutes, kind: failure, times: 1, by: a }';
    expect(bounceOfBounce().judge(check)).toMatchObject({ passed: false, missed: false });
    expect(bounceOfBounce().deliver('a', 'A3', 'postmaster').judge(check)).toMatchObject({
      passed: true,
      measured: 'postmaster heard of the failure after 0 s, from A',
    });
    expect(
      bounceOfBounce().deliver('a', 'A3', 'postmaster').judge('not-told: { who: postmaster, about: minutes }').passed,
    ).toBe(false);
  });

  it('keeps the message from being lost, unless it is lost itself', () => {
    expect(bounceOfBounce().judge('lost: 0').passed).toBe(true);
    expect(bounceOfBounce().deliver('a', 'A3', 'postmaster').judge('lost: 0').passed).toBe(true);
    const dropped = bounceOfBounce()
      .tell({ kind: 'queue-discard', host: 'a', queueId: 'A3', rcpts: [0], reason: 'null-sender' })
      .remove('a', 'A3');
    expect(dropped.judge('lost: 0')).toMatchObject({
      passed: false,
      measured: expect.stringContaining('its report reached nobody') as string,
    });
  });
});

describe('told', () => {
  it('follows a report from B to the mailbox at C', () => {
    const story = throughB().at('1d').report('b', 'B1', 'delayed', 'B2');
    expect(story.judge('told: { who: carol, about: minutes, kind: delay, by: b, times: 1 }')).toMatchObject({
      passed: true,
      measured: 'carol heard of the delay after 1 d, from B',
    });
  });

  it('does not count a report that is under way', () => {
    const story = queued()
      .accept('c', 'C2', 'r', { origin: 'report', to: 'carol@elsewhere.test' })
      .tell({
        kind: 'dsn-sent',
        host: 'c',
        about: 'C1',
        mail: 'x',
        queueId: 'C2',
        action: 'delayed',
        to: 'carol@elsewhere.test',
        rcpts: [0],
      });
    expect(story.judge('told: { who: carol, about: minutes, kind: delay }').passed).toBe(false);
    expect(story.state.now - START).toBe(3_600_000);
  });
});
