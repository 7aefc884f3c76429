/** Where programs stand, in labs whose networks have any names and any sizes. */
import { describe, expect, it } from 'vitest';
import type { HostState, NetworkState } from '../../../src/contract/model.ts';
import { emptyNetwork } from '../../../src/engine/network/apply.ts';
import { createPlaces } from '../../../src/engine/network/places.ts';
import { tableOf } from '../../../src/contract/table.ts';

/** Networks by their names, and hosts at these addresses. */
function places(blocks: Record<string, string>, addresses: string[] = []) {
  const state: NetworkState = {
    ...emptyNetwork(),
    networks: Object.entries(blocks).map(([key, block]) => ({ key, block, latencyMs: 1 })),
    internetLatencyMs: 12,
  };
  const hosts = tableOf(
    addresses.map(
      (address, i) =>
        [`h${i}`, { key: `h${i}`, power: 'up', settings: { addresses: [address] } } as unknown as HostState] as const,
    ),
  );
  return createPlaces({ state: () => state, hosts: () => hosts });
}

describe('an address that lies in no network of the lab', () => {
  it('is on the Internet, where a network is called so', () => {
    expect(places({ office: '192.0.2.0/24', internet: '203.0.113.0/24' }).networkOf('198.51.100.9')).toBe('internet');
  });

  it('is in no network, where none is called so, and as far away as another network', () => {
    const { networkOf, latency } = places({ net: '192.0.2.0/24' });
    expect([networkOf('192.0.2.9'), networkOf('198.51.100.9')]).toEqual(['net', null]);
    expect(latency({ host: null, network: 'net' }, { host: null, network: null })).toBe(12);
    expect(latency({ host: null, network: 'net' }, { host: null, network: 'net' })).toBe(1);
  });
});

describe('a program of which nobody said where it stands', () => {
  it.each([
    [{ office: '192.0.2.0/24', internet: '203.0.113.0/24' }, 'internet'],
    [{ net: '192.0.2.0/24' }, 'net'],
    [{ here: '192.0.2.0/24', there: '203.0.113.0/24' }, 'here'],
  ])('of %j stands in %s', (blocks, network) => {
    const { outsideNetwork, clientAddress } = places(blocks as unknown as Record<string, string>);
    expect(outsideNetwork()).toBe(network);
    expect(clientAddress(outsideNetwork())).toMatch(/\.250$/);
  });
});

describe('a client’s address', () => {
  it.each([
    ['192.0.2.0/24', [], '192.0.2.250'],
    ['192.0.2.0/24', ['192.0.2.250'], '192.0.2.253'],
    ['192.0.2.0/24', ['192.0.2.250', '192.0.2.253', '192.0.2.252'], '192.0.2.251'],
    ['192.0.2.0/25', [], '192.0.2.126'],
    ['192.0.2.16/28', ['192.0.2.30'], '192.0.2.29'],
    ['192.0.2.240/28', [], '192.0.2.250'],
    ['192.0.2.4/31', ['192.0.2.4'], '192.0.2.5'],
    ['192.0.2.7/32', ['192.0.2.7'], '192.0.2.7'],
  ])('in %s beside %j is %s', (block, hosts, address) => {
    expect(places({ net: block }, hosts as string[]).clientAddress('net')).toBe(address);
  });

  it('is none in a network that is not there', () => {
    expect(() => places({ net: '192.0.2.0/24' }).clientAddress('internet')).toThrow(
      "no network 'internet' in this lab; there are: net",
    );
  });
});
