/**
 * A connection between two hosts of the lab: the pipe and its faults. Its bytes are counted on their way, and waited for.
 *
 *   client End ─► outbox ─► [cut? lost?] ─► real socket ═══ real socket ─► inbox ─► [latency, rate] ─► server End
 *              ◄─ [latency, rate] ◄─ inbox ◄─ real socket ═══ real socket ◄─ [cut? lost?] ◄─ outbox ◄─
 */
import type { Socket } from 'node:net';
import { End, type Side } from './end.ts';
import { Line, other, seenByServer, type LineFacts, type LineOwner } from './line.ts';
import { reset } from './reset.ts';
import type { Wire } from './wires.ts';

export interface InsideOwner extends LineOwner {
  /** One-way time for so many bytes, ms. */
  delayMs(line: InsideLine, bytes: number): number;
}

interface Way {
  out: Buffer[];
  finQueued: boolean;
  finSent: boolean;
  inbox: Buffer[];
  finIn: boolean;
  flying: number;
  /** When the last chunk of this direction is through: later chunks don't overtake it. */
  freeAt: number;
  pending: Set<() => void>;
}

const way = (): Way => ({
  out: [],
  finQueued: false,
  finSent: false,
  inbox: [],
  finIn: false,
  flying: 0,
  freeAt: 0,
  pending: new Set(),
});

export class InsideLine extends Line implements Wire {
  readonly ends: { client: End; server: End };
  #owner: InsideOwner;
  #sockets: { client: Socket | null; server: Socket | null } = { client: null, server: null };
  // Indexed by the side that speaks.
  #ways: Record<Side, Way> = { client: way(), server: way() };

  constructor(owner: InsideOwner, facts: LineFacts) {
    super(owner, facts);
    this.#owner = owner;
    this.ends = {
      client: new End(this, 'client', facts.addresses),
      server: new End(this, 'server', seenByServer(facts.addresses)),
    };
  }

  /** Bytes are on their way, through time. */
  get travelling(): boolean {
    return this.#ways.client.pending.size + this.#ways.server.pending.size > 0;
  }

  /** Wire up a real socket of this side. Its bytes are the other side's words. */
  attach(side: Side, socket: Socket): void {
    if (this.over) return reset(socket);
    this.#sockets[side] = socket;
    const heard = this.#ways[other(side)];
    const { rough } = this.#owner;
    socket.on('data', (chunk: Buffer) => rough(heard, () => this.#arrived(side, heard, chunk)));
    socket.on('end', () => rough(heard, () => this.#arrived(side, heard, null)));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      if (socket.errored !== null || !socket.readableEnded) this.#broken();
    });
    socket.resume();
  }

  send(side: Side, chunk: Buffer): void {
    if (this.over) return;
    this.#ways[side].out.push(chunk);
    this.#owner.wires.markOut(this, side);
  }

  /** Hosts are few, and wait for each other: everything is delivered as it comes. */
  expects(): void {}

  passOver(): void {}

  timer(ms: number, side: Side, run: () => void): () => void {
    return this.#owner.at(this.#owner.now() + ms, `${this.#name(side)} idle`, run);
  }

  now(): number {
    return this.#owner.now();
  }

  idled(): void {}

  flush(side: Side): void {
    if (this.over) return;
    const spoken = this.#ways[side];
    if (spoken.out.length > 0) {
      const chunk = spoken.out.length === 1 ? (spoken.out[0] as Buffer) : Buffer.concat(spoken.out);
      spoken.out = [];
      this.#speak(side, spoken, chunk);
    }
    if (this.over || !spoken.finQueued) return;
    if (spoken.finSent || this.#owner.swallows(this, side) !== null) return this.#finishWhenGone();
    spoken.finSent = true;
    const socket = this.#sockets[side];
    spoken.flying += 1;
    this.#owner.wires.flying(1);
    if (socket !== null) this.#owner.rough(socket, () => socket.end());
  }

  release(side: Side): void {
    if (this.over) return;
    const from = other(side);
    const heard = this.#ways[from];
    const chunk = heard.inbox.length === 1 ? (heard.inbox[0] as Buffer) : Buffer.concat(heard.inbox);
    heard.inbox = [];
    const fin = heard.finIn;
    heard.finIn = false;
    const now = this.#owner.now();
    const when = Math.max(heard.freeAt, now + this.#owner.delayMs(this, chunk.length));
    heard.freeAt = when;
    if (when <= now) return this.deliver(side, chunk, fin);
    const cancel = this.#owner.at(when, this.#name(side), () => {
      heard.pending.delete(cancel);
      this.deliver(side, chunk, fin);
    });
    heard.pending.add(cancel);
  }

  protected queueFin(side: Side): boolean {
    if (this.#ways[side].finQueued) return false;
    this.#ways[side].finQueued = true;
    this.#owner.wires.markOut(this, side);
    return true;
  }

  protected wasLeft(side: Side): void {
    if (this.goneSides.has(other(side))) this.finish();
  }

  protected endOf(side: Side): End {
    return this.ends[side];
  }

  protected letGo(): void {
    for (const one of [this.#ways.client, this.#ways.server]) {
      if (one.flying > 0) this.#owner.wires.flying(-one.flying);
      one.flying = 0;
      one.out = [];
      one.inbox = [];
      for (const cancel of one.pending) cancel();
      one.pending.clear();
    }
    for (const socket of [this.#sockets.client, this.#sockets.server]) if (socket !== null) reset(socket);
  }

  #speak(side: Side, spoken: Way, chunk: Buffer): void {
    const cause = this.#owner.swallows(this, side);
    if (cause !== null) return this.#owner.lost(this, side, chunk.length, cause);
    const socket = this.#sockets[side];
    spoken.flying += chunk.length;
    this.#owner.wires.flying(chunk.length);
    if (socket !== null) this.#owner.rough(socket, () => socket.write(chunk));
  }

  #arrived(side: Side, heard: Way, chunk: Buffer | null): void {
    if (this.over) return;
    if (chunk !== null) heard.inbox.push(chunk);
    else heard.finIn = true;
    this.#owner.wires.markIn(this, side);
    const count = chunk === null ? 1 : chunk.length;
    heard.flying -= count;
    this.#owner.wires.flying(-count);
  }

  /** The machine took a socket away: what was flying would never arrive. */
  #broken(): void {
    if (this.over) return;
    this.reset('the loopback connection under it broke');
    this.#owner.wake();
  }

  #finishWhenGone(): void {
    if (this.goneSides.size === 2) this.finish();
  }

  #name(side: Side): string {
    return `line ${String(this.order).padStart(9, '0')} ${side === 'server' ? 0 : 1}`;
  }
}
