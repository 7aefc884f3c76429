/**
 * One connection between two ends: the pipe with its ills.
 *
 *   client End ─► outbox ─► [cut? lost?] ─► real socket ═══ real socket ─► inbox ─► [latency, rate] ─► server End
 *              ◄─ [latency, rate] ◄─ inbox ◄─ real socket ═══ real socket ◄─ [cut? lost?] ◄─ outbox ◄─
 *
 * A line from outside has a real socket on the server's side only, and nobody waits for what it brings.
 * What a line suffers is asked of `LineOwner` for each chunk, so a change strikes open connections too.
 */
import type { Socket } from 'node:net';
import { End, type EndAddresses, type EndOwner, type Side } from './end.ts';
import type { Wire, Wires } from './wires.ts';

export interface LineOwner {
  now(): number;
  /** Real monotonic ms, for time-outs towards outside programs. */
  realNow(): number;
  at(when: number, name: string, run: () => void): () => void;
  wires: Wires;
  /** Why the words of this side are swallowed now; null: they pass. */
  swallows(line: Line, from: Side): string | null;
  /** A fault that strikes within so many bytes that now come to the server, or null. */
  strikes(line: Line, bytes: number): ByteStrike | null;
  /** One-way time for so many bytes, ms. */
  delayMs(line: Line, from: Side, bytes: number): number;
  lost(line: Line, from: Side, bytes: number, cause: string): void;
  closed(line: Line, by: Side): void;
  wasReset(line: Line, cause: string): void;
  /** Towards outside: what the program sent, before it is released. */
  heard(line: Line, chunk: Buffer | null): void;
  /** Towards outside: the program went away, or said nothing for too long. */
  left(line: Line, how: 'reset' | 'silent'): void;
  /** Real time for lines from outside: run in order, at the end of an instant. */
  realTimer(ms: number, run: () => void): () => void;
  wake(): void;
  /** Real delays, for tests: see NetworkDeps. */
  rough(key: object, run: () => void): void;
}

export interface ByteStrike {
  /** So many bytes still come. */
  comes: number;
  /** Else it is silence, for good. */
  resets: boolean;
  cause: string;
}

export interface LineFacts {
  order: number;
  session: string;
  /** Host key, null for a client program. */
  source: string | null;
  /** Host key, null for the lab's name server. */
  target: string | null;
  sourceNetwork: string;
  targetNetwork: string;
  addresses: EndAddresses;
}

interface Direction {
  out: Buffer[];
  finQueued: boolean;
  finSent: boolean;
  inbox: Buffer[];
  finIn: boolean;
  flying: number;
  /** When the last chunk of this direction is through: later chunks don't overtake it. */
  freeAt: number;
  pending: Set<() => void>;
  /** Bytes that came so far, for faults that strike at a byte. */
  came: number;
}

const other = (side: Side): Side => (side === 'client' ? 'server' : 'client');
const direction = (): Direction => ({
  out: [], finQueued: false, finSent: false, inbox: [], finIn: false, flying: 0, freeAt: 0, pending: new Set(), came: 0,
});
/** Unread bytes towards one end past which an outside program is no longer read. */
const UNREAD_BYTES_MAX = 4 * 1024 * 1024;

export class Line implements EndOwner, Wire {
  readonly order: number;
  readonly facts: LineFacts;
  readonly outside: boolean;
  readonly ends: { client: End | null; server: End };
  /** What the line suffers for good since a fault struck it: silence. */
  silenced: string | null = null;
  #owner: LineOwner;
  #sockets: { client: Socket | null; server: Socket | null } = { client: null, server: null };
  // Indexed by the side that speaks.
  #ways: Record<Side, Direction> = { client: direction(), server: direction() };
  #gone: Record<Side, boolean> = { client: false, server: false };
  #firstFin: Side | null = null;
  /** The time-out that is set now, of a line from outside. */
  #saidAt = 0;
  #heardAt = 0;
  #strike: (() => void) | null = null;
  #replaysSilence = false;
  #over = false;

  constructor(owner: LineOwner, facts: LineFacts, outside: boolean) {
    this.#owner = owner;
    this.facts = facts;
    this.order = facts.order;
    this.outside = outside;
    const { localAddress, localPort, remoteAddress, remotePort } = facts.addresses;
    this.ends = {
      client: outside ? null : new End(this, 'client', facts.addresses),
      server: new End(this, 'server', { localAddress: remoteAddress, localPort: remotePort, remoteAddress: localAddress, remotePort: localPort }),
    };
  }

  get over(): boolean {
    return this.#over;
  }

  /** Bytes are on their way, through time. */
  get travelling(): boolean {
    return this.#ways.client.pending.size + this.#ways.server.pending.size > 0;
  }

