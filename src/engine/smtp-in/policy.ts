/**
 * Whether a host takes a message: at connect, MAIL, RCPT and after DATA. Decides, and says why; sends nothing.
 *
 * Being in a domain's MX list gives no right to relay: who may is a setting of the host (trusted clients to
 * anywhere, others to its final and relay domains only).
 */
import type { HostState, Instant } from '../../contract/model.ts';
import type { Reply } from '../../contract/why.ts';
import { domainOf, localPartOf } from '../addresses.ts';
import { freeBytes, isFinalFor, isForgotten, isRelayFor } from '../hosts.ts';
import { inBlock } from '../network/cidr.ts';
import { contentTrouble, lineTrouble } from './content.ts';
import { reply } from './replies.ts';

export interface No {
  reply: Reply;
  /** For the journal: what decided. */
  reason: string;
}

export const within = (address: string, blocks: string[]): boolean => blocks.some((block) => inBlock(address, block));

/** Space for a message of so many bytes, RFC 1870 §6. Null when there is. */
export function diskRefusal(host: HostState, sizeBytes: number): No | null {
  if (freeBytes(host) >= sizeBytes + host.settings.diskReserveBytes) return null;
  return {
    reply: reply(host.settings.diskFullReply === 'permanent' ? 'disk-full-permanent' : 'disk-full'),
    reason: 'disk full',
  };
}

/** A message over the limit by its SIZE; on a full disk too, as no later try helps. RFC 1870 §6.1. */
export function sizeRefusal(host: HostState, sizeBytes: number): No | null {
  if (sizeBytes <= host.settings.messageSizeMax) return null;
  return { reply: reply('too-big'), reason: 'larger than the limit' };
}

/**
 * Whose an address is on this host: `user` of a mailbox, null for a user that nobody knows; `elsewhere` for another host's.
 * The one rule for RCPT, quota and delivery. postmaster always has a mailbox (RFC 5321 §4.5.1), and with it who writes back
 * to a report's sender, or to nobody at all.
 */
export function mailboxOf(host: HostState, address: string): { user: string | null } | 'elsewhere' {
  const domain = domainOf(address);
  if (domain !== '' && !isFinalFor(host.settings, domain)) return 'elsewhere';
  const local = localPartOf(address).toLowerCase();
  const { mailboxes } = host.settings;
  if (local === '' || local === 'mailer-daemon') return { user: 'postmaster' };
  return {
    user:
      mailboxes === null || local === 'postmaster' || mailboxes.some((name) => name.toLowerCase() === local)
        ? local
        : null,
  };
}

/** Whether this host takes mail for an address: its own mailboxes, its relay domains, and anywhere for those who may. */
export function destinationRefusal(host: HostState, address: string, client: string): No | null {
  const { settings } = host;
  const mailbox = mailboxOf(host, address);
  if (mailbox !== 'elsewhere') {
    return mailbox.user === null ? { reply: reply('unknown-user', address), reason: 'no such mailbox' } : null;
  }
  const domain = domainOf(address);
  const relayed = isRelayFor(settings, domain);
  // A route within the local part could lead anywhere.
  if (!within(client, settings.relayClients) && (!relayed || /[@%!]/.test(localPartOf(address)))) {
    return {
      reply: reply(settings.relayDenied === 'permanent' ? 'relay-never' : 'relay-later', address),
      reason: 'relaying is denied',
    };
  }
  const known = settings.knownUsers;
  if (!relayed || known === null || known.some((user) => user.toLowerCase() === address.toLowerCase())) return null;
  return { reply: reply('unknown-relay-user', address), reason: 'not in the list of known users' };
}

/** What an address hears at RCPT: where its mail goes, and whether there is room. */
export function rcptRefusal(host: HostState, address: string, client: string): No | null {
  return destinationRefusal(host, address, client) ?? quotaRefusal(host, address, 0);
}

/** The mailbox of an address of this host has no room for so many more bytes. */
export function quotaRefusal(host: HostState, address: string, sizeBytes: number): No | null {
  const quota = host.settings.mailboxQuotaBytes;
  const mailbox = mailboxOf(host, address);
  if (quota === null || mailbox === 'elsewhere' || mailbox.user === null) return null;
  const used = (host.mailboxes[mailbox.user] ?? []).reduce((sum, message) => sum + message.sizeBytes, 0);
  if (used + Math.max(sizeBytes, 1) <= quota) return null;
  return { reply: reply('mailbox-full', address), reason: 'mailbox quota' };
}

/** What a message is judged by at its end. */
export interface Arrived {
  client: string;
  rcpts: string[];
  /** Empty when there were too many of them. */
  bytes: Buffer;
  /** Received lines in it. */
  hopCount: number;
  sizeBytes: number;
  /** With what this host puts on top. */
  keptBytes: number;
}

/** What the client hears after the final dot instead of 250, and which recipient it is about. */
export function messageRefusal(host: HostState, arrived: Arrived): (No & { address: string | null }) | null {
  const { client, rcpts, bytes, hopCount, sizeBytes, keptBytes } = arrived;
  const { messageSizeMax, hopCountMax, contentFilter, trustedPeers, diskFullReply } = host.settings;
  const about = (said: Reply, reason: string, address: string | null = null) => ({ reply: said, reason, address });
  if (sizeBytes > messageSizeMax) return about(reply('message-too-big'), 'larger than the limit'); // RFC 1870 §6.3
  const trouble = lineTrouble(bytes);
  if (trouble !== null) return about(reply('odd-lines', trouble), trouble);
  // This host's own line counts too, as in Postfix: of 50, the fiftieth is one too many.
  if (hopCount + 1 >= hopCountMax) return about(reply('too-many-hops'), 'a loop');
  if (contentFilter !== null && !within(client, trustedPeers)) {
    const found = contentTrouble(bytes, contentFilter);
    if (found !== null) return about(reply('content'), `content: ${found}`);
  }
  if (freeBytes(host) < keptBytes) {
    return about(
      reply(diskFullReply === 'permanent' ? 'disk-full-permanent' : 'disk-full-during-data'),
      'the disk filled during DATA',
    );
  }
  const [only, ...others] = rcpts;
  const full = only === undefined || others.length > 0 ? null : quotaRefusal(host, only, keptBytes);
  return full === null ? null : { ...full, address: only as string };
}

const SEEN_AGAIN_MS = 7 * 86_400_000;

/** Greylisting: the key of a first meeting, and whether it has waited long enough. */
export function greylistVerdict(
  host: HostState,
  facts: { client: string; sender: string; rcpt: string; now: Instant },
): { key: string; step: 'meet' | 'wait' | 'pass' | 'known' } | null {
  const { greylistMs, trustedPeers } = host.settings;
  if (greylistMs === null || within(facts.client, trustedPeers)) return null;
  const key = `${facts.client.replace(/\.\d+$/, '.0/24')} ${facts.sender} ${facts.rcpt}`.toLowerCase();
  const met = host.greylist[key];
  if (met === undefined || isForgotten(met, facts.now)) return { key, step: 'meet' };
  // Who is known stays so by coming again; that is noted once in a while.
  if (met.passedAt !== null) return { key, step: facts.now - met.passedAt >= SEEN_AGAIN_MS ? 'pass' : 'known' };
  // Such daemons count whole seconds: who comes back after just this time is not a fraction of a second too early.
  const second = (at: Instant): number => Math.floor(at / 1000);
  return { key, step: (second(facts.now) - second(met.firstAt)) * 1000 >= greylistMs ? 'pass' : 'wait' };
}
