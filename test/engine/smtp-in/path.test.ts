import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf, domainOf, localPartOf } from '../../../src/engine/addresses.ts';
import { addressIn, routedBy } from '../../../src/engine/smtp-in/path.ts';
import { wordsOf } from '../../../src/engine/smtp-in/words.ts';

const rules = {
  domain: 'host.test',
  smtpUtf8: false,
  isHere: (domain: string) => ['here.test', 'host.test'].includes(domain),
};
const read = (path: string, smtpUtf8 = false): string | null => {
  const [word, ...more] = wordsOf(path);
  expect(more).toEqual([]);
  return addressIn(word as { text: string; torn: boolean }, { ...rules, smtpUtf8 });
};

describe('an address in a command', () => {
  it.each([
    ['<>', ''],
    ['""', ''],
    ['<alice@here.test>', 'alice@here.test'],
    ['alice@here.test', 'alice@here.test'],
    ['alice@here.test>', 'alice@here.test'],
    // RFC 5321 §4.1.2: quotes are not part of the address.
    ['<"alice"@here.test>', 'alice@here.test'],
    ['<"al\\ice"@here.test>', 'alice@here.test'],
    ['<"a b"@here.test>', '"a b"@here.test'],
    ['<"a\\"b"@x.test>', '"a\\"b"@x.test'],
    ['<a..b@x.test>', '"a..b"@x.test'],
    ['<a@b@x.test>', '"a@b"@x.test'],
    ['<""@x.test>', '""@x.test'],
    ['<@x.test>', '""@x.test'],
    ['<@r.test,@s.test:a@x.test>', 'a@x.test'],
    ['<(c (d))a@x.test (e)>', 'a@x.test'],
    ['A B <a@x.test>', null],
    ['<A B <a@x.test>>', 'a@x.test'],
    ['< a @ x.test >', 'a@x.test'],
    ['<alice>', 'alice@host.test'],
    ['<a%b.test>', 'a@b.test'],
    ['<b.test!a>', 'a@b.test'],
    ['<a@x.test.>', 'a@x.test'],
    ['<a@[192.0.2.1]>', 'a@[192.0.2.1]'],
    ['<a@[192.0.2.010]>', 'a@[192.0.2.010]'],
    ['<a@[IPv6:2001:db8::1]>', 'a@[IPv6:2001:db8::1]'],
    ['<a@[300.1.1.1]>', null],
    ['<a@[IPv6:x]>', null],
    ['<a@[2001:db8::1]>', null],
    ['<a@x..test>', null],
    ['<a@-x.test>', null],
    ['<a@1.2.3.4>', null],
    ['<a@>', null],
    ['<a', null],
    ['<a@x.test>y', null],
    ['<a@x.test,b@y.test>', null],
    ['<-a@x.test>', null],
    [`<a@${'x'.repeat(64)}.test>`, null],
    ['<a\x01b@x.test>', null],
    ['<é@x.test>', 'é@x.test'],
    ['<a@é.test>', null],
  ])('%s is %s', (path, address) => {
    if (path === 'A B <a@x.test>') expect(wordsOf(path)).toHaveLength(3);
    else expect(read(path)).toBe(address);
  });

  it('may have a domain beyond ASCII where SMTPUTF8 was asked for', () => {
    expect(read('<a@é.test>', true)).toBe('a@é.test');
  });

  it.each([
    ['"alice%b.test"@here.test', 'alice@b.test'],
    ['b.test!alice@here.test', 'alice@b.test'],
    ['"a@b.test"@host.test', 'a@b.test'],
    ['"a%here.test%host.test"@here.test', 'a@here.test'],
    ['a%b.test@x.test', 'a%b.test@x.test'],
    ['a%@here.test', null],
    ['!a@here.test', null],
    ['a+b@here.test', 'a+b@here.test'],
  ])('with a route in it, %s, goes to %s', (address, routed) => {
    expect(routedBy(address, rules)).toBe(routed);
  });

  it('is the same when what it is kept as is read again', () => {
    const local = fc
      .string({
        unit: fc.constantFrom('a', 'B', '.', '"', '\\', ' ', '@', '%', '<', '>', '(', 'é', ':', ','),
        maxLength: 8,
      })
      .filter((text) => !/^-|^@.*:/.test(text));
    fc.assert(
      fc.property(local, (text) => {
        const kept = addressOf(text, 'x.test');
        expect(localPartOf(kept)).toBe(text);
        expect(domainOf(kept)).toBe('x.test');
        expect(read(`<${kept}>`)).toBe(kept);
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});
