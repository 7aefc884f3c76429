import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressOfReverseName,
  ipv4Octets,
  ipv6Groups,
  normalAddress,
  reverseName,
} from '../../../src/engine/dns/address.ts';

describe('addresses', () => {
  it.each([
    ['192.0.2.10', '192.0.2.10'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::', '::'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1::', '1::'],
  ])('%s is written %s', (text, normal) => {
    expect(normalAddress(text)).toBe(normal);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '1.2.3.x',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'a.b',
    '1.2.3.4::',
    '::1 ',
  ])('%s is none', (text) => {
    expect(normalAddress(text)).toBeNull();
  });

  it('go to their reverse name and back', () => {
    expect(reverseName('192.0.2.10')).toBe('10.2.0.192.in-addr.arpa');
    expect(reverseName('2001:db8::20')).toMatch(/^0\.2\.0\.0\..*\.8\.b\.d\.0\.1\.0\.0\.2\.ip6\.arpa$/);
    expect(reverseName('nobody')).toBeNull();
    expect(addressOfReverseName('2.0.192.in-addr.arpa')).toBeNull();
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        expect(ipv4Octets(address) ?? ipv6Groups(address)).not.toBeNull();
        expect(addressOfReverseName(reverseName(address) ?? '')).toBe(normalAddress(address));
      }),
      { seed: 7 },
    );
  });
});
