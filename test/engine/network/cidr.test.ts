import fc from 'fast-check';
import { BlockList } from 'node:net';
import { describe, expect, test } from 'vitest';
import { inBlock, parseAddress, parseBlock } from '../../../src/engine/network/cidr.ts';

test.each([
  ['192.0.2.10', '192.0.2.0/24', true],
  ['192.0.3.10', '192.0.2.0/24', false],
  ['192.0.2.10', '192.0.2.10', true],
  ['192.0.2.11', '192.0.2.10', false],
  ['192.0.2.11', '192.0.2.10/31', true],
  ['203.0.113.1', '0.0.0.0/0', true],
  ['192.0.2.10', '192.0.2.99/24', true],
  ['2001:db8::1', '2001:db8::/32', true],
  ['2001:db9::1', '2001:db8::/32', false],
  ['2001:DB8:0:0:0:0:0:1', '2001:db8::1', true],
  ['::1', '::/0', true],
  ['::1', '0.0.0.0/0', false],
  ['192.0.2.1', '::/0', false],
  ['::ffff:192.0.2.1', '192.0.2.0/24', true],
  ['192.0.2.1', '::ffff:192.0.2.0/120', true],
  ['a.test', '192.0.2.0/24', false],
  ['192.0.2.1', 'office', false],
])('%s in %s: %s', (address, block, expected) => expect(inBlock(address, block)).toBe(expected));

test.each([
  '',
  '1.2.3',
  '1.2.3.4.5',
  '256.0.0.1',
  '01.2.3.4',
  '1.2.3.4 ',
  '1::2::3',
  ':::',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '12345::',
  'fe80::1%eth0',
  '1.2.3.4::',
  '1:2:3:4:5:6:7::8',
])('no address: "%s"', (text) => expect(parseAddress(text)).toBeNull());

test('agrees with node:net on any address and block', () => {
  const pair = fc.oneof(
    fc.tuple(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.constant('ipv4' as const)),
    fc.tuple(fc.ipV6(), fc.ipV6(), fc.integer({ min: 0, max: 128 }), fc.constant('ipv6' as const)),
  );
  fc.assert(
    fc.property(pair, ([address, base, prefix, family]) => {
      // node:net lets the families mix, the lab does not
      fc.pre(!/^(0*:)*:?(0*:)*ffff:/i.test(address) && !/^(0*:)*:?(0*:)*ffff:/i.test(base));
      const list = new BlockList();
      list.addSubnet(base, prefix, family);
      expect(inBlock(address, `${base}/${prefix}`)).toBe(list.check(address, family));
      expect(inBlock(base, `${base}/${prefix}`)).toBe(true);
    }),
  );
});

describe('blocks that a person wrote', () => {
  test('what is right', () => {
    expect(parseBlock('192.0.2.0/24')).toEqual({ ok: true, block: { bits: 32, base: 0xc0000200n, prefix: 24 } });
    expect(parseBlock('2001:db8::1')).toMatchObject({ ok: true, block: { bits: 128, prefix: 128 } });
  });
  test.each([
    [
      '192.0.2.10/24',
      '192.0.2.10/24 has bits behind its prefix: write 192.0.2.0/24 for the block, or the address alone',
    ],
    [
      '2001:db8::1/32',
      '2001:db8::1/32 has bits behind its prefix: write 2001:db8::/32 for the block, or the address alone',
    ],
    ['192.0.2.0/33', '"/33" is not a prefix for 192.0.2.0: write a number from 0 to 32, such as 192.0.2.0/32'],
    ['192.0.2.0/', '"/" is not a prefix for 192.0.2.0: write a number from 0 to 32, such as 192.0.2.0/32'],
    ['192.0.2', '"192.0.2" is not an address or block: write one such as 192.0.2.10, 192.0.2.0/24 or 2001:db8::/32'],
  ])('%s', (text, message) => expect(parseBlock(text)).toEqual({ ok: false, message }));
});
