/**
 * A disk that loses its power: at a chosen append or sync everything that was not synced is gone, but for a chance
 * prefix of it, as a disk writes what it was given in its own time. From then on nothing is written, and a sync fails.
 */
import type { JournalDisk } from '../../src/engine/journal/index.ts';

export interface PowerCut {
  /** Counted over appends and syncs together, from 1; null: the power stays. */
  afterOperations: number | null;
  /** 0 to 1. */
  chance(): number;
}

export class PowerDisk implements JournalDisk {
  #bytes: Buffer;
  #size = 0;
  #synced: number;
  #operations = 0;
  #cut: PowerCut;
  /** What a reader finds after the cut; null while there is power. */
  survived: Buffer | null = null;
  readonly onCut: Promise<void>;
  #announce: () => void = () => undefined;

  constructor(bytes: Buffer, cut: PowerCut) {
    this.#bytes = Buffer.from(bytes);
    this.#size = bytes.length;
    this.#synced = bytes.length;
    this.#cut = cut;
    this.onCut = new Promise((resolve) => (this.#announce = resolve));
  }

  get size(): number {
    return this.#size;
  }

  append(bytes: Buffer): void {
    const need = this.#size + bytes.length;
    if (need > this.#bytes.length)
      this.#bytes = Buffer.concat(
        [this.#bytes.subarray(0, this.#size)],
        Math.max(need, 2 * this.#bytes.length, 65_536),
      );
    bytes.copy(this.#bytes, this.#size);
    this.#size = need;
    this.#count();
  }

  sync(done: (error: Error | null) => void): void {
    const target = this.#size;
    this.#count();
    setImmediate(() => {
      if (this.survived !== null) return done(new Error('no power'));
      this.#synced = Math.max(this.#synced, target);
      done(null);
    });
  }

  read(offset: number, size: number): Buffer {
    return Buffer.from(this.#bytes.subarray(offset, Math.min(offset + size, this.#size)));
  }

  truncate(size: number): void {
    this.#size = size;
    this.#synced = Math.min(this.#synced, size);
  }

  close(): void {
    // What it holds is looked at afterwards.
  }

  /** The power goes now. */
  pull(): void {
    if (this.survived !== null) return;
    const loose = this.#size - this.#synced;
    const { chance } = this.#cut;
    // Nothing, all, or some of what was under way.
    const kept = chance() < 0.2 ? 0 : chance() < 0.2 ? loose : Math.floor(chance() * (loose + 1));
    this.survived = Buffer.from(this.#bytes.subarray(0, this.#synced + kept));
    this.#announce();
  }

  #count(): void {
    this.#operations += 1;
    if (this.#operations === this.#cut.afterOperations) this.pull();
  }
}
