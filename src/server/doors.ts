/**
 * Ports for programs from outside: from a base of 2500, A is 2501, B 2502, C 2503 and so on by the letter, and the
 * DNS is 2553 (base + its own 53). Hosts with longer keys follow after Z, in the order of the lab file.
 */
import type { LabApi, PortInfo } from '../contract/lab-api.ts';
import type { HostKey } from '../contract/model.ts';

export const PORT_BASE = 2_500;
export const DNS_OFFSET = 53;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** From which port on, and whether another one will do where one is in use. */
export interface PortWish {
  base: number;
  orAny: boolean;
}

export const anyPort: PortWish = { base: PORT_BASE, orAny: true };

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

/** A port for each host, and the name server's. Rejects with the engine's words where one is in use and no other will do. */
export async function openDoors(
  api: Pick<LabApi, 'bench' | 'publish'>,
  { base, orAny }: PortWish,
): Promise<PortInfo[]> {
  const { hosts } = await api.bench(null);
  const places = offsets(hosts.map(({ key }) => key));
  const doors: PortInfo[] = [];
  for (const [host, place] of places) {
    const wanted = api.publish(host, null, base + place);
    doors.push(await (orAny ? wanted.catch(() => api.publish(host, null, 0)) : wanted));
  }
  return [...doors, await api.publish('dns', null, 0)];
}
