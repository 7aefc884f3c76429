/** IPv4 and IPv6 addresses as text, and their names for reverse look-ups (RFC 1035 §3.5, RFC 3596 §2.5). */

/** The four numbers of an IPv4 address, or null when the text is none. Leading zeros are refused: they once meant octal. */
export function ipv4Octets(text: string): number[] | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  const octets: number[] = [];
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    octets.push(Number(part));
  }
  return octets;
}

/** The eight 16-bit groups of an IPv6 address (RFC 4291 §2.2, with `::` and a dotted tail), or null. */
export function ipv6Groups(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2 || !/^[0-9A-Fa-f:.]+$/.test(text)) return null;
  const groups: number[][] = [];
  for (const [index, half] of halves.entries()) {
    const part = groupsOf(half, index === halves.length - 1);
    if (part === null) return null;
    groups.push(part);
  }
  const [head = [], tail = []] = groups;
  if (halves.length === 1) return head.length === 8 ? head : null;
  const zeroCount = 8 - head.length - tail.length;
  return zeroCount < 1 ? null : [...head, ...Array<number>(zeroCount).fill(0), ...tail];
}

function groupsOf(half: string, mayEndDotted: boolean): number[] | null {
  if (half === '') return [];
  const groups: number[] = [];
  const parts = half.split(':');
  for (const [index, part] of parts.entries()) {
    const dotted = mayEndDotted && index === parts.length - 1 ? ipv4Octets(part) : null;
    if (dotted) {
      const [a = 0, b = 0, c = 0, d = 0] = dotted;
      groups.push(a * 256 + b, c * 256 + d);
    } else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) {
      groups.push(parseInt(part, 16));
    } else {
      return null;
    }
  }
  return groups;
}

/** The one way to write an address that the whole room compares by (IPv6: RFC 5952), or null when it is none. */
export function normalAddress(text: string): string | null {
  if (ipv4Octets(text)) return text;
  const groups = ipv6Groups(text);
  if (!groups) return null;
  const hex = groups.map((group) => group.toString(16));
  const run = longestZeroRun(groups);
  if (run.count < 2) return hex.join(':');
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.count).join(':')}`;
}

function longestZeroRun(groups: number[]): { start: number; count: number } {
  let best = { start: 0, count: 0 };
  let start = 0;
  for (let index = 0; index <= groups.length; index++) {
    if (groups[index] === 0) continue;
    if (index - start > best.count) best = { start, count: index - start };
    start = index + 1;
  }
  return best;
}

/** `192.0.2.10` → `10.2.0.192.in-addr.arpa`; null when the text is not an address. */
export function reverseName(address: string): string | null {
  const octets = ipv4Octets(address);
  if (octets) return `${octets.reverse().join('.')}.in-addr.arpa`;
  const groups = ipv6Groups(address);
  if (!groups) return null;
  const nibbles = groups.map((group) => group.toString(16).padStart(4, '0')).join('');
  return `${[...nibbles].reverse().join('.')}.ip6.arpa`;
}

/** `10.2.0.192.in-addr.arpa` → `192.0.2.10`; null when the name stands for no whole address. */
export function addressOfReverseName(name: string): string | null {
  const v4 = /^(.+)\.in-addr\.arpa$/.exec(name)?.[1];
  if (v4 !== undefined) return normalAddress(v4.split('.').reverse().join('.'));
  const v6 = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name)?.[1];
  if (v6 === undefined) return null;
  const nibbles = v6.split('.').reverse().join('');
  return normalAddress((nibbles.match(/.{4}/g) ?? []).join(':'));
}
