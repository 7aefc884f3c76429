/** Commands for one's own programs, from the ports that a world has published on loopback. */
import type { WorldInfo } from '../../contract/page-api.ts';
import type { BenchView, HostCard } from '../../contract/views.ts';

export interface Command {
  /** As much of it as fits into a bar. */
  short: string;
  full: string;
}

const mailboxOf = (host: HostCard): string | null => {
  const user = host.settings.mailboxes?.[0] ?? host.mailboxes[0]?.user;
  const domain = host.settings.finalDomains[0];
  return user === undefined || domain === undefined ? null : `${user}@${domain}`;
};

/** Hand a message to a sender's server, for somebody elsewhere: the way that mail takes in most labs. */
export function swaksCommand(world: WorldInfo | null, bench: BenchView | null): Command | null {
  if (world === null || bench === null) return null;
  const owners = bench.hosts.filter((host) => mailboxOf(host) !== null);
  const to = owners[0];
  const from = owners.find((host) => host.key === 'c') ?? owners.at(-1);
  const port = from === undefined ? undefined : world.ports.find(({ host }) => host === from.key)?.port;
  if (to === undefined || from === undefined || port === undefined) return null;
  const short = `swaks --server 127.0.0.1:${port}`;
  return {
    short,
    full: `${short} --from ${mailboxOf(from)} --to ${mailboxOf(to)} --header 'Subject: Hello from swaks'`,
  };
}

export function digCommand(world: WorldInfo | null, bench: BenchView | null): Command | null {
  const port = world?.ports.find(({ host }) => host === 'dns')?.port;
  const zone = bench?.zones[0]?.name;
  if (port === undefined || zone === undefined) return null;
  return { short: `dig -p ${port} @127.0.0.1`, full: `dig -p ${port} @127.0.0.1 ${zone} MX` };
}
