/**
 * One connection between two ends: what its two kinds share. An `InsideLine` joins two hosts of the lab, an `OutsideLine` a host and a
 * program from outside. `LineOwner` is asked for each chunk what the line suffers, so a change affects open connections too.
 */
import type { End, EndAddresses, EndOwner, PassRequest, Side } from './end.ts';
import type { Wires } from './wires.ts';

export interface LineOwner {
  now(): number;
  at(when: number, name: string, run: () => void): () => void;
  wires: Wires;
  /** Something happened outside of the lab's own wires: the clock looks again. */
  wake(): void;
  /** Why the words of this side are swallowed now; null: they pass. */
  swallows(line: Line, from: Side): string | null;
  /** A fault that strikes within so many bytes that now come to the server, or null. */
  strikes(line: Line, bytes: number): ByteStrike | null;
  lost(line: Line, from: Side, bytes: number, cause: string): void;
  closed(line: Line, by: Side): void;
  wasReset(line: Line, cause: string): void;
  /** Real delays, for tests: see NetworkDeps. */
  rough(key: object, run: () => void): void;
}

export interface ByteStrike {
  /** How many bytes still get through. */
  comes: number;
  /** Otherwise the line is silent for good. */
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
  /** Null: the address lies in no network of the lab. */
  targetNetwork: string | null;
  /** As the client sees them. */
  addresses: EndAddresses;
}

export const other = (side: Side): Side => (side === 'client' ? 'server' : 'client');

/** The addresses as the server sees them. */
export const seenByServer = ({ localAddress, localPort, remoteAddress, remotePort }: EndAddresses): EndAddresses => ({
  localAddress: remoteAddress,
  localPort: remotePort,
  remoteAddress: localAddress,
  remotePort: localPort,
});

export abstract class Line implements EndOwner {
  readonly order: number;
  readonly facts: LineFacts;
  /** What the line suffers for good since a fault struck it: silence. */
  silenced: string | null = null;
  /** Ends that are gone. */
  protected readonly goneSides = new Set<Side>();
  #owner: LineOwner;
  #over = false;
  #bytesCome = 0;
  #firstFin: Side | null = null;

  constructor(owner: LineOwner, facts: LineFacts) {
    this.#owner = owner;
    this.facts = facts;
    this.order = facts.order;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Bytes of the client that came to the server so far. */
  get bytesCome(): number {
    return this.#bytesCome;
  }

  // ── what ends ask ─────────────────────────────────────────────────────────

  abstract send(side: Side, chunk: Buffer): void;
  abstract expects(what: 'commands' | 'message'): void;
  abstract passOver(request: PassRequest): void;
  abstract timer(ms: number, side: Side, run: () => void): () => void;
  abstract now(): number;
  abstract idled(): void;

  sendFin(side: Side): void {
    if (this.#over || !this.queueFin(side)) return;
    this.#firstFin ??= side;
  }

  gone(side: Side): void {
    if (this.goneSides.has(side)) return;
    this.goneSides.add(side);
    this.sendFin(side);
    if (!this.#over) this.wasLeft(side);
  }

  reset(cause: string): void {
    if (this.#over) return;
    this.#over = true;
    this.letGo(true);
    this.#owner.wasReset(this, cause);
    for (const end of this.#livingEnds())
      end.destroy(Object.assign(new Error(`connection reset: ${cause}`), { code: 'ECONNRESET' }));
  }

  // ── what the kinds do in their own way ────────────────────────────────────

  /** True if this is the first FIN of this side. */
  protected abstract queueFin(side: Side): boolean;
  protected abstract wasLeft(side: Side): void;
  /** The line is over: drop what is on the way, and the real sockets. */
  protected abstract letGo(resets: boolean): void;
  protected abstract endOf(side: Side): End | null;

  // ── what they share ───────────────────────────────────────────────────────

  /** Both ends are gone: what is still on the way reaches nobody. */
  protected finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.letGo(false);
    this.#owner.closed(this, this.#firstFin ?? 'server');
  }

  /** Bytes reach this side, and its peer's FIN, unless the line suffers something. `passed`: so many before them were not needed. */
  protected deliver(side: Side, chunk: Buffer, fin: boolean, passed = 0): void {
    if (this.#over) return;
    const from = other(side);
    const cause = this.#owner.swallows(this, from);
    if (cause !== null) {
      if (chunk.length > 0) this.#owner.lost(this, from, chunk.length, cause);
      return;
    }
    const end = this.endOf(side);
    if (end === null) return;
    if (this.goneSides.has(side)) {
      // Words to an end that is gone are answered with a reset, as TCP does.
      if (chunk.length > 0) this.reset('sent to a closed connection');
      return;
    }
    const struck = side === 'server' ? this.#owner.strikes(this, passed + chunk.length) : null;
    const comes = Math.max(0, struck === null ? chunk.length : struck.comes - passed);
    if (side === 'server') this.#bytesCome += passed + comes;
    if (comes > 0) end.deliver(chunk.subarray(0, comes));
    if (struck === null) {
      if (fin) end.deliver(null);
      return;
    }
    this.#owner.lost(this, from, chunk.length - comes, struck.cause);
    if (struck.resets) this.reset(struck.cause);
    else this.silenced = struck.cause;
  }

  #livingEnds(): End[] {
    return [this.endOf('server'), this.endOf('client')].filter((end): end is End => end !== null && !end.destroyed);
  }
}
