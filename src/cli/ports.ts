/**
 * Ports for programs from outside: from a base of 2500, A is 2501, B 2502, C 2503 and so on by the letter, and the
 * DNS is 2553 (base + its own 53). Hosts with longer keys follow after Z, in the order of the lab file.
 */
import type { HostKey } from '../contract/model.ts';
import type { Lab } from '../engine/lab.ts';
import type { Scenario } from '../engine/scenario/index.ts';
import { UserError } from './failure.ts';

export const PORT_BASE = 2500;
export const DNS_OFFSET = 53;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** A port of this machine that leads to port 25 of a host, for programs that stand in `network`. */
export interface Door {
  host: HostKey;
  network: string;
  port: number;
}

export function offsets(hosts: readonly HostKey[]): Map<HostKey, number> {
  let next = LETTERS.length + 1;
  const found = new Map<HostKey, number>();
  for (const host of hosts) {
    const letter = host.length === 1 ? LETTERS.indexOf(host.toLowerCase()) : -1;
    if (letter < 0 && next === DNS_OFFSET) next += 1;
    found.set(host, letter >= 0 ? letter + 1 : next++);
  }
  return found;
}

/** Where the clients of a host stand: people beside the server that takes their mail, everybody else out on the Internet. */
export function sideOf(host: HostKey, scenario: Scenario): string {
  const own = scenario.hosts[host]?.network ?? '';
  const homes = homesOf(scenario);
  if (homes.has(host)) return own;
  if (scenario.networks.some(({ key }) => key === 'internet')) return 'internet';
  const [home] = homes;
  return (home === undefined ? undefined : scenario.hosts[home]?.network) ?? own;
}

/** Hosts to which the script's people hand their mail. */
export function homesOf({ script, hosts }: Scenario): Set<HostKey> {
  const homes = new Set<HostKey>();
  for (const step of script) {
    if (step.kind !== 'send') continue;
    const { via, from } = step.send.message;
    const domain = from.slice(from.lastIndexOf('@') + 1).toLowerCase();
    const home = via ?? Object.keys(hosts).find((key) => hosts[key]!.finalDomains.includes(domain));
    if (home !== undefined) homes.add(home);
  }
  return homes;
}

/** Publish every host. With a base given, a port that is in use is an error; without, any free one will do. */
export async function openDoors(lab: Lab, base: number | null): Promise<Door[]> {
  const hosts = Object.keys(lab.state.hosts);
  const places = offsets(hosts);
  const doors: Door[] = [];
  for (const host of hosts) {
    const network = sideOf(host, lab.scenario);
    const wanted = (base ?? PORT_BASE) + places.get(host)!;
    const { port } = await publish(lab, host, network, wanted, base);
    doors.push({ host, network, port });
  }
  return doors;
}

async function publish(lab: Lab, host: HostKey, network: string, port: number, base: number | null): Promise<{ port: number }> {
  try {
    return await lab.publish(host, network, port);
  } catch (error) {
    const inUse = portInUse(error);
    if (inUse === null) throw error;
    if (base !== null) throw new UserError(inUse);
    return lab.publish(host, network, 0);
  }
}

/** `port 2501 on 127.0.0.1 is in use ...` with what to do about it here; null for any other error. */
export function portInUse(error: unknown): string | null {
  const found = /^port \d+ on [\d.]+ is in use by another program/.exec((error as Error).message);
  return found === null ? null : `${found[0]}: end that program, or choose another --port-base`;
}
