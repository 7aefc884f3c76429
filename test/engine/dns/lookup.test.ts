import { describe, expect, it } from 'vitest';
import type { DnsFault } from '../../../src/contract/model.ts';
import { answerQuery, createResolver, lookupMx, lookupPtr } from '../../../src/engine/dns/index.ts';
import type { DnsResult } from '../../../src/engine/dns/index.ts';
import { zonesOf } from './fixtures.ts';

function resolverOf(texts: Record<string, string>, faults: DnsFault[] = []) {
  const zones = zonesOf(texts);
  const asked: string[] = [];
  const resolver = createResolver({
    host: 'c',
    exchange: (query, tcp) => Promise.resolve(answerQuery({ query, tcp, zones, faults }).reply ?? 'timeout'),
    cache: () => undefined,
    tell: (event) => {
      if (event.kind === 'dns-ask') asked.push(`${event.name} ${event.type}`);
    },
    now: () => 0,
    nextId: () => 1,
  });
  return { resolver, asked };
}
const fault = (name: string, kind: DnsFault['kind']): DnsFault => ({ name, kind, delayMs: 0 });
const host = (preference: number, name: string, addresses: string[], problem: string | null = null) => ({
  preference,
  name,
  addresses,
  implicit: false,
  problem,
});

describe('lookupMx', () => {
  it('sorts by preference, then by name, and finds addresses, IPv4 first', async () => {
    const { resolver, asked } = resolverOf({
      'o.test':
        '@ MX 20 z\n@ MX 10 c\n@ MX 10 b\nz A 192.0.2.3\nb AAAA 2001:db8::2\nb A 192.0.2.2\nb A 192.0.2.1\nc A 192.0.2.4',
    });
    expect(await lookupMx(resolver, 'O.test')).toEqual({
      kind: 'mx',
      candidates: [
        host(10, 'b.o.test', ['192.0.2.2', '192.0.2.1', '2001:db8::2']),
        host(10, 'c.o.test', ['192.0.2.4']),
        host(20, 'z.o.test', ['192.0.2.3']),
      ],
    });
    expect(asked.slice(0, 3)).toEqual(['o.test MX', 'b.o.test A', 'b.o.test AAAA']);
  });

  it('follows a CNAME, of the domain and of an MX host', async () => {
    const { resolver } = resolverOf({ 'o.test': 'mail CNAME real\nreal MX 5 w\nw CNAME a\na A 192.0.2.1' });
    expect(await lookupMx(resolver, 'mail.o.test')).toEqual({
      kind: 'mx',
      candidates: [host(5, 'w.o.test', ['192.0.2.1'])],
    });
  });

  it('takes the domain itself when it has an address and no MX', async () => {
    const { resolver } = resolverOf({ 'o.test': '@ A 192.0.2.1' });
    expect(await lookupMx(resolver, 'o.test')).toEqual({
      kind: 'mx',
      candidates: [{ ...host(0, 'o.test', ['192.0.2.1']), implicit: true }],
    });
  });

  it('knows the null MX, and passes over it beside others', async () => {
    expect(await lookupMx(resolverOf({ 'o.test': '@ MX 0 .\n@ A 192.0.2.1' }).resolver, 'o.test')).toEqual({
      kind: 'null-mx',
    });
    expect(await lookupMx(resolverOf({ 'o.test': '@ MX 0 .\n@ MX 9 a\na A 192.0.2.1' }).resolver, 'o.test')).toEqual({
      kind: 'mx',
      candidates: [host(9, 'a.o.test', ['192.0.2.1'])],
    });
  });

  it.each([
    // As Postfix: it asks for an address then, and names that question in its log.
    ['nxdomain', 'gone.test', [], 'A'],
    ['servfail', 'o.test', [fault('o.test', 'servfail')], 'MX'],
    ['timeout', 'o.test', [fault('o.test', 'no-answer')], 'MX'],
    ['nxdomain', 'o.test', [fault('.', 'nxdomain')], 'A'],
  ] as const)('fails with %s for %s', async (problem, name, faults, type) => {
    expect(await lookupMx(resolverOf({ 'o.test': '@ MX 1 a' }, [...faults]).resolver, name)).toEqual({
      kind: 'failed',
      name,
      type,
      problem,
    });
  });

  it('fails with no-address when there is neither MX nor address', async () => {
    expect(await lookupMx(resolverOf({ 'o.test': '@ TXT "no mail"' }).resolver, 'o.test')).toEqual({
      kind: 'failed',
      name: 'o.test',
      type: 'A',
      problem: 'no-address',
    });
  });

  it('shows why a candidate has no address', async () => {
    const zones = {
      'o.test':
        '@ MX 1 slow.p.test.\n@ MX 2 none\n@ MX 3 text\n@ MX 4 192.0.2.1\n@ MX 5 a\n@ MX 6 sick.p.test.\na A 192.0.2.5\ntext TXT "x"',
      'p.test': '',
    };
    const { resolver } = resolverOf(zones, [fault('slow.p.test', 'no-answer'), fault('sick.p.test', 'servfail')]);
    expect(await lookupMx(resolver, 'o.test')).toEqual({
      kind: 'mx',
      candidates: [
        host(1, 'slow.p.test', [], 'timeout'),
        host(2, 'none.o.test', [], 'nxdomain'),
        host(3, 'text.o.test', [], 'no-address'),
        host(4, '192.0.2.1.o.test', [], 'nxdomain'),
        host(5, 'a.o.test', ['192.0.2.5']),
        host(6, 'sick.p.test', [], 'servfail'),
      ],
    });
  });

  it('asks nothing for an address literal', async () => {
    const { resolver, asked } = resolverOf({});
    expect(await lookupMx(resolver, '[192.0.2.1]')).toEqual({
      kind: 'mx',
      candidates: [{ ...host(0, '[192.0.2.1]', ['192.0.2.1']), implicit: true }],
    });
    expect(await lookupMx(resolver, '[IPv6:2001:DB8::1]')).toMatchObject({
      candidates: [{ addresses: ['2001:db8::1'] }],
    });
    expect(await lookupMx(resolver, '[nonsense]')).toMatchObject({ kind: 'failed', problem: 'no-address' });
    expect(asked).toEqual([]);
  });

  it('fails with bad-answer when an MX makes no sense', async () => {
    const ask = (): Promise<DnsResult> =>
      Promise.resolve({ rcode: 'NOERROR', records: [{ name: 'o.test.', ttl: 1, type: 'MX', data: 'nonsense' }] });
    expect(await lookupMx({ ask }, 'o.test')).toMatchObject({ kind: 'failed', problem: 'bad-answer' });
  });
});

