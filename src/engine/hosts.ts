/** Hosts as machines: their settings, whether they are up, and what else lies on their disks. */
import type { LabEvent } from '../contract/events.ts';
import type { GreylistEntry, HostKey, HostState, Instant, LabState } from '../contract/model.ts';
import type { HostSettings } from '../contract/settings.ts';
import { table } from '../contract/table.ts';
import { sweep } from './sweep.ts';

export function emptyHost(key: HostKey, settings: HostSettings, upSince: number): HostState {
  return {
    key,
    power: 'up',
    upSince,
    settings,
    queue: table(),
    queueIdCount: 0,
    dead: table(),
    mailboxes: table(),
    greylist: table(),
    greylistSweepIn: 0,
    usedBytes: 0,
    foreignBytes: 0,
  };
}

export function applyHosts(hosts: LabState['hosts'], event: LabEvent): void {
  if (event.kind === 'host-add') {
    hosts[event.host] = emptyHost(event.host, event.settings, event.at);
    return;
  }
  const host = event.host ? hosts[event.host] : undefined;
  if (host === undefined) return;
  switch (event.kind) {
    case 'host-set':
      host.settings = { ...host.settings, ...event.settings };
      return;
    case 'host-start':
      host.power = 'up';
      host.upSince = event.at;
      return;
    case 'host-stop':
      host.power = 'stopped';
      return;
    case 'host-crash':
      host.power = 'crashed';
      return;
    case 'host-off':
      host.power = 'off';
      return;
    case 'disk-fill':
      host.foreignBytes = event.foreignBytes;
      return;
    case 'greylist-meet':
      host.greylistSweepIn = sweep(host.greylistSweepIn, [host.greylist], (entry) => isForgotten(entry, event.at));
      host.greylist[event.key] = { firstAt: event.at, passedAt: null };
      return;
    case 'greylist-pass':
      host.greylist[event.key] = { firstAt: host.greylist[event.key]?.firstAt ?? event.at, passedAt: event.at };
      return;
  }
}

/** As postgrey's --max-age: a greylist forgets whom it has not seen for so long. */
const GREYLIST_AGE_MS = 35 * 86_400_000;

export function isForgotten({ firstAt, passedAt }: GreylistEntry, now: Instant): boolean {
  return now - (passedAt ?? firstAt) >= GREYLIST_AGE_MS;
}

/** Bytes free on a host's disk; Infinity without a limit. */
export function freeBytes(host: HostState): number {
  return host.settings.diskBytes === null ? Infinity : host.settings.diskBytes - host.usedBytes - host.foreignBytes;
}

/** Is this one of the domains that this host takes mail for on behalf of others, or below one? As Postfix's parent_domain_matches_subdomains has it. */
export function isRelayFor(settings: HostSettings, domain: string): boolean {
  const asked = domain.toLowerCase();
  return settings.relayDomains.some((own) => asked === own.toLowerCase() || asked.endsWith(`.${own.toLowerCase()}`));
}

/** Is this domain (or address literal) delivered on this host itself? */
export function isFinalFor(settings: HostSettings, domain: string): boolean {
  const asked = domain.toLowerCase();
  if (asked === settings.name.toLowerCase() || settings.finalDomains.some((own) => own.toLowerCase() === asked))
    return true;
  return settings.addresses.some((address) => asked === `[${address}]`);
}
