/**
 * The lab's name server: a query's bytes in, a reply's bytes out (RFC 1035 §4, RFC 2308, EDNS0 of RFC 6891).
 * It is the only one in a closed world, so it answers with authority and says that recursion is available.
 */
import dnsPacket from 'dns-packet';
import type { DecodedPacket, Opt } from 'dns-packet';
import type { DnsFault } from '../../contract/model.ts';
import { additionalFor, findRecords } from './find.ts';
import { encodeReply } from './message.ts';
import { decodeName, encodeName } from './names.ts';
import { typeOfCode } from './record-types.ts';
import type { ZoneRecord } from './record.ts';
import type { Zone } from './zone-data.ts';

export interface DnsReply {
  /** null: no answer is sent. */
  reply: Buffer | null;
  /** Wait before the reply leaves, ms: what a `slow` fault costs. */
  delayMs: number;
}

const rcodes = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };
type Rcode = keyof typeof rcodes;

const flagQr = 0x80;
const opcodeMask = 0x7800;
const flagAa = 0x0400;
const flagTc = 0x0200;
const flagRd = 0x0100;
const flagRa = 0x0080;
const flagCd = 0x0010;
const ednsFlagDo = 0x8000;
/** BADVERS is 16: 1 in OPT's high bits, 0 in the header's low ones (RFC 6891 §6.1.3). */
const extendedBadVers = 1;

/** RFC 1035 §4.2.1. */
const udpSizeWithoutEdns = 512;
/** What today's servers send at most over UDP, so that nothing is cut into fragments (DNS flag day 2020). */
const udpSizeMax = 1232;
const tcpSizeMax = 65_535;

/**
 * Answers one query. `zones` are those that the asker may see (its view), one per name.
 * Not a query at all (under 12 bytes, or itself an answer): silence, as BIND does. Unreadable: FORMERR.
 */
export function answerQuery(input: { query: Buffer; tcp: boolean; zones: Zone[]; faults: DnsFault[] }): DnsReply {
  const { query } = input;
  if (query.length < 12 || (query.readUInt8(2) & flagQr) !== 0) return { reply: null, delayMs: 0 };
  const packet = decode(query);
  const question = packet === null ? null : soleQuestion(packet, query);
  const asked: Asked = {
    id: query.readUInt16BE(0),
    flags: query.readUInt16BE(2),
    question,
    opt: packet?.additionals.find((record): record is Opt => record.type === 'OPT') ?? null,
    sizeMax: tcpSizeMax,
  };
  if (!input.tcp)
    asked.sizeMax = asked.opt
      ? Math.min(Math.max(asked.opt.udpPayloadSize, udpSizeWithoutEdns), udpSizeMax)
      : udpSizeWithoutEdns;
  const fail = (rcode: Rcode): DnsReply => ({ reply: encode(asked, { rcode }), delayMs: 0 });
  if ((asked.flags & opcodeMask) !== 0) return fail('NOTIMP');
  const optCount = packet?.additionals.filter((record) => record.type === 'OPT').length ?? 0;
  if (question === null || optCount > 1) return fail('FORMERR');
  if (asked.opt && asked.opt.ednsVersion > 0)
    return { reply: encode(asked, { rcode: 'NOERROR', extendedRcode: extendedBadVers }), delayMs: 0 };
  const { name, type, class: asksFor } = question;
  if ((asksFor !== CLASS_IN && asksFor !== CLASS_ANY) || type === 'AXFR' || type === 'IXFR') return fail('REFUSED');

  const found = findRecords({ name, type, zones: input.zones, faults: input.faults });
  if (found.kind === 'silence') return { reply: null, delayMs: 0 };
  const { rcode, answers, soa, delayMs } = found;
  const additionals = additionalFor(answers, input.zones, input.faults);
  const authorities = soa ? [negative(soa)] : [];
  return { reply: encode(asked, { rcode, answers, authorities, additionals }), delayMs };
}

