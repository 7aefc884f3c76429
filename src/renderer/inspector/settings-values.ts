/**
 * What a person types into a setting, read and written back: durations, sizes, counts, lists, peers, retry rules.
 * Pure. A text that makes no sense throws `Wrong`, whose message says what to write instead.
 */
import type { HostKey, NetworkDef } from '../../contract/model.ts';
import type { RetryCurve } from '../../contract/settings.ts';
import { table } from '../../contract/table.ts';

/** What stands in a field can't be taken; the message is for the person who typed it. */
export class Wrong extends Error {}

const UNITS: [unit: string, ms: number][] = [
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** `4h`, `1h 30m`, `90s` or `0`, in ms. A bare number is refused: `30` may be seconds or minutes. */
export function parseDuration(text: string): number {
  const compact = text
    .replace(/\s+/g, '')
    .toLowerCase()
    .replace(/([smhdw])(?:in|ec|r|ins|ecs|rs|inutes?|econds?|ours?|ays?|eeks?)(?=\d|$)/g, '$1');
  if (compact === '0') return 0;
  if (/^\d+(\.\d+)?$/.test(compact))
    throw new Wrong(`${compact} of what? Write ${compact}s, ${compact}m, ${compact}h or ${compact}d`);
  if (!/^(\d+(\.\d+)?(ms|[smhdw]))+$/.test(compact))
    throw new Wrong(
      compact === ''
        ? 'Write a duration such as 4h or 30m'
        : `“${text.trim()}” is not a duration: write it like 4h, 30m or 1h 30m`,
    );
  let totalMs = 0;
  let lastMs = Infinity;
  for (const [, count = '', unit = ''] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    const unitMs = UNITS.find(([name]) => name === unit)?.[1] ?? 0;
    if (unitMs >= lastMs) throw new Wrong(`Write the larger unit first, and each one once: 1h 30m, not ${text.trim()}`);
    lastMs = unitMs;
    totalMs += Number(count) * unitMs;
  }
  if (!Number.isSafeInteger(Math.round(totalMs))) throw new Wrong('That is longer than any clock runs: write less');
  return Math.round(totalMs);
}

/** The way back, exact: `1h 6m 40s`. */
export function durationText(durationMs: number): string {
  if (durationMs === 0) return '0';
  let restMs = durationMs;
  const parts: string[] = [];
  for (const [unit, ms] of UNITS) {
    // Weeks read badly in between: 7 days are a week, 8 days are 8d.
    const count = unit === 'w' && restMs % ms !== 0 ? 0 : Math.floor(restMs / ms);
    restMs -= count * ms;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.join(' ');
}

const SIZES = table({ '': 1, k: 1e3, m: 1e6, g: 1e9, ki: 1024, mi: 1024 ** 2, gi: 1024 ** 3 });

/** `200 KB`, `1.5 MB`, `64 KiB` or `4096`, in bytes. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(?:((?:[kmg]i?)?)b?|bytes?)$/i.exec(text.trim());
  const bytes = match === null ? NaN : Math.round(Number(match[1]) * (SIZES[(match[2] ?? '').toLowerCase()] ?? NaN));
  if (!Number.isSafeInteger(bytes))
    throw new Wrong(
      text.trim() === ''
        ? 'Write a size such as 64 MB'
        : `“${text.trim()}” is not a size: write it like 64 MB, 200 KB or 4096`,
    );
  return bytes;
}

/** The way back, exact: `10.24 MB`, `950 bytes`. */
export function sizeText(bytes: number): string {
  for (const [unit, size] of [
    ['GB', 1e9],
    ['MB', 1e6],
    ['KB', 1e3],
  ] as const) {
    const shown = Number((bytes / size).toFixed(3));
    if (bytes >= size && Math.round(shown * size) === bytes) return `${shown} ${unit}`;
  }
  return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
}

/** A whole number within its bounds. */
export function parseCount(text: string, min: number, max: number): number {
  const count = /^\d+$/.test(text.trim()) ? Number(text.trim()) : NaN;
  if (!(count >= min && count <= max))
    throw new Wrong(`Write a whole number from ${min.toLocaleString('en-US')} to ${max.toLocaleString('en-US')}`);
  return count;
}

/** Words between commas, blanks or line ends; each once. */
export function parseList(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter((word) => word !== ''))];
}