describe('lookupPtr', () => {
  it('believes a name that leads back to the address', async () => {
    const { resolver } = resolverOf({ 'o.test': 'a A 192.0.2.1\nb AAAA 2001:db8::1' });
    expect(await lookupPtr(resolver, '192.0.2.1')).toBe('a.o.test');
    expect(await lookupPtr(resolver, '2001:db8:0::1')).toBe('b.o.test');
    expect(await lookupPtr(resolver, '192.0.2.9')).toBeNull();
    expect(await lookupPtr(resolver, 'nonsense')).toBeNull();
  });

  it('believes no other, and none when the look-up fails', async () => {
    const zones = {
      'o.test': 'a A 192.0.2.1',
      '2.0.192.in-addr.arpa': '1 PTR a.o.test.\n2 PTR a.o.test.\n3 PTR gone.o.test.',
    };
    const { resolver } = resolverOf(zones);
    expect(await lookupPtr(resolver, '192.0.2.1')).toBe('a.o.test');
    expect(await lookupPtr(resolver, '192.0.2.2')).toBeNull();
    expect(await lookupPtr(resolver, '192.0.2.3')).toBeNull();
    expect(await lookupPtr(resolverOf(zones, [fault('o.test', 'no-answer')]).resolver, '192.0.2.1')).toBeNull();
  });
});
