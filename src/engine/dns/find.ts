/**
 * From a question to records: the longest matching zone, CNAMEs followed from zone to zone
 * (RFC 1034 §4.3.2), wildcards (RFC 4592), and the difference between "no such name" and "no such data"
 * (RFC 2308 §2). The zones are the whole world: a name in none of them doesn't exist.
 */
import type { DnsFault } from '../../contract/model.ts';
import { addressOfReverseName } from './address.ts';
import { encodeName, isWithin, normalName, parentName } from './names.ts';
import { dnameTarget, type ZoneRecord } from './record.ts';
import { DNAME } from './record-types.ts';
import { madeUpSoa } from './zone-data.ts';
import type { Zone } from './zone-data.ts';

export type Found =
  | {
      kind: 'answer';
      rcode: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL';
      answers: ZoneRecord[];
      soa: ZoneRecord | null;
      delayMs: number;
    }
  | { kind: 'silence' };

/** As many links as real resolvers follow; a loop is seen earlier. */
const linkCountMax = 16;

/** Looks a name up. `name` in normal form; `type` as people call it, or `ANY`. */
export function findRecords(input: { name: string; type: string; zones: Zone[]; faults: DnsFault[] }): Found {
  const answers: ZoneRecord[] = [];
  let delayMs = 0;
  let { name } = input;
  const end = (rcode: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL', soa: ZoneRecord | null): Found => ({
    kind: 'answer',
    rcode,
    answers: rcode === 'SERVFAIL' ? [] : answers,
    soa,
    delayMs,
  });
  for (let linkCount = 0; linkCount <= linkCountMax; linkCount++) {
    const fault = faultFor(name, input.faults);
    if (fault?.kind === 'no-answer') return { kind: 'silence' };
    if (fault?.kind === 'slow') delayMs += fault.delayMs;
    const zone = zoneFor(name, input.zones);
    const soa = zone?.soa ?? madeUpSoa('');
    if (fault?.kind === 'servfail' || zone?.loaded === false) return end('SERVFAIL', null);
    if (fault?.kind === 'nxdomain') return end('NXDOMAIN', soa);
    const above = zone === null ? null : dnameAbove(name, zone);
    if (above !== null) {
      const made = madeAlias(name, above);
      if (made === null || answers.some((record) => record.name === name)) return end('SERVFAIL', null);
      answers.push(above, made);
      if (input.type === 'CNAME' || input.type === 'ANY') return end('NOERROR', null);
      name = made.rdata.target;
      continue;
    }
    const node = recordsAt(name, zone, input.zones);
    if (node === null) return end('NXDOMAIN', soa);
    const alias = node.find((record) => record.rdata.type === 'CNAME');
    if (alias?.rdata.type === 'CNAME' && input.type !== 'CNAME' && input.type !== 'ANY') {
      if (answers.some((record) => record.name === alias.name)) return end('SERVFAIL', null);
      answers.push(alias);
      name = alias.rdata.target;
      continue;
    }
    const matching = node.filter((record) => input.type === 'ANY' || record.rdata.type === input.type);
    answers.push(...matching);
    return end('NOERROR', matching.length > 0 ? null : soa);
  }
  return end('SERVFAIL', null);
}

/** The DNAME record of the nearest name above, which takes the place of all that is below it. RFC 6672 §3.2 */
function dnameAbove(name: string, zone: Zone): ZoneRecord | null {
  for (let above = parentName(name); above !== null && isWithin(above, zone.name); above = parentName(above)) {
    const found = zone.byName.get(above)?.find((record) => record.rdata.type === DNAME);
    if (found !== undefined) return found;
  }
  return null;
}

/** The CNAME that is made for a name below a DNAME, RFC 6672 §3.1; null: the name would be too long. */
function madeAlias(
  name: string,
  dname: ZoneRecord,
): (ZoneRecord & { rdata: { type: 'CNAME'; target: string } }) | null {
  const below = name.slice(0, name.length - dname.name.length - (dname.name === '' ? 0 : 1));
  const target = [below, dnameTarget(dname) ?? ''].filter((part) => part !== '').join('.');
  return encodeName(target).length <= 255
    ? { name, ttl: dname.ttl, rdata: { type: 'CNAME', target }, line: dname.line }
    : null;
}

/** A and AAAA records of the names that answers point to (RFC 1035 §3.3: MX, NS, MD, MF), as far as the zones hold them. */
export function additionalFor(answers: ZoneRecord[], zones: Zone[], faults: DnsFault[]): ZoneRecord[] {
  const targets = new Set<string>();
  for (const { rdata } of answers) {
    if (rdata.type === 'MX' || rdata.type === 'NS' || rdata.type === 'MD' || rdata.type === 'MF')
      targets.add(rdata.target);
  }
  const records: ZoneRecord[] = [];
  for (const target of targets) {
    if (faultFor(target, faults)) continue;
    const node = recordsAt(target, zoneFor(target, zones), zones) ?? [];
    records.push(...node.filter((record) => record.rdata.type === 'A' || record.rdata.type === 'AAAA'));
  }
  return records.filter((record) => !answers.includes(record));
}

/** The fault with the longest name that covers this one. */
function faultFor(name: string, faults: DnsFault[]): DnsFault | null {
  let best: DnsFault | null = null;
  for (const fault of faults) {
    const covers = isWithin(name, normalName(fault.name));
    if (covers && (best === null || normalName(fault.name).length > normalName(best.name).length)) best = fault;
  }
  return best;
}

function zoneFor(name: string, zones: Zone[]): Zone | null {
  let best: Zone | null = null;
  for (const zone of zones) {
    if (isWithin(name, zone.name) && (best === null || zone.name.length > best.name.length)) best = zone;
  }
  return best;
}

/** The records of a name, [] for a name that exists without any, null for one that doesn't exist. */
function recordsAt(name: string, zone: Zone | null, zones: Zone[]): ZoneRecord[] | null {
  // A reverse zone that the lab writes itself has the last word; without one, A records say it the other way round.
  const hasReverseZone = zone !== null && isWithin(zone.name, 'arpa') && zone.name !== 'arpa';
  if (isWithin(name, 'arpa') && !hasReverseZone && zone?.byName.has(name) !== true) return pointersTo(name, zones);
  const own = zone?.byName.get(name);
  if (own) return own;
  // What lies above a zone exists too, though nothing is known of it: the root, and `test` above `example.test`.
  if (name === '' || zone?.existing.has(name) || zones.some((other) => isWithin(other.name, name))) return [];
  if (zone === null) return null;
  let encloser = parentName(name);
  while (encloser !== null && !zone.existing.has(encloser)) encloser = parentName(encloser);
  const wild = zone.byName.get(encloser === '' ? '*' : `*.${encloser ?? ''}`);
  return wild?.map((record) => ({ ...record, name })) ?? null;
}

/** A PTR made from the zones' address records. A host's own name goes before a zone's name with the same address. */
function pointersTo(name: string, zones: Zone[]): ZoneRecord[] | null {
  const address = addressOfReverseName(name);
  if (address === null) return null;
  let best: { record: ZoneRecord; isZoneName: boolean } | null = null;
  for (const zone of zones) {
    for (const record of zone.records) {
      const { rdata } = record;
      if ((rdata.type !== 'A' && rdata.type !== 'AAAA') || rdata.address !== address || record.name.startsWith('*'))
        continue;
      const isZoneName = record.name === zone.name;
      if (best === null || (best.isZoneName && !isZoneName)) best = { record, isZoneName };
    }
  }
  return best && [{ name, ttl: best.record.ttl, rdata: { type: 'PTR', target: best.record.name }, line: 0 }];
}
