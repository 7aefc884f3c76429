/** The mail log of a host, from events written by hand: the shapes and the order that administrators know. */
import { expect, test } from 'vitest';
import type { LabEvent, Told } from '../../../src/contract/events.ts';
import type { Peer, Reply, Why } from '../../../src/contract/why.ts';
import { mailLog } from '../../../src/engine/journal/maillog.ts';

const START = Date.UTC(2026, 10, 4, 1, 15);
const NAMES = new Map([
  ['192.0.2.1', 'a.theorganisation.test'],
  ['192.0.2.3', 'c.outside.test'],
]);
const A: Peer = { name: 'a.theorganisation.test', address: '192.0.2.1', port: 25 };
const B: Peer = { name: 'b.theorganisation.test', address: '192.0.2.2', port: 25 };
const reply = (code: number, enhanced: string, text: string): Reply => ({ code, enhanced, lines: [text] });

/** Events at seconds after the start. */
const story = (...told: [seconds: number, event: Told][]): LabEvent[] =>
  told.map(([seconds, event], index) => ({ n: index + 1, at: START + seconds * 1000, ...event }) as LabEvent);
const logOf = (host: string, events: LabEvent[]): string[] =>
  mailLog(events, host, NAMES).map((line) => line.slice('Nov  4 '.length));

const connect = (host: string, session: string, source: string): Told => ({
  kind: 'link-connect',
  session,
  source: 'c',
  sourceAddress: source,
  sourcePort: 32_768,
  host,
  targetAddress: '192.0.2.2',
  targetPort: 25,
  rule: null,
});
const accept = (host: string, queueId: string, more: Partial<Told<'message-accept'>> = {}): Told => ({
  kind: 'message-accept',
  host,
  queueId,
  session: 's1',
  origin: 'smtp',
  mail: 'm1',
  messageId: '<minutes@outside.test>',
  subject: '',
  size: 560,
  body: { offset: 0, size: 560 },
  envelope: { sender: 'carol@outside.test', ret: null, envid: null, eightBit: false, smtpUtf8: false },
  rcpts: [{ address: 'alice@theorganisation.test', notify: null, orcpt: null }],
  ...more,
});
const said = (side: 'smtp-in' | 'smtp-out', ...lines: string[]): Told => ({
  kind: 'smtp-say',
  host: side === 'smtp-in' ? 'b' : 'c',
  session: 's1',
  side,
  lines,
});
const tried = (attempt: string): Told => ({
  kind: 'queue-try',
  host: 'b',
  queueId: 'B1',
  attempt,
  tryNumber: Number(attempt.split('/')[2]),
  domain: 'theorganisation.test',
  rcpts: [0],
});
const failed = (attempt: string, session: string, why: Why): Told => ({
  kind: 'attempt-fail',
  host: 'b',
  queueId: 'B1',
  attempt,
  session,
  why,
  next: null,
  limit: false,
});
const refusedBy = (peer: Peer): Why => ({ kind: 'connect', peer, problem: 'refused' });
const full = (peer: Peer): Why => ({
  kind: 'reply',
  peer,
  stage: 'mail',
  reply: reply(452, '4.3.1', 'Insufficient system storage'),
});

