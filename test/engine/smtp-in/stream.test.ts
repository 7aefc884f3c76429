/** What comes from a client, in whatever pieces: lines and messages, and what never ends. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AMPLE } from '../../../src/engine/smtp-in/room.ts';
import { ClientStream, LINE_HEARD_MAX } from '../../../src/engine/smtp-in/stream.ts';

interface Heard {
  lines: string[];
  messages: string[];
  ended: boolean;
  error: string | null;
}

/** Lines, and a message behind each line DATA. */
function listen(
  bytesMax = 1_000_000,
  endless?: { line: number; message: number },
): { stream: ClientStream; heard: Heard } {
  const heard: Heard = { lines: [], messages: [], ended: false, error: null };
  const stream: ClientStream = new ClientStream(
    {
      line(line, done) {
        heard.lines.push(line.toString('latin1'));
        if (line.toString() === 'DATA') stream.startMessage(bytesMax, AMPLE);
        done();
      },
      message({ bytes, sizeBytes }, done) {
        heard.messages.push(bytes.length === sizeBytes ? bytes.toString('latin1') : `<${sizeBytes} bytes>`);
        done();
      },
      passOver: () => undefined,
      end: () => (heard.ended = true),
    },
    endless,
  );
  stream.on('error', (error) => (heard.error = error.message));
  return { stream, heard };
}

/** The same by looking at the whole: only CR LF . CR LF ends a message, RFC 5321 §4.1.1.4. */
function whole(text: string): Pick<Heard, 'lines' | 'messages'> {
  const lines: string[] = [];
  const messages: string[] = [];
  for (let rest = text, end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
    const line = rest.slice(0, end).replace(/\r$/, '');
    lines.push(line);
    rest = rest.slice(end + 1);
    if (line !== 'DATA') continue;
    const dot = `\r\n${rest}`.indexOf('\r\n.\r\n');
    if (dot < 0) break;
    messages.push(
      `\r\n${rest}`
        .slice(0, dot + 2)
        .replace(/\r\n\./g, '\r\n')
        .slice(2),
    );
    rest = rest.slice(dot + 3);
  }
  return { lines, messages };
}

describe('what comes from a client', () => {
  it('is the same however it is cut into pieces', () => {
    const text = fc
      .array(
        fc.constantFrom(
          'DATA\r\n',
          'NOOP\r\n',
          '.',
          '..',
          '\r\n',
          '\r',
          '\n',
          '\r\n.\r\n',
          '\r\n.',
          'x',
          '.\r',
          '\n.\n',
        ),
        { maxLength: 14 },
      )
      .map((parts) => parts.join(''));
    const cuts = fc.array(fc.nat(60), { maxLength: 8 });
    fc.assert(
      fc.property(text, cuts, (all, at) => {
        const { stream, heard } = listen();
        const places = [0, ...new Set(at.filter((place) => place < all.length).sort((a, b) => a - b)), all.length];
        for (let i = 1; i < places.length; i++)
          stream.write(Buffer.from(all.slice(places[i - 1], places[i]), 'latin1'));
        expect({ lines: heard.lines, messages: heard.messages }).toEqual(whole(all));
      }),
      { seed: 7, numRuns: 3000 },
    );
  });

  it('is heard to an end, and half a line or message is none', async () => {
    const { stream, heard } = listen();
    stream.end(Buffer.from('NOOP\r\nDATA\r\nhalf'));
    await new Promise((resolve) => stream.on('finish', resolve));
    expect(heard).toMatchObject({ lines: ['NOOP', 'DATA'], messages: [], ended: true });
    const other = listen();
    other.stream.end(Buffer.from('NOOP\r\nRSE'));
    await new Promise((resolve) => other.stream.on('finish', resolve));
    expect(other.heard.lines).toEqual(['NOOP']);
  });

  it.each([1, 100, 2047, 2048, 2049, 5000, 1_000_000])(
    'has a line of which the first 2048 bytes count, %i bytes at a time',
    (at) => {
      const { stream, heard } = listen();
      const line = Buffer.from(`${'x'.repeat(LINE_HEARD_MAX)}${'y'.repeat(at === 1 ? 3000 : 900_000)}\r\nNOOP\r\n`);
      for (let i = 0; i < line.length; i += at) stream.write(line.subarray(i, i + at));
      expect(heard).toMatchObject({ lines: ['x'.repeat(LINE_HEARD_MAX), 'NOOP'], error: null });
    },
  );

  it('keeps of a message only what may be kept, and counts the rest', () => {
    const { stream, heard } = listen(1000);
    stream.write(Buffer.from('DATA\r\n'));
    for (let i = 0; i < 100; i++) stream.write(Buffer.from(`${'x'.repeat(98)}\r\n`));
    stream.write(Buffer.from('.\r\nNOOP\r\n'));
    expect(heard).toMatchObject({ lines: ['DATA', 'NOOP'], messages: ['<10000 bytes>'] });
  });

  it.each([
    ['a line', 'x', 'a command line without an end'],
    ['a message', 'DATA\r\nx\r\n', 'a message without an end'],
  ])('ends %s that never does', async (_what, begin, error) => {
    const { stream, heard } = listen(1000, { line: 10_000, message: 10_000 });
    stream.write(Buffer.from(begin));
    const closed = new Promise((resolve) => stream.on('close', resolve));
    for (let i = 0; i < 30 && !stream.destroyed; i++) stream.write(Buffer.alloc(1000, 0x78));
    await closed;
    expect(heard.error).toBe(error);
  });
});
