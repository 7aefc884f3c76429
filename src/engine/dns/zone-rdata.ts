/** What stands behind a record's type: one reader per type, each with errors that say what to write. */
import { ipv4Octets, ipv6Groups, normalAddress } from './address.ts';
import { decodedRdata, type Rdata, type RecordType, type Soa } from './record.ts';
import { fieldsOf, type OtherTypeName } from './record-types.ts';
import { readName, reportError } from './zone-draft.ts';
import type { ZoneDraft } from './zone-draft.ts';
import { readFields, readGeneric } from './zone-fields.ts';
import { octetsOf, secondsOf } from './zone-tokens.ts';
import type { Token } from './zone-tokens.ts';

/** `type` is the word that names the type: where an error points when nothing follows it. */
type Reader = (draft: ZoneDraft, type: Token, args: Token[]) => Rdata | null;

const readers: Record<RecordType, Reader> = {
  A: (draft, type, args) => readAddress(draft, 'A', type, args),
  AAAA: (draft, type, args) => readAddress(draft, 'AAAA', type, args),
  NS: (draft, type, args) => readTarget(draft, 'NS', type, args),
  CNAME: (draft, type, args) => readTarget(draft, 'CNAME', type, args),
  PTR: (draft, type, args) => readTarget(draft, 'PTR', type, args),
  MD: (draft, type, args) => readTarget(draft, 'MD', type, args),
  MF: (draft, type, args) => readTarget(draft, 'MF', type, args),
  MX: readMx,
  TXT: readTxt,
  SOA: readSoa,
};

/** Reads a record's data; null after reporting what is wrong with it. */
export function readRdata(
  draft: ZoneDraft,
  recordType: RecordType | OtherTypeName,
  type: Token,
  args: Token[],
): Rdata | null {
  const [first, ...more] = args;
  if (first?.text === '\\#' && !first.quoted) {
    const octets = readGeneric(draft, first, more);
    const rdata = octets === null ? null : decodedRdata(recordType, octets);
    if (octets !== null && rdata === null)
      reportError(draft, first, `these bytes are no data of ${type.text.toUpperCase()}: write the record as text`);
    return rdata;
  }
  if (recordType in readers) return readers[recordType as RecordType](draft, type, args);
  const known = fieldsOf(recordType as OtherTypeName);
  if (known?.fields) {
    const octets = readFields(draft, type, args, { fields: known.fields, example: known.example });
    return octets === null ? null : { type: recordType as OtherTypeName, octets };
  }
  const name = type.text.toUpperCase();
  return missing(
    draft,
    first ?? type,
    `the data of ${name} is written as bytes here (RFC 3597 §5): write \`${name} \\# 4 0a000001\`, the number of bytes and then each as two hexadecimal digits`,
  );
}

function readAddress(draft: ZoneDraft, recordType: 'A' | 'AAAA', type: Token, args: Token[]): Rdata | null {
  const [arg] = args;
  const example = recordType === 'A' ? '192.0.2.10' : '2001:db8::10';
  if (!arg) return missing(draft, type, `${recordType} needs an address: write \`${recordType} ${example}\``);
  const fits = recordType === 'A' ? ipv4Octets(arg.text) !== null : ipv6Groups(arg.text) !== null;
  const address = normalAddress(arg.text);
  if (!fits || address === null) {
    const other = recordType === 'A' ? 'AAAA' : 'A';
    const kind = recordType === 'A' ? 'IPv4' : 'IPv6';
    const hint = address !== null ? `write \`${other} ${arg.text}\`` : `write one like \`${recordType} ${example}\``;
    return missing(draft, arg, `\`${arg.text}\` is no ${kind} address: ${hint}`);
  }
  return noMore(draft, args, 1, recordType) ? { type: recordType, address } : null;
}

function readTarget(
  draft: ZoneDraft,
  recordType: 'NS' | 'CNAME' | 'PTR' | 'MD' | 'MF',
  type: Token,
  args: Token[],
): Rdata | null {
  const [arg] = args;
  if (!arg) return missing(draft, type, `${recordType} needs a name: write \`${recordType} a\``);
  const target = readName(draft, arg);
  return noMore(draft, args, 1, recordType) && target !== null ? { type: recordType, target } : null;
}

