/** Dialogues made up at random: of the pieces that commands are made of, right and wrong, in any order. */
import fc from 'fast-check';
import { allOf, type Dialogue, type Step } from './talk.ts';

const D = 'theorganisation.test';
/** Some more often than others: the first of a pair is how often. */
const often = <T>(...choices: [weight: number, arbitrary: fc.Arbitrary<T>][]): fc.Arbitrary<T> =>
  fc.oneof(...choices.map(([weight, arbitrary]) => ({ weight, arbitrary })));
const joined = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((list) => list.join(''));
const many = (part: fc.Arbitrary<string>, maxLength: number, between = ''): fc.Arbitrary<string> =>
  fc.array(part, { maxLength }).map((list) => list.join(between));

const local = often(
  [6, fc.constantFrom('alice', 'bob', 'nobody', 'pat', 'postmaster', 'eve', 'ALICE')],
  [
    3,
    fc.constantFrom(
      '"alice"',
      '"a b"',
      '"a\\"b"',
      'al\\ice',
      '"alice',
      'alice"',
      '"a"b',
      '""',
      '',
      'a b',
      'a..b',
      '.a',
      'é',
      '-a',
      'a%b',
      'a!b',
      'MAILER-DAEMON',
      'alice+x',
    ),
  ],
  [
    1,
    joined(
      fc.constantFrom('alice%', 'x!', `${D}!`, 'elsewhere.test!'),
      fc.constantFrom('alice', 'pat', D, 'partner.test'),
    ),
  ],
);
const domain = often(
  [6, fc.constantFrom(D, `a.${D}`, 'partner.test', 'elsewhere.test', D.toUpperCase())],
  [
    3,
    fc.constantFrom(
      '',
      '.',
      '[192.0.2.10]',
      '[192.0.2.11]',
      '[IPv6:::1]',
      '[x',
      '192.0.2.10',
      'x..test',
      '-x.test',
      'x_y.test',
      'é.test',
      'localhost',
      '1',
      `${D}.`,
      `"${D}"`,
      `${'b'.repeat(64)}.test`,
      'a b',
    ),
  ],
);
const address = often(
  [8, joined(local, fc.constant('@'), domain)],
  [2, local],
  [1, joined(local, fc.constant('@'), local, fc.constant('@'), domain)],
);
/** What is in no grammar: signs of addresses in any order. */
const soup = many(
  fc.constantFrom(
    'a',
    'alice',
    '@',
    D,
    '.',
    '"',
    '\\',
    '<',
    '>',
    '(',
    ')',
    '[',
    ']',
    ':',
    ';',
    ',',
    '!',
    '%',
    ' ',
    '-',
  ),
  9,
);
const path = often(
  [8, address.map((one) => `<${one}>`)],
  [
    4,
    joined(
      fc.constantFrom('', '<', '< ', '<<', 'x<', 'X Y <', '<@r.test:', '<(c)'),
      address,
      fc.constantFrom('', '>', ' >', '>>', '>x', '(c)>'),
    ),
  ],
  [1, fc.constantFrom('<>', '""', '< >', '(c)')],
  [2, soup],
  [1, soup.map((one) => `<${one}>`)],
);

const parameter = often(
  [
    4,
    fc.constantFrom(
      'SIZE=5',
      'BODY=8BITMIME',
      'SMTPUTF8',
      'RET=HDRS',
      'ENVID=x',
      'NOTIFY=NEVER',
      'NOTIFY=SUCCESS,DELAY',
      'ORCPT=rfc822;x',
    ),
  ],
  [
    3,
    joined(
      fc.constantFrom('SIZE', 'body', 'RET', 'ENVID', 'NOTIFY', 'ORCPT', 'AUTH', 'SMTPUTF8', 'FOO', ''),
      fc.constantFrom(
        '',
        '=',
        '=x',
        '=10240001',
        '=-1',
        '=7bit',
        '=FULL',
        '=NEVER,DELAY',
        '=,',
        '=a+2',
        '=a+20b',
        '=rfc822;',
        '=;',
        '=é',
        '="a b"',
      ),
    ),
  ],
);
const parameters = many(parameter, 3, ' ');
const blank = fc.constantFrom('', '', '', ' ', '\t', '  ', '\r');

