/** What a message is refused for by what stands in it. */
import { GTUBE } from '../../contract/gtube.ts';

const CR = 13;
const LF = 10;

/** A bare CR or LF: what a message may not hold (RFC 5321 §2.3.8), or null. Looks at each byte once. */
export function lineTrouble(message: Buffer): 'a bare LF' | 'a bare CR' | null {
  let before = 0;
  for (let i = 0; i < message.length; i++) {
    const byte = message[i] as number;
    if (byte === LF) {
      if (before !== CR) return 'a bare LF';
    } else if (before === CR) return 'a bare CR';
    before = byte;
  }
  return before === CR ? 'a bare CR' : null;
}

/** Why a content filter refuses a message, or null: GTUBE, or one of its phrases in any case. */
export function contentTrouble(message: Buffer, filter: { gtube: boolean; patterns: string[] }): string | null {
  if (filter.gtube && message.includes(GTUBE)) return 'GTUBE';
  if (filter.patterns.length === 0) return null;
  const text = message.toString().toLowerCase();
  return filter.patterns.find((pattern) => text.includes(pattern.toLowerCase())) ?? null;
}
