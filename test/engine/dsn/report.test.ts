/**
 * Reports as a mail program reads them, and as RFC 3464's grammar sees them, whatever the other host said.
 */
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import type { Why } from '../../../src/contract/why.ts';
import { makeReport } from '../../../src/engine/dsn/index.ts';
import { arrivedAt, cases, failure, full, inputOf, original, putOff, rcptOf, refused, b } from './cases.ts';

/** The parts of a report by its boundary, each as header and body text. */
function partsOf(bytes: Buffer): { header: string; body: string }[] {
  const text = bytes.toString('latin1');
  const boundary = /boundary="([^"]+)"/.exec(text)?.[1] ?? '';
  const pieces = text.split(`\r\n--${boundary}`);
  expect(pieces.at(-1)).toBe('--\r\n');
  return pieces.slice(1, -1).map((piece) => {
    const end = piece.indexOf('\r\n\r\n');
    return { header: piece.slice(2, end + 2), body: piece.slice(end + 4) };
  });
}

/** Blocks of unfolded fields. */
function fieldsOf(body: string): Record<string, string>[] {
  return body
    .trimEnd()
    .split('\r\n\r\n')
    .map((block) =>
      Object.fromEntries(
        block
          .replace(/\r\n +/g, ' ')
          .split('\r\n')
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      ),
    );
}

function statusOfReport(bytes: Buffer): Record<string, string>[] {
  return fieldsOf(partsOf(bytes)[1]?.body ?? '');
}

describe('a mail program', () => {
  for (const [name, input] of Object.entries(cases)) {
    it(`reads ${name}`, async () => {
      const { bytes, messageId, subject } = makeReport(input);
      const mail = await PostalMime.parse(bytes, { forceRfc822Attachments: true });
      expect(mail.from).toMatchObject({ name: 'Mail Delivery System', address: `MAILER-DAEMON@${input.origin}` });
      expect(mail.to?.[0]?.address).toBe(input.to ?? 'carol@outside.test');
      expect(mail).toMatchObject({ subject, messageId });
      expect(mail.headers.find((h) => h.key === 'auto-submitted')?.value).toBe(
        input.to === undefined ? 'auto-replied' : 'auto-generated',
      );
      expect(mail.headers.find((h) => h.key === 'content-type')?.value).toMatch(
        /^multipart\/report; report-type=delivery-status;/,
      );
      expect(mail.text).toContain(`<${input.rcpts[0]?.address}>: `);
      const whole = input.kind === 'failed' && input.entry.envelope.ret !== 'hdrs' && name !== 'large';
      expect(mail.attachments.map((part) => part.mimeType)).toEqual([
        'message/delivery-status',
        whole ? 'message/rfc822' : 'text/rfc822-headers',
      ]);
      const [head, ...rcpts] = statusOfReport(bytes);
      expect(head).toMatchObject({ 'Reporting-MTA': `dns; ${input.hostName}`, 'X-MailLab-Queue-ID': '3F00A1' });
      expect(rcpts.map((r) => r['Final-Recipient'])).toEqual(input.rcpts.map((r) => `rfc822; ${r.address}`));
      const actions = { failed: /^failed$/, delayed: /^delayed$/, success: /^(delivered|relayed)$/ };
      for (const { Action } of rcpts) expect(Action).toMatch(actions[input.kind]);
      expect(
        rcpts.every((r) => (r['Remote-MTA'] === undefined) === r['Diagnostic-Code']?.startsWith('X-MailLab; ')),
      ).toBe(true);
    });
  }
});

