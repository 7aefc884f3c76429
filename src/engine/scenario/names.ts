/**
 * Which names and addresses a lab may use, and the arithmetic of IPv4 blocks. Pure.
 *
 * Reserved names (RFC 2606, 6761) and documentation addresses (RFC 5737) only: whatever a lab says, nothing in it can be
 * taken for somebody's real host.
 */

export const DOCUMENTATION_BLOCKS = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'] as const;
/** What a zone's records may hold besides: addresses that are nobody's, which zones name by mistake, and those for IPv6 in documents (RFC 3849, 9637). */
export const ZONE_BLOCKS = [
  ...DOCUMENTATION_BLOCKS,
  '127.0.0.0/8',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  '2001:db8::/32',
  '3fff::/20',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
] as const;
export const USE_NAMES = 'use a name under .test or .example, such as c.elsewhere.test (RFC 2606)';
export const USE_ADDRESSES = `use an address in ${DOCUMENTATION_BLOCKS.join(', ')} (RFC 5737)`;

const LABEL = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9])?$/i;

/** A domain or host name as a lab writes it: labels of letters, digits and hyphens, no dot at the end. RFC 1035 §2.3.1 */
export function isHostName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => label.length <= 63 && LABEL.test(label));
}

/** Under .test, .example, .invalid or .localhost, or one of these itself. */
export function isReservedName(name: string): boolean {
  return /(^|\.)(test|example|invalid|localhost)$/i.test(name.replace(/\.$/, ''));
}

/** An IPv4 address as a number, null when it is none. */
export function parseIpv4(text: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return null;
  const parts = match.slice(1).map(Number);
  if (parts.some((part) => part > 255)) return null;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

export interface Block {
  first: number;
  last: number;
}

/** `192.0.2.0/24` (or one address) as its first and last address; null when it is no block or host bits are set. */
export function parseBlock(text: string): Block | null {
  const [address, bits, ...more] = text.split('/');
  const first = parseIpv4(address ?? '');
  if (first === null || more.length > 0) return null;
  if (bits === undefined) return { first, last: first };
  if (!/^\d{1,2}$/.test(bits) || Number(bits) > 32) return null;
  const size = 2 ** (32 - Number(bits));
  return first % size === 0 ? { first, last: first + size - 1 } : null;
}

export function blockHolds(block: Block, address: number): boolean {
  return address >= block.first && address <= block.last;
}

/** Does a CIDR block (text) hold an address (text)? False when either is malformed. */
export function isWithin(address: string, block: string): boolean {
  const number = parseIpv4(address);
  const range = parseBlock(block);
  return number !== null && range !== null && blockHolds(range, number);
}

export function isDocumentationAddress(address: string): boolean {
  return DOCUMENTATION_BLOCKS.some((block) => isWithin(address, block));
}

/** The candidate that a mistyped word most likely meant, or null when none is near (Damerau-Levenshtein, a third of the word). */
export function closest(word: string, candidates: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(Math.max(word.length, 3) / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    // A word of which nothing is left was never meant.
    if (distance < bestDistance && distance < Math.max(word.length, candidate.length))
      [best, bestDistance] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}

/** `a, b and c` */
export function listed(words: readonly string[], last = 'and'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}
