/** The data of types that nothing here acts on, from the words of a zone to bytes: field by field (record-types.ts), or as bytes at once (RFC 3597 §5). */
import { encodeName } from './names.ts';
import { CERTIFICATES, DNSSEC_ALGORITHMS, type Field } from './record-types.ts';
import { locOctets } from './loc.ts';
import { readName, reportError, type ZoneDraft } from './zone-draft.ts';
import { octetsOf, type Token } from './zone-tokens.ts';
import type { Table } from '../../contract/table.ts';

const MAX: Partial<Record<Field, number>> = { u8: 0xff, u16: 0xffff, u32: 0xffff_ffff, alg: 0xff, cert: 0xffff };
const WORDS: Partial<Record<Field, Table<number>>> = { alg: DNSSEC_ALGORITHMS, cert: CERTIFICATES };
const BYTES: Partial<Record<Field, number>> = { u8: 1, alg: 1, u16: 2, cert: 2, u32: 4 };
const RDATA_BYTES_MAX = 65_535;
const STRING_BYTES_MAX = 255;

/** `\# 4 0a000001`; null after reporting what is wrong with it. */
export function readGeneric(draft: ZoneDraft, mark: Token, [size, ...rest]: readonly Token[]): Buffer | null {
  const problem = (at: Token, message: string): null => {
    reportError(draft, at, message);
    return null;
  };
  if (size === undefined || !/^\d+$/.test(size.text) || Number(size.text) > RDATA_BYTES_MAX)
    return problem(
      size ?? mark,
      '\\# is followed by the number of bytes, then the bytes in hexadecimal digits: write `\\# 4 0a000001`',
    );
  const hex = rest.map(({ text }) => text).join('');
  const odd = rest.find(({ text }) => !/^[\da-f]*$/i.test(text));
  if (odd !== undefined)
    return problem(odd, `\`${odd.text}\` is not a row of hexadecimal digits: write 0 to 9 and a to f`);
  if (hex.length !== 2 * Number(size.text))
    return problem(
      size,
      `\\# ${size.text} announces ${size.text} bytes, but ${hex.length / 2} follow: write two hexadecimal digits for each byte`,
    );
  return Buffer.from(hex, 'hex');
}

/** Null after reporting what is wrong. `type` is the word that names the type. */
export function readFields(
  draft: ZoneDraft,
  type: Token,
  args: readonly Token[],
  { fields, example }: { fields: readonly Field[]; example: string },
): Buffer | null {
  const name = type.text.toUpperCase();
  const problem = (at: Token, message: string): null => {
    reportError(draft, at, `${message}: write one like \`${name} ${example}\``);
    return null;
  };
  const parts: Buffer[] = [];
  const left = [...args];
  for (const field of fields) {
    if (field === 'opt' && left.length === 0) continue;
    const first = left[0];
    if (first === undefined) return problem(type, `${name} needs more data than this`);
    const taken = TO_THE_END.has(field) ? left.splice(0) : left.splice(0, 1);
    const part = field === 'name' ? nameOctets(draft, first) : fieldOctets(field, taken);
    if (part === null) return null; // told already
    if (typeof part === 'string') return problem(first, part);
    parts.push(part);
  }
  const [extra] = left;
  if (extra !== undefined) return problem(extra, `\`${extra.text}\` is too much: the ${name} record ends before it`);
  const bytes = Buffer.concat(parts);
  return bytes.length <= RDATA_BYTES_MAX
    ? bytes
    : problem(type, `this record has ${bytes.length} bytes, and ${RDATA_BYTES_MAX} is the most`);
}

const TO_THE_END = new Set<Field>(['strs', 'hex', 'b64', 'loc']);

function nameOctets(draft: ZoneDraft, token: Token): Buffer | null {
  const name = readName(draft, token);
  return name === null ? null : encodeName(name);
}

/** The bytes of a field, or what is wrong with its words. */
function fieldOctets(field: Exclude<Field, 'name'>, tokens: readonly Token[]): Buffer | string {
  const [{ text }] = tokens as [Token];
  switch (field) {
    case 'u8':
    case 'u16':
    case 'u32':
    case 'alg':
    case 'cert':
      return numberOctets(field, text);
    case 'str':
    case 'opt':
      return stringOctets(text);
    case 'strs': {
      const strings = tokens.map((token) => stringOctets(token.text));
      return strings.find((one) => typeof one === 'string') ?? Buffer.concat(strings as Buffer[]);
    }
    case 'tag':
      return /^[a-z0-9]{1,255}$/i.test(text)
        ? Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])
        : `\`${text}\` is not a tag: a tag has letters and digits only`;
    case 'text':
      return octetsOf(text) ?? ESCAPE;
    case 'hex': {
      const digits = tokens.map((token) => token.text).join('');
      return /^([\da-f]{2})+$/i.test(digits)
        ? Buffer.from(digits, 'hex')
        : `\`${digits.slice(0, 20)}\` is not a row of hexadecimal digits, two for each byte`;
    }
    case 'b64': {
      const digits = tokens.map((token) => token.text).join('');
      return /^([a-z\d+/]{4})*([a-z\d+/]{2}==|[a-z\d+/]{3}=)?$/i.test(digits)
        ? Buffer.from(digits, 'base64')
        : `\`${digits.slice(0, 20)}\` is not in base64`;
    }
    case 'loc':
      return (
        locOctets(tokens.map((token) => token.text)) ??
        `\`${tokens.map((token) => token.text).join(' ')}\` is not a location`
      );
  }
}

const ESCAPE = 'a \\ stands before a character, or before three digits from 000 to 255';

function numberOctets(field: Field, text: string): Buffer | string {
  const [max, size] = [MAX[field]!, BYTES[field]!];
  const value = /^\d+$/.test(text) ? Number(text) : (WORDS[field]?.[text.toUpperCase()] ?? NaN);
  if (!(value <= max)) return `\`${text}\` is not a number from 0 to ${max}`;
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}

function stringOctets(text: string): Buffer | string {
  const octets = octetsOf(text);
  if (octets === null) return ESCAPE;
  return octets.length > STRING_BYTES_MAX
    ? `this string is ${octets.length} bytes long, and ${STRING_BYTES_MAX} is the most`
    : Buffer.concat([Buffer.from([octets.length]), octets]);
}
