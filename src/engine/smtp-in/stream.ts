/**
 * What comes from a client: command lines, and messages between DATA and the final dot. smtp-server's parser finds the lines; the
 * messages are found here, as the library takes a turn of the event loop for each line that begins with a dot.
 *
 * Only CR LF . CR LF ends a message (RFC 5321 §4.1.1.4), however it is cut into chunks: with any other end a mail could be
 * smuggled into another. Each byte is looked at once. Knows no command and keeps no more than it is asked for.
 */
import { SMTPStream } from 'smtp-server/lib/smtp-stream';
import type { PassRequest } from '../network/index.ts';
import type { Room } from './room.ts';

/** How much of a command line is read, in bytes; the rest is skipped: Postfix's line_length_limit (RFC 5321 §4.5.3.1.4 asks for 512). */
export const LINE_HEARD_MAX = 2048;
/** Input that is longer than this is taken to be endless, bytes. */
const ENDLESS = { line: 16 * 1024 * 1024, message: 256 * 1024 * 1024 };

const CR = 13;
const LF = 10;
const DOT = 46;

export interface Heard {
  /** A command line without its end, at most LINE_HEARD_MAX bytes; the next one comes after `done`. */
  line(line: Buffer, done: () => void): void;
  /** A whole message; the next line comes after `done`. */
  message(message: Gathered, done: () => void): void;
  /** What is still to come of this line or message is not needed, and need not be read. */
  passOver(request: PassRequest): void;
  /** The client ended, after all that it said was answered. Half a line is not a command, half a message no message. */
  end(): void;
}

/** `bytes` are empty when there were more than may be kept, or no room for them. */
export interface Gathered {
  bytes: Buffer;
  /** What it had, kept or not. */
  sizeBytes: number;
  noRoom: boolean;
}

type Next = (error?: Error | null) => void;

export class ClientStream extends SMTPStream {
  #heard: Heard;
  #endless: typeof ENDLESS;
  #message: MessageBytes | null = null;
  #skippedBytes = 0;

  /** Emits `error` for what has no end. */
  constructor(heard: Heard, endless = ENDLESS) {
    super({ maxCommandLength: endless.line });
    this.#heard = heard;
    this.#endless = endless;
  }

  /** The next bytes are a message, of which so many may be kept, and no more than there is room for. */
  startMessage(bytesMax: number, room: Room): void {
    this.#message = new MessageBytes(bytesMax, room);
    this._dataMode = true;
  }

  /** The client is gone: what it began is forgotten. */
  forget(): void {
    this.#message?.forget();
    this.#message = null;
  }

  override oncommand(line: Buffer, done?: () => void): void {
    this.#heard.line(line.subarray(0, LINE_HEARD_MAX), done ?? (() => undefined));
  }

  override _write(chunk: Buffer, encoding: BufferEncoding | 'buffer', next: Next): void {
    if (this._dataMode || this._remainder.length < LINE_HEARD_MAX) return super._write(chunk, encoding, next);
    // All that counts of this line is here: what matters is where it ends.
    const end = chunk.indexOf(LF);
    this.#skippedBytes += end < 0 ? chunk.length : end;
    if (this.#skippedBytes >= this.#endless.line) return next(new Error('a command line without an end'));
    if (end < 0) {
      this.#passOver(
        'line',
        this.#endless.line,
        () => this.#skippedBytes > 0,
        (passed) => (this.#skippedBytes += passed),
      );
      return next();
    }
    this.#skippedBytes = 0;
    super._write(chunk.subarray(end), encoding, next);
  }

  override _feedDataStream(chunk: Buffer, next: Next): void {
    const message = this.#message as MessageBytes;
    const end = message.take(chunk);
    if (end === null) {
      if (message.sizeBytes >= this.#endless.message) return next(new Error('a message without an end'));
      if (message.isPassed)
        this.#passOver(
          'message',
          this.#endless.message,
          () => this.#message === message,
          (passed) => (message.sizeBytes += passed),
        );
      return next();
    }
    this.#message = null;
    this._dataMode = false;
    this._remainder = '';
    this.#heard.message(message.gathered(), () => this._write(chunk.subarray(end), 'buffer', next));
  }

  #passOver(until: PassRequest['until'], most: number, wanted: () => boolean, heard: (passed: number) => void): void {
    this.#heard.passOver({ until, most, wanted, heard });
  }

  override _flushData(): void {
    this.#heard.end();
  }
}

/** Where the bytes stand: within a line, after its CR, at the start of the next, after a dot there, after a dot and CR there. */
const WITHIN = 0;
const AFTER_CR = 1;
const AT_START = 2;
const AFTER_DOT = 3;
const AFTER_DOT_CR = 4;

/** A message as it comes, without the dots that were put in front of lines (RFC 5321 §4.5.2). */
class MessageBytes {
  sizeBytes = 0;
  #bytesMax: number;
  #room: Room;
  #chunks: Buffer[] = [];
  #keptBytes = 0;
  #noRoom = false;
  #at = AT_START;

  constructor(bytesMax: number, room: Room) {
    this.#bytesMax = bytesMax;
    this.#room = room;
  }

  /** No more of it is kept. */
  get isPassed(): boolean {
    return this.#noRoom || this.sizeBytes > this.#bytesMax;
  }

  /** Behind the final dot in this chunk; null: it goes on. */
  take(chunk: Buffer): number | null {
    const out = Buffer.allocUnsafe(chunk.length + 1); // a CR may have been held back
    let length = 0;
    let at = this.#at;
    let end: number | null = null;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (at === AT_START && byte === DOT) at = AFTER_DOT;
      else if (at === AFTER_DOT && byte === CR) at = AFTER_DOT_CR;
      else if (at === AFTER_DOT_CR && byte === LF) {
        end = i + 1;
        break;
      } else {
        if (at === AFTER_DOT_CR) {
          out[length++] = CR;
          at = AFTER_CR;
        }
        out[length++] = byte;
        at = byte === CR ? AFTER_CR : byte === LF && at === AFTER_CR ? AT_START : WITHIN;
      }
    }
    this.#at = at;
    this.sizeBytes += length;
    if (!this.isPassed) this.#noRoom = !this.#room.take(length);
    if (this.isPassed) this.forget();
    else if (length > 0) {
      this.#keptBytes += length;
      this.#chunks.push(out.subarray(0, length));
    }
    return end;
  }

  forget(): void {
    this.#room.give(this.#keptBytes);
    this.#keptBytes = 0;
    this.#chunks = [];
  }

  gathered(): Gathered {
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.forget();
    return { bytes, sizeBytes: this.sizeBytes, noRoom: this.#noRoom && this.sizeBytes <= this.#bytesMax };
  }
}