test('a visit and a delivery', () => {
  const events = story(
    [0, connect('b', 's1', '192.0.2.3')],
    [0, said('smtp-in', '220 b.theorganisation.test ESMTP Mail Lab')],
    [0, said('smtp-out', 'EHLO c.outside.test')],
    [0, said('smtp-in', '250-b.theorganisation.test', '250 SIZE 10240000')],
    [0, said('smtp-out', 'MAIL FROM:<carol@outside.test>', 'RCPT TO:<alice@theorganisation.test>', 'DATA')],
    [0, said('smtp-in', '250 2.1.0 Ok')],
    [0, said('smtp-in', '250 2.1.5 Ok')],
    [0, said('smtp-in', '354 End data with <CR><LF>.<CR><LF>')],
    [0, said('smtp-out', '<message of 560 bytes>', '.')],
    [0, accept('b', 'B1')],
    [0, said('smtp-in', '250 2.0.0 Ok: queued as B1')],
    [0, tried('b/B1/1')],
    [30, failed('b/B1/1', 's2', { kind: 'connect', peer: A, problem: 'timeout' })],
    [
      30.04,
      {
        kind: 'queue-deliver',
        host: 'b',
        queueId: 'B1',
        attempt: 'b/B1/1',
        rcpts: [0],
        how: 'relayed',
        peer: B,
        session: 's3',
        reply: reply(250, '2.0.0', 'Ok: queued as A1'),
        reportDue: false,
      },
    ],
    [30.04, { kind: 'queue-remove', host: 'b', queueId: 'B1' }],
    [32, said('smtp-out', 'QUIT')],
    [32, said('smtp-in', '221 2.0.0 Bye')],
    [32, { kind: 'link-close', session: 's1', by: 'client', host: 'b' }],
  );
  expect(mailLog(events, 'b', NAMES)[0]).toBe(
    'Nov  4 01:15:00 b postfix/smtpd[1]: connect from c.outside.test[192.0.2.3]',
  );
  expect(logOf('b', events).slice(1)).toEqual([
    '01:15:00 b postfix/smtpd[1]: B1: client=c.outside.test[192.0.2.3]',
    '01:15:00 b postfix/cleanup[1]: B1: message-id=<minutes@outside.test>',
    '01:15:00 b postfix/qmgr[1]: B1: from=<carol@outside.test>, size=560, nrcpt=1 (queue active)',
    '01:15:30 b postfix/smtp[2]: connect to a.theorganisation.test[192.0.2.1]:25: Connection timed out',
    '01:15:30 b postfix/smtp[2]: B1: to=<alice@theorganisation.test>, relay=b.theorganisation.test[192.0.2.2]:25, delay=30, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as A1)',
    '01:15:30 b postfix/qmgr[1]: B1: removed',
    '01:15:32 b postfix/smtpd[1]: disconnect from c.outside.test[192.0.2.3] ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5',
  ]);
  expect(mailLog(events, 'a', NAMES)).toEqual([]);
});

test('a refusal, and the number of commands that were refused', () => {
  const visit = story(
    [0, connect('b', 's1', '192.0.2.9')],
    [0, said('smtp-in', '220 b')],
    [0, said('smtp-out', 'EHLO x.outside.test')],
    [0, said('smtp-in', '250 b')],
    [0, said('smtp-out', 'MAIL FROM:<carol@outside.test>', 'RCPT TO:<nosuch@theorganisation.test>')],
    [0, said('smtp-in', '250 2.1.0 Ok')],
    [
      0,
      {
        kind: 'message-refuse',
        host: 'b',
        session: 's1',
        stage: 'rcpt',
        address: 'nosuch@theorganisation.test',
        reply: reply(550, '5.1.1', 'User unknown'),
        reason: 'no such mailbox',
      },
    ],
    [0, said('smtp-in', '550 5.1.1 User unknown')],
    [1, { kind: 'link-reset', session: 's1', cause: 'a fault', host: 'b' }],
  );
  expect(logOf('b', visit)).toEqual([
    '01:15:00 b postfix/smtpd[1]: connect from unknown[192.0.2.9]',
    '01:15:00 b postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 550 5.1.1 User unknown; from=<carol@outside.test> to=<nosuch@theorganisation.test> proto=ESMTP helo=<x.outside.test>',
    '01:15:01 b postfix/smtpd[1]: lost connection after RCPT from unknown[192.0.2.9]',
    '01:15:01 b postfix/smtpd[1]: disconnect from unknown[192.0.2.9] ehlo=1 mail=1 rcpt=0/1 commands=2/3',
  ]);
});