const anyCase = fc.func(fc.boolean());
const verb = fc
  .tuple(
    fc.constantFrom(
      'MAIL FROM:',
      'RCPT TO:',
      'EHLO',
      'HELO',
      'DATA',
      'RSET',
      'NOOP',
      'VRFY',
      'QUIT',
      'STARTTLS',
      'AUTH',
      'XCLIENT',
      'XFORWARD',
      'HELP',
      'EXPN',
      'WIBBLE',
      'MAIL',
      'RCPT',
      'FROM:',
      'Subject:',
      'GET',
      '',
    ),
    anyCase,
  )
  .map(([word, lower]) => [...word].map((char, i) => (lower(i) ? char.toLowerCase() : char)).join(''));

const line = often(
  [
    10,
    joined(
      fc.constantFrom('MAIL FROM:', 'MAIL FROM:', 'mail from:', 'MAIL FROM: '),
      path,
      fc.constantFrom('', ' '),
      parameters,
    ),
  ],
  [
    12,
    joined(
      fc.constantFrom('RCPT TO:', 'RCPT TO:', 'rcpt to:', 'RCPT TO: '),
      path,
      fc.constantFrom('', ' '),
      parameters,
    ),
  ],
  [
    6,
    fc.constantFrom(
      'EHLO x',
      'HELO x',
      'MAIL FROM:<eve@elsewhere.test>',
      `RCPT TO:<alice@${D}>`,
      'RSET',
      'NOOP',
      'VRFY alice',
    ),
  ],
  [2, joined(fc.constant('VRFY '), path)],
  [3, joined(blank, verb, blank, fc.constantFrom('', ' x', ' é', ' x y', ' "x', ' <x', ':'))],
  [
    1,
    joined(
      verb,
      fc.integer({ min: 2030, max: 2060 }).map((count) => ' '.repeat(count)),
      fc.constantFrom('x', ' x'),
    ),
  ],
);
/** A line that is torn by bytes which no UTF-8 has, or by characters that nobody sees. */
const torn = fc
  .tuple(line, fc.nat(40), fc.constantFrom([0xe9], [0xff], [0xc3], [0], [0x0b], [0xc2, 0xa0]))
  .map(([text, at, odd]): Step => {
    const bytes = Buffer.from(text);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(odd), bytes.subarray(at)]);
  });

const text = many(
  often(
    [
      6,
      fc.constantFrom(
        '.',
        '..',
        '.x',
        '. ',
        '',
        'x',
        'Subject: x',
        ' folded',
        'Received: x',
        'From x',
        'é',
        'QUIT',
        '\0',
        'x'.repeat(3000),
      ),
    ],
    [1, fc.constant('Received: x\r\n'.repeat(49))],
  ),
  6,
  '\r\n',
).map((lines) => lines.replace(/(^|\r\n)(\.)(?=\r\n|$)/g, '$1..'));
const message = often([20, text], [1, joined(text, fc.constantFrom('\n', '\r', '\n.\n', '\r.\r'), text)]);

const step = often<Step[]>(
  [20, line.map((one) => [one])],
  [1, torn.map((one) => [one])],
  [4, message.map((one) => ['DATA', { message: one }])],
  [2, message.map((one) => ['MAIL FROM:<eve@elsewhere.test>', `RCPT TO:<alice@${D}>`, 'DATA', { message: one }])],
  [1, line.chain((one) => fc.integer({ min: 2, max: 25 }).map((times) => Array<Step>(times).fill(one)))],
);

/** Postfix reads so many bytes at a time. Were more under way when it ends a session, its last replies would be lost with them (TCP's RST). */
const READ_AT_ONCE = 4096;

const dialogue = fc
  .tuple(fc.array(step, { minLength: 1, maxLength: 12 }), fc.boolean())
  .map(([parts, atOnce]): Dialogue => {
    const steps = parts.flat();
    const short = steps.reduce((sum, one) => sum + allOf(one).length, 0) < READ_AT_ONCE;
    return { name: 'made up', steps, ...(atOnce && short ? { atOnce: true } : {}) };
  });

export const madeUp = (seed: number, count: number): Dialogue[] => fc.sample(dialogue, { seed, numRuns: count });
