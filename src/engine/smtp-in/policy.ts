/**
 * Whether a host takes a message: at connect, MAIL, RCPT and after DATA. Decides, and says why; sends nothing.
 *
 * Being in a domain's MX list gives no right to relay: who may is a setting of the host (trusted clients to
 * anywhere, others to its final and relay domains only).
 */
import type { HostState, Instant } from '../../contract/model.ts';
import type { Reply } from '../../contract/why.ts';
import { domainOf } from '../addresses.ts';
import { freeBytes, isFinalFor } from '../hosts.ts';
import { inBlock } from '../network/cidr.ts';
import { refusalReply } from './replies.ts';

export interface No {
  reply: Reply;
  /** For the journal: what decided. */
  reason: string;
}

export const within = (address: string, blocks: string[]): boolean => blocks.some((block) => inBlock(address, block));

/** Space for a message of so many bytes, RFC 1870 §6. Null when there is. */
export function diskRefusal(host: HostState, sizeBytes: number): No | null {
  if (freeBytes(host) >= sizeBytes + host.settings.diskReserveBytes) return null;
  const refusal = host.settings.diskFullReply === 'permanent' ? 'disk-full-permanent' : 'disk-full';
  return { reply: refusalReply(refusal), reason: 'disk full' };
}

/** A message over the limit, by its SIZE or by its bytes; on a full disk too, as no later try helps. RFC 1870 §6.1, §6.3. */
export function sizeRefusal(host: HostState, sizeBytes: number): No | null {
  if (sizeBytes <= host.settings.messageSizeMax) return null;
  return { reply: refusalReply('too-big'), reason: 'larger than the limit' };
}

/** A disk that filled while DATA was flowing. */
export function diskRefusalAfterData(host: HostState, sizeBytes: number): No | null {
  if (freeBytes(host) >= sizeBytes) return null;
  const refusal = host.settings.diskFullReply === 'permanent' ? 'disk-full-permanent' : 'disk-full-during-data';
  return { reply: refusalReply(refusal), reason: 'the disk filled during DATA' };
}

/** Where mail for an address lands on this host: a mailbox, onwards, or nowhere. */
export function rcptRefusal(host: HostState, address: string, client: string): No | null {
  const { settings } = host;
  const domain = domainOf(address);
  if (domain === '' || isFinalFor(settings, domain)) return localRefusal(host, address);
  if (within(client, settings.relayClients)) return null;
  if (!settings.relayDomains.some((own) => own.toLowerCase() === domain)) {
    return { reply: refusalReply(settings.relayDenied === 'permanent' ? 'relay-never' : 'relay-later', address), reason: 'relaying is denied' };
  }
  const known = settings.knownUsers;
  if (known === null || known.some((user) => user.toLowerCase() === address.toLowerCase())) return null;
  return { reply: refusalReply('unknown-relay-user', address), reason: 'not in the list of known users' };
}

function localRefusal(host: HostState, address: string): No | null {
  const user = mailboxOf(host, address);
  if (user === null) return { reply: refusalReply('unknown-user', address), reason: 'no such mailbox' };
  return quotaRefusal(host, user, address, 0);
}

/** The mailbox that an address of this host names; null when there is none. postmaster always has one (RFC 5321 §4.5.1). */
export function mailboxOf(host: HostState, address: string): string | null {
  const at = address.lastIndexOf('@');
  const user = (at < 0 ? address : address.slice(0, at)).toLowerCase();
  const { mailboxes } = host.settings;
  if (mailboxes === null || user === 'postmaster' || mailboxes.some((name) => name.toLowerCase() === user)) return user;
  return null;
}

/** A mailbox that has no room for so many more bytes. */
export function quotaRefusal(host: HostState, user: string, address: string, sizeBytes: number): No | null {
  const quota = host.settings.mailboxQuotaBytes;
  if (quota === null) return null;
  const used = (host.mailboxes[user] ?? []).reduce((sum, message) => sum + message.sizeBytes, 0);
  if (used + Math.max(sizeBytes, 1) <= quota) return null;
  return { reply: refusalReply('mailbox-full', address), reason: 'mailbox quota' };
}

/** Greylisting: the key of a first meeting, and whether it has waited long enough. */
export function greylistVerdict(host: HostState, facts: { client: string; sender: string; rcpt: string; now: Instant }): { key: string; step: 'meet' | 'wait' | 'pass' | 'known' } | null {
  const { greylistMs, trustedPeers } = host.settings;
  if (greylistMs === null || within(facts.client, trustedPeers)) return null;
  const key = `${facts.client.replace(/\.\d+$/, '.0/24')} ${facts.sender} ${facts.rcpt}`.toLowerCase();
  const met = host.greylist[key];
  if (met === undefined) return { key, step: 'meet' };
  if (met.passedAt !== null) return { key, step: 'known' };
  // Such daemons count whole seconds: who comes back after just this time is not a fraction of a second too early.
  const second = (at: Instant): number => Math.floor(at / 1000);
  return { key, step: (second(facts.now) - second(met.firstAt)) * 1000 >= greylistMs ? 'pass' : 'wait' };
}