test('a client that goes within a message, and one that goes after it', () => {
  const upTo354 = [
    [0, connect('b', 's1', '192.0.2.9')],
    [0, said('smtp-in', '220 b')],
    [0, said('smtp-out', 'EHLO x.outside.test')],
    [0, said('smtp-in', '250 b')],
    [0, said('smtp-out', 'MAIL FROM:<carol@outside.test>', 'RCPT TO:<alice@theorganisation.test>', 'DATA')],
    [0, said('smtp-in', '250 2.1.0 Ok')],
    [0, said('smtp-in', '250 2.1.5 Ok')],
    [0, said('smtp-in', '354 End data with <CR><LF>.<CR><LF>')],
    [0, said('smtp-out', '<message of 8000 bytes>', '.')],
  ] as Parameters<typeof story>;
  const gone = [1, { kind: 'link-close', session: 's1', by: 'client', host: 'b' }] as Parameters<typeof story>[0];
  const lost = [0, { kind: 'link-lost', session: 's1', from: 'client', bytes: 3003, cause: 'fault' }] as Parameters<
    typeof story
  >[0];
  // As Postfix 3.7.11 has it: `timeout after DATA (8000 bytes)`, and not a word when the message was answered.
  expect(logOf('b', story(...upTo354, lost, gone)).slice(1)).toEqual([
    '01:15:01 b postfix/smtpd[1]: lost connection after DATA (5000 bytes) from unknown[192.0.2.9]',
    '01:15:01 b postfix/smtpd[1]: disconnect from unknown[192.0.2.9] ehlo=1 mail=1 rcpt=1 data=0/1 commands=3/4',
  ]);
  expect(logOf('b', story(...upTo354, [0, said('smtp-in', '250 2.0.0 Ok: queued as B1')], gone)).slice(1)).toEqual([
    '01:15:01 b postfix/smtpd[1]: disconnect from unknown[192.0.2.9] ehlo=1 mail=1 rcpt=1 data=1 commands=4',
  ]);
});

test('a host that says no has a line of its own only when another host is asked after it', () => {
  const events = story(
    [0, accept('b', 'B1', { session: null })],
    [0, tried('b/B1/1')],
    [1, failed('b/B1/1', 's2', full(A))],
    [2, failed('b/B1/1', 's3', full(B))],
    [
      2,
      {
        kind: 'queue-defer',
        host: 'b',
        queueId: 'B1',
        attempt: 'b/B1/1',
        rcpts: [0],
        why: full(B),
        retryAt: START + 300_000,
        tryCount: 1,
      },
    ],
    [300, tried('b/B1/2')],
    [300, failed('b/B1/2', 's4', refusedBy(A))],
    [
      300,
      {
        kind: 'queue-defer',
        host: 'b',
        queueId: 'B1',
        attempt: 'b/B1/2',
        rcpts: [0],
        why: refusedBy(A),
        retryAt: START + 900_000,
        tryCount: 2,
      },
    ],
  );
  expect(logOf('b', events).slice(2)).toEqual([
    '01:15:01 b postfix/smtp[2]: B1: host a.theorganisation.test[192.0.2.1] said: 452 4.3.1 Insufficient system storage (in reply to MAIL FROM command)',
    '01:15:02 b postfix/smtp[3]: B1: to=<alice@theorganisation.test>, relay=b.theorganisation.test[192.0.2.2]:25, delay=2, dsn=4.3.1, status=deferred (host b.theorganisation.test[192.0.2.2] said: 452 4.3.1 Insufficient system storage (in reply to MAIL FROM command))',
    '01:20:00 b postfix/qmgr[1]: B1: from=<carol@outside.test>, size=560, nrcpt=1 (queue active)',
    '01:20:00 b postfix/smtp[4]: connect to a.theorganisation.test[192.0.2.1]:25: Connection refused',
    '01:20:00 b postfix/smtp[4]: B1: to=<alice@theorganisation.test>, relay=none, delay=300, dsn=4.4.1, status=deferred (connect to a.theorganisation.test[192.0.2.1]:25: Connection refused)',
  ]);
});

