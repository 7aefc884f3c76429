import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { GTUBE } from '../../src/contract/gtube.ts';
import { letterWithFiles } from '../../src/renderer/send/mime.ts';

const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');
const letter = {
  from: 'carol@elsewhere.test',
  to: ['alice@theorganisation.test', 'bob@elsewhere.test'],
  subject: 'Zahlen',
  body: 'Hello\nthere',
  spam: false,
  at: Date.UTC(2026, 2, 2, 9),
};

describe('a letter with files', () => {
  it('is read by a mail reader as it was written', async () => {
    const subject = `Grüße und ${'viele 📎 Zahlen, '.repeat(8)}`.trim();
    const file = {
      name: 'Zahlen März.bin',
      type: 'application/x-zahlen',
      base64: Buffer.from(Array.from({ length: 300 }, (_, i) => i & 255)).toString('base64'),
      sizeBytes: 300,
    };
    const raw = bytes(
      letterWithFiles({
        ...letter,
        subject,
        body: 'Grüße\n.\n',
        files: [file, { ...file, name: 'b', type: 'evil\r\nX: y' }],
      }),
    );
    const mail = await PostalMime.parse(raw);
    expect(mail).toMatchObject({ subject, from: { address: letter.from }, date: '2026-03-02T09:00:00.000Z' });
    expect(mail.to?.map(({ address }) => address)).toEqual(letter.to);
    expect(mail.text?.trim()).toBe('Grüße\n.');
    expect(mail.attachments.map(({ filename, mimeType }) => [filename, mimeType])).toEqual([
      ['Zahlen März.bin', 'application/x-zahlen'],
      ['b', 'application/octet-stream'],
    ]);
    expect(Buffer.from(mail.attachments[0]!.content as ArrayBuffer).toString('base64')).toBe(file.base64);
  });

  it('keeps to the lines of the wire, and to 7 bits where it can', () => {
    const file = { name: 'a.bin', type: '', base64: Buffer.alloc(10_000, 7).toString('base64'), sizeBytes: 10_000 };
    const raw = bytes(letterWithFiles({ ...letter, files: [file] })).toString('latin1');
    expect(raw.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(Math.max(...raw.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(78);
    expect(Math.max(...Buffer.from(raw, 'latin1'))).toBeLessThan(128);
    expect(raw).toContain('Content-Transfer-Encoding: 7bit\r\n\r\nHello\r\nthere\r\n--');
  });

  it('carries the test spam where a filter finds it', () => {
    expect(bytes(letterWithFiles({ ...letter, spam: true, files: [] })).includes(GTUBE)).toBe(true);
  });
});
