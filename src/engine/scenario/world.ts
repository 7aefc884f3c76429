/** The world of a lab file: networks, hosts, zones and the firewall, with their defaults, and checked against each other. */
import type { HostKey, NetworkDef, Power, ZoneText } from '../../contract/model.ts';
import type { HostSettings } from '../../contract/settings.ts';
import { defaultSettings, NETWORK_LATENCY_MS } from './defaults.ts';
import type { LabText, Path } from './errors.ts';
import { checkName, near, settingsOf } from './hosts.ts';
import { DOCUMENTATION_BLOCKS, isWithin, listed, parseBlock, USE_ADDRESSES } from './names.ts';
import type { FirewallText, Scenario } from './scenario.ts';
import type { LabFile } from './schema.ts';
import { checkFirewall, checkZone } from './texts.ts';
import { table } from '../../contract/table.ts';

export function networksOf(lab: LabFile, file: LabText): NetworkDef[] {
  const networks: NetworkDef[] = [];
  for (const [key, value] of Object.entries(lab.networks)) {
    const path = ['networks', key];
    const { block, latency = NETWORK_LATENCY_MS } = typeof value === 'string' ? { block: value } : value;
    checkKey(key, 'network', path, file);
    const range = parseBlock(block);
    if (range === null || !block.includes('/'))
      file.add(
        path,
        `\`${block}\` is no block: write its first address and the bits of the network, such as 192.0.2.0/24`,
      );
    else if (
      !DOCUMENTATION_BLOCKS.some((one) => isWithin(block.split('/')[0]!, one) && range.last <= parseBlock(one)!.last)
    )
      file.add(path, `${block} is not a block for documents: ${USE_ADDRESSES}`);
    else {
      const other = networks.find((one) => overlaps(one.block, block));
      if (other !== undefined)
        file.add(path, `${block} overlaps ${other.key} (${other.block}): give each network a block of its own`);
    }
    networks.push({ key, block, latencyMs: latency });
  }
  if (networks.length === 0)
    file.add(['networks'], 'there is no network: write { office: 192.0.2.0/24, internet: 203.0.113.0/24 }');
  return networks;
}

function overlaps(one: string, other: string): boolean {
  const [a, b] = [parseBlock(one), parseBlock(other)];
  return a !== null && b !== null && a.first <= b.last && b.first <= a.last;
}

/** Words of the firewall's and the zones' own, which no host or network may be called. */
const RESERVED_KEYS = ['any', 'default', 'port', 'everyone', 'dns', 'each', 'all'];

function checkKey(key: string, what: string, path: Path, file: LabText): void {
  if (!/^[a-z][a-z0-9-]{0,19}$/i.test(key))
    file.addAtKey(
      path,
      `\`${key}\` can't be the key of a ${what}: write a letter, then letters, digits and hyphens, such as a or office`,
    );
  else if (RESERVED_KEYS.includes(key))
    file.addAtKey(path, `\`${key}\` means something else in a lab: give the ${what} another key`);
}

export function hostsOf(lab: LabFile, networks: NetworkDef[], file: LabText): Pick<Scenario, 'hosts' | 'powers'> {
  const hosts = table<HostSettings>();
  const powers = table<Power>();
  const addresses = new Map(Object.entries(lab.hosts).map(([key, host]) => [key, host.address]));
  for (const [key, { power, ...host }] of Object.entries(lab.hosts)) {
    const path = ['hosts', key];
    checkKey(key, 'host', path, file);
    if (networks.some((one) => one.key === key))
      file.addAtKey(
        path,
        `there is a network \`${key}\` too, and the firewall could not tell them apart: give one of them another key`,
      );
    const problem = (at: Path, message: string): void => file.add([...path, ...at], message);
    const block = networks.find((one) => one.key === host.network || isWithin(host.address[0] ?? '', one.block))?.block;
    const base = defaultSettings(host.name, host.address, '', block ?? '');
    if (host.address.length === 0) problem(['address'], 'the list of addresses is empty: write address: 192.0.2.10');
    hosts[key] = { ...base, ...settingsOf(host, base, { networks, addresses, problem }) };
    if (power !== undefined && power !== 'up') powers[key] = power;
  }
  checkTwins(hosts, file);
  if (Object.keys(hosts).length === 0)
    file.add(['hosts'], 'there is no host: write a: { name: a.theorganisation.test, address: 192.0.2.10 }');
  return { hosts, powers };
}

function checkTwins(hosts: Scenario['hosts'], file: LabText): void {
  const owners = new Map<string, HostKey>();
  for (const [key, { name, addresses }] of Object.entries(hosts)) {
    for (const [position, address] of addresses.entries()) {
      const owner = owners.get(address);
      const path = addresses.length === 1 ? ['address'] : ['address', position];
      if (owner !== undefined)
        file.add(
          ['hosts', key, ...path],
          owner === key
            ? `${address} stands there twice: write it once`
            : `${address} is the address of ${owner} already: two hosts can't have one address`,
        );
      owners.set(address, key);
    }
    const owner = owners.get(name.toLowerCase());
    if (owner !== undefined)
      file.add(['hosts', key, 'name'], `${name} is the name of ${owner} already: give each host its own`);
    owners.set(name.toLowerCase(), key);
  }
}

export function zonesOf(lab: LabFile, networks: NetworkDef[], file: LabText): ZoneText[] {
  const zones: ZoneText[] = [];
  for (const [name, value] of Object.entries(lab.zones ?? {})) {
    const path = ['zones', name];
    checkName(name, path, (_at, message) => file.addAtKey(path, message));
    const views =
      typeof value === 'string'
        ? [{ view: null, text: value, at: path }]
        : Object.entries(value).map(([view, text]) => ({
            view: view === 'everyone' ? null : view,
            text,
            at: [...path, view],
          }));
    for (const { view, text, at } of views) {
      const known = networks.map((one) => one.key);
      if (view !== null && !known.includes(view))
        file.addAtKey(
          at,
          `there is no network \`${view}\` to see this: ${near(view, [...known, 'everyone']) ?? `write ${listed([...known, 'everyone'], 'or')}`}`,
        );
      checkZone(file, at, text, name);
      zones.push({ name: name.toLowerCase(), view, text });
    }
  }
  return zones;
}

export function firewallOf(lab: LabFile, file: LabText, known: string[]): FirewallText {
  const given = lab.firewall ?? '';
  if (typeof given === 'string') {
    const { rules, fallback } = checkFirewall(file, ['firewall'], given, known);
    return { rules, fallback };
  }
  const path = ['firewall', 'rules'];
  const texts =
    typeof given.rules === 'string'
      ? [{ at: path as Path, text: given.rules }]
      : (given.rules ?? []).map((text, position) => ({ at: [...path, position] as Path, text }));
  const parts = texts.map(({ at, text }) => checkFirewall(file, at, text, known));
  const last = parts.at(-1)?.fallback ?? 'allow';
  return { rules: parts.flatMap((part) => part.rules), fallback: given.default ?? last };
}
