import { describe, expect, it } from 'vitest';
import { asKept, mailDate, readHead, receivedLine } from '../../../src/engine/smtp-in/message.ts';

describe('a message as a server reads it', () => {
  const message = Buffer.from(
    'Received: from x\r\n\tby y\r\nreceived : from z\r\nSubject: a long\r\n  one\r\nX-Received: no\r\nSubject: no\r\n\r\nReceived: not here\r\n',
  );

  it('has headers, unfolded, and hops', () => {
    expect(readHead(message)).toEqual({ hopCount: 2, subject: 'a long one', messageId: '', missing: [] });
    expect(readHead(Buffer.from('MESSAGE-ID:\r\n <x@y>\r\n'))).toMatchObject({ messageId: '<x@y>', missing: [] });
  });

  it.each([
    ['Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=', 'Grüße'],
    ['Subject: =?iso-8859-1?B?R3L832U=?=\r\n =?utf-8?Q?_aus_K=C3=B6ln?=', 'Grüße aus Köln'],
    ['Subject: Grüße', 'Grüße'],
    ['Subject: =?utf-8?q?a=0Ab?=', 'a?b'],
    ['From: x', ''],
    [`Subject: ${'ü'.repeat(2000)}`, 'ü'.repeat(998)],
    [`Subject: ${'=?utf-8?q?=C3=BC?= '.repeat(200)}`, 'ü'.repeat(52)], // no half word at the end
  ])('has a subject that people can read: %j', (header, subject) => {
    expect(readHead(Buffer.from(`${header}\r\nX: y`)).subject).toBe(subject);
  });

  it.each([
    ['hello\r\nworld\r\n', '\r\nhello\r\nworld\r\n'],
    ['Dear Alice: how are you\r\n', '\r\nDear Alice: how are you\r\n'],
    [' From: the first line is no continuation\r\n', '\r\n From: the first line is no continuation\r\n'],
    ['Subject: x\r\nhello\r\nFrom: y\r\n', 'Subject: x\r\n\r\nhello\r\nFrom: y\r\n'],
    ['Subject: x\r\n y\r\n\r\nhello\r\n', 'Subject: x\r\n y\r\n\r\nhello\r\n'],
    [': x\r\n', '\r\n: x\r\n'],
    ['\r\nhello\r\n', '\r\nhello\r\n'],
    ['', ''],
    [
      'From a\r\n>From b\r\nX: y\r\nFrom c\r\n',
      'X-Mailbox-Line: From a\r\nX-Mailbox-Line: >From b\r\nX: y\r\n\r\nFrom c\r\n',
    ],
    [
      'From carol Mon Mar 2\r\nSubject: x\r\n\r\nFrom y\r\n',
      'X-Mailbox-Line: From carol Mon Mar 2\r\nSubject: x\r\n\r\nFrom y\r\n',
    ],
  ])('keeps text and header apart: %j', (given, kept) => {
    const bytes = Buffer.from(given);
    expect(Buffer.concat(asKept(bytes, readHead(bytes), 'Received: z\r\n')).toString()).toBe(`Received: z\r\n${kept}`);
  });

  it('is traced, with a recipient only when it is the only one', () => {
    const facts = {
      helo: 'c.elsewhere.test',
      clientName: 'unknown',
      clientAddress: '203.0.113.30',
      hostName: 'b.theorganisation.test',
      protocol: 'ESMTP',
      queueId: 'AB',
      at: Date.UTC(2026, 2, 2, 9, 0, 5),
    } as const;
    expect(mailDate(facts.at)).toBe('Mon, 2 Mar 2026 09:00:05 +0000 (UTC)');
    expect(receivedLine({ ...facts, rcpt: null })).toBe(
      'Received: from c.elsewhere.test (unknown [203.0.113.30])\r\n\tby b.theorganisation.test (Mail Lab) with ESMTP id AB;\r\n\tMon, 2 Mar 2026 09:00:05 +0000 (UTC)\r\n',
    );
    expect(receivedLine({ ...facts, rcpt: 'alice@theorganisation.test' })).toContain(
      'id AB\r\n\tfor <alice@theorganisation.test>; Mon,',
    );
  });
});
