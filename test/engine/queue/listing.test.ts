import { expect, test } from 'vitest';
import type { HostState, QueueEntry, Rcpt } from '../../../src/contract/model.ts';
import type { RcptStatus, Why } from '../../../src/contract/why.ts';
import { queueJson, queueListing } from '../../../src/engine/queue/listing.ts';

const AT = Date.UTC(2026, 10, 4, 1, 16, 19, 250);
const why = (name: string): Why => ({
  kind: 'connect',
  peer: { name, address: '192.0.2.1', port: 25 },
  problem: 'refused',
});
const deferred = (name = 'a.theorganisation.test'): RcptStatus => ({
  kind: 'deferred',
  at: AT,
  why: why(name),
  retryAt: AT + 300_000,
});
const rcpt = (address: string, status: RcptStatus): Rcpt => ({ address, notify: null, orcpt: null, status });

function entry(queueId: string, more: Partial<QueueEntry> = {}): QueueEntry {
  return {
    queueId,
    mail: 'm1',
    envelope: { sender: 'carol@outside.test', ret: null, envid: null, eightBit: false, smtpUtf8: false },
    rcpts: [rcpt('alice@theorganisation.test', deferred())],
    body: { offset: 0, size: 546 },
    sizeBytes: 546,
    arrivedAt: AT,
    origin: 'smtp',
    messageId: '',
    subject: '',
    tryCount: 1,
    nextAt: AT + 300_000,
    held: false,
    warnedAt: null,
    ...more,
  };
}

const hostWith = (...entries: QueueEntry[]): HostState =>
  ({ queue: Object.fromEntries(entries.map((one) => [one.queueId, one])) }) as HostState;

test('an empty queue', () => {
  expect(queueListing(hostWith())).toBe('Mail queue is empty\n');
  expect(queueJson(hostWith())).toBe('');
});

test('a message that waits, to the space', () => {
  expect(queueListing(hostWith(entry('5324600001')))).toBe(
    [
      '-Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------',
      '5324600001      546 Wed Nov  4 01:16:19  carol@outside.test',
      '         (connect to a.theorganisation.test[192.0.2.1]:25: Connection refused)',
      '                                         alice@theorganisation.test',
      '',
      '-- 0 Kbytes in 1 Request.',
      '',
    ].join('\n'),
  );
  expect(queueJson(hostWith(entry('5324600001')))).toBe(
    '{"queue_name": "deferred", "queue_id": "5324600001", "arrival_time": 1793754979, "message_size": 546, "forced_expire": false, "sender": "carol@outside.test", ' +
      '"recipients": [{"address": "alice@theorganisation.test", "delay_reason": "connect to a.theorganisation.test[192.0.2.1]:25: Connection refused"}]}\n',
  );
});

test('messages in the order in which they came: on hold, being tried, from the null sender', () => {
  const nobody = { sender: '', ret: null, envid: null, eightBit: false, smtpUtf8: false };
  const host = hostWith(
    entry('BBBBB00002', { arrivedAt: AT + 1000, held: true, nextAt: null, sizeBytes: 1500 }),
    entry('AAAAA00001', {
      nextAt: null,
      envelope: nobody,
      rcpts: [rcpt('alice@theorganisation.test', { kind: 'waiting' })],
    }),
  );
  const lines = queueListing(host).split('\n');
  expect(lines[1]).toBe('AAAAA00001*     546 Wed Nov  4 01:16:19  MAILER-DAEMON');
  expect(lines[2]).toBe('                                         alice@theorganisation.test');
  expect(lines[4]).toBe('BBBBB00002!    1500 Wed Nov  4 01:16:20  carol@outside.test');
  expect(lines.at(-2)).toBe('-- 1 Kbytes in 2 Requests.');
  const json = queueJson(host)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { queue_name: string; sender: string; recipients: object[] });
  expect(json.map(({ queue_name, sender }) => [queue_name, sender])).toEqual([
    ['active', 'MAILER-DAEMON'],
    ['hold', 'carol@outside.test'],
  ]);
  expect(json[0]?.recipients).toEqual([{ address: 'alice@theorganisation.test' }]);
});

test('recipients that wait for one reason stand together; who is through is not listed', () => {
  const names = ['alice', 'bob', 'dora'].map((name) => `${name}@theorganisation.test`);
  const rcpts = [
    rcpt(names[0]!, deferred()),
    rcpt(names[1]!, deferred()),
    rcpt(names[2]!, deferred('b.theorganisation.test')),
  ];
  const done = rcpt('eve@theorganisation.test', {
    kind: 'failed',
    at: AT,
    why: why('a'),
    expired: false,
    reportDue: true,
  });
  const text = queueListing(hostWith(entry('5324600001', { rcpts: [done, ...rcpts] })));
  expect(text.match(/\(connect to/g)).toHaveLength(2);
  expect(text.indexOf(names[1]!)).toBeLessThan(text.lastIndexOf('(connect to b.'));
  expect(text).not.toContain('eve@');
});
