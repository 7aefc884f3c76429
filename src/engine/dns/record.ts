/**
 * Resource records: what the lab's zones can hold, as text and as bytes. Types that something here acts on are taken apart; of all others the
 * bytes are kept. Replies are read by dns-packet, for which MD and MF (RFC 1035 §3.3.4, §3.3.5) are unknown types with bytes.
 */
import dnsPacket from 'dns-packet';
import type { Answer } from 'dns-packet';
import type { RecordText } from '../../contract/model.ts';
import { ipv6Groups, ipv4Octets, normalAddress } from './address.ts';
import { asNormal, decodeName, encodeName, normalName, withDot } from './names.ts';
import { coreCodes, DNAME, type CoreType, type OtherTypeName } from './record-types.ts';
import { table } from '../../contract/table.ts';

export type RecordType = CoreType;

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
  | { type: 'SOA'; soa: Soa }
  | { type: OtherTypeName; octets: Buffer };

/** A record of a zone. Names in normal form; `ttl` in seconds; `line` 0: not in the text, made by us. */
export interface ZoneRecord {
  name: string;
  ttl: number;
  rdata: Rdata;
  line: number;
}

const wireTypes = table({ MD: 'UNKNOWN_3', MF: 'UNKNOWN_4' });

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
    case 'NS':
    case 'CNAME':
    case 'PTR':
    case 'MD':
    case 'MF':
      return withDot(rdata.target);
    default:
      return genericText(rdata.octets);
  }
}

/** RFC 3597 §5: `\# 4 0a000001` */
const genericText = (octets: Buffer): string => `\\# ${octets.length} ${octets.toString('hex')}`.trimEnd();

function quoted(bytes: Buffer): string {
  const text = [...bytes].map((byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    return byte < 0x20 || byte > 0x7e ? `\\${String(byte).padStart(3, '0')}` : String.fromCharCode(byte);
  });
  return `"${text.join('')}"`;
}

/** The data of a record as it goes over the wire. RFC 1035 §3.3 */
export function encodedRdata(rdata: Rdata): Buffer {
  switch (rdata.type) {
    case 'A':
      return Buffer.from(ipv4Octets(rdata.address) ?? []);
    case 'AAAA':
      return words(...(ipv6Groups(rdata.address) ?? []));
    case 'MX':
      return Buffer.concat([words(rdata.preference), encodeName(rdata.target)]);
    case 'TXT':
      return Buffer.concat(rdata.strings.flatMap((string) => [Buffer.from([string.length]), string]));
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = rdata.soa;
      const numbers = Buffer.alloc(20);
      [serial, refresh, retry, expire, minimum].forEach((value, index) => numbers.writeUInt32BE(value, 4 * index));
      return Buffer.concat([encodeName(mname), encodeName(rname), numbers]);
    }
    case 'NS':
    case 'CNAME':
    case 'PTR':
    case 'MD':
    case 'MF':
      return encodeName(rdata.target);
    default:
      return rdata.octets;
  }
}

function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, index) => bytes.writeUInt16BE(value, 2 * index));
  return bytes;
}

/** The data of a record from its bytes; null: they are no such data. The other way round. */
export function decodedRdata(type: CoreType | OtherTypeName, octets: Buffer): Rdata | null {
  const last = (start: number): string | null => {
    const found = decodeName(octets, start);
    return found !== null && found.end === octets.length ? found.name : null;
  };
  switch (type) {
    case 'A':
      return octets.length === 4 ? { type, address: octets.join('.') } : null;
    case 'AAAA':
      return octets.length === 16
        ? { type, address: normalAddress(octets.toString('hex').match(/.{4}/g)!.join(':'))! }
        : null;
    case 'NS':
    case 'CNAME':
    case 'PTR':
    case 'MD':
    case 'MF': {
      const target = last(0);
      return target === null ? null : { type, target };
    }
    case 'MX': {
      const target = octets.length > 2 ? last(2) : null;
      return target === null ? null : { type, preference: octets.readUInt16BE(0), target };
    }
    case 'TXT': {
      const strings: Buffer[] = [];
      for (let at = 0; at < octets.length; at += octets[at]! + 1)
        strings.push(octets.subarray(at + 1, at + 1 + octets[at]!));
      return strings.length > 0 && strings.reduce((sum, string) => sum + string.length + 1, 0) === octets.length
        ? { type, strings }
        : null;
    }
    case 'SOA': {
      const mname = decodeName(octets, 0);
      const rname = mname === null ? null : decodeName(octets, mname.end);
      if (mname === null || rname === null || octets.length !== rname.end + 20) return null;
      const [serial, refresh, retry, expire, minimum] = [0, 4, 8, 12, 16].map((at) =>
        octets.readUInt32BE(rname.end + at),
      ) as [number, number, number, number, number];
      return { type, soa: { mname: mname.name, rname: rname.name, serial, refresh, retry, expire, minimum } };
    }
    default:
      return { type, octets };
  }
}

/** Where the names below a name are to be looked for instead (RFC 6672); null: it has no DNAME. */
export function dnameTarget(record: ZoneRecord): string | null {
  return record.rdata.type === DNAME
    ? (decodeName((record.rdata as { octets: Buffer }).octets, 0)?.name ?? null)
    : null;
}

/** A record that came in a decoded packet, as text. Types the lab doesn't know are shown as RFC 3597 §5 has them. */
export function fromWire(answer: Answer): RecordText {
  const type = typeOfWire(answer.type);
  const data = Object.hasOwn(coreCodes, type)
    ? dataText(rdataOfWire(type as CoreType, answer.data))
    : unknownText(answer.data);
  return { name: withDot(normalName(answer.name)), ttl: safeTtl(answer.ttl ?? 0), type, data };
}

/** SOA data of a decoded packet. */
export function soaOfWire(data: unknown): Soa {
  const soa = data as Soa;
  return { ...soa, mname: normalName(soa.mname), rname: asNormal(soa.rname) };
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
  return Buffer.isBuffer(data) ? genericText(data) : JSON.stringify(data);
}

/** RFC 2181 §8: a TTL with its top bit set counts as zero. */
function safeTtl(ttl: number): number {
  return ttl > 0x7fffffff ? 0 : ttl;
}
