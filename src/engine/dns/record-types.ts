/**
 * Types of records that a zone may hold and nothing in this lab acts on: how their data is written and what bytes it comes to, field by
 * field. Any type at all may be written as bytes (RFC 3597 §5); those without a form of their own here are written so.
 */
import { table } from '../../contract/table.ts';

/**
 * `u8` `u16` `u32` numbers, `alg` a DNSSEC algorithm and `cert` a kind of certificate, by number or name, `name` a domain name, `str` a string with its
 * length, `strs` one or more, `opt` one or none, `tag` a word with its length, `text` a string to the end, `hex` and `b64` bytes to the end.
 */
export type Field =
  'u8' | 'u16' | 'u32' | 'alg' | 'cert' | 'name' | 'str' | 'strs' | 'opt' | 'tag' | 'text' | 'hex' | 'b64' | 'loc';

interface OtherType {
  code: number;
  /** null: written as bytes only. */
  fields: Field[] | null;
  example: string;
}

const type = (code: number, fields: string | null, example = '\\# 4 0a000001'): OtherType => ({
  code,
  fields: fields === null ? null : (fields.split(' ') as Field[]),
  example,
});
const DS = 'u16 alg u8 hex';
const DS_EXAMPLE = '60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118';
const KEY = 'u16 u8 alg b64';
const KEY_EXAMPLE = '256 3 5 aQPSKmynfzW4kyBv015MUG2DeIQ3';
const TLSA = 'u8 u8 u8 hex';
const TLSA_EXAMPLE = '3 1 1 d2abde240d7cd3ee6b4b28c54df034b97983a1d16e8a410e4561cb106618e971';

/** By their names (IANA, DNS parameters). */
export const otherTypes = table<OtherType>({
  MB: type(7, 'name', 'a'),
  MG: type(8, 'name', 'a'),
  MR: type(9, 'name', 'a'),
  NULL: type(10, null),
  WKS: type(11, null),
  HINFO: type(13, 'str str', '"PC" "Linux"'),
  MINFO: type(14, 'name name', 'a b'),
  RP: type(17, 'name name', 'hostmaster .'),
  AFSDB: type(18, 'u16 name', '1 a'),
  X25: type(19, 'str', '"311061700956"'),
  ISDN: type(20, 'str opt', '"150862028003217" "004"'),
  RT: type(21, 'u16 name', '10 a'),
  NSAP: type(22, null),
  SIG: type(24, null),
  KEY: type(25, KEY, KEY_EXAMPLE),
  PX: type(26, 'u16 name name', '10 a b'),
  GPOS: type(27, 'str str str', '"-32.6882" "116.8652" "10.0"'),
  LOC: type(29, 'loc', '51 30 12.748 N 0 7 39.611 W 0m'),
  NXT: type(30, null),
  SRV: type(33, 'u16 u16 u16 name', '0 5 587 a'),
  NAPTR: type(35, 'u16 u16 str str str name', '100 10 "S" "SIP+D2U" "" _sip._udp'),
  KX: type(36, 'u16 name', '10 a'),
  CERT: type(37, 'cert u16 alg b64', 'PKIX 1 RSASHA256 AQPSKmynfzW4'),
  DNAME: type(39, 'name', 'elsewhere.test.'),
  APL: type(42, null),
  DS: type(43, DS, DS_EXAMPLE),
  SSHFP: type(44, 'u8 u8 hex', '2 1 123456789abcdef67890123456789abcdef67890'),
  IPSECKEY: type(45, null),
  RRSIG: type(46, null),
  NSEC: type(47, null),
  DNSKEY: type(48, KEY, KEY_EXAMPLE),
  DHCID: type(49, 'b64', 'AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA='),
  NSEC3: type(50, null),
  NSEC3PARAM: type(51, null),
  TLSA: type(52, TLSA, TLSA_EXAMPLE),
  SMIMEA: type(53, TLSA, TLSA_EXAMPLE),
  HIP: type(55, null),
  CDS: type(59, DS, DS_EXAMPLE),
  CDNSKEY: type(60, KEY, KEY_EXAMPLE),
  OPENPGPKEY: type(61, 'b64', 'mQENBFWDYFgB'),
  CSYNC: type(62, null),
  ZONEMD: type(63, 'u32 u8 u8 hex', `1 1 1 ${'00'.repeat(48)}`),
  SVCB: type(64, null),
  HTTPS: type(65, null),
  SPF: type(99, 'strs', '"v=spf1 mx -all"'),
  NID: type(104, null),
  L32: type(105, null),
  L64: type(106, null),
  LP: type(107, 'u16 name', '10 a'),
  EUI48: type(108, null),
  EUI64: type(109, null),
  URI: type(256, 'u16 u16 text', '10 1 "https://elsewhere.test/"'),
  CAA: type(257, 'u8 tag text', '0 issue "elsewhere.test"'),
  AVC: type(258, 'strs', '"app=mail"'),
  AMTRELAY: type(260, null),
  TA: type(32_768, DS, DS_EXAMPLE),
  DLV: type(32_769, DS, DS_EXAMPLE),
});

