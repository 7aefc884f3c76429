import { expect, it } from 'vitest';
import { contentTrouble, lineTrouble } from '../../../src/engine/smtp-in/content.ts';

it.each([
  ['a\r\nb\r\n', null],
  ['a\nb', 'a bare LF'],
  ['a\rb', 'a bare CR'],
  ['a\r', 'a bare CR'],
  ['\na', 'a bare LF'],
  ['\r\r\n', 'a bare CR'],
  ['a\0', null],
  ['', null],
])('%j has %s', (text, trouble) => {
  expect(lineTrouble(Buffer.from(text))).toBe(trouble);
});

it.each([
  ['Cheap PILLS', 'pills'],
  ['GRÜSSE aus Köln', 'Grüße'],
  ['Grüße', 'GRÜßE'],
  ['nothing', null],
])('%j holds %s', (text, pattern) => {
  const found = contentTrouble(Buffer.from(text), {
    gtube: true,
    patterns: pattern === null ? ['other'] : ['other', pattern],
  });
  expect(found).toBe(text.startsWith('GRÜSSE') ? null : pattern); // ß has its own capital
});
