/**
 * Who would send to whom, and what the firewall says to it: ways read from the zones and the rules, for the map's
 * lines. Pure. It reads zones loosely, for a picture: what a zone really says is the name server's to know.
 */
import type { FirewallAction, HostKey, NetworkDef, NetworkState, ZoneText } from '../../contract/model.ts';
import type { BenchView, HostCard } from '../../contract/views.ts';

/** One direction between two hosts; `label` is a preference (`MX 1`), or '' where the zone speaks of none. */
export interface Way {
  from: HostKey;
  to: HostKey;
  label: string;
}

export interface MxHost {
  preference: number;
  key: HostKey;
}

type Rule = Pick<NetworkState['firewall']['rules'][number], 'action' | 'source' | 'target' | 'port'>;

/** Mail hosts of a zone that are hosts of the lab, the best first. */
export function mxHosts(zone: ZoneText, hosts: readonly HostCard[]): MxHost[] {
  const addresses = new Map<string, string[]>();
  const found: { preference: number; name: string }[] = [];
  let owner = '@';
  for (const line of zone.text.split('\n').map((one) => one.replace(/;.*$/, ''))) {
    if (/^[^\s$]/.test(line)) owner = line.split(/\s/)[0]!;
    const mx = /\sMX\s+(\d+)\s+(\S+)/i.exec(line);
    if (mx !== null) found.push({ preference: Number(mx[1]), name: absolute(mx[2]!, zone.name) });
    const address = /\sA(?:AAA)?\s+(\S+)/i.exec(line)?.[1];
    if (address !== undefined)
      addresses.set(absolute(owner, zone.name), [...(addresses.get(absolute(owner, zone.name)) ?? []), address]);
  }
  const keyOf = (name: string): HostKey | undefined =>
    (
      hosts.find(({ settings }) => settings.name.toLowerCase() === name) ??
      hosts.find(({ settings }) => settings.addresses.some((one) => addresses.get(name)?.includes(one)))
    )?.key;
  return found
    .flatMap(({ preference, name }) => {
      const key = keyOf(name);
      return key === undefined ? [] : [{ preference, key }];
    })
    .sort((a, b) => a.preference - b.preference);
}

function absolute(name: string, zone: string): string {
  if (name === '@') return zone.toLowerCase();
  return (name.endsWith('.') ? name.slice(0, -1) : `${name}.${zone}`).toLowerCase();
}

/** Whose mail a host keeps or passes on: this zone's? */
const serves = ({ settings }: HostCard, zone: ZoneText): boolean =>
  [...settings.finalDomains, ...settings.relayDomains].some(
    (domain) => domain.toLowerCase() === zone.name.toLowerCase(),
  );

/** The zone that the lab is about: which most hosts serve, whatever it says just now; of equals that which names more of them, and the first. */
export function mainZone(bench: Pick<BenchView, 'zones' | 'hosts'>): {
  mx: MxHost[];
  isServedBy(host: HostCard): boolean;
} {
  const all = bench.zones
    .filter(({ view }) => view === null)
    .map((zone) => ({
      zone,
      mx: mxHosts(zone, bench.hosts),
      served: bench.hosts.filter((host) => serves(host, zone)).length,
    }));
  const [main] = all.sort((a, b) => b.served - a.served || b.mx.length - a.mx.length);
  return { mx: main?.mx ?? [], isServedBy: (host) => main !== undefined && serves(host, main.zone) };
}

/** Ways that mail takes by the zone: from all others to each mail host, and from each of those to the better ones. */
export function waysOfZone(bench: Pick<BenchView, 'zones' | 'hosts'>): Way[] {
  const { mx } = mainZone(bench);
  const others = bench.hosts.filter(({ key }) => !mx.some((one) => one.key === key));
  return [
    ...others.flatMap(({ key }) => mx.map((one) => ({ from: key, to: one.key, label: `MX ${one.preference}` }))),
    ...mx.flatMap((from) =>
      mx.filter((to) => to.preference < from.preference).map((to) => ({ from: from.key, to: to.key, label: '' })),
    ),
  ];
}

/** What the firewall says to a call at port 25: the first rule that fits by its number, counted from 1, or the default (rule null). */
export function verdictOn(
  firewall: { rules: readonly Rule[]; fallback: FirewallAction },
  from: HostCard,
  to: HostCard,
  networks: readonly NetworkDef[],
): { action: FirewallAction; rule: number | null } {
  const at = (side: string, host: HostCard): boolean =>
    side === 'any' ||
    side === host.key ||
    side === networkOf(host, networks) ||
    host.settings.addresses.some((address) => inBlock(address, side));
  const index = firewall.rules.findIndex(
    ({ source, target, port }) => (port === 'any' || port === 25) && at(source, from) && at(target, to),
  );
  return index === -1
    ? { action: firewall.fallback, rule: null }
    : { action: firewall.rules[index]!.action, rule: index + 1 };
}

/** The network that a host's first address is in; else the one that its settings name. */
export function networkOf(host: HostCard, networks: readonly NetworkDef[]): string {
  const address = host.settings.addresses[0] ?? '';
  return networks.find(({ block }) => inBlock(address, block))?.key ?? host.settings.network;
}

/** Keys of the networks behind the wall: those that rules protect, or the one called office. */
export function insideNetworks(bench: Pick<BenchView, 'networks' | 'firewall' | 'hosts' | 'zones'>): string[] {
  const { networks, firewall, hosts } = bench;
  const networkAt = (side: string): string | undefined => {
    const host = hosts.find(({ key }) => key === side);
    if (host !== undefined) return networkOf(host, networks);
    return networks.find(({ key, block }) => key === side || block === side)?.key;
  };
  const shut = firewall.rules.filter(({ action }) =>
    firewall.fallback === 'allow' ? action !== 'allow' : action === 'allow',
  );
  const guarded = [...new Set(shut.flatMap(({ target }) => networkAt(target) ?? []))];
  // Rules that shut all networks in say nothing about a side.
  if (guarded.length > 0 && guarded.length < networks.length) return guarded;
  const taken = new Set(hosts.map((host) => networkOf(host, networks)));
  if (taken.has('office') || hasWall(firewall))
    return networks.filter(({ key }) => key === 'office').map(({ key }) => key);
  // Nobody is in the office now: the place that it is all about is where the best mail host stands.
  const best = hosts.find(({ key }) => key === mainZone(bench).mx[0]?.key);
  return best === undefined || taken.size < 2 ? [] : [networkOf(best, networks)];
}

export const hasWall = ({ rules, fallback }: { rules: readonly unknown[]; fallback: FirewallAction }): boolean =>
  rules.length > 0 || fallback !== 'allow';

/** True when an address is in a CIDR block, or is that address. RFC 4632; false for what is neither. */
export function inBlock(address: string, block: string): boolean {
  const [base = '', length] = block.split('/');
  const [one, other] = [bitsOf(address), bitsOf(base)];
  if (one === null || other === null || one.length !== other.length) return false;
  const count = length === undefined ? one.length : Number(length);
  return one.slice(0, count) === other.slice(0, count);
}

/** An address as a row of 0 and 1: 32 or 128 of them. */
function bitsOf(address: string): string | null {
  if (/^\d+(\.\d+){3}$/.test(address))
    return address
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
  if (!/^[\da-f:]+$/i.test(address) || !address.includes(':')) return null;
  const [head = '', tail] = address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [front, back] = [groups(head), groups(tail ?? '')];
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - front.length - back.length }, () => '0');
  return [...front, ...zeros, ...back].map((part) => Number.parseInt(part, 16).toString(2).padStart(16, '0')).join('');
}
