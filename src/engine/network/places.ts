/** Where hosts and callers stand, and what a call from one to another meets at this instant. Asking tells nobody and counts nothing. */
import type { FirewallAction, HostKey, HostState, NetworkState } from '../../contract/model.ts';
import type { Table } from '../../contract/table.ts';
import { inBlock } from './cidr.ts';
import { judge } from './firewall.ts';

/** Where a caller stands. */
export interface Place {
  host: HostKey | null;
  network: string;
  address: string;
}

/** A host, or a program without one, and the network that it stands in. */
interface Side {
  host: HostKey | null;
  network: string | null;
}

type Meeting = 'firewall-drop' | 'firewall-reject' | 'link-silence' | 'link-refuse' | 'link-connect';
export const FATES = {
  'firewall-drop': 'silence',
  'firewall-reject': 'refused',
  'link-silence': 'silence',
  'link-refuse': 'refused',
  'link-connect': 'open',
} as const;

/** A lab may have a network of this name, or none: then whatever has no network of its own stands there. */
const INTERNET = 'internet';
/** Where the lab's name server stands, in all networks' sight. */
export const NAME_SERVER_ADDRESS = '198.51.100.53';

export interface PlacesDeps {
  state(): NetworkState;
  hosts(): Table<HostState>;
}

export function createPlaces(deps: PlacesDeps) {
  const hasInternet = (): boolean => deps.state().networks.some(({ key }) => key === INTERNET);
  /** The network whose block holds an address. What is in none is on the Internet, in a lab that calls a network so; else it is nowhere: null. */
  const networkOf = (address: string): string | null =>
    deps.state().networks.find((n) => inBlock(address, n.block))?.key ?? (hasInternet() ? INTERNET : null);
  const hostAt = (address: string): HostState | null => {
    for (const host of Object.values(deps.hosts())) if (host.settings.addresses.includes(address)) return host;
    return null;
  };
  const latency = (source: Side, target: Side): number => {
    const { networks, internetLatencyMs, lines: ills } = deps.state();
    const base =
      source.network === target.network
        ? (networks.find((n) => n.key === source.network)?.latencyMs ?? 2)
        : internetLatencyMs;
    const extra = (key: HostKey | null) => (key === null ? 0 : (ills[key]?.extraLatencyMs ?? 0));
    return base + extra(source.host) + extra(target.host);
  };
  const placeOf = (host: HostKey) => {
    const settings = deps.hosts()[host]?.settings;
    if (settings === undefined) throw new Error(`no host '${host}' in this lab`);
    return { host, network: settings.network, address: settings.addresses[0] as string };
  };
  /** Where client programs of a network stand: at .250, or where its block has no such address or a host has it, at the last one that is free. */
  const clientAddress = (network: string): string => {
    const block = deps.state().networks.find((n) => n.key === network)?.block;
    if (block === undefined)
      throw new Error(
        `no network '${network}' in this lab; there are: ${deps
          .state()
          .networks.map((n) => n.key)
          .join(', ')}`,
      );
    const stem = block.slice(0, block.lastIndexOf('.') + 1);
    const usual = `${stem}250`;
    const isFree = (address: string): boolean => inBlock(address, block) && hostAt(address) === null;
    if (isFree(usual)) return usual;
    const last = Array.from({ length: 254 }, (_, i) => `${stem}${254 - i}`).filter((address) =>
      inBlock(address, block),
    );
    // The very last one is for all hosts of the block (RFC 919), unless there are no others.
    return last.find((address, i) => isFree(address) && (i > 0 || last.length < 3)) ?? last[0] ?? usual;
  };

  /** Where programs stand of which nobody said where: out on the Internet, if there is one; else in the lab's first network. */
  const outsideNetwork = (): string => (hasInternet() ? INTERNET : (deps.state().networks[0]?.key ?? INTERNET));
  const verdict = (source: Place, address: string, port: number): { action: FirewallAction; rule: number | null } =>
    judge(deps.state().firewall, {
      source,
      target: { host: hostAt(address)?.key ?? null, network: networkOf(address), address },
      port,
    });

  /** What a connection attempt meets at this instant, named by the event that tells of it. */
  const meets = (source: Place, address: string, port: number) => {
    const { action, rule } = verdict(source, address, port);
    const target = hostAt(address);
    const isDns = address === NAME_SERVER_ADDRESS && port === 53;
    const cut = (key: HostKey | null) =>
      key !== null && (deps.state().lines[key]?.cut || deps.hosts()[key]?.power === 'off');
    const kind = (): Meeting => {
      if (action !== 'allow') return action === 'drop' ? 'firewall-drop' : 'firewall-reject';
      if ((target === null && !isDns) || cut(target?.key ?? null) || cut(source.host)) return 'link-silence';
      return target !== null && (target.power !== 'up' || port !== 25) ? 'link-refuse' : 'link-connect';
    };
    return { kind: kind(), rule, target };
  };
  return { networkOf, hostAt, latency, placeOf, clientAddress, outsideNetwork, verdict, meets };
}
