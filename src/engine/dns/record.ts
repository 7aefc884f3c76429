/**
 * Resource records: what the lab's zones can hold, as text and as dns-packet wants them.
 * MD and MF (RFC 1035 §3.3.4, §3.3.5) go through the library as unknown types with bytes.
 */
import dnsPacket from 'dns-packet';
import type { Answer } from 'dns-packet';
import type { RecordText } from '../../contract/model.ts';
import { normalAddress } from './address.ts';
import { normalName, withDot } from './names.ts';

export const recordTypes = ['SOA', 'NS', 'MX', 'A', 'AAAA', 'CNAME', 'PTR', 'TXT', 'MD', 'MF'] as const;
export type RecordType = (typeof recordTypes)[number];

/** RFC 1035 §3.3.13; times in seconds. */
export interface Soa {
  mname: string;
  rname: string;
  serial: number;
  refresh: number;
  retry: number;
  expire: number;
  minimum: number;
}

export type Rdata =
  | { type: 'A' | 'AAAA'; address: string }
  | { type: 'NS' | 'CNAME' | 'PTR' | 'MD' | 'MF'; target: string }
  | { type: 'MX'; preference: number; target: string }
  | { type: 'TXT'; strings: Buffer[] }
  | { type: 'SOA'; soa: Soa };

/** A record of a zone. Names in normal form; `ttl` in seconds; `line` 0: not in the text, made by us. */
export interface ZoneRecord {
  name: string;
  ttl: number;
  rdata: Rdata;
  line: number;
}

const wireTypes: Record<string, string> = { MD: 'UNKNOWN_3', MF: 'UNKNOWN_4' };

/** `MD` → `UNKNOWN_3`, as dns-packet calls it. */
export function wireType(type: string): string {
  return wireTypes[type] ?? type;
}

/** `UNKNOWN_3` → `MD`, as people call it. */
export function typeOfWire(type: string): string {
  return Object.keys(wireTypes).find((key) => wireTypes[key] === type) ?? type;
}

/** The data of a record as a zone would have it, names with their dot: `1 a.theorganisation.test.` */
export function dataText(rdata: Rdata): string {
  switch (rdata.type) {
    case 'A':
    case 'AAAA':
      return rdata.address;
    case 'MX':
      return `${rdata.preference} ${withDot(rdata.target)}`;
    case 'TXT':
      return rdata.strings.map(quoted).join(' ');
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = rdata.soa;
      return [withDot(mname), withDot(rname), serial, refresh, retry, expire, minimum].join(' ');
    }
    default:
      return withDot(rdata.target);
  }
}

function quoted(bytes: Buffer): string {
  const text = [...bytes].map((byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    return byte < 0x20 || byte > 0x7e ? `\\${String(byte).padStart(3, '0')}` : String.fromCharCode(byte);
  });
  return `"${text.join('')}"`;
}

/** A record as dns-packet encodes it. */
export function toWire(record: ZoneRecord): Answer {
  return { name: withDot(record.name), type: wireType(record.rdata.type), class: 'IN', ttl: record.ttl, data: wireData(record.rdata) };
}

function wireData(rdata: Rdata): unknown {
  switch (rdata.type) {
    case 'A':
    case 'AAAA':
      return rdata.address;
    case 'MX':
      return { preference: rdata.preference, exchange: withDot(rdata.target) };
    case 'TXT':
      return rdata.strings;
    case 'SOA':
      return { ...rdata.soa, mname: withDot(rdata.soa.mname), rname: withDot(rdata.soa.rname) };
    case 'MD':
    case 'MF':
      return dnsPacket.name.encode(withDot(rdata.target));
    default:
      return withDot(rdata.target);
  }
}

/** A record that came in a decoded packet, as text. Types the lab doesn't know are shown as RFC 3597 §5 has them. */
export function fromWire(answer: Answer): RecordText {
  const type = typeOfWire(answer.type);
  const known = recordTypes.find((name) => name === type);
  const data = known ? dataText(rdataOfWire(known, answer.data)) : unknownText(answer.data);
  return { name: withDot(normalName(answer.name)), ttl: safeTtl(answer.ttl ?? 0), type, data };
}

/** SOA data of a decoded packet. */
export function soaOfWire(data: unknown): Soa {
  const soa = data as Soa;
  return { ...soa, mname: normalName(soa.mname), rname: normalName(soa.rname) };
}

function rdataOfWire(type: RecordType, data: unknown): Rdata {
  switch (type) {
    case 'A':
    case 'AAAA':
      return { type, address: normalAddress(String(data)) ?? String(data) };
    case 'MX': {
      const mx = data as { preference: number; exchange: string };
      return { type, preference: mx.preference, target: normalName(mx.exchange) };
    }
    case 'TXT':
      return { type, strings: (Array.isArray(data) ? data : [data]) as Buffer[] };
    case 'SOA':
      return { type, soa: soaOfWire(data) };
    case 'MD':
    case 'MF':
      return { type, target: normalName(dnsPacket.name.decode(data as Buffer)) };
    default:
      return { type, target: normalName(String(data)) };
  }
}

function unknownText(data: unknown): string {
  return Buffer.isBuffer(data) ? `\\# ${data.length} ${data.toString('hex')}`.trimEnd() : JSON.stringify(data);
}

/** RFC 2181 §8: a TTL with its top bit set counts as zero. */
function safeTtl(ttl: number): number {
  return ttl > 0x7fffffff ? 0 : ttl;
}
