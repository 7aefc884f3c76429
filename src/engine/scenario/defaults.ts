/** What a host is when its lab file says nothing else: much like a Postfix as it comes. */
import type { HostSettings } from '../../contract/settings.ts';
import { presetHops, presetPolicy } from '../queue/presets.ts';

const SECOND = 1000;

export const NETWORK_LATENCY_MS = 2;
export const INTERNET_LATENCY_MS = 12;

/** RFC 5321 §4.5.3.2 where it names a time-out; connecting is Postfix's 30 s, which RFC 5321 leaves open. */
const timeouts = (): HostSettings['timeouts'] => ({
  connectMs: 30 * SECOND,
  greetingMs: 300 * SECOND,
  commandMs: 300 * SECOND,
  dataMs: 120 * SECOND,
  dataBlockMs: 180 * SECOND,
  finalDotMs: 600 * SECOND,
});

/** All settings but those that a host must have of its own. A fresh copy each time. */
export function defaultSettings(
  name: string,
  addresses: string[],
  network: string,
  networkBlock: string,
): HostSettings {
  return {
    name,
    addresses,
    network,
    finalDomains: [],
    relayDomains: [],
    // As Postfix's mynetworks_style = subnet: the neighbours may hand in mail for anywhere.
    relayClients: [networkBlock],
    trustedPeers: [],
    relayDenied: 'temporary',
    mailboxes: ['postmaster'],
    knownUsers: null,
    retry: presetPolicy('postfix'),
    hopCountMax: presetHops('postfix'),
    diskBytes: null,
    diskReserveBytes: 100_000,
    diskFullReply: 'temporary',
    mailboxQuotaBytes: null,
    messageSizeMax: 10_240_000,
    rcptCountMax: 1000,
    errorCountMax: 20,
    junkCommandCountMax: 100,
    greetPauseMs: 0,
    blocklistZone: null,
    greylistMs: null,
    contentFilter: null,
    extensions: {
      pipelining: true,
      dsn: true,
      eightBitMime: true,
      smtpUtf8: true,
      size: true,
      etrn: true,
      enhancedCodes: true,
    },
    timeouts: timeouts(),
    serverIdleMs: 300 * SECOND,
    connectionCountMax: 20,
    transactionRcptCountMax: 50,
    downgradesEightBit: true,
    mxSessionCountMax: 2,
    mxAddressCountMax: 5,
    // A Postfix with eight waiting messages for a dead destination was seen to try four and to suspend the others;
    // after minimal_backoff_time it asks again. Fewer than four would let one lost connection hold up the rest.
    deadAfterFailures: 4,
    deadForMs: 300 * SECOND,
    bounceSizeMax: 50_000,
    doubleBounceToPostmaster: false,
  };
}