describe('the message that comes back', () => {
  it('is whole in a failure, to the byte', () => {
    expect(partsOf(makeReport(inputOf({})).bytes)[2]?.body).toBe(
      `Return-Path: <carol@outside.test>\r\n${original.toString()}`,
    );
  });

  it('is its header when RET=HDRS, when it is too large, and of a delay or a success, whatever RET asked', () => {
    const header = original.toString().slice(0, original.indexOf('\r\n\r\n') + 2);
    for (const input of [cases.hdrs, cases.large, cases.delayed, cases.delivered, cases.relayed]) {
      expect(partsOf(makeReport(input ?? inputOf({})).bytes)[2]?.body).toBe(
        `Return-Path: <carol@outside.test>\r\n${header}`,
      );
    }
  });

  it('ends its lines with CRLF, and may have no header or no body', () => {
    const part = (text: string) =>
      partsOf(makeReport(inputOf({ original: Buffer.from(text) })).bytes)[2]
        ?.body.split('\r\n')
        .slice(1)
        .join('|');
    expect(part('A: 1\n\nx\ny')).toBe('A: 1||x|y|');
    expect(part('\r\nbody\r\n')).toBe('|body|');
    expect(part('')).toBe('');
  });

  it('cannot end the report with a boundary of its own', () => {
    const boundary = '3F00A1.1803893406/c.outside.test';
    const body = Buffer.from(`Subject: x\r\n\r\n--${boundary}--\r\n--${boundary}=\r\n`);
    expect(partsOf(makeReport(inputOf({ original: body })).bytes)).toHaveLength(3);
  });

  it('is told of in the envelope when it has eight bits', () => {
    expect(makeReport(inputOf({}))).toMatchObject({ eightBit: false, smtpUtf8: false });
    expect(makeReport(inputOf({ original: Buffer.from('Subject: x\r\n\r\nGrüße\r\n') }))).toMatchObject({
      eightBit: true,
      smtpUtf8: false,
    });
  });
});

describe('SMTPUTF8, RFC 6533', () => {
  it('uses the global types and utf-8 addresses', () => {
    const report = makeReport(inputOf({ rcpts: [failure('jürgen@theorganisation.test', full)] }, { smtpUtf8: true }));
    expect(report).toMatchObject({ eightBit: true, smtpUtf8: true });
    const text = report.bytes.toString();
    expect(text).toContain('Content-Type: message/global-delivery-status\r\n');
    expect(text).toContain('Content-Type: message/global\r\n');
    expect(text).toContain(
      'Final-Recipient: utf-8; jürgen@theorganisation.test\r\nOriginal-Recipient: utf-8;jürgen@theorganisation.test\r\n',
    );
  });

  it('stays with ASCII where addresses and header are ASCII', () => {
    expect(makeReport(inputOf({}, { smtpUtf8: true })).bytes.toString()).toContain(
      'Content-Type: message/delivery-status\r\n',
    );
  });
});

describe('status and diagnostic', () => {
  const suspended: Why = { kind: 'suspended', domain: 'theorganisation.test', last: refused };

  it('gives a delay class 4, even for a reason of class 5', () => {
    const [, r] = statusOfReport(
      makeReport(inputOf({ kind: 'delayed', rcpts: [rcptOf('alice@x.test', { status: putOff(full, arrivedAt) })] }))
        .bytes,
    );
    expect(r).toMatchObject({ Status: '4.2.2', 'Diagnostic-Code': 'smtp; 552 5.2.2 Mailbox full' });
    expect(r).not.toHaveProperty('Will-Retry-Until');
  });

  it('names no remote host for a try that was not made', () => {
    const [, r] = statusOfReport(makeReport(inputOf({ rcpts: [failure('alice@x.test', suspended)] })).bytes);
    expect(r).toMatchObject({ Status: '4.4.1' });
    expect(r?.['Diagnostic-Code']).toBe(
      'X-MailLab; delivery temporarily suspended: connect to b.theorganisation.test[192.0.2.2]:25: Connection refused',
    );
    expect(r).not.toHaveProperty('Remote-MTA');
  });

  it('goes to postmaster when told so', () => {
    const { bytes, subject } = makeReport(inputOf({ to: 'postmaster@outside.test' }, { sender: '' }));
    expect(subject).toBe('Postmaster Copy: Undelivered Mail');
    expect(bytes.toString()).toContain('\r\nTo: postmaster@outside.test\r\n');
    expect(bytes.toString()).not.toContain('X-MailLab-Sender');
  });

  it('throws rather than leave something out', () => {
    expect(() => makeReport(inputOf({}, { sender: '' }))).toThrow(/null sender.*whyNoReport/);
    expect(() => makeReport(inputOf({ rcpts: [] }))).toThrow(/no recipient/);
    expect(() => makeReport(inputOf({ rcpts: [rcptOf('x@y.test')] }))).toThrow(
      /"failed" about 3F00A1: <x@y.test> is waiting, not failed/,
    );
    expect(() => makeReport(inputOf({ kind: 'success', rcpts: [failure('x@y.test', full)] }))).toThrow(
      /is failed, not delivered/,
    );
  });
});

