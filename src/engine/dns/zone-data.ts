/** A zone that can be served: its records by name, which names exist, and an SOA in any case. */
import { normalName, parentName } from './names.ts';
import type { ZoneRecord } from './record.ts';

/** Minimum of an SOA that we make up, seconds. */
export const madeUpMinimum = 300;

export interface Zone {
  /** Normal form; '' for the root. */
  name: string;
  /** False: the text has errors. As a real server does, the zone then answers SERVFAIL to everything. */
  loaded: boolean;
  records: ZoneRecord[];
  /** From the text, or made up. */
  soa: ZoneRecord;
  byName: Map<string, ZoneRecord[]>;
  /** Names that exist: those with records, and all between them and the zone's own name (RFC 4592 §2.2.2). */
  existing: Set<string>;
}

/** A zone whose text can't be read: it is known to be here, and answers SERVFAIL. */
export function unloadedZone(name: string): Zone {
  return { ...makeZone(normalName(name), []), loaded: false };
}

/** `made`: what an SOA that is made up says, when `given` has none. */
export function makeZone(name: string, given: ZoneRecord[], made?: MadeUp): Zone {
  const stated = given.find((record) => record.rdata.type === 'SOA');
  const soa = stated ?? madeUpSoa(name, made);
  const records = stated ? given : [soa, ...given];
  const existing = new Set([name]);
  for (const record of records) {
    for (let above: string | null = record.name; above !== null && !existing.has(above); above = parentName(above))
      existing.add(above);
  }
  return { name, loaded: true, records, soa, byName: Map.groupBy(records, (record) => record.name), existing };
}

interface MadeUp {
  /** Seconds. */
  minimum: number;
  serial: number;
}

/** The SOA of a zone that states none, and of the root of the lab's closed world. */
export function madeUpSoa(
  name: string,
  { minimum, serial }: MadeUp = { minimum: madeUpMinimum, serial: 1 },
): ZoneRecord {
  const below = (label: string) => (name === '' ? '' : `${label}.${name}`);
  const soa = {
    mname: below('ns'),
    rname: below('hostmaster'),
    serial,
    refresh: 3600,
    retry: 900,
    expire: 604_800,
    minimum,
  };
  return { name, ttl: minimum, rdata: { type: 'SOA', soa }, line: 0 };
}
