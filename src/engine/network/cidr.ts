/**
 * Simulated addresses and blocks (CIDR, RFC 4632 and 4291), IPv4 and IPv6. Pure; opens nothing.
 *
 * An IPv4 address in IPv6 clothes (::ffff:192.0.2.1, as dual-stack sockets tell it) counts as IPv4.
 */

import { remembered } from '../memo.ts';

/** An address as a number; `bits` is 32 or 128. */
export interface Address {
  bits: 32 | 128;
  value: bigint;
}

/** `base` has no bits set behind the prefix. */
export interface Block {
  bits: 32 | 128;
  base: bigint;
  prefix: number;
}

/** An address from its text, or null when it is none. Leading zeros (010 may mean 8) and zones (%eth0) are refused. */
export function parseAddress(text: string): Address | null {
  if (!text.includes(':')) {
    const value = ipv4Value(text);
    return value === null ? null : { bits: 32, value };
  }
  const value = ipv6Value(text);
  if (value === null) return null;
  return value >> 32n === 0xffffn ? { bits: 32, value: value & 0xffff_ffffn } : { bits: 128, value };
}

/**
 * A block from its text: `192.0.2.0/24`, or an address, which is the block of one. For texts that a person wrote:
 * `message` says what is wrong and what to write.
 */
export function parseBlock(text: string): { ok: true; block: Block } | { ok: false; message: string } {
  const block = readBlock(text);
  if (block === null) return { ok: false, message: blockProblem(text) };
  const address = parseAddress(text.split('/')[0] ?? '');
  if (address !== null && address.value !== block.base) {
    return {
      ok: false,
      message: `${text} has bits behind its prefix: write ${formatBlock(block)} for the block, or the address alone`,
    };
  }
  return { ok: true, block };
}

/**
 * Whether a block (or address) holds an address. Text that is no address or no block holds nothing; check with
 * `parseBlock` where the text comes in. Bits behind the prefix are ignored here. No family holds the other's.
 */
export function inBlock(address: string, block: string): boolean {
  const one = knownAddress(address);
  const range = knownBlock(block);
  if (one === null || range === null || one.bits !== range.bits) return false;
  const shift = BigInt(range.bits - range.prefix);
  return one.value >> shift === range.base >> shift;
}

const knownAddress = remembered(parseAddress);
const knownBlock = remembered(readBlock);

function readBlock(text: string): Block | null {
  const match = /^([^/]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text);
  const address = parseAddress(match?.[1] ?? '');
  if (match === null || address === null) return null;
  // A prefix of ::ffff:0:0/96 and longer counts from the start of the IPv6 form.
  const cut = address.bits === 32 && text.includes(':') ? 96 : 0;
  const prefix = match[2] === undefined ? address.bits : Number(match[2]) - cut;
  if (prefix < 0 || prefix > address.bits) return null;
  const shift = BigInt(address.bits - prefix);
  return { bits: address.bits, base: (address.value >> shift) << shift, prefix };
}

function blockProblem(text: string): string {
  const [address = '', prefix] = text.split('/');
  const parsed = parseAddress(address);
  if (parsed === null)
    return `"${text}" is not an address or block: write one such as 192.0.2.10, 192.0.2.0/24 or 2001:db8::/32`;
  return `"/${prefix ?? ''}" is not a prefix for ${address}: write a number from 0 to ${parsed.bits}, such as ${address}/${parsed.bits}`;
}

function formatBlock({ bits, base, prefix }: Block): string {
  const width = bits === 32 ? 8 : 16;
  const parts = Array.from(
    { length: bits / width },
    (_, i) => (base >> BigInt(bits - width * (i + 1))) & ((1n << BigInt(width)) - 1n),
  );
  if (bits === 32) return `${parts.join('.')}/${prefix}`;
  // The URL parser knows the short form of RFC 5952.
  const short = new URL(`http://[${parts.map((part) => part.toString(16)).join(':')}]/`).hostname.slice(1, -1);
  return `${short}/${prefix}`;
}

function ipv4Value(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return null;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

/** RFC 4291 §2.2: eight groups, `::` once for a run of zeros, the last two perhaps in IPv4 form. */
function ipv6Value(text: string): bigint | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const groups = halves.map((half, i) => ipv6Groups(half, i === halves.length - 1));
  const [head, tail] = groups;
  if (head === undefined || head === null || tail === null) return null;
  const rest = tail ?? [];
  const missing = 8 - head.length - rest.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const all = [...head, ...Array.from({ length: missing }, () => 0n), ...rest];
  return all.reduce((value, group) => (value << 16n) | group, 0n);
}

function ipv6Groups(text: string, isLast: boolean): bigint[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: bigint[] = [];
  for (const [i, part] of parts.entries()) {
    const ipv4 = isLast && i === parts.length - 1 && part.includes('.') ? ipv4Value(part) : null;
    if (ipv4 !== null) groups.push(ipv4 >> 16n, ipv4 & 0xffffn);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(BigInt(`0x${part}`));
    else return null;
  }
  return groups;
}
