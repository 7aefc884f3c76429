/**
 * A connection from outside to a host of the lab, or to its name server. Nobody waits for what it brings: it is an input, taken in at the end
 * of an instant and kept in the journal, so that it can be played again; time-outs towards it run in real time.
 *
 *   program ═══ real socket ─► inbox ─► a share (intake.ts) ─► [passed over?] ─► journal ─► server End
 *                             ◄───────────────────────────────── [cut? lost?] ◄─ outbox ◄─
 *
 * In silence (a cut line, a host that is off) what the program says is swallowed, including its FIN.
 */
import { End, type PassRequest, type Side } from './end.ts';
import { shareOfLines, WORK } from './intake.ts';
import { Line, seenByServer, type LineFacts, type LineOwner } from './line.ts';
import { Passing } from './passing.ts';
import type { Flushed } from './wires.ts';

export interface OutsideOwner extends LineOwner {
  /** What the program sent, null for its end, told before it is released; `passed` bytes before it were passed over. */
  heard(line: OutsideLine, chunk: Buffer | null, passed: number): void;
  /** The program went away, or said nothing for too long. */
  left(line: OutsideLine, how: 'reset' | 'silent'): void;
}

/** Who stands at the outer end: a program on a real socket, or the record of one. */
export interface Program {
  /** Bytes for it that its machine has not taken yet. */
  readonly unsaidBytes: number;
  say(bytes: Buffer): void;
  /** Nothing more will be said to it. */
  hangUp(): void;
  /** The line is over: it gets what was said. */
  leave(): void;
  reset(): void;
  /** Monotonic ms, for time-outs towards it; and to run something after so many of them. */
  now(): number;
  after(ms: number, run: () => void): () => void;
}

/** Unread bytes towards the server's end past which nothing more is taken in. */
const UNREAD_BYTES_MAX = 64 * 1024;
/** Answers that a program has not read, past which it is not heard. */
const UNSAID_BYTES_MAX = 256 * 1024;
/** The most that is taken in one go: commands may follow behind a message, and cost more than its lines. */
const SHARE_BYTES_MAX = 16 * 1024;
/** As much of what was said last as the end of a message may begin in. */
const LAST_BYTES = 4;

export class OutsideLine extends Line implements Flushed {
  readonly end: End;
  #owner: OutsideOwner;
  #program: Program;
  #out: Buffer[] = [];
  #finQueued = false;
  #finSent = false;
  #saidAt = 0;
  #heardAt = 0;
  #last: Buffer = Buffer.alloc(0);
  #hearsMessage = false;
  #asked: PassRequest | null = null;
  #passing: Passing | null = null;

  constructor(owner: OutsideOwner, facts: LineFacts, program: Program) {
    super(owner, facts);
    this.#owner = owner;
    this.#program = program;
    this.end = new End(this, 'server', seenByServer(facts.addresses));
  }

  /** The program was answered within this many real ms, and may be about to say more. */
  expectsWord(withinMs: number): boolean {
    return this.#saidAt > this.#heardAt && this.#program.now() - this.#saidAt < withinMs;
  }

  // ── what the program does ─────────────────────────────────────────────────

  /** Nothing that it says comes through. */
  get silent(): boolean {
    return this.#owner.swallows(this, 'client') !== null;
  }

  /** The server ended its side: it hears no more words, only the end. */
  get deaf(): boolean {
    return this.#finQueued;
  }

  /** More can be taken in. */
  get hasRoom(): boolean {
    return this.end.readableLength < UNREAD_BYTES_MAX && this.#program.unsaidBytes < UNSAID_BYTES_MAX;
  }