/** Types by the names of this room, with their numbers: these are looked at, and written out by code of their own. */
export const coreCodes = { A: 1, NS: 2, MD: 3, MF: 4, CNAME: 5, SOA: 6, PTR: 12, MX: 15, TXT: 16, AAAA: 28 } as const;
export type CoreType = keyof typeof coreCodes;
/** Any other, as RFC 3597 §5 calls it. */
export type OtherTypeName = `TYPE${number}`;
export const otherName = (code: number): OtherTypeName => `TYPE${code}`;
export const DNAME = otherName(39);

const coreNames = new Map(Object.entries(coreCodes).map(([name, code]) => [code as number, name as CoreType]));
const otherNames = new Map(Object.entries(otherTypes).map(([name, { code }]) => [code, name]));
/** Questions that are no types of records. */
const QUESTIONS: Readonly<Record<number, 'IXFR' | 'AXFR' | 'ANY'>> = { 251: 'IXFR', 252: 'AXFR', 255: 'ANY' };
/** OPT, and what is only asked or signed with: no zone holds it. RFC 6895 §3.1 */
const isMeta = (code: number): boolean => code === 0 || code === 41 || (code >= 128 && code <= 255) || code === 65_535;

/** What this room calls a number on the wire: `MX`, `TYPE33`, `ANY`. */
export function typeOfCode(code: number): CoreType | OtherTypeName | 'ANY' | 'AXFR' | 'IXFR' {
  return coreNames.get(code) ?? QUESTIONS[code] ?? otherName(code);
}

/** The number of a type of records by this room's name. */
export function codeOfType(name: CoreType | OtherTypeName): number {
  return name in coreCodes ? coreCodes[name as CoreType] : Number(name.slice('TYPE'.length));
}

/** How people call it: `SRV` for TYPE33. */
export function knownAs(name: string): string {
  const code = /^TYPE(\d+)$/.exec(name)?.[1];
  return code === undefined ? name : (otherNames.get(Number(code)) ?? name);
}

/** A word that names a type of records in a zone's text, in any case: `mx`, `SRV`, `TYPE65280`; null for any other word. RFC 3597 §5 */
export function typeOfWord(word: string): CoreType | OtherTypeName | null {
  const upper = word.toUpperCase();
  if (Object.hasOwn(coreCodes, upper)) return upper as CoreType;
  if (Object.hasOwn(otherTypes, upper)) return otherName(otherTypes[upper]!.code);
  const code = /^TYPE(\d{1,5})$/.exec(upper)?.[1];
  if (code === undefined || Number(code) > 65_535 || isMeta(Number(code))) return null;
  return typeOfCode(Number(code)) as CoreType | OtherTypeName;
}

/** What is known of how its data is written; null: of any other type only its bytes are. */
export function fieldsOf(name: OtherTypeName): Pick<OtherType, 'fields' | 'example'> | null {
  return otherTypes[knownAs(name)] ?? null;
}

export const DNSSEC_ALGORITHMS = table({
  RSAMD5: 1,
  DH: 2,
  DSA: 3,
  RSASHA1: 5,
  NSEC3DSA: 6,
  NSEC3RSASHA1: 7,
  RSASHA256: 8,
  RSASHA512: 10,
  ECCGOST: 12,
  ECDSAP256SHA256: 13,
  ECDSAP384SHA384: 14,
  ED25519: 15,
  ED448: 16,
  INDIRECT: 252,
  PRIVATEDNS: 253,
  PRIVATEOID: 254,
});
export const CERTIFICATES = table({
  PKIX: 1,
  SPKI: 2,
  PGP: 3,
  IPKIX: 4,
  ISPKI: 5,
  IPGP: 6,
  ACPKIX: 7,
  IACPKIX: 8,
  URI: 253,
  OID: 254,
});
