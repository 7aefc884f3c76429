/** The only place that changes the DNS part of the lab's state: live, and when the journal is read back. */
import type { DnsState, ZoneText } from '../../contract/model.ts';
import { after } from '../../contract/instant.ts';
import { table } from '../../contract/table.ts';
import type { LabEvent } from '../../contract/events.ts';
import { sweep } from '../sweep.ts';
import { cacheKey, normalName } from './names.ts';

export function emptyDnsState(): DnsState {
  return { zones: [], faults: [], caches: table(), cacheSweepIn: 0, askCount: 0 };
}

/** Carries an event out on the state, in place. Events of other rooms change nothing. */
export function applyDns(state: DnsState, event: LabEvent): void {
  switch (event.kind) {
    case 'zone-set': {
      const { zone } = event;
      const isSame = (other: ZoneText): boolean =>
        other.view === zone.view && normalName(other.name) === normalName(zone.name);
      putBy(state.zones, { ...zone, serial: (state.zones.find(isSame)?.serial ?? 0) + 1 }, isSame);
      break;
    }
    case 'dns-fault-set': {
      const { fault } = event;
      putBy(state.faults, fault, (other) => normalName(other.name) === normalName(fault.name));
      break;
    }
    case 'dns-fault-clear':
      state.faults = state.faults.filter((fault) => normalName(fault.name) !== normalName(event.name));
      break;
    case 'dns-ask':
      state.askCount += 1;
      break;
    case 'dns-answer': {
      if (event.ttl <= 0) break;
      const { host, name, type, rcode, records, ttl } = event;
      const cache = (state.caches[host] ??= table());
      state.cacheSweepIn = sweep(state.cacheSweepIn, Object.values(state.caches), ({ until }) => until <= event.at);
      cache[cacheKey(name, type)] = { name, type, rcode, records, until: after(event.at, ttl * 1000) };
      break;
    }
    // The cache belongs to the machine, not to its mail server: a stopped daemon leaves it, a dead machine takes it along.
    case 'host-crash':
    case 'host-off':
      delete state.caches[event.host];
      break;
    case 'lab-reopen':
      state.caches = table();
      break;
  }
}

/** Replaces in place what is the same, so that the order of zones stays as it was. */
function putBy<T>(list: T[], item: T, isSame: (other: T) => boolean): void {
  const index = list.findIndex(isSame);
  if (index < 0) list.push(item);
  else list[index] = item;
}
