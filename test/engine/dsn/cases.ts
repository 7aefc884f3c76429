/**
 * Fixed inputs for reports: one case for each golden file, and what random tests start from.
 */
import type { Envelope, Instant, QueueEntry, Rcpt } from '../../../src/contract/model.ts';
import type { Peer, RcptStatus, Reply, Why } from '../../../src/contract/why.ts';
import type { ReportInput } from '../../../src/engine/dsn/index.ts';

export const arrivedAt: Instant = Date.UTC(2027, 2, 1, 9, 30, 5);
export const hour = 3_600_000;
export const day = 24 * hour;

export const a: Peer = { name: 'a.theorganisation.test', address: '192.0.2.1', port: 25 };
export const b: Peer = { name: 'b.theorganisation.test', address: '192.0.2.2', port: 25 };
export const ok: Reply = { code: 250, enhanced: '2.0.0', lines: ['Ok: queued as 1B2C3D4'] };
export const full: Why = {
  kind: 'reply',
  peer: b,
  stage: 'rcpt',
  reply: { code: 552, enhanced: '5.2.2', lines: ['Mailbox full'] },
};
export const refused: Why = { kind: 'connect', peer: b, problem: 'refused' };

export const original = Buffer.from(
  [
    'Received: from laptop.outside.test (laptop.outside.test [203.0.113.7])',
    '\tby c.outside.test (Mail Lab) with ESMTP id 3F00A1',
    '\tfor <alice@theorganisation.test>; Mon, 01 Mar 2027 09:30:05 +0000 (UTC)',
    'From: Carol <carol@outside.test>',
    'To: Alice <alice@theorganisation.test>',
    'Subject: Keys for the boathouse',
    'Date: Mon, 01 Mar 2027 09:30:00 +0000',
    'Message-ID: <boathouse.1@outside.test>',
    '',
    'Dear Alice,',
    '',
    'the keys are under the third stone.',
    '.',
    'Carol',
    '',
  ].join('\r\n'),
);

export function rcptOf(address: string, more: Partial<Rcpt> = {}): Rcpt {
  return { address, notify: null, orcpt: null, status: { kind: 'waiting' }, ...more };
}

export function failure(address: string, why: Why, more: Partial<Rcpt> = {}): Rcpt {
  return rcptOf(address, { status: { kind: 'failed', at: arrivedAt, why, expired: false, reportDue: true }, ...more });
}

export const putOff = (why: Why, at: Instant): RcptStatus => ({ kind: 'deferred', at, why, retryAt: at + hour });
export const success = (peer: Peer | null, reply: Reply): RcptStatus => ({
  kind: 'delivered',
  at: arrivedAt,
  how: peer === null ? 'mailbox' : 'relayed',
  peer,
  reply,
  reportDue: true,
});

export function entryOf(envelope: Partial<Envelope> = {}): QueueEntry {
  return {
    queueId: '3F00A1',
    mail: 'm1',
    envelope: { sender: 'carol@outside.test', ret: null, envid: null, eightBit: false, smtpUtf8: false, ...envelope },
    rcpts: [],
    body: { offset: 0, size: original.length },
    sizeBytes: original.length,
    arrivedAt,
    origin: 'smtp',
    messageId: '<boathouse.1@outside.test>',
    subject: 'Keys for the boathouse',
    tryCount: 1,
    nextAt: null,
    held: false,
    warnedAt: null,
  };
}

export function inputOf(more: Partial<ReportInput>, envelope: Partial<Envelope> = {}): ReportInput {
  return {
    kind: 'failed',
    hostName: 'c.outside.test',
    origin: 'outside.test',
    now: arrivedAt + 1000,
    reportQueueId: '3F00A2',
    entry: entryOf(envelope),
    rcpts: [failure('alice@theorganisation.test', full)],
    original,
    returnedBytesMax: 50_000,
    warnAfterMs: null,
    retryUntil: null,
    ...more,
  };
}

const atB = { hostName: b.name, origin: b.name };
const alice = 'alice@theorganisation.test';
const deferredAt = arrivedAt + 4 * hour + 300_000;
const expiredAt = arrivedAt + 5 * day + 1_200_000;
const noRoute: Why = { kind: 'connect', peer: a, problem: 'unreachable' };
const unknownUser: Why = {
  kind: 'reply',
  peer: a,
  stage: 'rcpt',
  reply: {
    code: 550,
    enhanced: '5.1.1',
    lines: ['<nobody@theorganisation.test>: Recipient address rejected:', 'User unknown in local recipient table'],
  },
};

export const cases: Record<string, ReportInput> = {
  failed: inputOf({}),
  delayed: inputOf({
    kind: 'delayed',
    now: deferredAt,
    warnAfterMs: 4 * hour,
    retryUntil: arrivedAt + 5 * day,
    rcpts: [rcptOf(alice, { status: putOff(refused, deferredAt) })],
  }),
  delivered: inputOf(
    {
      kind: 'success',
      hostName: a.name,
      origin: 'theorganisation.test',
      rcpts: [
        rcptOf(alice, {
          notify: ['success', 'failure'],
          orcpt: 'rfc822;alice+2Bkeys@theorganisation.test',
          status: success(null, { code: 250, enhanced: '2.0.0', lines: ['Ok'] }),
        }),
      ],
    },
    { ret: 'full', envid: 'boat+2B1' },
  ),
  relayed: inputOf(
    { kind: 'success', rcpts: [rcptOf(alice, { notify: ['success'], status: success(b, ok) })] },
    { envid: 'boat-2' },
  ),
  successes: inputOf({
    kind: 'success',
    hostName: a.name,
    origin: 'theorganisation.test',
    rcpts: [
      rcptOf(alice, { notify: ['success'], status: success(null, { code: 250, enhanced: '2.0.0', lines: ['Ok'] }) }),
      rcptOf('bob@elsewhere.test', { notify: ['success'], status: success(b, ok) }),
    ],
  }),
  large: inputOf({ returnedBytesMax: original.length - 1 }),
  postmaster: inputOf({ to: 'postmaster@c.outside.test' }, { sender: '' }),
  mixed: inputOf({
    ...atB,
    rcpts: [
      failure('nobody@theorganisation.test', unknownUser),
      failure('bob@nowhere.test', {
        kind: 'dns',
        domain: 'nowhere.test',
        name: 'nowhere.test',
        type: 'MX',
        problem: 'nxdomain',
      }),
      failure('silent@null.test', {
        kind: 'dns',
        domain: 'null.test',
        name: 'null.test',
        type: 'MX',
        problem: 'null-mx',
      }),
      failure('dora@theorganisation.test', {
        kind: 'local',
        reply: { code: 552, enhanced: '5.2.2', lines: ['Mailbox full'] },
      }),
    ],
  }),
  loop: inputOf({ ...atB, rcpts: [failure(alice, { kind: 'loop', domain: 'theorganisation.test', how: 'mx' })] }),
  expired: inputOf({
    ...atB,
    now: expiredAt,
    rcpts: [
      failure(alice, noRoute, {
        status: { kind: 'failed', at: expiredAt, why: noRoute, expired: true, reportDue: true },
      }),
    ],
  }),
  hdrs: inputOf(
    {
      rcpts: [
        failure(alice, {
          kind: 'reply',
          peer: b,
          stage: 'final-dot',
          reply: { code: 552, enhanced: null, lines: ['Requested mail action aborted: exceeded storage allocation'] },
        }),
      ],
    },
    { ret: 'hdrs', envid: 'boat-3' },
  ),
};