/** Domains as mail has them: labels of letters, digits and hyphens. */
export function parseDomains(text: string): string[] {
  const domains = parseList(text).map((domain) => domain.toLowerCase().replace(/\.$/, ''));
  for (const domain of domains)
    if (!isDomain(domain)) throw new Wrong(`“${domain}” is not a domain: write it like theorganisation.test`);
  return domains;
}

export const isDomain = (text: string): boolean =>
  text.length <= 253 &&
  text.split('.').every((label) => /^[\p{L}\p{N}_]([\p{L}\p{N}_-]{0,61}[\p{L}\p{N}])?$/u.test(label));

/** `alice@theorganisation.test`: a local part, one at sign, a domain. */
export function isAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  // An @ in the local part must be quoted: RFC 5321 §4.1.2.
  return (
    at > 0 &&
    !/[\s<>,;]/.test(text) &&
    (!local.includes('@') || /^"[^"]+"$/.test(local)) &&
    isDomain(text.slice(at + 1))
  );
}

/** What a lab's peers may be called by. */
export interface Known {
  hosts: { key: HostKey; addresses: string[] }[];
  networks: Pick<NetworkDef, 'key' | 'block'>[];
}

/** Addresses and blocks (CIDR); hosts and networks by their keys become theirs. */
export function parsePeers(text: string, known: Known): string[] {
  return [
    ...new Set(
      parseList(text).flatMap((word) => {
        const host = known.hosts.find(({ key }) => key === word.toLowerCase());
        const network = known.networks.find(({ key }) => key === word.toLowerCase());
        if (host !== undefined) return host.addresses;
        if (network !== undefined) return [network.block];
        checkBlock(word, known);
        return [word];
      }),
    ),
  ];
}

function checkBlock(word: string, known: Known): void {
  const [address = '', prefix, ...more] = word.split('/');
  if (
    address.includes(':') &&
    /^[\da-f:.]+$/i.test(address) &&
    more.length === 0 &&
    (prefix === undefined || Number(prefix) <= 128)
  )
    return;
  const bytes = address.split('.').map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  const bits = prefix === undefined ? 32 : /^\d{1,2}$/.test(prefix) ? Number(prefix) : 33;
  if (bytes.length !== 4 || bytes.some((byte) => byte > 255) || bits > 32 || more.length > 0) {
    throw new Wrong(
      `“${word}” is no peer: write an address, a block such as 192.0.2.0/24, a host (${known.hosts.map(({ key }) => key).join(', ')}) or a network (${known.networks.map(({ key }) => key).join(', ')})`,
    );
  }
  const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  const size = 2 ** (32 - bits);
  if (value % size === 0) return;
  const base = value - (value % size);
  const block = [24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join('.');
  throw new Wrong(`${word} has bits behind its prefix: write ${block}/${bits} for the block, or ${address} alone`);
}

type RetryRules = Extract<RetryCurve, { kind: 'rules' }>['rules'];

/** Exim's own notation: `F,2h,15m; G,16h,1h,1.5`. Until this age, so long, growing by this factor. */
export function parseRules(text: string): RetryRules {
  const rules = text
    .split(/[;\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const [letter = '', until = '', wait = '', factor = '1', ...more] = part.split(',').map((word) => word.trim());
      const grows = letter.toUpperCase() === 'G';
      if (more.length > 0 || (!grows && letter.toUpperCase() !== 'F') || grows !== (part.split(',').length === 4)) {
        throw new Wrong(
          `“${part}” is not a rule: write F,2h,15m (until 2 h, every 15 min) or G,16h,1h,1.5 (each wait 1.5 times the last)`,
        );
      }
      if (!(Number(factor) >= 1)) throw new Wrong(`${factor} is no factor: write 1 or more, such as 1.5`);
      return { untilAgeMs: parseDuration(until), waitMs: parseDuration(wait), factor: Number(factor) };
    });
  if (rules.length === 0) throw new Wrong('Write one rule at least, such as F,4d,6h');
  return rules;
}

export function rulesText(rules: RetryRules): string {
  return rules
    .map(
      ({ untilAgeMs, waitMs, factor }) =>
        `${factor === 1 ? 'F' : 'G'},${durationText(untilAgeMs)},${durationText(waitMs)}${factor === 1 ? '' : `,${factor}`}`,
    )
    .join('; ');
}
