/**
 * DNS: what a name means.
 *
 * Reads zone text (RFC 1035 §5), answers queries for it as the lab's only name server (RFC 1035 §4, negative
 * answers of RFC 2308, EDNS0 of RFC 6891, wildcards of RFC 4592), and asks on behalf of a host, with a cache in
 * virtual time. `lookupMx` says where a domain's mail goes (RFC 5321 §5.1, RFC 7505). MD and MF of RFC 883 are
 * served too, as is every other type (RFC 3597), and DNAME with the CNAME that follows from it (RFC 6672).
 *
 * It opens no socket and knows no clock: the network room hands bytes in and carries bytes out, and holds a reply
 * back for `delayMs`. It never decides what waits and what bounces. Only `applyDns` changes its state.
 *
 * Limits: class IN only; no zone transfer, update, or DNSSEC; names are not compressed on the wire, so an answer
 * is cut short a little earlier than another server's; NS below a zone's own name make no referral.
 */
import type { DnsState, ZoneInForce } from '../../contract/model.ts';
import { normalName } from './names.ts';
import { answerQuery } from './server.ts';
import type { DnsReply } from './server.ts';
import { unloadedZone } from './zone-data.ts';
import { parseZone } from './zone.ts';
import type { Zone, ZoneError } from './zone.ts';

export { applyDns, emptyDnsState } from './apply.ts';
export { lookupAddresses, lookupMx, lookupPtr } from './lookup.ts';
export type { MxAnswer, MxHost } from './lookup.ts';
export { normalAddress, reverseName } from './address.ts';
export { normalName } from './names.ts';
export type { RecordType } from './record.ts';
export { createResolver } from './resolver.ts';
export type { DnsResult, Resolver, ResolverDeps } from './resolver.ts';
export { answerQuery } from './server.ts';
export type { DnsReply } from './server.ts';
export { parseZone } from './zone.ts';
export type { ParsedZone, Zone, ZoneError } from './zone.ts';

export interface DnsServer {
  /** Answers one query. `network`: key of the asker's network, which chooses its view; null: an asker without one. */
  answer(input: { query: Buffer; tcp: boolean; network: string | null }): DnsReply;
}

/** The lab's name server over the live state. It remembers what each zone in force means, and nothing else: one that is set anew is another object. */
export function createDnsServer(deps: { state(): DnsState }): DnsServer {
  const parsed = new WeakMap<ZoneInForce, Zone>();

  function zoneOf(inForce: ZoneInForce): Zone {
    const { text, name, serial } = inForce;
    let zone = parsed.get(inForce);
    if (!zone) {
      const result = parseZone(text, normalName(name), serial);
      zone = result.ok ? result.zone : unloadedZone(name);
      parsed.set(inForce, zone);
    }
    return zone;
  }

  return {
    answer({ query, tcp, network }) {
      const { zones, faults } = deps.state();
      const texts = zonesInView(zones, network);
      return answerQuery({ query, tcp, zones: texts.map(zoneOf), faults });
    },
  };
}

/** One text per zone name: the one for the asker's network, else the one for everybody; neither: the zone isn't there for it. */
export function zonesInView(zones: DnsState['zones'], network: string | null): DnsState['zones'] {
  return zones.filter((zone) => {
    if (zone.view !== null) return zone.view === network;
    return !zones.some(
      (other) => network !== null && other.view === network && normalName(other.name) === normalName(zone.name),
    );
  });
}

/** What is wrong, or questionable, in a zone's text: for an editor, and before a text is taken over. */
export function checkZone(text: string, name: string): { errors: ZoneError[]; warnings: ZoneError[] } {
  const result = parseZone(text, name);
  return { errors: result.ok ? [] : result.errors, warnings: result.warnings };
}
