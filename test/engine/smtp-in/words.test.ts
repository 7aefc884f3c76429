import { expect, it } from 'vitest';
import { wordsOf } from '../../../src/engine/smtp-in/words.ts';

it.each([
  ['MAIL FROM:<a@b.test> SIZE=1', ['MAIL', 'FROM:', '<a@b.test>', 'SIZE=1']],
  ['  mail   from: a@b.test\t', ['mail', 'from:', 'a@b.test']],
  ['RCPT TO:<"a b"@c.test>x y', ['RCPT', 'TO:', '<"a b"@c.test>x', 'y']],
  ['RCPT TO:<a <b c> d>', ['RCPT', 'TO:', '<a <b c> d>']],
  ['RCPT TO:a\\ b "c d"e', ['RCPT', 'TO:', 'a\\ b', '"c d"e']],
  ['x "a\\" b" <\\> c>', ['x', '"a\\" b"', '<\\> c>']],
  ['xFROM:y FROM:to:z', ['xFROM:y', 'FROM:', 'to:', 'z']],
  ['NOOP\rx\vy\fz', ['NOOP', 'x', 'y', 'z']],
  ['NOOP\u00a0x', ['NOOP\u00a0x']],
  ['', []],
  [' \t ', []],
])('%j has the words %j', (line, words) => {
  expect(wordsOf(line)).toEqual(words.map((text) => ({ text, torn: false })));
});

it.each(['<a', '"a', '<"a>', '<a<b>', 'x"', '<a\\>'])('%s is torn', (text) => {
  expect(wordsOf(`RCPT TO:${text} x`).at(-1)).toEqual({ text: `${text} x`, torn: true });
});
