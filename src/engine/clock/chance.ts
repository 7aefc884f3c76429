/**
 * All chance of the lab, from one seed.
 *
 * There is no generator with a state: each draw is named, and its value is a hash of seed and name.
 * So a draw does not depend on how many were drawn before it, a lab opened again needs to
 * remember nothing, and a change in one corner does not reshuffle all others.
 */
export interface Chance {
  /** A whole number from 0 to n - 1. The same name gives the same number. */
  below(n: number, name: string): number;
  /** Upper-case hexadecimal digits. */
  hex(digits: number, name: string): string;
}

export function createChance(seed: number): Chance {
  const below = (n: number, name: string): number => {
    if (!(n >= 1)) throw new Error(`chance.below(${n}, '${name}'): n must be 1 or more`);
    return Math.floor((hash(`${seed}/${name}`) / 2 ** 53) * n);
  };
  return {
    below,
    hex: (digits, name) =>
      below(16 ** digits, name)
        .toString(16)
        .toUpperCase()
        .padStart(digits, '0'),
  };
}

/** 53 bits from a text: two 32-bit multiply-xor lanes, mixed at the end. */
function hash(text: string): number {
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i);
    a = Math.imul(a ^ c, 0x27d4eb2f);
    b = Math.imul(b ^ c, 0x165667b1);
    a ^= b >>> 15;
    b ^= a >>> 13;
  }
  a = Math.imul(a ^ (a >>> 16), 0x7feb352d);
  b = Math.imul(b ^ (b >>> 15), 0x846ca68b);
  a ^= b >>> 14;
  b ^= a >>> 16;
  return (b >>> 0) * 2 ** 21 + ((a >>> 0) >>> 11);
}
