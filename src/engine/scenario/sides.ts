/** Where programs from outside stand when they call a host, unless somebody says otherwise. Pure. */
import type { HostKey } from '../../contract/model.ts';
import type { Scenario } from './scenario.ts';

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
