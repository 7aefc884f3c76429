import { describe, expect, it } from 'vitest';
import { headerBlock, headerValue, hopCount, lineTrouble, mailDate, receivedLine, subjectOf } from '../../../src/engine/smtp-in/message.ts';

describe('a message as a server reads it', () => {
  const message = Buffer.from('Received: from x\r\n\tby y\r\nreceived: from z\r\nSubject: a long\r\n  one\r\nX-Received: no\r\n\r\nReceived: not here\r\n');

  it('has headers, unfolded, and hops', () => {
    const block = headerBlock(message);
    expect(headerValue(block, 'Subject')).toBe('a long one');
    expect(headerValue(block, 'Message-ID')).toBe('');
    expect(hopCount(block)).toBe(2);
  });

  it.each([
    ['Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=', 'Grüße'], ['Subject: =?iso-8859-1?B?R3L832U=?=\r\n =?utf-8?Q?_aus_K=C3=B6ln?=', 'Grüße aus Köln'],
    [`Subject: ${Buffer.from('Grüße').toString('latin1')}`, 'Grüße'], ['Subject: =?utf-8?q?a=0Ab?=', 'a?b'], ['From: x', ''],
  ])('has a subject that people can read: %j', (header, subject) => {
    expect(subjectOf(`${header}\r\nX: y`)).toBe(subject);
  });

  it.each([['a\r\nb\r\n', null], ['a\nb', 'a bare LF'], ['a\rb', 'a bare CR'], ['a\r', 'a bare CR'], ['\na', 'a bare LF'], ['a\0', 'a NUL byte'], ['', null]])('%j has %s', (text, trouble) => {
    expect(lineTrouble(Buffer.from(text))).toBe(trouble);
  });

  it('is traced, with a recipient only when it is the only one', () => {
    const facts = { helo: 'c.elsewhere.test', clientName: 'unknown', clientAddress: '203.0.113.30', hostName: 'b.theorganisation.test', protocol: 'ESMTP', queueId: 'AB', at: Date.UTC(2026, 2, 2, 9, 0, 5) } as const;
    expect(mailDate(facts.at)).toBe('Mon, 2 Mar 2026 09:00:05 +0000 (UTC)');
    expect(receivedLine({ ...facts, rcpt: null })).toBe('Received: from c.elsewhere.test (unknown [203.0.113.30])\r\n\tby b.theorganisation.test (Mail Lab) with ESMTP id AB;\r\n\tMon, 2 Mar 2026 09:00:05 +0000 (UTC)\r\n');
    expect(receivedLine({ ...facts, rcpt: 'alice@theorganisation.test' })).toContain('id AB\r\n\tfor <alice@theorganisation.test>; Mon,');
  });
});
