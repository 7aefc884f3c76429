/**
 * Domain names as this room keeps them: lower-case, without the dot at their end; the root is ''.
 * Only what is shown as a record's text (`RecordText`) carries the dot.
 */
import { domainToASCII } from 'node:url';
import { remembered } from '../memo.ts';

/** `A.Example.TEST.` → `a.example.test`; `.` → ''. */
export function normalName(text: string): string {
  return (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase();
}

/** `a.example.test` → `a.example.test.`; '' → `.`. */
export function withDot(name: string): string {
  return `${name}.`;
}

/** Is `name` the domain itself or something below it? */
export function isWithin(name: string, domain: string): boolean {
  return domain === '' || name === domain || name.endsWith(`.${domain}`);
}

/** The name one label shorter; '' above a top-level name, null above the root. */
export function parentName(name: string): string | null {
  if (name === '') return null;
  const dot = name.indexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}

/** Where an answer is kept in a host's cache. */
export function cacheKey(name: string, type: string): string {
  return `${normalName(name)} ${type}`;
}

/**
 * What is wrong with a name in normal form, and what to write instead; null: nothing (RFC 1035 §2.3.4).
 * A zone's names keep to letters, digits, `-`, `_`, `/` (RFC 2317) and a `*` as the whole first label.
 */
export function nameProblem(name: string): string | null {
  if (name === '') return null;
  if (name.length > 253) return `the name is ${name.length} characters long: a name has at most 253`;
  for (const [index, label] of name.split('.').entries()) {
    if (label === '') return `\`${name}\` has two dots in a row, or one at its start: write one dot between the parts`;
    if (label.length > 63) return `\`${label}\` has ${label.length} characters: a part between dots has at most 63`;
    if (label === '*' && index === 0) continue;
    if (!/^[A-Za-z0-9_/-]+$/.test(label)) return `\`${label}\` is no part of a name: use letters, digits and hyphens`;
  }
  return null;
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
