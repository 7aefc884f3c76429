/**
 * What the page makes of texts that strangers wrote, mails and guides: time grows with their size and no faster. Each form is made so that
 * a careless pattern needs time that grows with the square of it, and is given at ten times the size.
 */
import { describe, expect, it } from 'vitest';
import { safeHtml, titleOf, toHtml } from '../../src/renderer/guide/markdown.ts';
import { parseDsn } from '../../src/renderer/inspector/mail/dsn.ts';
import { isTooMuch, withoutAlarms } from '../../src/renderer/inspector/mail/quiet-html.ts';
import { readable } from '../../src/renderer/inspector/mail/open-mail.ts';
import { fromBytes } from '../../src/renderer/send/eml.ts';

const SIZE = 100_000;
/** A square would be a hundred times; what is linear is ten, and the machine may have something else to do. */
const GROWTH_MAX = 40;
/** Below this many real ms nobody waits, and nothing is measured. */
const SOON_MS = 60;

/** The least of three times, in real ms. */
async function timeOf(run: () => unknown): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) {
    const begun = performance.now();
    await run();
    times.push(performance.now() - begun);
  }
  return Math.min(...times);
}

async function growsLinearly(run: (text: string) => unknown, unit: string): Promise<void> {
  const text = (size: number): string => unit.repeat(Math.ceil(size / unit.length));
  const small = await timeOf(() => run(text(SIZE / 10)));
  const large = await timeOf(() => run(text(SIZE)));
  expect(
    large,
    `${JSON.stringify(unit)}: ${small.toFixed(1)} ms, ten times as large: ${large.toFixed(1)} ms`,
  ).toBeLessThan(Math.max(SOON_MS, small * GROWTH_MAX));
}

const MARKS = [
  '<',
  '>',
  '< ',
  '<a',
  '<a ',
  '<p>',
  '</p>',
  '<a href="',
  '<!--',
  '<style',
  '<style>',
  '</style',
  '<base',
  '<base ',
  ' style=',
  '<a onx',
  '<a onx=y',
  '<a style = x ',
  '&',
  '&lt;',
  ' ',
  '\r\n',
  'on',
  '"',
  "'",
  '<!',
  '<?',
  '<![CDATA[',
];

describe('HTML of a mail, before it is parsed', () => {
  it.each(MARKS)('of %j', async (unit) => {
    await growsLinearly(withoutAlarms, unit);
    await growsLinearly(isTooMuch, unit);
  });

  it('is the same as ever where it is a mail', () => {
    expect(
      withoutAlarms('<p style="color: red" onclick=go()>a <b>b</b></p><style>p { }</style><base href="x">c < d > e'),
    ).toBe('<p data-style="color: red" data-onclick=go()>a <b>b</b></p>c < d > e');
    expect(withoutAlarms('<STYLE TYPE=x>p { }')).toBe('');
  });

  it.each<[string, string]>([
    ['elements in elements', '<div>x'.repeat(101)],
    ['elements in elements that others seem to close', '<b></i>'.repeat(101)],
    ['templates in templates', '<template>'.repeat(101)],
    ['styles that are opened again in each paragraph', `<p>${'<b>'.repeat(50)}${'<p>x'.repeat(5_000)}`],
    ['very many elements', '<p>'.repeat(10_001)],
    ['very much', 'x'.repeat(500_001)],
  ])('is too much as %s', (_what, html) => expect(isTooMuch(html)).toBe(true));

  it.each<[string, string]>([
    [
      'a newsletter',
      `<html><body>${'<table><tr><td><div><p>text <a href="x">link</a><br></div></td></tr></table>'.repeat(800)}</body></html>`,
    ],
    ['tables in tables', `${'<table><tbody><tr><td>'.repeat(60)}x${'</td></tr></tbody></table>'.repeat(60)}`],
    ['lines without an end', '<p>a line<br><li>one<td>cell'.repeat(2_000)],
    ['200,000 times <', '<'.repeat(200_000)],
  ])('is not too much as %s', (_what, html) => expect(isTooMuch(html)).toBe(false));
});

describe('a message from a file', () => {
  const bytes = (header: string): Uint8Array => Uint8Array.from(`${header}\r\n\r\ntext`, (sign) => sign.charCodeAt(0));
  it.each(['a', 'a ', '@', 'a@b, ', '<', '"', '(', 'a:b;', '=?utf-8?q?a?= ', '=?utf-8?q?', '=?', '\r\n '])(
    'with a header of %j',
    async (unit) => {
      for (const field of ['Subject', 'From', 'To', 'X'])
        await growsLinearly((text) => fromBytes('x.eml', bytes(`${field}: ${text}`)), unit);
    },
  );

  it('is read as ever', async () => {
    const eml = await fromBytes(
      'x.eml',
      bytes(
        'From: Carol <carol@elsewhere.test>\nTo: "Alice" <alice@theorganisation.test>,\n bob@elsewhere.test\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=',
      ),
    );
    expect(eml).toMatchObject({
      from: 'carol@elsewhere.test',
      to: ['alice@theorganisation.test', 'bob@elsewhere.test'],
      subject: 'Grüße',
    });
  });
});

describe('a report, and raw bytes', () => {
  it.each(['\n', ' ', '\n ', ':', 'a: b\n', '\n\n', 'Status: ', '\r\n'])('of %j', async (unit) => {
    await growsLinearly(parseDsn, unit);
    await growsLinearly(readable, unit);
  });
});

describe('a guide’s text', () => {
  it.each([
    '[',
    '*',
    '_',
    '`',
    '<',
    '![',
    '[a](',
    '> ',
    '- ',
    '1. ',
    '|',
    '\n',
    '**a',
    '*a_',
    '~~',
    '\\',
    '&',
    '#',
    '```\n',
    '[a]: b\n',
    'http://a ',
  ])('of %j', async (unit) => {
    await growsLinearly(toHtml, unit);
    await growsLinearly(titleOf, unit);
  });

  it('that is too long says so', () => {
    expect(toHtml('word '.repeat(10_000))).toContain('too long to be shown');
    expect(toHtml('word '.repeat(900))).not.toContain('too long');
    expect(safeHtml).toBeTypeOf('function');
  });
});
