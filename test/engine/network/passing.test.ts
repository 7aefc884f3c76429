/** Passing over the rest of a message or a line: whatever the pieces in which it comes, the server hears the end where it is, and nowhere else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Passing } from '../../../src/engine/network/passing.ts';

const END = '\r\n.\r\n';
/** Where a server that has heard all of it finds the end of the message. */
const endOf = (heard: string): number => heard.indexOf(END);

/** What is said of a stream of which `said` bytes came before the passing began, when the rest comes in pieces. */
function pass(stream: string, said: number, cuts: number[], until: 'message' | 'line' = 'message') {
  const passing = new Passing(until, Buffer.from(stream.slice(0, said), 'latin1'));
  let heard = stream.slice(0, said);
  let at = said;
  for (const cut of [...cuts, Infinity]) {
    if (passing.over || at >= stream.length) break;
    const piece = stream.slice(at, at + Math.max(1, cut));
    at += piece.length;
    heard += passing.take(Buffer.from(piece, 'latin1')).toString('latin1');
  }
  return { heard: heard + stream.slice(at), passed: passing.passed, over: passing.over };
}

/** Bytes of which ends are made, and others. */
const text = (maxLength: number) =>
  fc
    .array(fc.constantFrom('\r', '\n', '.', '\r\n', '\r\n.', '\r\n..', 'a', 'bc', 'x'.repeat(50)), { maxLength })
    .map((parts) => parts.join(''));

describe('the rest of a message', () => {
  it('is passed over up to its end, in any pieces', () => {
    fc.assert(
      fc.property(
        text(60),
        fc.nat(),
        fc.array(fc.nat(9), { maxLength: 200 }),
        text(10),
        (before, place, cuts, after) => {
          const message = before + END;
          const ends = endOf(message);
          const stream = message.slice(0, ends) + END + after;
          const said = ends === 0 ? 0 : place % (ends + 1);
          const { heard, passed, over } = pass(stream, said, cuts);
          expect(over).toBe(true);
          // The end comes where what was said before has none of its own, and what comes behind it is untouched.
          expect(heard.slice(endOf(heard))).toBe(END + after);
          const left = stream.length - heard.length;
          const dots = stream.slice(said, ends).match(/\r\n\./g)?.length ?? 0;
          expect(passed).toBeGreaterThanOrEqual(left - dots - 2);
          expect(passed).toBeLessThanOrEqual(left);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('counts no dot that stuffs its line', () => {
    const { heard, passed } = pass(`Subject: x\r\n\r\n..one\r\n..two\r\nthree${END}QUIT\r\n`, 14, []);
    expect(heard).toBe(`Subject: x\r\n\r\n${END}QUIT\r\n`);
    expect(passed).toBe('.one\r\n.two\r\nthree'.length);
  });

  it('is passed over without an end too, and little of it is kept', () => {
    const passing = new Passing('message', Buffer.from('abc\r\n.'));
    const block = Buffer.alloc(64 * 1024, 'x\r\n.');
    let heard = 0;
    for (let i = 0; i < 100; i++) heard += passing.take(block).length;
    expect(heard).toBeLessThanOrEqual(1);
    expect(passing.over).toBe(false);
    expect(passing.passed).toBeGreaterThan(100 * block.length * 0.74);
  });

  it.each([
    ['whose end had begun', 'abc\r\n', '.\r\nNOOP\r\n', '.\r\nNOOP\r\n', 0],
    ['whose end had all but come', 'abc\r\n.\r', '\nNOOP\r\n', '\nNOOP\r\n', 0],
    ['whose last line seemed to be one dot', 'abc\r\n.', 'x\r\n.\r\n', 'x\r\n.\r\n', 0],
    ['behind a line that seemed to be one dot', 'abc\r\n.', `xyz${END}`, `x${END}`, 2],
  ])('%s', (_what, before, rest, heard, passed) => {
    for (const cuts of [[], [1, 1, 1, 1, 1, 1, 1, 1, 1], [2, 2, 2, 2]])
      expect(pass(before + rest, before.length, cuts)).toEqual({ heard: before + heard, passed, over: true });
  });
});

describe('the rest of a line', () => {
  it('is passed over up to its end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 50 }), fc.array(fc.nat(5)), (line, cuts) => {
        const rest = line.replace(/\n/g, '');
        const { heard, passed } = pass(`NOOP\nVRFY ${rest}\nQUIT\n`, 10, cuts, 'line');
        expect(heard).toBe('NOOP\nVRFY \nQUIT\n');
        expect(passed).toBe(rest.length);
      }),
    );
  });
});
