/** How recordings are read and held against the lab; the snippets are the test's own. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { connectionItems, readConnections } from '../../scripts/truth/connections.ts';
import { dialogueItems, readDialogue } from '../../scripts/truth/dialogues.ts';
import { mailqItems } from '../../scripts/truth/listings.ts';
import { readLog, threadsOf } from '../../scripts/truth/logs.ts';
import { mailItems } from '../../scripts/truth/mails.ts';
import { readTimedLog, roundItems } from '../../scripts/truth/rounds.ts';
import { aligned, plain } from '../../scripts/truth/words.ts';

const OPTIONS = { delays: false, submitter: null };

test('ids, dates and program names become one word', () => {
  expect(plain('by x (Postfix) with ESMTP id 1CE1022B698 for <a@b>; Tue, 24 Nov 2026 01:15:31 +0000 (UTC)')).toBe(
    'by x (Own) with ESMTP id ID for <a@b>; DATE',
  );
  expect(plain('by x (Mail Lab) with ESMTP id 70E8000001 for <a@b>; Tue, 3 Nov 2026 01:15:31 +0000 (UTC)')).toBe(
    'by x (Own) with ESMTP id ID for <a@b>; DATE',
  );
  expect(plain('250 2.0.0 Ok: queued as 1CE1022B698')).toBe('250 2.0.0 Ok');
  expect(plain('250 2.0.0 Ok: queued as FAKE')).toBe('250 2.0.0 Ok');
  expect(plain('452 4.3.1 Insufficient system storage')).toBe('452 4.3.1 Insufficient system storage');
});

test('what one side has and the other has not stands alone', () => {
  const items = (...keys: string[]) => keys.map((key) => ({ key, value: key.toUpperCase() }));
  expect(
    aligned(items('a', 'b', 'd'), items('a', 'c', 'd')).map(({ key, recorded, lab }) => [key, recorded, lab]),
  ).toEqual([
    ['a', 'A', 'A'],
    ['b', 'B', null],
    ['c', null, 'C'],
    ['d', 'D', 'D'],
  ]);
});

test('a log is read into messages and visits; lines without an id go to the message of their process', () => {
  const text = [
    'Nov 24 01:15:00 c postfix/pickup[1]: EB09722A336: uid=0 from=<carol@outside.test>',
    'Nov 24 01:15:00 c postfix/smtpd[7]: connect from b.example[192.0.2.2]',
    'Nov 24 01:15:30 c postfix/smtp[2]: connect to a.example[192.0.2.1]:25: Connection timed out',
    'Nov 24 01:15:30 c postfix/smtp[3]: connect to z.example[192.0.2.9]:25: Connection refused',
    'Nov 24 01:15:31 c postfix/smtp[2]: EB09722A336: to=<alice@example>, relay=b.example[192.0.2.2]:25, delay=30, delays=0/0/30/0, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 15DC922B697)',
    'Nov 24 01:15:32 c postfix/smtpd[7]: disconnect from b.example[192.0.2.2] ehlo=1 quit=1 commands=2',
  ].join('\n');
  const { threads, left } = threadsOf(readLog(text), OPTIONS);
  expect(threads.map(({ name, items }) => [name, items.map(({ value }) => value)])).toEqual([
    [
      'message 1',
      [
        'connect to a.example[192.0.2.1]:25: Connection timed out',
        '<alice@example>',
        'b.example[192.0.2.2]:25',
        '2.0.0',
        'sent',
        '(250 2.0.0 Ok)',
      ],
    ],
    [
      'visit 1 of b.example[192.0.2.2]',
      ['connect from b.example[192.0.2.2]', 'disconnect from b.example[192.0.2.2] ehlo=1 quit=1 commands=2'],
    ],
  ]);
  expect([...left].join()).toContain('sendmail command');
});

test('a report is read by its parts; the wording for people is passed over, the reason is not', () => {
  const report = (letter: string, action: string) => `Return-Path: <>
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="B"

--B
Content-Type: text/plain; charset=utf-8

${letter}

                   The mail system

<alice@example>: connect to b.example[192.0.2.2]:25:
    Connection refused

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; c.example
Arrival-Date: Tue, 24 Nov 2026 01:14:54 +0000 (UTC)

Final-Recipient: rfc822; alice@example
Action: ${action}
Will-Retry-Until: Tue, 24 Nov 2026 01:17:54 +0000 (UTC)

--B
Content-Type: text/rfc822-headers

Subject: Minutes

--B--
`;
  const items = mailItems(report('I am sorry.', 'delayed'));
  expect(items).toEqual(mailItems(report('What a pity.', 'delayed')));
  expect(items).not.toEqual(mailItems(report('I am sorry.', 'failed')));
  expect(Object.fromEntries(items.map(({ key, value }) => [key, value]))).toMatchObject({
    parts: '3',
    'part 1 reason': '<alice@example>: connect to b.example[192.0.2.2]:25: Connection refused',
    'status of recipient 1 Action': 'delayed',
    'status of recipient 1 Will-Retry-Until': 'Arrival-Date + 180 s',
    'part 3 returned Subject': 'Minutes',
    'part 3 returned body': 'none',
  });
});

test('dialogues of three notations are one', () => {
  const plainText = 'S: 220 b ESMTP\nC: EHLO c\nS: 250-b\nS: 250 SIZE 1\nC: QUIT\nS: 221 2.0.0 Bye\n';
  const curl = '=== Trying\n<-  220 b ESMTP\n -> EHLO c\n<-  250-b\n<-  250 SIZE 1\n -> QUIT\n<** 221 2.0.0 Bye\n';
  const transcript =
    ' Out: 220 b ESMTP\n In:  EHLO c\n Out: 250-b\n Out: 250 SIZE 1\n In:  QUIT\n Out: 221 2.0.0 Bye\n';
  const items = dialogueItems(readDialogue(plainText));
  expect(items.map(({ key, value }) => `${key}: ${value}`)).toEqual([
    'greeting reply: 220 b ESMTP',
    '1 EHLO said: EHLO c',
    '1 EHLO reply b: 250 b',
    '1 EHLO reply SIZE: 250 SIZE 1',
    '2 QUIT said: QUIT',
    '2 QUIT reply: 221 2.0.0 Bye',
  ]);
  expect(dialogueItems(readDialogue(curl))).toEqual(items);
  expect(dialogueItems(readDialogue(transcript))).toEqual(items);
});

test('a queue listing is compared to the space, but for ids, sizes and times', () => {
  const listing = (id: string, indent: string) =>
    `-Queue ID-\n${id}     546 Tue Nov 24 01:16:19  carol@example\n${indent}(no)\n\n-- 0 Kbytes in 1 Request.\n`;
  expect(mailqItems(listing('022E522B6A4', '  '))).toEqual(mailqItems(listing('5324600001 ', '  ')));
  expect(mailqItems(listing('022E522B6A4', '  '))).not.toEqual(mailqItems(listing('022E522B6A4', ' ')));
});

test('without recordings nothing is compared, and that is said', () => {
  const script = path.resolve(import.meta.dirname, '../../scripts/truth.ts');
  const { status, stderr } = spawnSync(process.execPath, [script, '/no/such/folder'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain('There are no recordings in /no/such/folder');
});

test('what became of several recipients at one time is in one order, and so are the blocks of a report', () => {
  const lines = (...recipients: string[]) =>
    recipients
      .map(
        (who, index) =>
          `Nov 24 01:15:31 c postfix/smtp[${index}]: EB09722A336: to=<${who}@example>, relay=none, delay=3, dsn=4.4.1, status=deferred (no)`,
      )
      .join('\n');
  expect(threadsOf(readLog(lines('a', 'b')), OPTIONS)).toEqual(threadsOf(readLog(lines('b', 'a')), OPTIONS));
  expect(threadsOf(readLog(lines('a', 'b')), OPTIONS)).not.toEqual(threadsOf(readLog(lines('a', 'c')), OPTIONS));
});

test('of many messages of one kind the rounds are counted, whichever of them is taken up first', () => {
  const line = (seconds: number, id: string, program: string, text: string) =>
    `Nov 28 06:32:${String(seconds).padStart(2, '0')} c postfix/${program}[7]: ${id}: ${text}`;
  const tried = (rcpt: string) =>
    `to=<${rcpt}@dead.test>, relay=none, delay=2, delays=0/0/2/0, dsn=4.4.1, status=deferred (connect: timed out)`;
  const log = [
    line(1, 'B5E2B2CE81A', 'pickup', 'uid=0'),
    line(1, 'B5E2B2CE81A', 'smtp', tried('u1')),
    line(2, 'B89752CE9A2', 'smtp', tried('u2')),
    line(20, 'B89752CE9A2', 'smtp', tried('u2')),
  ].join('\n');
  const left = new Set<string>();
  expect(roundItems(readTimedLog(log), left).map(({ key, value }) => `${value} × ${key}`)).toEqual([
    '2 × round 1: smtp to=<uN@dead.test>, relay=none, dsn=4.4.1, status=deferred (connect: timed out)',
    '1 × round 2: smtp to=<uN@dead.test>, relay=none, dsn=4.4.1, status=deferred (connect: timed out)',
  ]);
  expect([...left].join()).toContain('sendmail command');
});

test('connections are counted: at first, at the most, and in all', () => {
  const text =
    '1 +++ connect t=0.44 live=1\n2 +++ connect t=0.50 live=2\n1 --- close t=1.50\n3 +++ connect t=1.60 live=2\n2 --- close t=1.70\n3 --- close t=2.00\n';
  expect(connectionItems(readConnections(text)).map(({ value }) => value)).toEqual(['2', '2', '3', '0']);
});

test('cases without recordings are passed over, and named; a folder without any is told what a case is', () => {
  const script = path.resolve(import.meta.dirname, '../../scripts/truth.ts');
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-truth-'));
  const empty = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' });
  expect(empty.status).toBe(2);
  expect(empty.stderr).toContain(
    'has the recordings of no case: nothing was compared. A case is a folder in it, such as 01-firewall-drop',
  );
  fs.mkdirSync(path.join(folder, '14-concurrency'));
  fs.writeFileSync(
    path.join(folder, '14-concurrency/connections.txt'),
    '1 +++ connect t=0.10 live=1\n1 --- close t=1.20\n',
  );
  const { status, stdout } = spawnSync(process.execPath, [script, folder], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stdout).toMatch(/DIFFERENT {2}connections\.txt {2}begun before the first success\n +recorded {2}1\n/);
  expect(stdout).toMatch(/same {7}connections\.txt {2}left open at the end {2}0/);
  expect(stdout).toMatch(/skipped, as there are no recordings of them here: 01-firewall-drop, .*13-mixed-recipients\n/);
  fs.rmSync(folder, { recursive: true });
});
