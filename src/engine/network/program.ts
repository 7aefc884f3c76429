/** Programs from outside: on a real socket, or replayed from the journal. */
import type { Socket } from 'node:net';
import { WORK, type Intake, type Source } from './intake.ts';
import type { OutsideLine, Program } from './outside-line.ts';
import { reset } from './reset.ts';

export interface ProgramDeps {
  intake: Intake;
  wake(): void;
  realNow(): number;
  /** Real time: run at the end of an instant. */
  realTimer(ms: number, run: () => void): () => void;
  /** Real delays, for tests: see NetworkDeps. */
  rough(key: object, run: () => void): void;
}

/** Behind so many bytes that were not taken in, a socket is not read: its program waits, as with any server that is busy. */
const INBOX_BYTES_MAX = 64 * 1024;
const JOINED_BYTES = 32 * 1024;
/** How long a program may take to read the last words of a line that is over, real ms. */
const LAST_WORDS_MS = 10_000;
/** How long a call that meets silence is kept: as long as Linux dials (tcp_syn_retries 6), real ms. */
const SILENCE_MS = 127_000;

/** A program that called. Without a line it called into silence: it may say what it likes, until it leaves. */
export class SocketProgram implements Program, Source {
  readonly many = false;
  #socket: Socket;
  #deps: ProgramDeps;
  #line: OutsideLine | null = null;
  #inbox: Buffer[] = [];
  #inboxBytes = 0;
  /** The inbox was full when it was last looked into. */
  #pours = false;
  /** It said all that it will say, and that has not been taken. */
  #ended = false;
  #lost = false;
  /** Its socket is no longer used. */
  #gone = false;
  #cancel = (): void => undefined;

  constructor(socket: Socket, deps: ProgramDeps) {
    this.#socket = socket;
    this.#deps = deps;
  }

  /** Listen to it. */
  begin(line: OutsideLine | null): void {
    const socket = this.#socket;
    this.#line = line;
    if (line === null) this.#cancel = this.#deps.realTimer(SILENCE_MS, () => this.reset());
    const ended = (): void => this.#deps.rough(socket, () => this.#noticed(() => (this.#ended = true)));
    const closed = (): void => {
      this.#cancel();
      if (socket.errored !== null || !socket.readableEnded) this.#noticed(() => (this.#lost = true));
    };
    socket.on('data', (chunk: Buffer) => this.#deps.rough(socket, () => this.#arrived(chunk)));
    socket.on('end', ended);
    socket.on('drain', () => this.#deps.wake());
    socket.on('close', closed);
    // It may have gone while its call waited to be taken.
    if (socket.readableEnded) ended();
    if (socket.destroyed) closed();
    socket.resume();
  }

  // ── what it brings ────────────────────────────────────────────────────────

  get waits(): boolean {
    return !this.#gone && (this.#inboxBytes > 0 || this.#ended || this.#lost);
  }

  get pours(): boolean {
    return this.#pours || this.#inboxBytes >= INBOX_BYTES_MAX;
  }

  ready(): boolean {
    return this.waits && (this.#lost || this.#line === null || this.#line.silent || this.#line.hasRoom);
  }

  take(most: number): number {
    const line = this.#line;
    this.#pours = this.#inboxBytes >= INBOX_BYTES_MAX;
    if (line === null || line.silent) return this.#swallow();
    if (this.#lost) {
      this.#gone = true;
      line.leave();
      return WORK.call;
    }
    const work = line.deaf ? this.#drop() : this.#hear(line, most);
    if (this.#inboxBytes === 0 && this.#ended && !line.over) {
      this.#ended = false;
      line.hearEnd();
    }
    return work;
  }

  #hear(line: OutsideLine, most: number): number {
    if (this.#inboxBytes === 0) return WORK.command;
    // What came in many pieces is joined, so that TCP's segments don't matter; a large one is large enough.
    if (this.#inbox.length > 1 && (this.#inbox[0] as Buffer).length < JOINED_BYTES)
      this.#inbox = [Buffer.concat(this.#inbox)];
    const [bytes, ...rest] = this.#inbox as [Buffer, ...Buffer[]];
    const { size, work } = line.share(bytes, most);
    this.#keep(size < bytes.length ? [bytes.subarray(size), ...rest] : rest);
    line.arrive(bytes.subarray(0, size));
    return work;
  }

  /** The server no longer listens: what the program still sends is discarded, but it may finish sending. */
  #drop(): number {
    const work = WORK.command + this.#inboxBytes * WORK.byte;
    this.#keep([]);
    return work;
  }

  /** Silence takes its end too: the server hears of nothing, and the socket is not needed any more. */
  #swallow(): number {
    const work = this.#drop();
    if (this.#ended || this.#lost) this.#release();
    return work;
  }

  #keep(rest: Buffer[]): void {
    this.#inbox = rest;
    this.#inboxBytes = rest.reduce((sum, { length }) => sum + length, 0);
    if (this.#inboxBytes < INBOX_BYTES_MAX && this.#socket.isPaused() && !this.#gone) this.#socket.resume();
  }

  #arrived(chunk: Buffer): void {
    this.#noticed(() => {
      this.#inbox.push(chunk);
      this.#inboxBytes += chunk.length;
      if (this.#inboxBytes >= INBOX_BYTES_MAX) this.#socket.pause();
    });
  }

  #noticed(what: () => void): void {
    if (this.#gone) return;
    what();
    this.#deps.intake.mark(this);
    this.#deps.wake();
  }

  #release(): void {
    this.#gone = true;
    this.#inbox = [];
    this.#inboxBytes = 0;
    this.#cancel();
    this.#socket.destroy();
  }

  // ── what is said to it ────────────────────────────────────────────────────

  get unsaidBytes(): number {
    return this.#gone ? 0 : this.#socket.writableLength;
  }

  say(bytes: Buffer): void {
    if (!this.#gone) this.#deps.rough(this.#socket, () => this.#socket.write(bytes));
  }

  hangUp(): void {
    if (!this.#gone) this.#deps.rough(this.#socket, () => this.#socket.end());
  }

  leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#inbox = [];
    const socket = this.#socket;
    this.#deps.rough(socket, () => socket.destroySoon());
    if (!socket.destroyed) this.#cancel = this.#deps.realTimer(LAST_WORDS_MS, () => socket.destroy());
  }

  reset(): void {
    if (this.#gone) return;
    reset(this.#socket);
    this.#release();
  }

  now(): number {
    return this.#deps.realNow();
  }

  after(ms: number, run: () => void): () => void {
    return this.#deps.realTimer(ms, run);
  }
}

/** A program as the journal has it: what it does is told from there, and what it hears went out long ago. */
export class RecordedProgram implements Program {
  readonly unsaidBytes = 0;
  #realNow: () => number;
  #strike: (() => void) | null = null;
  #isSilent = false;

  constructor(realNow: () => number) {
    this.#realNow = realNow;
  }

  /** Its time-out strikes, as recorded. */
  fallSilent(): void {
    this.#isSilent = true;
    this.#strike?.();
    this.#isSilent = false;
  }

  say(): void {}
  hangUp(): void {}
  leave(): void {}
  reset(): void {}

  now(): number {
    return this.#isSilent ? Infinity : this.#realNow();
  }

  after(_ms: number, run: () => void): () => void {
    this.#strike = run;
    return () => {
      if (this.#strike === run) this.#strike = null;
    };
  }
}
