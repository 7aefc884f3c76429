/**
 * What reads mail takes time that grows with the mail, and no faster. How long that is depends on the machine and on who else uses it,
 * so no time is asked for: what counts is how much longer one mail of ten times the size takes than ten mails do. Once, if the work
 * grows with the size; ten times, if it grew with its square. It is time of this thread's own, the best of several rounds.
 */
import { describe, expect, it } from 'vitest';
import { contentTrouble, lineTrouble } from '../../../src/engine/smtp-in/content.ts';
import { asKept, readHead } from '../../../src/engine/smtp-in/message.ts';
import { addressIn } from '../../../src/engine/smtp-in/path.ts';
import { AMPLE } from '../../../src/engine/smtp-in/room.ts';
import { ClientStream } from '../../../src/engine/smtp-in/stream.ts';
import { wordsOf } from '../../../src/engine/smtp-in/words.ts';

const ROUNDS = 3;
const RATIO_MAX = 5;
/** The system counts in ticks: below a few of them there is nothing to judge by. In microseconds. */
const NOTHING = 20_000;

function best(run: () => void): number {
  let least = Infinity; // microseconds
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.threadCpuUsage();
    run();
    const { user, system } = process.threadCpuUsage(before);
    least = Math.min(least, user + system);
  }
  return Math.max(least, NOTHING);
}

/** `make` gives input of so many units. Returns how much longer ten times as many take at once than one after another. */
function growth<T>(units: number, make: (units: number) => T, read: (input: T) => unknown): number {
  const [few, many] = [make(units), make(10 * units)];
  const atOnce = best(() => read(many));
  return (
    atOnce /
    best(() => {
      for (let i = 0; i < 10; i++) read(few);
    })
  );
}

const head = (message: Buffer): unknown => asKept(message, readHead(message), 'Received: x\r\n');
const nobody = { message: () => undefined, passOver: () => undefined, end: () => undefined };
const rules = { domain: 'x.test', smtpUtf8: false, isHere: (domain: string) => domain === 'x.test' };

describe('ten times the mail, about ten times the work:', () => {
  it.each<[string, number, (units: number) => Buffer, (message: Buffer) => unknown]>([
    [
      'encoded words in a Subject, to 900 KB',
      1_200,
      (n) => Buffer.from(`Subject: ${`=?utf-8?b?${'YWFh'.repeat(15)}?= `.repeat(n)}\r\n\r\nbody`),
      head,
    ],
    [
      'a folded Subject, to 900 KB',
      1_200,
      (n) => Buffer.from(`Subject: x\r\n${` =?utf-8?b?${'YWFh'.repeat(15)}?=\r\n`.repeat(n)}\r\nbody`),
      head,
    ],
    [
      'Received lines, to 200,000',
      20_000,
      (n) => Buffer.from(`${'Received: from x by y\r\n'.repeat(n)}\r\nbody`),
      head,
    ],
    ['headers of 10 MB', 50_000, (n) => Buffer.from(`${'X-Some: thing that is long\r\n'.repeat(n)}\r\nbody`), head],
    ['a header of 10 MB without a colon', 1_000_000, (n) => Buffer.from('x'.repeat(n)), head],
    ['a header of 10 MB of blanks', 1_000_000, (n) => Buffer.from(`X${' '.repeat(n)}`), head],
    ["an mbox's From lines, to 9 MB", 90_000, (n) => Buffer.from('From eve\r\n'.repeat(n)), head],
    ['a Message-ID of 10 MB', 1_000_000, (n) => Buffer.from(`Message-ID: <${'x'.repeat(n)}>\r\n`), head],
    ['line ends, to 10 MB', 500_000, (n) => Buffer.from('\r\n'.repeat(n)), lineTrouble],
    [
      'a content filter, to 10 MB',
      200_000,
      (n) => Buffer.from('cheap '.repeat(n)),
      (message) =>
        contentTrouble(message, { gtube: true, patterns: ['cheap pills', 'x'.repeat(500), `${'cheap '.repeat(50)}!`] }),
    ],
  ])('%s', (_what, units, make, read) => {
    expect(growth(units, make, read)).toBeLessThan(RATIO_MAX);
  });

  it.each<[string, (n: number) => string]>([
    ['quotes', (n) => '"'.repeat(n)],
    ['brackets', (n) => '<'.repeat(n)],
    ['brackets that close', (n) => `${'<'.repeat(n)}${'>'.repeat(n)}`],
    ['comments', (n) => `<${'('.repeat(n)}>`],
    ['comments side by side', (n) => `<${'()'.repeat(n)}>`],
    ['routes', (n) => `<${'a%'.repeat(n)}x.test@x.test>`],
    ['colons', (n) => 'a:'.repeat(n)],
    ['signs', (n) => `<${'@x.test:'.repeat(n)}>`],
    ['dots', (n) => `<${'a.'.repeat(n)}a@${'b.'.repeat(n)}test>`],
    ['literals', (n) => `<a@${'['.repeat(n)}>`],
    ['backslashes', (n) => '\\'.repeat(n)],
  ])('commands with %s, beyond what a line may have', (_what, make) => {
    const read = (line: string): void => wordsOf(line).forEach((word) => addressIn(word, rules));
    expect(growth(3_000, make, read)).toBeLessThan(RATIO_MAX);
  });

  it('lines that begin with two dots, to 8 MB, in one turn of the event loop', () => {
    const chunk = Buffer.from('..\r\n'.repeat(16_384));
    const pour = (chunks: number): void => {
      let sizeBytes = 0;
      const stream: ClientStream = new ClientStream({
        ...nobody,
        line: (_line, done) => (stream.startMessage(1, AMPLE), done()),
        message: (message) => (sizeBytes = message.sizeBytes),
      });
      stream.write(Buffer.from('DATA\r\n'));
      for (let i = 0; i < chunks; i++) stream.write(chunk);
      stream.write(Buffer.from('.\r\n'));
      // Nothing waits for a later turn: with one for each line, 8 MB would take two million of them.
      expect(sizeBytes).toBe((chunks * chunk.length * 3) / 4);
    };
    expect(growth(12, (chunks) => chunks, pour)).toBeLessThan(RATIO_MAX);
  });

  it('a command line without an end, a byte at a time', () => {
    const pour = (bytes: number): void => {
      const stream = new ClientStream({ ...nobody, line: (_line, done) => done() });
      const one = Buffer.from('x');
      for (let i = 0; i < bytes; i++) stream.write(one);
    };
    expect(growth(20_000, (bytes) => bytes, pour)).toBeLessThan(RATIO_MAX);
  });
});
