/**
 * What the firewall says to a packet: the first rule that matches, else the default. Pure.
 *
 * `allow` lets it pass, `reject` answers at once (the dialler hears "refused"), `drop` answers nothing
 * (the dial times out). Counts nothing: hits are folded from the journal's events.
 */
import type { FirewallAction, FirewallRule, HostKey, NetworkState } from '../../contract/model.ts';
import { inBlock } from './cidr.ts';

/** One end of a packet: keys are null where the lab has no host (a program outside) or no network for it. */
export interface PacketEnd {
  host: HostKey | null;
  network: string | null;
  /** Simulated address. */
  address: string;
}

export interface Packet {
  source: PacketEnd;
  target: PacketEnd;
  /** The port at the target. */
  port: number;
}

/** The verdict on a new connection or on more bytes of an open one. `rule` is its number, counted from 1; null: the default. */
export function judge(
  firewall: NetworkState['firewall'],
  packet: Packet,
): { action: FirewallAction; rule: number | null } {
  const index = firewall.rules.findIndex((one) => matches(one, packet));
  return index === -1
    ? { action: firewall.fallback, rule: null }
    : { action: firewall.rules[index]!.action, rule: index + 1 };
}

function matches(rule: FirewallRule, { source, target, port }: Packet): boolean {
  return (rule.port === 'any' || rule.port === port) && isAt(rule.source, source) && isAt(rule.target, target);
}

function isAt(side: string, end: PacketEnd): boolean {
  return side === 'any' || side === end.host || side === end.network || inBlock(end.address, side);
}
