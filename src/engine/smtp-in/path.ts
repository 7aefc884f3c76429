/**
 * The address in the argument of MAIL, RCPT and VRFY (RFC 5321 §4.1.2), read as Postfix reads it: brackets may be missing,
 * comments, blanks and a name before the brackets don't count, and a source route is left out (RFC 5321 §F.2).
 *
 * Quotes are taken off, so that `"alice"@d` and `alice@d` are one address. What has no reading, has a control character in it
 * (RFC 5321 §4.1.2 asks for 501), or a domain that can't be one, is not an address. Never says whether anybody lives there.
 */
import { domainToASCII } from 'node:url';
import { addressOf, domainOf, localPartOf } from '../addresses.ts';
import { normalAddress } from '../dns/index.ts';
import type { Word } from './words.ts';

export interface PathRules {
  /** Stands behind an address that has no domain: this host's name. */
  domain: string;
  /** The sender asked for SMTPUTF8: a domain may go beyond ASCII (RFC 6531 §3.3). */
  smtpUtf8: boolean;
  /** Whether mail for a domain ends on this host. */
  isHere(domain: string): boolean;
}

/** The address as it is kept (`"a b"@d` where it needs quotes), '' for `<>`; null: it is none. */
export function addressIn({ text, torn }: Word, rules: PathRules): string | null {
  if (torn) return null;
  const plain = plainAddress(text.startsWith('<') && text.endsWith('>') ? text.slice(1, -1) : text);
  // Of control characters, and of what reads as a source route again, nothing can be made.
  // eslint-disable-next-line no-control-regex -- these are the characters it is about
  if (plain === null || /[\x00-\x1f\x7f]|^@.*:/.test(plain)) return null;
  if (plain === '') return '';
  const address = wholeAddress(plain, rules);
  return address === null || routedBy(address, rules) === null ? null : address;
}

/**
 * Where mail for an address of this host goes when its local part holds a route: `a%b@here`, `b!a@here` and `"a@b"@here` are a@b.
 * Null: nowhere, as `a%@here`.
 */
export function routedBy(address: string, rules: PathRules): string | null {
  let at: string | null = address;
  // It gets shorter each time.
  while (at !== null && rules.isHere(domainOf(at)) && /[@%!]/.test(localPartOf(at)))
    at = wholeAddress(localPartOf(at), rules);
  return at;
}

/** Of an address without quotes: its last @ parts it. Null: its domain is none. A local part that begins with `-` looks like an option. */
function wholeAddress(plain: string, rules: PathRules): string | null {
  const { local, domain } = partsOf(plain) ?? { local: plain, domain: rules.domain };
  if (local.startsWith('-') || !isDomain(domain.replace(/\.$/, ''), rules.smtpUtf8)) return null;
  return addressOf(local, domain.replace(/\.$/, ''));
}

/**
 * Local part and domain of an address without quotes. Without an @, the older ways to say it count: `site!user`, `user%site`.
 * Null: it has no domain.
 */
function partsOf(plain: string): { local: string; domain: string } | null {
  const at = plain.lastIndexOf('@');
  if (at >= 0) return { local: plain.slice(0, at), domain: plain.slice(at + 1) };
  const bang = plain.indexOf('!');
  if (bang >= 0) return { local: plain.slice(bang + 1), domain: plain.slice(0, bang) };
  const percent = plain.lastIndexOf('%');
  return percent < 0 ? null : { local: plain.slice(0, percent), domain: plain.slice(percent + 1) };
}

/** Letters, digits, `-` and `_` between dots, or an address in square brackets (RFC 5321 §4.1.3). */
export function isDomain(domain: string, smtpUtf8: boolean): boolean {
  const literal = /^\[(ipv6:)?(.*)\]$/i.exec(domain);
  if (literal !== null) {
    const [, prefix, address = ''] = literal;
    if (prefix !== undefined) return normalAddress(address)?.includes(':') === true;
    return /^(\d{1,3}\.){3}\d{1,3}$/.test(address) && address.split('.').every((part) => Number(part) <= 255);
  }
  // eslint-disable-next-line no-control-regex -- ASCII
  const ascii = smtpUtf8 && /[^\x00-\x7f]/.test(domain) ? domainToASCII(domain) : domain;
  if (ascii.length > 255 || /^[\d.]*$/.test(ascii)) return false;
  return ascii.split('.').every((label) => label.length <= 63 && /^[a-z\d_]([a-z\d_-]*[a-z\d_])?$/i.test(label));
}

type Piece = { kind: 'word' | '.' | '@'; text: string };

/** The text of an address without quotes, comments, blanks and what stands before its brackets; null where words stand side by side. */
function plainAddress(text: string): string | null {
  const route = /^@[^:]*:/.exec(text)?.[0] ?? '';
  let pieces: Piece[] = [];
  let closed = false;
  for (const { kind, text: part } of piecesOf(text.slice(route.length))) {
    if (kind === 'other' || closed) return null;
    if (kind === '<')
      pieces = []; // a name stood before it
    else if (kind === '>') closed = true;
    else pieces.push({ kind, text: part });
  }
  if (pieces.some(({ kind }, i) => kind === 'word' && pieces[i + 1]?.kind === 'word')) return null;
  return pieces.map((piece) => piece.text).join('');
}

type Token = Piece | { kind: '<' | '>' | 'other'; text: string };

const TOKEN = [
  String.raw`[ \t]+`,
  String.raw`\((?<comment>)`,
  String.raw`"(?<quoted>(?:[^"\\]|\\.)*)"`,
  String.raw`\[(?<literal>(?:[^\]\\]|\\.)*)\]`,
  String.raw`(?<sign>[.@<>])`,
  String.raw`(?<word>(?:[^ \t("<>@,;.[\\]|\\.)+)`,
  String.raw`(?<other>.)`,
].join('|');

/** Words, dots and signs of an address, in order. Linear: each character is looked at once. */
function* piecesOf(text: string): Generator<Token> {
  const token = new RegExp(TOKEN, 'gsu');
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    const { comment, quoted, literal, sign, word, other } = found.groups as Record<string, string | undefined>;
    const unescaped = (quotedText: string): string => quotedText.replace(/\\(.)/gs, '$1');
    if (comment !== undefined) token.lastIndex = commentEnd(text, found.index);
    else if (quoted !== undefined) yield { kind: 'word', text: unescaped(quoted) };
    else if (literal !== undefined) yield { kind: 'word', text: `[${unescaped(literal)}]` };
    else if (word !== undefined) yield { kind: 'word', text: unescaped(word) };
    else if (sign !== undefined) yield { kind: sign as '.' | '@' | '<' | '>', text: sign };
    else if (other !== undefined) yield { kind: 'other', text: other };
  }
}

/** Behind the comment that opens at `from`: RFC 5322 §3.2.2, they nest. One without an end takes the rest. */
function commentEnd(text: string, from: number): number {
  let depth = 0;
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (char === '\\') i += 1;
    else if (char === '(') depth += 1;
    else if (char === ')' && (depth -= 1) === 0) return i + 1;
  }
  return text.length;
}
