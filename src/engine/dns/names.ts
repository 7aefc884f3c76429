/**
 * Domain names as this room keeps them: lower-case, without the dot at their end; the root is ''. A byte of a label that would mean something
 * else there is escaped as in a zone's text (RFC 1035 §5.1): `\.` is a dot within a label, `\032` a blank. One name has one such form.
 * Only what is shown as a record's text (`RecordText`) carries the dot.
 */
import { domainToASCII } from 'node:url';
import { remembered } from '../memo.ts';

/** RFC 1035 §2.3.4: bytes on the wire, with the length before each label and the root's zero at the end. */
const wireBytesMax = 255;
const labelBytesMax = 63;

/** `A.Example.TEST.` → `a.example.test`; `.` → ''. */
export function normalName(text: string): string {
  return (endsWithDot(text) ? text.slice(0, -1) : text).toLowerCase();
}

/** Ends a name with the dot that makes it absolute, and not with one within its last label? */
export function endsWithDot(text: string): boolean {
  return text.endsWith('.') && !isEscaped(text, text.length - 1);
}

/** Does an odd number of backslashes stand before this place? */
function isEscaped(text: string, index: number): boolean {
  let start = index;
  while (start > 0 && text.charCodeAt(start - 1) === 0x5c) start -= 1;
  return (index - start) % 2 === 1;
}

/** `a.example.test` → `a.example.test.`; '' → `.`. */
export function withDot(name: string): string {
  return `${name}.`;
}

/** Is `name` the domain itself or something below it? */
export function isWithin(name: string, domain: string): boolean {
  return (
    domain === '' ||
    name === domain ||
    (name.endsWith(`.${domain}`) && !isEscaped(name, name.length - domain.length - 1))
  );
}

/** The name one label shorter; '' above a top-level name, null above the root. */
export function parentName(name: string): string | null {
  if (name === '') return null;
  let dot = name.indexOf('.');
  while (dot >= 0 && isEscaped(name, dot)) dot = name.indexOf('.', dot + 1);
  return dot < 0 ? '' : name.slice(dot + 1);
}

/** Where an answer is kept in a host's cache. */
export function cacheKey(name: string, type: string): string {
  return `${normalName(name)} ${type}`;
}

/** The bytes of each label of a name, escaped or not; null where an escape is none. The root has no label. */
export function labelsOf(name: string): Buffer[] | null {
  const labels: number[][] = [[]];
  for (const [part, decimal, single] of name.matchAll(/\\(\d{3})|\\([^\d])|[^\\]|\\/gsu)) {
    if (decimal !== undefined) {
      if (Number(decimal) > 255) return null;
      labels.at(-1)!.push(Number(decimal));
    } else if (part === '\\') return null;
    else if (part === '.') labels.push([]);
    else labels.at(-1)!.push(...Buffer.from(single ?? part));
  }
  const bytes = labels.map((label) => Buffer.from(label));
  return name === '' ? [] : bytes;
}

/** A name in normal form from the bytes of its labels. */
export function nameOfLabels(labels: readonly Buffer[]): string {
  return labels
    .map((label) => [...label].map(escaped).join(''))
    .join('.')
    .toLowerCase();
}

function escaped(byte: number): string {
  const character = String.fromCharCode(byte);
  if (byte <= 0x20 || byte > 0x7e) return `\\${String(byte).padStart(3, '0')}`;
  return '".;\\()@$'.includes(character) ? `\\${character}` : character;
}

/** A name in normal form as it goes over the wire, uncompressed (RFC 1035 §3.1). */
export function encodeName(name: string): Buffer {
  const labels = labelsOf(name) ?? [];
  return Buffer.concat([...labels.flatMap((label) => [Buffer.from([label.length]), label]), Buffer.from([0])]);
}

/** The name that stands at a place of a message, with the place behind it; null: there is none. Pointers only lead back (RFC 1035 §4.1.4). */
export function decodeName(bytes: Buffer, start: number): { name: string; end: number } | null {
  const labels: Buffer[] = [];
  let end = -1;
  let [at, before, length] = [start, start, 0];
  for (;;) {
    const size = bytes[at];
    if (size === undefined) return null;
    if (size >= 0xc0) {
      const target = ((size & 0x3f) << 8) | (bytes[at + 1] ?? 0);
      if (end < 0) end = at + 2;
      if (at + 1 >= bytes.length || target >= before) return null;
      [at, before] = [target, target];
      continue;
    }
    if (size > labelBytesMax || at + 1 + size > bytes.length) return null;
    length += size + 1;
    if (length > wireBytesMax) return null;
    if (size === 0) return { name: nameOfLabels(labels), end: end < 0 ? at + 1 : end };
    labels.push(bytes.subarray(at + 1, at + 1 + size));
    at += 1 + size;
  }
}

/**
 * What is wrong with a name as it is written, and what to write instead; null: nothing (RFC 1035 §2.3.4). A zone's names keep to letters, digits,
 * `-`, `_`, `/` (RFC 2317) and a `*` as the whole first label; any other byte must be escaped.
 */
export function nameProblem(name: string): string | null {
  if (name === '') return null;
  const labels = labelsOf(name);
  if (labels === null)
    return `\`${name}\` has a \\ that escapes nothing: it stands before a character, or before three digits from 000 to 255`;
  const sizeBytes = labels.reduce((sum, label) => sum + label.length + 1, 1);
  if (sizeBytes > wireBytesMax)
    return `the name is ${sizeBytes - 2} characters long: a name has at most ${wireBytesMax - 2}`;
  const allWritten = writtenLabels(name);
  for (const [index, label] of labels.entries()) {
    if (label.length === 0)
      return `\`${name}\` has two dots in a row, or one at its start: write one dot between the parts`;
    if (label.length > labelBytesMax)
      return `\`${label.toString()}\` has ${label.length} characters: a part between dots has at most ${labelBytesMax}`;
    const written = allWritten[index] ?? '';
    if (written === '*' && index === 0) continue;
    if (!/^[A-Za-z0-9_/-]*$/.test(written.replace(/\\(\d{3}|[^\d])/gsu, '')))
      return `\`${written}\` is not part of a name: use letters, digits and hyphens`;
  }
  return null;
}

/** The labels as they are written. */
const writtenLabels = (name: string): string[] => name.match(/(?:\\\d{3}|\\[^\d]|[^\\.])+/gsu) ?? [];

/** A name in the one form that this room compares by; it has been found to be a name. */
export function asNormal(name: string): string {
  return nameOfLabels(labelsOf(normalName(name)) ?? []);
}

/** The name as it can be asked for on the wire (U-labels become A-labels, RFC 5890), or null if it can't be asked for. */
export const askableName = remembered(askable);

function askable(text: string): string | null {
  const ascii = /^[\x21-\x7e]*$/.test(text) ? text : domainToASCII(text);
  if (text !== '' && ascii === '') return null;
  const name = normalName(ascii);
  if (name === '') return name;
  if (name.length > 253 || /[^\x21-\x7e]|\\/.test(name)) return null;
  return name.split('.').every((label) => label.length > 0 && label.length < 64) ? name : null;
}