interface Question {
  /** In normal form. */
  name: string;
  /** As this room calls it. */
  type: ReturnType<typeof typeOfCode>;
  class: number;
  /** Word by word as it was asked, to be said back. */
  bytes: Buffer;
}

const CLASS_IN = 1;
const CLASS_ANY = 255;
const HEADER_BYTES = 12;

interface Asked {
  id: number;
  flags: number;
  question: Question | null;
  opt: Opt | null;
  sizeMax: number;
}

interface Parts {
  rcode: Rcode;
  extendedRcode?: number;
  answers?: ZoneRecord[];
  authorities?: ZoneRecord[];
  additionals?: ZoneRecord[];
}

function decode(query: Buffer): DecodedPacket | null {
  if (!holdsItsCounts(query)) return null;
  try {
    return dnsPacket.decode(query);
  } catch {
    return null; // the library throws for whatever it can't read; the asker hears FORMERR
  }
}

/** Whether as many questions and records as its header promises can lie in it (RFC 1035 §4.1): else the library looks for tens of thousands. */
function holdsItsCounts(query: Buffer): boolean {
  const questions = query.readUInt16BE(4);
  const records = query.readUInt16BE(6) + query.readUInt16BE(8) + query.readUInt16BE(10);
  return HEADER_BYTES + questions * 5 + records * 11 <= query.length;
}

/** The one question, its name written out; servers answer one question only. Of a name the library would keep no more than its text. */
function soleQuestion(packet: DecodedPacket, query: Buffer): Question | null {
  const found = packet.questions.length === 1 ? decodeName(query, HEADER_BYTES) : null;
  if (found === null || encodeName(found.name).length !== found.end - HEADER_BYTES || found.end + 4 > query.length)
    return null;
  return {
    name: found.name,
    type: typeOfCode(query.readUInt16BE(found.end)),
    class: query.readUInt16BE(found.end + 2),
    bytes: query.subarray(HEADER_BYTES, found.end + 4),
  };
}

/** RFC 2308 §3: the SOA of a negative answer lives no longer than its minimum says. */
function negative(soa: ZoneRecord): ZoneRecord {
  return soa.rdata.type === 'SOA' ? { ...soa, ttl: Math.min(soa.ttl, soa.rdata.soa.minimum) } : soa;
}

/** Leaves out the additional records first, which nobody is owed (RFC 2181 §9); if that is not enough, all, with TC set. */
function encode(asked: Asked, parts: Parts): Buffer {
  const { answers = [], authorities = [], additionals = [] } = parts;
  const tries = [
    { answers, authorities, additionals, flags: 0 },
    { answers, authorities, additionals: [], flags: 0 },
  ];
  for (const sections of tries) {
    const reply = encodeSections(asked, parts, sections);
    if (reply.length <= asked.sizeMax) return reply;
  }
  return encodeSections(asked, parts, { answers: [], authorities: [], additionals: [], flags: flagTc });
}

function encodeSections(
  asked: Asked,
  parts: Parts,
  sections: { answers: ZoneRecord[]; authorities: ZoneRecord[]; additionals: ZoneRecord[]; flags: number },
): Buffer {
  const isAuthority = parts.rcode === 'NXDOMAIN' || (parts.rcode === 'NOERROR' && parts.extendedRcode === undefined);
  const kept = asked.flags & (opcodeMask | flagRd | flagCd);
  return encodeReply({
    id: asked.id,
    flags: (flagQr << 8) | kept | flagRa | (isAuthority ? flagAa : 0) | sections.flags | rcodes[parts.rcode],
    question: asked.question?.bytes ?? Buffer.alloc(0),
    answers: sections.answers,
    authorities: sections.authorities,
    additionals: sections.additionals,
    // A reply has an OPT record exactly when the query had one; DO is said back (RFC 3225 §3), options are not ours.
    opt: asked.opt
      ? { udpPayloadSize: udpSizeMax, extendedRcode: parts.extendedRcode ?? 0, flags: asked.opt.flags & ednsFlagDo }
      : null,
  });
}
