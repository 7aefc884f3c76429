import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFirewall } from '../../../src/engine/network/firewall-text.ts';
import { firewallText } from '../../../src/renderer/inspector/firewall/firewall-text.ts';

test('rules, comments and the default', () => {
  const text = `
# only B may come in
allow b -> a port 25
  drop internet->office port 25   # the rest is silence
Reject ANY -> 192.0.2.10
allow 2001:db8::/32 -> b port any
default allow
`;
  expect(parseFirewall(text)).toEqual({
    ok: true,
    rules: [
      { action: 'allow', source: 'b', target: 'a', port: 25 },
      { action: 'drop', source: 'internet', target: 'office', port: 25 },
      { action: 'reject', source: 'any', target: '192.0.2.10', port: 'any' },
      { action: 'allow', source: '2001:db8::/32', target: 'b', port: 'any' },
    ],
    fallback: 'allow',
  });
});

test('no text: everything is allowed', () =>
  expect(parseFirewall('')).toEqual({ ok: true, rules: [], fallback: 'allow' }));

describe('errors say where, and what to write instead', () => {
  test.each([
    ['deny b -> a', 1, '"deny" is not an action: write "drop" or "reject" instead'],
    ['accept b -> a', 1, '"accept" is not an action: write "allow" instead'],
    ['b -> a', 1, '"b" is not an action: write "allow", "reject" (answers at once) or "drop" (silence)'],
    ['drop b a port 25', 8, '"a": write "->" between source and target, as in "drop b -> a"'],
    ['drop b', 7, 'the line ends here: write "->" between source and target, as in "drop b -> a"'],
    [
      'drop -> a',
      6,
      'the source is missing: write "any", a host, a network, an address or a block such as 192.0.2.0/24',
    ],
    [
      'drop b ->   # a',
      10,
      'the target is missing: write "any", a host, a network, an address or a block such as 192.0.2.0/24',
    ],
    ['drop b -> a 25', 13, '"25": after the target only "port 25" (any number) may follow'],
    ['drop b -> a port', 17, 'the port is missing: write one number from 1 to 65535, or "any"'],
    ['drop b -> a port smtp', 18, '"smtp" is not a port: write "port 25"'],
    ['drop b -> a port 70000', 18, '"70000" is not a port: write one number from 1 to 65535, or "any"'],
    ['drop b -> a port 25 now', 21, '"now" after the port: write one port a rule, and each rule on a line of its own'],
    [
      'drop b -> 192.0.2.10/24',
      11,
      '192.0.2.10/24 has bits behind its prefix: write 192.0.2.0/24 for the block, or the address alone',
    ],
    [
      'drop b -> 192.0.2.10:25',
      11,
      '"192.0.2.10:25" has a port in it: write "192.0.2.10" here and "port 25" at the end',
    ],
    [
      'drop b,c -> a',
      6,
      '"b,c" is no source: write "any", a host, a network, an address or a block such as 192.0.2.0/24; one source a rule',
    ],
    ['default', 8, 'default needs an action: write "default allow", "default reject" or "default drop"'],
    ['default deny', 9, '"deny" is not an action: write "drop" or "reject" instead'],
    ['default drop port 25', 14, '"port" after the default: write "default drop" alone on its line'],
  ])('%s', (line, column, message) => {
    expect(parseFirewall(`allow b -> a\n${line}`)).toEqual({ ok: false, errors: [{ line: 2, column, message }] });
  });

  test('all of them at once, and one default only', () => {
    const parsed = parseFirewall('default drop\nblock a\r\nallow a -> b\ndefault allow');
    expect(parsed.ok ? [] : parsed.errors.map(({ line }) => line)).toEqual([2, 4]);
    expect(parsed).toMatchObject({ errors: [{}, { message: 'line 1 has a default already: keep one of them' }] });
  });

  test('names are checked when they are known', () => {
    expect(parseFirewall('drop internet -> ofice', ['a', 'internet', 'office'])).toMatchObject({
      errors: [
        {
          line: 1,
          column: 18,
          message: expect.stringMatching(/^no host or network is called "ofice": .*there are a, internet, office$/),
        },
      ],
    });
    expect(parseFirewall('drop internet -> 192.0.2.1', ['internet']).ok).toBe(true);
  });
});

test('as the page writes them and read back, rules are the same', () => {
  const side = fc.constantFrom('any', 'a', 'mail-relay', 'internet', '192.0.2.10', '198.51.100.0/24', '2001:db8::/32');
  const action = fc.constantFrom('allow' as const, 'reject' as const, 'drop' as const);
  const port = fc.oneof(fc.constant('any' as const), fc.integer({ min: 1, max: 65_535 }));
  fc.assert(
    fc.property(fc.array(fc.record({ action, source: side, target: side, port })), action, (rules, fallback) => {
      expect(
        parseFirewall(
          firewallText({
            rules: rules.map((rule) => ({ ...rule, hitCount: 0, lastHit: null })),
            fallback,
            fallbackHitCount: 0,
          }),
        ),
      ).toEqual({ ok: true, rules, fallback });
    }),
  );
});

test('any text at all gives rules or errors with a place in it', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom(
          'a',
          '-',
          '>',
          ' ',
          '\n',
          '#',
          '1',
          '.',
          ':',
          '/',
          'drop',
          'default',
          '->',
          'port',
          'any',
        ),
      }),
      (text) => {
        const parsed = parseFirewall(text);
        if (parsed.ok) return;
        const lines = text.split('\n');
        for (const { line, column } of parsed.errors) {
          expect(column).toBeGreaterThan(0);
          expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
        }
      },
    ),
  );
});