describe('grammar of RFC 3464, whatever is said', () => {
  const rubbish = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 1500 }),
    fc.string({
      unit: fc.constantFrom('\r', '\n', '\0', ' ', '\t', 'a', 'é', '+0D', '+0A', '-', ';', '\u2028'),
      maxLength: 60,
    }),
    fc.constantFrom('x'.repeat(5000), 'é'.repeat(3000), '\r\n.\r\n', '\r\n\r\nStatus: 2.0.0', '   '),
  );
  const reply = fc.record({
    code: fc.constantFrom(0, 250, 354, 421, 452, 550, 552),
    enhanced: fc.option(fc.oneof(fc.constantFrom('5.1.1', '4.2.2'), rubbish)),
    lines: fc.array(rubbish, { maxLength: 3 }),
  });
  const why: fc.Arbitrary<Why> = fc.oneof(
    fc.record({
      kind: fc.constant('reply' as const),
      peer: fc.constant(b),
      stage: fc.constantFrom('greeting' as const, 'rcpt' as const),
      reply,
    }),
    fc.record({ kind: fc.constant('local' as const), reply }),
    rubbish.map((name): Why => ({ kind: 'dns', domain: name, name, type: 'MX', problem: 'nxdomain' })),
  );
  const input = fc.record({
    kind: fc.constantFrom('failed' as const, 'delayed' as const),
    why,
    address: rubbish,
    orcpt: fc.option(rubbish),
    envid: fc.option(rubbish),
    smtpUtf8: fc.boolean(),
  });

  it('keeps headers, lines and fields well formed', () => {
    fc.assert(
      fc.property(input, (x) => {
        const { bytes } = makeReport(
          inputOf(
            {
              kind: x.kind,
              rcpts: [
                failure(x.address, x.why, {
                  orcpt: x.orcpt,
                  ...(x.kind === 'delayed' ? { status: putOff(x.why, 0) } : {}),
                }),
              ],
              retryUntil: 0,
            },
            { envid: x.envid, smtpUtf8: x.smtpUtf8 },
          ),
        );
        const lines = bytes.toString('latin1').split('\r\n');
        expect(lines.every((line) => line.length <= 998 && !/[\r\n\0]/.test(line))).toBe(true);
        if (!x.smtpUtf8) expect(bytes.every((byte) => byte < 128)).toBe(true);
        const parts = partsOf(bytes);
        expect(parts).toHaveLength(3);
        const header = bytes.toString('latin1').split('\r\n\r\n')[0] ?? '';
        const blocks = (parts[1]?.body ?? '').trimEnd().split('\r\n\r\n');
        expect(blocks).toHaveLength(2);
        for (const block of [header, ...blocks, ...parts.map((part) => part.header.trimEnd())]) {
          for (const line of block.split('\r\n')) expect(line).toMatch(/^([!-9;-~]+:|[ \t]+[^ \t])/);
        }
        const [head, rcpt] = fieldsOf(parts[1]?.body ?? '');
        expect(Object.keys(head ?? {})[0]).toBe('Reporting-MTA');
        expect(rcpt?.['Final-Recipient']).toMatch(/^(rfc822|utf-8);/);
        expect(rcpt?.['Original-Recipient']).toMatch(/;/);
        expect(rcpt?.Status).toMatch(/^[45]\.\d{1,3}\.\d{1,3}$/);
        expect(rcpt?.['Diagnostic-Code']).toMatch(/^(smtp|X-MailLab);/);
        expect(rcpt?.['Will-Retry-Until']).toBe(
          x.kind === 'delayed' ? 'Thu, 01 Jan 1970 00:00:00 +0000 (UTC)' : undefined,
        );
      }),
      { numRuns: 200, seed: 3464 },
    );
  });
});
