/**
 * Bytes that nobody needs any more: the rest of a message that is too large, the rest of a line that is too long. They are counted and passed
 * over up to what ends them, so that they lie neither in memory nor in the journal. Pure.
 */

/** What ends it: CRLF.CRLF (RFC 5321 §4.1.1.4), or the end of the line. */
export type PassedUntil = 'message' | 'line';
const ENDS: Record<PassedUntil, Buffer> = { message: Buffer.from('\r\n.\r\n'), line: Buffer.from('\n') };
const DOT_LINE = Buffer.from('\r\n.');
const NOTHING = Buffer.alloc(0);
/** How many of the bytes before may belong to the end marker. */
const BEFORE_BYTES = 4;

export class Passing {
  /** So many were passed over. A dot that stuffs its line (RFC 5321 §4.5.2) is none of the message's bytes, and is not counted. */
  passed = 0;
  /** The end was found. */
  over = false;
  #until: PassedUntil;
  #end: Buffer;
  /** What stands right before the bytes to come: said already, or passed over. */
  #before: Buffer;
  /** Came, and may be the beginning of the end. */
  #held = NOTHING;
  #begun = false;

  /** `said`: what was said last, at least four bytes if there were so many. */
  constructor(until: PassedUntil, said: Buffer) {
    this.#until = until;
    this.#end = ENDS[until];
    this.#before = until === 'message' ? Buffer.from(said.subarray(-BEFORE_BYTES)) : NOTHING;
  }

  /** Of these bytes, those that are needed: none before the end is found, then all from where it begins. */
  take(bytes: Buffer): Buffer {
    const lead = this.#lead(bytes);
    const all = Buffer.concat([this.#before, this.#held, bytes.subarray(lead.length)]);
    const from = this.#before.length;
    const found = all.indexOf(this.#end);
    this.over = found >= 0;
    // It began in what was said already.
    if (found >= 0 && found < from) return Buffer.concat([lead, all.subarray(from)]);
    const upTo = found >= 0 ? found : Math.max(from, all.length - (this.#end.length - 1));
    this.passed += upTo - from - (this.#until === 'message' ? dotLines(all, from, upTo) : 0);
    if (this.#until === 'message') this.#before = Buffer.from(all.subarray(Math.max(0, upTo - BEFORE_BYTES), upTo));
    this.#held = Buffer.from(all.subarray(upTo));
    return this.over ? Buffer.concat([lead, all.subarray(found)]) : lead;
  }

  /** Where a line of one dot may have begun, the next byte is said too: else the end of all would look like the end of that. */
  #lead(bytes: Buffer): Buffer {
    if (this.#begun) return NOTHING;
    this.#begun = true;
    if (!this.#before.subarray(-DOT_LINE.length).equals(DOT_LINE)) return NOTHING;
    const lead = bytes.subarray(0, 1);
    this.#before = Buffer.concat([this.#before, lead]).subarray(-BEFORE_BYTES);
    return lead;
  }
}

/** Lines that begin with a dot, the dot standing between these places. */
function dotLines(bytes: Buffer, from: number, upTo: number): number {
  let count = 0;
  for (let at = bytes.indexOf(DOT_LINE); at >= 0 && at + 2 < upTo; at = bytes.indexOf(DOT_LINE, at + 1))
    if (at + 2 >= from) count += 1;
  return count;
}
