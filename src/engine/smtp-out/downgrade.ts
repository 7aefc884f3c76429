/**
 * An 8-bit message for a server that takes 7-bit lines alone, as Postfix's SMTP client makes it (RFC 6152 §3, RFC 2045 §6).
 *
 * Each part that says Content-Transfer-Encoding 8bit or binary becomes quoted-printable; a multipart or a forwarded message that
 * says so only loses the claim, and its own parts are looked at. What declares nothing is left alone, whatever its bytes are.
 * Pure; takes time proportional to the message.
 */
import { encode, wrap } from 'nodemailer/lib/qp';

/** Parts within parts; what lies deeper is left alone, as Postfix does (mime_nesting_limit). */
const NESTING_MAX = 100;
/** As much of a header field is read as could say anything here. */
const FIELD_CHARS_MAX = 2_000;

type Entity = 'leaf' | 'message' | { boundary: string };
interface Part {
  entity: Entity;
  encodes: boolean;
}

export function downgrade(message: Buffer): Buffer {
  const text = message.toString('latin1');
  const out: string[] = [];
  /** Boundaries of the multiparts that are open here, and how deep each lies. */
  const boundaries = new Map<string, number>();
  let at = 0;

  const endOfLine = (from: number): number => {
    const end = text.indexOf('\n', from);
    return end < 0 ? text.length : end + 1;
  };

  /** Up to the next boundary line of an open multipart, or to the end. */
  const toBoundary = (): string => {
    const from = at;
    while (at < text.length && !(text.startsWith('--', at) && openedBy(at))) at = endOfLine(at);
    return text.slice(from, at);
  };
  const openedBy = (from: number): { depth: number; closes: boolean } | null => {
    const line = text.slice(from + 2, Math.min(endOfLine(from), from + FIELD_CHARS_MAX)).trimEnd();
    const depth = boundaries.get(line);
    if (depth !== undefined) return { depth, closes: false };
    const closed = line.endsWith('--') ? boundaries.get(line.slice(0, -2)) : undefined;
    return closed === undefined ? null : { depth: closed, closes: true };
  };

  /** The header of a part, with its encoding renamed. Leaves `at` behind the empty line. */
  const header = (): Part => {
    const fields: string[] = [];
    let emptyLine = '';
    while (at < text.length && !(text.startsWith('--', at) && openedBy(at))) {
      const start = at;
      at = endOfLine(at);
      if (/^\r?\n$/.test(text.slice(start, Math.min(at, start + 3)))) {
        emptyLine = text.slice(start, at);
        break;
      }
      while (text[at] === ' ' || text[at] === '\t') at = endOfLine(at);
      fields.push(text.slice(start, at));
    }
    const entity = entityOf(valueOf(fields, 'content-type') ?? 'text/plain');
    const encodes = /^(8bit|binary)\b/i.test(valueOf(fields, 'content-transfer-encoding') ?? '');
    const encoding = entity === 'leaf' ? 'quoted-printable' : '7bit';
    for (const field of fields)
      out.push(
        encodes && isField(field, 'content-transfer-encoding')
          ? `Content-Transfer-Encoding: ${encoding}${/\r?\n$/.exec(field)?.[0] ?? ''}`
          : field,
      );
    out.push(emptyLine);
    return { entity, encodes };
  };

  let inHeader = true;
  while (at < text.length) {
    const part: Part = inHeader ? header() : { entity: 'leaf', encodes: false };
    const { entity, encodes } = part;
    inHeader = entity === 'message';
    if (inHeader) continue;
    if (typeof entity === 'object' && boundaries.size < NESTING_MAX && !boundaries.has(entity.boundary))
      boundaries.set(entity.boundary, boundaries.size);
    const body = toBoundary();
    out.push(encodes && entity === 'leaf' ? wrap(encode(Buffer.from(body, 'latin1'))) : body);
    const opened = at < text.length ? openedBy(at) : null;
    if (opened === null) continue;
    for (const [boundary, depth] of boundaries)
      if (depth > opened.depth || (opened.closes && depth === opened.depth)) boundaries.delete(boundary);
    const end = endOfLine(at);
    out.push(text.slice(at, end));
    at = end;
    inHeader = !opened.closes;
  }
  return Buffer.from(out.join(''), 'latin1');
}

const isField = (field: string, name: string): boolean => new RegExp(`^${name}[ \t]*:`, 'i').test(field.slice(0, 100));

function valueOf(fields: string[], name: string): string | null {
  const field = fields.find((one) => isField(one, name));
  return field === undefined
    ? null
    : field
        .slice(field.indexOf(':') + 1, FIELD_CHARS_MAX)
        .replace(/\r?\n/g, '')
        .trim();
}

function entityOf(contentType: string): Entity {
  const [, type = '', subtype = ''] = /^([\w-]+)\/([\w.+-]+)/.exec(contentType.toLowerCase()) ?? [];
  if (type === 'message' && (subtype === 'rfc822' || subtype === 'global')) return 'message';
  if (type !== 'multipart') return 'leaf';
  const [, quoted, plain] = /;\s*boundary\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i.exec(contentType) ?? [];
  const boundary = (quoted ?? plain ?? '').trimEnd();
  return boundary === '' ? 'leaf' : { boundary };
}
