import { expect, it } from 'vitest';
import { messageOf, textOf } from '../../src/contract/frames.ts';

const long = 'ä "quoted"\nand\u0000 more '.repeat(2_000);

it('writes messages as JSON', () => {
  for (const message of [
    { answer: 1, value: { n: 3, words: 'a\nb' } },
    { answer: 3, value: [long, { long }] },
    { news: 'events', args: ['w1', [long]] },
  ]) {
    expect(textOf(message)).toBe(JSON.stringify(message));
    expect(messageOf(textOf(message))).toEqual(message);
  }
});

it('carries a long answer as it is', () => {
  const message = { answer: 2, value: long };
  expect(textOf(message)).toContain(long);
  expect(messageOf(textOf(message))).toEqual(message);
});

it('refuses what is no JSON', () => {
  expect(() => messageOf('no')).toThrow();
  expect(() => messageOf('no\nno')).toThrow();
});