test('a message whose time is over: each recipient as it was last, then once that it expired, then the report', () => {
  const report = accept('b', 'B2', {
    session: null,
    origin: 'report',
    mail: 'm2',
    messageId: '<report@b>',
    size: 2000,
    envelope: { sender: '', ret: null, envid: null, eightBit: false, smtpUtf8: false },
  });
  const events = story(
    [
      0,
      accept('b', 'B1', {
        session: null,
        rcpts: ['alice@theorganisation.test', 'bob@theorganisation.test'].map((address) => ({
          address,
          notify: null,
          orcpt: null,
        })),
      }),
    ],
    [
      200,
      { kind: 'queue-fail', host: 'b', queueId: 'B1', attempt: 'b/B1/9', rcpts: [0], why: refusedBy(A), expired: true },
    ],
    [
      200,
      { kind: 'queue-fail', host: 'b', queueId: 'B1', attempt: null, rcpts: [1], why: refusedBy(A), expired: true },
    ],
    [200, report],
    [
      200,
      {
        kind: 'dsn-sent',
        host: 'b',
        about: 'B1',
        mail: 'm2',
        queueId: 'B2',
        action: 'failed',
        to: 'carol@outside.test',
        rcpts: [0, 1],
      },
    ],
    [200, { kind: 'queue-remove', host: 'b', queueId: 'B1' }],
  );
  expect(
    logOf('b', events)
      .slice(2)
      .map((line) => line.replace('01:18:20 b postfix/', '')),
  ).toEqual([
    'smtp[1]: B1: to=<alice@theorganisation.test>, relay=none, delay=200, dsn=4.4.1, status=deferred (connect to a.theorganisation.test[192.0.2.1]:25: Connection refused)',
    'smtp[1]: B1: to=<bob@theorganisation.test>, relay=none, delay=200, dsn=4.4.1, status=deferred (connect to a.theorganisation.test[192.0.2.1]:25: Connection refused)',
    'qmgr[1]: B1: from=<carol@outside.test>, status=expired, returned to sender',
    'cleanup[2]: B2: message-id=<report@b>',
    'bounce[1]: B1: sender non-delivery notification: B2',
    'qmgr[2]: B2: from=<>, size=2000, nrcpt=1 (queue active)',
    'qmgr[1]: B1: removed',
  ]);
});

test('a local mailbox, and a destination that was not tried', () => {
  const suspended: Why = { kind: 'suspended', domain: 'theorganisation.test', last: refusedBy(A) };
  const events = story(
    [
      0,
      accept('b', 'B1', {
        session: null,
        rcpts: ['alice@theorganisation.test', 'bob@b.theorganisation.test'].map((address) => ({
          address,
          notify: null,
          orcpt: null,
        })),
      }),
    ],
    [
      0.04,
      {
        kind: 'queue-deliver',
        host: 'b',
        queueId: 'B1',
        attempt: null,
        rcpts: [1],
        how: 'mailbox',
        peer: null,
        session: null,
        reply: reply(250, '2.0.0', 'delivered to mailbox'),
        reportDue: true,
      },
    ],
    [
      1.75,
      {
        kind: 'queue-defer',
        host: 'b',
        queueId: 'B1',
        attempt: 'b/B1/1',
        rcpts: [0],
        why: suspended,
        retryAt: START + 300_000,
        tryCount: 1,
      },
    ],
    [2, { kind: 'queue-hold', host: 'b', queueId: 'B1' }],
  );
  expect(logOf('b', events).slice(2)).toEqual([
    '01:15:00 b postfix/local[1]: B1: to=<bob@b.theorganisation.test>, relay=local, delay=0.04, dsn=2.0.0, status=sent (delivered to mailbox)',
    '01:15:01 b postfix/error[1]: B1: to=<alice@theorganisation.test>, relay=none, delay=1.8, dsn=4.4.1, status=deferred (delivery temporarily suspended: connect to a.theorganisation.test[192.0.2.1]:25: Connection refused)',
    '01:15:02 b postfix/postsuper[1]: B1: placed on hold',
  ]);
});

test('what a client says can not move a cursor, turn a line round, or pass for a line of its own', () => {
  const events = story(
    [0, connect('b', 's1', '192.0.2.9')],
    [0, said('smtp-in', '220 b')],
    [0, said('smtp-out', 'EHLO \u001b[2J\u202ex')],
    [0, said('smtp-in', '250 b')],
    [
      0,
      {
        kind: 'message-refuse',
        host: 'b',
        session: 's1',
        stage: 'rcpt',
        address: 'a\nNov  4 01:15:00 b postfix@x',
        reply: reply(550, '5.1.1', 'No'),
        reason: 'no such mailbox',
      },
    ],
  );
  expect(logOf('b', events)[1]).toBe(
    '01:15:00 b postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[192.0.2.9]: 550 5.1.1 No; to=<a Nov  4 01:15:00 b postfix@x> proto=ESMTP helo=<\\u{1b}[2J\\u{202e}x>',
  );
});
