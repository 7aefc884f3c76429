/**
 * One end of a simulated connection, as the mail libraries see it: a Duplex that looks like a TCP
 * socket, with the simulated addresses of both hosts. Behind it stands a `Line`, and behind that a real
 * loopback socket. What is written goes to the line's outbox; what the gate releases is pushed here.
 */
import { Duplex } from 'node:stream';
import type { PassedUntil } from './passing.ts';

export type Side = 'client' | 'server';

/** What is not needed of the words to come. */
export interface PassRequest {
  until: PassedUntil;
  /** No more than so many bytes. */
  most: number;
  /** Asked once all is read that came before: the end may have been in that. */
  wanted(): boolean;
  /**
   * Told right before the end comes: so many bytes were passed over. When they are `most`, no end has come, and what comes next would
   * be out of place: the connection is to be closed.
   */
  heard(passed: number): void;
}

/** What an end asks of its line. */
export interface EndOwner {
  send(side: Side, chunk: Buffer): void;
  sendFin(side: Side): void;
  gone(side: Side): void;
  reset(cause: string): void;
  expects(what: 'commands' | 'message'): void;
  passOver(request: PassRequest): void;
  /** A timer on the clock of this line: virtual inside the lab, real towards outside programs. */
  timer(ms: number, side: Side, run: () => void): () => void;
  /** What that clock says. */
  now(): number;
  /** The end heard and said nothing for as long as its time-out. */
  idled(): void;
}

export interface EndAddresses {
  remoteAddress: string;
  remotePort: number;
  localAddress: string;
  localPort: number;
}

export class End extends Duplex {
  readonly side: Side;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteFamily = 'IPv4';
  readonly encrypted = false;
  #owner: EndOwner;
  #idleMs = 0;
  #idleCancel: (() => void) | null = null;
  #activeAt: number;

  constructor(owner: EndOwner, side: Side, addresses: EndAddresses) {
    // A server's end answers a FIN with its own, as sockets that mail servers accept do.
    super({ allowHalfOpen: side === 'client', highWaterMark: 1024 * 1024 });
    this.#owner = owner;
    this.side = side;
    this.remoteAddress = addresses.remoteAddress;
    this.remotePort = addresses.remotePort;
    this.localAddress = addresses.localAddress;
    this.localPort = addresses.localPort;
    this.#activeAt = owner.now();
    // A reset may come before anybody listens, and after everybody left.
    this.on('error', () => undefined);
  }

  get readyState(): string {
    if (this.destroyed) return 'closed';
    return this.writable ? 'open' : 'readOnly';
  }

  /** Bytes that the gate releases to this end; null is the other side's FIN. */
  deliver(chunk: Buffer | null): void {
    if (this.destroyed || this.readableEnded) return;
    this.active();
    this.push(chunk);
  }

  /** Idle time-out as of net.Socket, on the lab's clock. */
  setTimeout(ms: number, heard?: () => void): this {
    this.#idleCancel?.();
    this.#idleCancel = null;
    this.#idleMs = ms;
    if (heard) {
      if (ms > 0) this.once('timeout', heard);
      else this.removeListener('timeout', heard);
    }
    if (ms > 0) {
      this.#activeAt = this.#owner.now();
      this.#watch(ms);
    }
    return this;
  }

  /** The connection dies at once, for both ends. */
  resetAndDestroy(): this {
    this.#owner.reset('reset by this end');
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  /** What comes next: lines of a message cost less than commands, and a program from outside may bring more of them at a time. */
  expects(what: 'commands' | 'message'): void {
    this.#owner.expects(what);
  }

  /** What is still to come of this message (or line) is not needed: of what a program from outside says of it, the end is all that comes here. */
  passOver(request: PassRequest): void {
    this.#owner.passOver(request);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.active();
    this.#owner.send(this.side, chunk);
    done();
  }

  override _final(done: () => void): void {
    this.#owner.sendFin(this.side);
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#idleCancel?.();
    this.#idleCancel = null;
    this.#owner.gone(this.side);
    done(error);
  }

  /** The other side is alive: its time-out begins anew. */
  active(): void {
    this.#activeAt = this.#owner.now();
    if (this.#idleMs > 0 && this.#idleCancel === null) this.#watch(this.#idleMs);
  }

  // One timer that looks again when it finds that something happened: cheaper than one for each chunk.
  #watch(ms: number): void {
    this.#idleCancel = this.#owner.timer(ms, this.side, () => {
      this.#idleCancel = null;
      const idle = this.#owner.now() - this.#activeAt;
      if (idle >= this.#idleMs) {
        // As net.Socket does: it comes once, and again only after something happened.
        this.#owner.idled();
        this.emit('timeout');
      } else {
        this.#watch(this.#idleMs - idle);
      }
    });
  }
}
