/**
 * A reply as bytes: RFC 1035 §4.1, with the OPT record of RFC 6891. Names are written out in full. dns-packet, which reads the queries, takes a
 * name as text and splits it at every dot, so it can't write one with a dot in a label.
 */
import { codeOfType } from './record-types.ts';
import { encodeName } from './names.ts';
import { encodedRdata, type ZoneRecord } from './record.ts';

const CLASS_IN = 1;
const OPT_TYPE = 41;

export interface ReplyOpt {
  udpPayloadSize: number;
  /** The high bits of an rcode above 15. */
  extendedRcode: number;
  flags: number;
}

export interface ReplyMessage {
  id: number;
  /** The header's second word, QR and all. */
  flags: number;
  /** As it was asked, byte for byte: name, type and class; empty when it could not be read. */
  question: Buffer;
  answers: readonly ZoneRecord[];
  authorities: readonly ZoneRecord[];
  additionals: readonly ZoneRecord[];
  opt: ReplyOpt | null;
}

export function encodeReply({ id, flags, question, answers, authorities, additionals, opt }: ReplyMessage): Buffer {
  const header = Buffer.alloc(12);
  const counts = [
    question.length > 0 ? 1 : 0,
    answers.length,
    authorities.length,
    additionals.length + (opt === null ? 0 : 1),
  ];
  [id, flags, ...counts].forEach((word, index) => header.writeUInt16BE(word, 2 * index));
  const records = [...answers, ...authorities, ...additionals].flatMap(encodedRecord);
  return Buffer.concat([header, question, ...records, ...(opt === null ? [] : [encodedOpt(opt)])]);
}

function encodedRecord({ name, ttl, rdata }: ZoneRecord): Buffer[] {
  const data = encodedRdata(rdata);
  return [encodeName(name), fixed(codeOfType(rdata.type), CLASS_IN, ttl, data.length), data];
}

/** RFC 6891 §6.1.2: class and TTL hold other things here. */
function encodedOpt({ udpPayloadSize, extendedRcode, flags }: ReplyOpt): Buffer {
  return Buffer.concat([encodeName(''), fixed(OPT_TYPE, udpPayloadSize, extendedRcode * 2 ** 24 + flags, 0)]);
}

function fixed(type: number, klass: number, ttl: number, length: number): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(klass, 2);
  bytes.writeUInt32BE(ttl, 4);
  bytes.writeUInt16BE(length, 8);
  return bytes;
}