  /** How many of these bytes are a share of so much work. */
  share(bytes: Buffer, most: number): { size: number; work: number } {
    if (this.#passes() !== null) return { size: bytes.length, work: bytes.length * WORK.byte };
    if (this.facts.target !== null)
      return shareOfLines(bytes, most, this.#hearsMessage ? WORK.line : WORK.command, SHARE_BYTES_MAX);
    const size = Math.min(bytes.length, Math.ceil((most / WORK.question) * QUESTION_BYTES));
    return { size, work: (size / QUESTION_BYTES) * WORK.question };
  }

  /** It said something. What nobody needs is counted, and not kept. */
  arrive(bytes: Buffer): void {
    this.#heardAt = this.#program.now();
    const passing = this.#passes();
    if (passing === null) return this.hear(bytes, 0);
    const needed = passing.take(bytes);
    this.end.active();
    if (!passing.over && passing.passed < (this.#asked?.most ?? 0))
      return needed.length > 0 ? this.hear(needed, 0) : undefined;
    this.#passing = null;
    if (passing.passed === 0) this.#asked = null;
    this.hear(needed, passing.passed);
  }

  /** What it said is an input now: as it comes, or as it was recorded. `passed`: so many bytes before it were passed over, and that has an end. */
  hear(bytes: Buffer, passed: number): void {
    this.#owner.heard(this, bytes, passed);
    if (passed > 0) {
      const asked = this.#asked;
      this.#asked = null;
      asked?.heard(passed);
    }
    this.#last = Buffer.concat([this.#last, bytes.subarray(-LAST_BYTES)]).subarray(-LAST_BYTES);
    this.deliver('server', bytes, false, passed);
  }

  /** It says no more. */
  hearEnd(): void {
    this.#owner.heard(this, null, 0);
    this.deliver('server', Buffer.alloc(0), true);
  }

  /** It disconnected without a FIN. */
  leave(): void {
    if (this.over) return;
    this.#owner.left(this, 'reset');
    if (this.end.readableEnded) this.finish();
    else this.reset('the client went away');
  }

  // ── what the server's end asks ────────────────────────────────────────────

  send(_side: Side, chunk: Buffer): void {
    if (this.over) return;
    this.#out.push(chunk);
    this.#owner.wires.markOut(this, 'server');
  }

  expects(what: 'commands' | 'message'): void {
    this.#hearsMessage = what === 'message';
  }

  passOver(request: PassRequest): void {
    this.#asked = request;
    this.#passing = null;
  }

  timer(ms: number, _side: Side, run: () => void): () => void {
    return this.#program.after(ms, () => {
      if (!this.over) run();
    });
  }

  now(): number {
    return this.#program.now();
  }

  idled(): void {
    this.#owner.left(this, 'silent');
  }

  flush(): void {
    if (this.over) return;
    const chunk = Buffer.concat(this.#out.splice(0));
    const cause = this.#owner.swallows(this, 'server');
    if (chunk.length > 0) {
      if (cause !== null) this.#owner.lost(this, 'server', chunk.length, cause);
      else {
        this.#saidAt = this.#program.now();
        this.#program.say(chunk);
      }
    }
    if (!this.#finQueued) return;
    if (cause === null && !this.#finSent) {
      this.#finSent = true;
      this.#program.hangUp();
    }
    if (this.goneSides.has('server')) this.finish();
  }

  /** Begins when the server has read all that was said before: it may have found the end in that. */
  #passes(): Passing | null {
    if (this.#asked === null || this.#passing !== null) return this.#passing;
    if (this.#asked.wanted()) this.#passing = new Passing(this.#asked.until, this.#last);
    else this.#asked = null;
    return this.#passing;
  }

  protected queueFin(): boolean {
    if (this.#finQueued) return false;
    this.#finQueued = true;
    this.#owner.wires.markOut(this, 'server');
    return true;
  }

  protected wasLeft(): void {
    this.#owner.wires.markOut(this, 'server');
  }

  protected endOf(side: Side): End | null {
    return side === 'server' ? this.end : null;
  }

  protected letGo(resets: boolean): void {
    this.#out = [];
    if (resets) this.#program.reset();
    else this.#program.leave();
  }
}

/** A small question with its two bytes of length, over a connection. */
const QUESTION_BYTES = 32;
