/** Reads a name server's reply: is it the answer to what was asked, and how long may it be kept? */
import dnsPacket from 'dns-packet';
import type { Answer, DecodedPacket } from 'dns-packet';
import type { RecordText } from '../../contract/model.ts';
import { isWithin, normalName, withDot } from './names.ts';
import { fromWire, soaOfWire, typeOfWire } from './record.ts';

export type ReadReply =
  /** No DNS message, another id, or another question (RFC 5452 §9.1). */
  | { kind: 'bad' }
  | { kind: 'truncated' }
  /** `ttl` in seconds: how long the whole answer may be kept; 0: not at all. */
  | { kind: 'answer'; rcode: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED'; records: RecordText[]; ttl: number };

/** Nobody keeps an answer for longer than a week, nor a "no" for longer than three hours (RFC 2308 §5). */
const ttlMax = 604_800;
const negativeTtlMax = 10_800;

/** `name` in normal form, `type` as people call it. */
export function readReply(bytes: Buffer, asked: { id: number; name: string; type: string; tcp: boolean }): ReadReply {
  const packet = decode(bytes);
  if (packet === null || packet.type !== 'response' || packet.id !== asked.id) return { kind: 'bad' };
  const [question] = packet.questions;
  const { rcode } = packet;
  // A server that could not read the query may leave the question out.
  if (!question && rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') return failure(rcode);
  if (!question || packet.questions.length !== 1) return { kind: 'bad' };
  if (normalName(question.name) !== asked.name || typeOfWire(question.type) !== asked.type || question.class !== 'IN')
    return { kind: 'bad' };
  if (packet.flag_tc) return asked.tcp ? { kind: 'bad' } : { kind: 'truncated' };
  if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') return failure(rcode);
  try {
    return { kind: 'answer', rcode, ...kept(packet, asked) };
  } catch {
    return { kind: 'bad' }; // data of a record that can't be read, for instance a name that points outside of it
  }
}

function decode(bytes: Buffer): DecodedPacket | null {
  try {
    return dnsPacket.decode(bytes);
  } catch {
    return null; // the library throws for whatever is no DNS message
  }
}

function failure(rcode: string): ReadReply {
  return { kind: 'answer', rcode: rcode === 'REFUSED' ? 'REFUSED' : 'SERVFAIL', records: [], ttl: 0 };
}

/** The records that lead from the name asked for to its data, and their common time to live. */
function kept(packet: DecodedPacket, asked: { name: string; type: string }): { records: RecordText[]; ttl: number } {
  const all = packet.answers.filter((record) => record.class === 'IN').map(fromWire);
  const records: RecordText[] = [];
  let name = asked.name;
  for (;;) {
    const own = all.filter((record) => record.name === withDot(name) && !records.includes(record));
    const matching = own.filter((record) => record.type === asked.type);
    const alias = own.find((record) => record.type === 'CNAME');
    if (matching.length > 0)
      return { records: [...records, ...matching], ttl: shortest([...records, ...matching], ttlMax) };
    if (!alias) return { records, ttl: shortest(records, negativeTtl(packet.authorities, name)) };
    records.push(alias);
    name = normalName(alias.data);
  }
}

function shortest(records: RecordText[], limit: number): number {
  return Math.min(limit, ...records.map((record) => record.ttl));
}

/** RFC 2308 §5: the lesser of the SOA's TTL and its minimum; an answer without an SOA is not to be kept. */
function negativeTtl(authorities: Answer[], name: string): number {
  const soa = authorities.find((record) => record.type === 'SOA' && isWithin(name, normalName(record.name)));
  return soa ? Math.min(soa.ttl ?? 0, soaOfWire(soa.data).minimum, negativeTtlMax) : 0;
}