  /** A program outside was just answered, and is about to go on: its turn has lasted no longer than this, real ms. */
  expectsWord(withinMs: number): boolean {
    return this.outside && this.#saidAt > this.#heardAt && this.#owner.realNow() - this.#saidAt < withinMs;
  }

  /** Bytes of the client that came to the server so far. */
  get bytesCome(): number {
    return this.#ways.client.came;
  }

  /** Wire up a real socket of this side. Its bytes are the other side's words. */
  attach(side: Side, socket: Socket): void {
    this.#sockets[side] = socket;
    const way = this.#ways[other(side)];
    const { rough } = this.#owner;
    socket.on('data', (chunk: Buffer) => rough(way, () => this.#arrived(side, way, chunk)));
    socket.on('end', () => rough(way, () => this.#arrived(side, way, null)));
    socket.on('error', () => this.#broken(side));
    socket.on('close', () => this.#broken(side));
  }

  // ── what ends ask ─────────────────────────────────────────────────────────

  send(side: Side, chunk: Buffer): void {
    if (this.#over) return;
    this.#ways[side].out.push(chunk);
    this.#owner.wires.markOut(this, side);
  }

  sendFin(side: Side): void {
    const way = this.#ways[side];
    if (this.#over || way.finQueued) return;
    way.finQueued = true;
    this.#firstFin ??= side;
    this.#owner.wires.markOut(this, side);
  }

  gone(side: Side): void {
    if (this.#gone[side]) return;
    this.#gone[side] = true;
    this.sendFin(side);
    if (this.#gone[other(side)] && !this.outside) this.#finish();
    if (this.outside && !this.#over) this.#owner.wires.markOut(this, side);
  }

  reset(cause: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#abandon();
    for (const socket of [this.#sockets.client, this.#sockets.server]) socket?.resetAndDestroy();
    this.#owner.wasReset(this, cause);
    for (const end of [this.ends.server, this.ends.client]) {
      if (end === null || end.destroyed) continue;
      end.destroy(Object.assign(new Error(`connection reset: ${cause}`), { code: 'ECONNRESET' }));
    }
  }

  wanted(side: Side): void {
    if (this.outside && side === 'server') this.#sockets.server?.resume();
  }

  timer(ms: number, side: Side, run: () => void): () => void {
    if (this.outside) return this.#outsideTimer(ms, run);
    return this.#owner.at(this.#owner.now() + ms, `${this.#name(side)} idle`, run);
  }

  now(): number {
    if (!this.outside) return this.#owner.now();
    return this.#replaysSilence ? Infinity : this.#owner.realNow();
  }

  idled(_side: Side): void {
    if (this.outside) this.#owner.left(this, 'silent');
  }

  // ── what the lockstep asks ────────────────────────────────────────────────

  flush(side: Side): void {
    if (this.#over) return;
    const way = this.#ways[side];
    if (way.out.length > 0) {
      const chunk = way.out.length === 1 ? (way.out[0] as Buffer) : Buffer.concat(way.out);
      way.out = [];
      this.#speak(side, way, chunk);
    }
    if (this.#over || !way.finQueued) return;
    if (way.finSent) return this.#finishWhenGone();
    if (this.#owner.swallows(this, side) !== null) return this.#finishWhenGone();
    way.finSent = true;
    const socket = this.#sockets[side];
    if (this.outside) {
      socket?.end();
      if (this.#gone.server) this.#finish();
      return;
    }
    way.flying += 1;
    this.#owner.wires.flying(1);
    if (socket !== null) this.#owner.rough(socket, () => socket.end());
  }

  release(side: Side): void {
    const way = this.#ways[other(side)];
    if (this.#over) return;
    const chunk = way.inbox.length === 1 ? (way.inbox[0] as Buffer) : Buffer.concat(way.inbox);
    way.inbox = [];
    const fin = way.finIn;
    way.finIn = false;
    if (this.outside) {
      // Each is an input of its own, so that a recorded run can be played again one by one.
      if (chunk.length > 0) {
        this.#owner.heard(this, chunk);
        this.#deliver(side, chunk, false);
      }
      if (fin && !this.#over) {
        this.#owner.heard(this, null);
        this.#deliver(side, Buffer.alloc(0), true);
      }
      return;
    }
    const now = this.#owner.now();
    const when = Math.max(way.freeAt, now + this.#owner.delayMs(this, other(side), chunk.length));
    way.freeAt = when;
    if (when <= now) return this.#deliver(side, chunk, fin);
    const cancel = this.#owner.at(when, this.#name(side), () => {
      way.pending.delete(cancel);
      this.#deliver(side, chunk, fin);
    });
    way.pending.add(cancel);
  }

  // ── inside ────────────────────────────────────────────────────────────────

  #speak(side: Side, way: Direction, chunk: Buffer): void {
    const cause = this.#owner.swallows(this, side);
    if (cause !== null) return this.#owner.lost(this, side, chunk.length, cause);
    const socket = this.#sockets[side];
    if (!this.outside) {
      way.flying += chunk.length;
      this.#owner.wires.flying(chunk.length);
    }
    if (this.outside) this.#saidAt = this.#owner.realNow();
    if (socket !== null) this.#owner.rough(socket, () => socket.write(chunk));
  }

  #arrived(side: Side, way: Direction, chunk: Buffer | null): void {
    if (this.#over) return;
    if (chunk !== null) way.inbox.push(chunk);
    else way.finIn = true;
    this.#owner.wires.markIn(this, side);
    if (this.outside) {
      this.#heardAt = this.#owner.realNow();
      if (this.ends.server.readableLength > UNREAD_BYTES_MAX) this.#sockets.server?.pause();
      this.#owner.wake();
      return;
    }
    const count = chunk === null ? 1 : chunk.length;
    way.flying -= count;
    this.#owner.wires.flying(-count);
  }

  #deliver(side: Side, chunk: Buffer, fin: boolean): void {
    if (this.#over) return;
    const from = other(side);
    const cause = this.outside && this.silenced === null ? null : this.#owner.swallows(this, from);
    if (cause !== null) {
      if (chunk.length > 0) this.#owner.lost(this, from, chunk.length, cause);
      return;
    }
    const end = this.ends[side];
    if (end === null) return;
    if (this.#gone[side]) {
      // Words to an end that is gone are answered with a reset, as TCP does.
      if (chunk.length > 0) this.reset('sent to a closed connection');
      return;
    }
    const struck = side === 'server' ? this.#owner.strikes(this, chunk.length) : null;
    const comes = struck?.comes ?? chunk.length;
    this.#ways[from].came += comes;
    if (comes > 0) end.deliver(chunk.subarray(0, comes));
    if (struck === null) {
      if (fin) end.deliver(null);
      return;
    }
    this.#owner.lost(this, from, chunk.length - comes, struck.cause);
    if (struck.resets) this.reset(struck.cause);
    else this.silenced = struck.cause;
  }

  /** A real socket ended by itself: an outside program went away, or both ends are through. */
  #broken(side: Side): void {
    if (this.#over || !this.outside || side !== 'server') return;
    if (this.#gone.server) return this.#finish();
    this.#owner.realTimer(0, () => this.leave());
  }

  /** The program outside is gone without a goodbye. */
  leave(): void {
    if (this.#over) return;
    this.#owner.left(this, 'reset');
    if (this.ends.server.readableEnded) this.#finish();
    else this.reset('the client went away');
  }

  /** What a program outside sent, as recorded: a line without a socket plays it again. */
  replay(chunk: Buffer | null): void {
    const way = this.#ways.client;
    if (chunk !== null) way.inbox.push(chunk);
    else way.finIn = true;
    this.release('server');
  }

  /** Its time-out strikes, as recorded. */
  replaySilence(): void {
    this.#replaysSilence = true;
    this.#strike?.();
    this.#replaysSilence = false;
  }

  #outsideTimer(ms: number, run: () => void): () => void {
    const strike = () => {
      if (!this.#over) run();
    };
    this.#strike = strike;
    const cancel = this.#sockets.server === null ? () => undefined : this.#owner.realTimer(ms, strike);
    return () => {
      if (this.#strike === strike) this.#strike = null;
      cancel();
    };
  }

  #finishWhenGone(): void {
    if (this.#gone.server && (this.outside || this.#gone.client)) this.#finish();
  }

  /** Both ends are gone: what is still on the way reaches nobody. */
  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#abandon();
    if (this.outside) this.#sockets.server?.destroySoon();
    else for (const socket of [this.#sockets.client, this.#sockets.server]) socket?.resetAndDestroy(); // no TIME_WAIT on loopback
    this.#owner.closed(this, this.#firstFin ?? 'server');
  }

  /** What is on the way arrives nowhere, and is not waited for. */
  #abandon(): void {
    for (const way of [this.#ways.client, this.#ways.server]) {
      if (way.flying > 0) this.#owner.wires.flying(-way.flying);
      way.flying = 0;
      way.out = [];
      way.inbox = [];
      for (const cancel of way.pending) cancel();
      way.pending.clear();
    }
  }

  #name(side: Side): string {
    return `line ${String(this.order).padStart(9, '0')} ${side === 'server' ? 0 : 1}`;
  }
}