function readMx(draft: ZoneDraft, type: Token, args: Token[]): Rdata | null {
  const [first, second] = args;
  if (!first) return missing(draft, type, 'MX needs a preference number and a name: write `MX 10 a`');
  if (!/^-?\d+$/.test(first.text)) {
    if (second === undefined)
      return missing(
        draft,
        first,
        `MX needs a preference number before the name: write \`MX 10 ${first.text || 'a'}\``,
      );
    const right = /^\d+$/.test(second.text) ? `${second.text} ${first.text}` : `10 ${second.text}`;
    return missing(
      draft,
      first,
      `MX needs a preference number before the name, not \`${first.text}\`: write \`MX ${right}\``,
    );
  }
  const preference = Number(first.text);
  const inRange = preference >= 0 && preference <= 65_535;
  if (!inRange)
    reportError(draft, first, `the preference ${first.text} is out of range: write a number from 0 to 65535`);
  if (!second)
    return missing(draft, first, `MX needs a name behind the preference: write \`MX ${inRange ? preference : 10} a\``);
  if (/[[:]/.test(second.text))
    return missing(
      draft,
      second,
      'MX wants a name, not an address: give the host a name with an A record, and write `MX 10 a`',
    );
  const target = readName(draft, second);
  return noMore(draft, args, 2, 'MX') && inRange && target !== null ? { type: 'MX', preference, target } : null;
}

function readTxt(draft: ZoneDraft, type: Token, args: Token[]): Rdata | null {
  if (args.length === 0) return missing(draft, type, 'TXT needs a text: write `TXT "some words"`');
  const strings: Buffer[] = [];
  for (const arg of args) {
    const octets = octetsOf(arg.text);
    if (octets === null) {
      reportError(
        draft,
        arg,
        'a \\ stands before a character, or before three digits from 000 to 255: write \\\\ for a backslash itself',
      );
    } else if (octets.length > 255) {
      reportError(
        draft,
        arg,
        `this string is ${octets.length} bytes long, and 255 is the most: write it as two strings, "..." "..."`,
      );
    } else {
      strings.push(octets);
    }
  }
  const sizeBytes = strings.reduce((sum, string) => sum + string.length + 1, 0);
  if (sizeBytes > 65_535)
    reportError(draft, type, `this TXT record is ${sizeBytes} bytes long, and 65535 is the most: write less`);
  return strings.length === args.length && sizeBytes <= 65_535 ? { type: 'TXT', strings } : null;
}

const soaExample = '`SOA a hostmaster 1 1h 15m 1w 5m`';

function readSoa(draft: ZoneDraft, type: Token, args: Token[]): Rdata | null {
  if (args.length < 7) {
    return missing(
      draft,
      type,
      `SOA has seven values (server, person, serial, refresh, retry, expire, minimum), not ${args.length}: write ${soaExample}`,
    );
  }
  const [server, person, ...times] = args as [Token, Token, ...Token[]];
  const mname = readName(draft, server);
  const isAddress = person.text.includes('@') && person.text !== '@';
  if (isAddress)
    reportError(draft, person, `write the person's address with a dot for the @: \`${person.text.replace('@', '.')}\``);
  const rname = isAddress ? null : readName(draft, person);
  const numbers = times.slice(0, 5).map((token, index) => readSoaNumber(draft, token, index === 0));
  const [serial, refresh, retry, expire, minimum] = numbers;
  if (!noMore(draft, args, 7, 'SOA') || mname === null || rname === null || numbers.includes(null)) return null;
  return { type: 'SOA', soa: { mname, rname, serial, refresh, retry, expire, minimum } as Soa };
}

function readSoaNumber(draft: ZoneDraft, token: Token, isSerial: boolean): number | null {
  const value = isSerial ? (/^\d+$/.test(token.text) ? Number(token.text) : null) : secondsOf(token.text);
  if (value !== null && value <= 0xffffffff) return value;
  const hint = isSerial ? 'a serial number from 0 to 4294967295' : 'a time: write seconds, or like 1h, 15m, 1w';
  return missing(draft, token, `\`${token.text}\` is not ${hint}`);
}

function noMore(draft: ZoneDraft, args: Token[], count: number, recordType: RecordType): boolean {
  const extra = args[count];
  if (!extra) return true;
  reportError(
    draft,
    extra,
    `\`${extra.text}\` is too much: the ${recordType} record ends before it. Write one record a line, and ; before a comment`,
  );
  return false;
}

function missing(draft: ZoneDraft, at: Token, message: string): null {
  reportError(draft, at, message);
  return null;
}
