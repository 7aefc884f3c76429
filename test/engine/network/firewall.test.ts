import { describe, expect, test } from 'vitest';
import type { FirewallAction, NetworkState } from '../../../src/contract/model.ts';
import { judge } from '../../../src/engine/network/firewall.ts';
import type { Packet, PacketEnd } from '../../../src/engine/network/firewall.ts';
import { parseFirewall } from '../../../src/engine/network/firewall-text.ts';

const a: PacketEnd = { host: 'a', network: 'office', address: '192.0.2.10' };
const b: PacketEnd = { host: 'b', network: 'internet', address: '198.51.100.10' };
const outside: PacketEnd = { host: null, network: null, address: '203.0.113.99' };

function firewall(text: string): NetworkState['firewall'] {
  const parsed = parseFirewall(text);
  if (!parsed.ok) throw new Error(parsed.errors[0]?.message);
  return {
    rules: parsed.rules.map((rule) => ({ ...rule, hitCount: 0, lastHit: null })),
    fallback: parsed.fallback,
    fallbackHitCount: 0,
  };
}

function verdict(text: string, source: PacketEnd, target: PacketEnd, port = 25): [FirewallAction, number | null] {
  const packet: Packet = { source, target, port };
  const { action, rule } = judge(firewall(text), packet);
  return [action, rule];
}

describe('the first rule that matches wins', () => {
  const text = 'allow b -> a port 25\ndrop internet -> office port 25\nreject any -> 192.0.2.0/24\ndefault allow';
  test('a host', () => expect(verdict(text, b, a)).toEqual(['allow', 1]));
  test('a network', () => expect(verdict(text, { ...b, host: 'c' }, a)).toEqual(['drop', 2]));
  test('a block, for another port', () => expect(verdict(text, b, a, 53)).toEqual(['reject', 3]));
  test('a program outside', () => expect(verdict(text, outside, a)).toEqual(['reject', 3]));
  test('the way back is another matter', () => expect(verdict(text, a, b)).toEqual(['allow', null]));
});

test('the default', () => {
  expect(verdict('default drop', b, a)).toEqual(['drop', null]);
  expect(verdict('', b, a)).toEqual(['allow', null]);
});

test('an address', () => {
  expect(verdict('drop 198.51.100.10 -> any', b, a)).toEqual(['drop', 1]);
  expect(verdict('drop 198.51.100.11 -> any', b, a)).toEqual(['allow', null]);
});
