/** How recordings are read and held against the lab; the snippets are the test's own. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { dialogueItems, readDialogue } from '../../scripts/truth/dialogues.ts';
import { mailqItems } from '../../scripts/truth/listings.ts';
import { readLog, threadsOf } from '../../scripts/truth/logs.ts';
import { mailItems } from '../../scripts/truth/mails.ts';
import { aligned, plain } from '../../scripts/truth/words.ts';

const OPTIONS = { delays: false, submitter: null };

test('ids, dates and program names become one word', () => {
  expect(plain('by x (Postfix) with ESMTP id 1CE1022B698 for <a@b>; Tue, 24 Nov 2026 01:15:31 +0000 (UTC)')).toBe('by x (Own) with ESMTP id ID for <a@b>; DATE');
  expect(plain('by x (Mail Lab) with ESMTP id 70E8000001 for <a@b>; Tue, 3 Nov 2026 01:15:31 +0000 (UTC)')).toBe('by x (Own) with ESMTP id ID for <a@b>; DATE');
  expect(plain('250 2.0.0 Ok: queued as 1CE1022B698')).toBe('250 2.0.0 Ok');
  expect(plain('452 4.3.1 Insufficient system storage')).toBe('452 4.3.1 Insufficient system storage');
});

test('what one side has and the other has not stands alone', () => {
  const items = (...keys: string[]) => keys.map((key) => ({ key, value: key.toUpperCase() }));
  expect(aligned(items('a', 'b', 'd'), items('a', 'c', 'd')).map(({ key, recorded, lab }) => [key, recorded, lab])).toEqual([
    ['a', 'A', 'A'], ['b', 'B', null], ['c', null, 'C'], ['d', 'D', 'D'],
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
    ['message 1', ['connect to a.example[192.0.2.1]:25: Connection timed out', '<alice@example>', 'b.example[192.0.2.2]:25', '2.0.0', 'sent', '(250 2.0.0 Ok)']],
    ['visit 1 of b.example[192.0.2.2]', ['connect from b.example[192.0.2.2]', 'disconnect from b.example[192.0.2.2] ehlo=1 quit=1 commands=2']],
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
    parts: '3', 'part 1 reason': '<alice@example>: connect to b.example[192.0.2.2]:25: Connection refused',
    'status of recipient 1 Action': 'delayed', 'status of recipient 1 Will-Retry-Until': 'Arrival-Date + 180 s',
    'part 3 returned Subject': 'Minutes', 'part 3 returned body': 'none',
  });
});

test('dialogues of three notations are one', () => {
  const plainText = 'S: 220 b ESMTP\nC: EHLO c\nS: 250-b\nS: 250 SIZE 1\nC: QUIT\nS: 221 2.0.0 Bye\n';
  const curl = '=== Trying\n<-  220 b ESMTP\n -> EHLO c\n<-  250-b\n<-  250 SIZE 1\n -> QUIT\n<** 221 2.0.0 Bye\n';
  const transcript = ' Out: 220 b ESMTP\n In:  EHLO c\n Out: 250-b\n Out: 250 SIZE 1\n In:  QUIT\n Out: 221 2.0.0 Bye\n';
  const items = dialogueItems(readDialogue(plainText));
  expect(items.map(({ key, value }) => `${key}: ${value}`)).toEqual([
    'greeting reply: 220 b ESMTP', '1 EHLO said: EHLO c', '1 EHLO reply b: 250 b', '1 EHLO reply SIZE: 250 SIZE 1', '2 QUIT said: QUIT', '2 QUIT reply: 221 2.0.0 Bye',
  ]);
  expect(dialogueItems(readDialogue(curl))).toEqual(items);
  expect(dialogueItems(readDialogue(transcript))).toEqual(items);
});

test('a queue listing is compared to the space, but for ids, sizes and times', () => {
  const listing = (id: string, indent: string) => `-Queue ID-\n${id}     546 Tue Nov 24 01:16:19  carol@example\n${indent}(no)\n\n-- 0 Kbytes in 1 Request.\n`;
  expect(mailqItems(listing('022E522B6A4', '  '))).toEqual(mailqItems(listing('5324600001 ', '  ')));
  expect(mailqItems(listing('022E522B6A4', '  '))).not.toEqual(mailqItems(listing('022E522B6A4', ' ')));
});

test('without recordings nothing is compared, and that is said', () => {
  const script = path.resolve(import.meta.dirname, '../../scripts/truth.ts');
  const { status, stderr } = spawnSync(process.execPath, [script, '/no/such/folder'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toContain('There are no recordings in /no/such/folder');
});
