/**
 * The gate's lockstep: knows what is in flight on the lab's own lines, and releases what arrived.
 *
 *   end writes ──► outbox ──(quiet: flush)──► real loopback socket ──► inbox ──(quiet: release)──► latency ──► other end
 *
 * Quiet means: outboxes empty, bytes and FINs sent minus arrived is zero, no counted work under way, and no
 * `setImmediate` of a library pending. Inboxes are joined to one chunk each, so that TCP's segments don't
 * matter, and are released in a fixed order: lines by number, the server's end first. What comes from outside
 * programs is nothing to wait for: see intake.ts.
 */
import type { Work } from '../clock/index.ts';
import type { Side } from './end.ts';

/** Something that is said, and waits for a quiet moment to be handed to a real socket. */
export interface Flushed {
  /** Place in the order; lower first. */
  readonly order: number;
  /** Hand what waits in the outbox of this side to the real socket. */
  flush(side: Side): void;
}

/** What the lockstep needs to know of a line within the lab, or of its name server's datagrams. */
export interface Wire extends Flushed {
  /** Release what arrived at this side. */
  release(side: Side): void;
}

export interface Wires {
  /** Bytes, FINs or datagrams went out on an internal wire (positive) or arrived (negative). */
  flying(delta: number): void;
  markOut(wire: Flushed, side: Side): void;
  markIn(wire: Wire, side: Side): void;
  quiet(): Promise<void>;
  /** Release what arrived on the lab's own wires. */
  release(): boolean;
  /** Counted work may have ended: look again. */
  noticed(): void;
  /** A program from outside has called. Node accepts one call each time the event loop comes round: there may be more. */
  called(): void;
}

type Marks<W extends Flushed> = Map<W, number>;
/** So often a quiet moment is put off as more calls come in: a crowd at a port is let in, and does not keep the lab. */
const CALL_ROUNDS_MAX = 8;
const SERVER = 1;
const CLIENT = 2;

export function createWires(work: () => Work): Wires {
  let inFlight = 0;
  let outMarks: Marks<Flushed> = new Map();
  let inMarks: Marks<Wire> = new Map();
  let notice: (() => void) | null = null;
  let calls = 0;

  const mark = <W extends Flushed>(marks: Marks<W>, wire: W, side: Side) => {
    marks.set(wire, (marks.get(wire) ?? 0) | (side === 'server' ? SERVER : CLIENT));
  };
  const inOrder = <W extends Flushed>(marks: Marks<W>, act: (wire: W, side: Side) => void) => {
    const wires = [...marks].sort(([a], [b]) => a.order - b.order);
    for (const [wire, sides] of wires) {
      if (sides & SERVER) act(wire, 'server');
      if (sides & CLIENT) act(wire, 'client');
    }
  };
  const noticed = () => {
    const tell = notice;
    notice = null;
    tell?.();
  };
  const nextNotice = () => new Promise<void>((resolve) => (notice = resolve));

  return {
    flying(delta) {
      inFlight += delta;
      if (inFlight < 0) throw new Error("more bytes arrived on the lab's lines than were sent: an uncounted writer");
      if (inFlight === 0 && delta < 0) noticed();
    },
    markOut: (wire, side) => mark(outMarks, wire, side),
    markIn: (wire, side) => mark(inMarks, wire, side),
    async quiet() {
      for (let callRounds = 0; ;) {
        const callsBefore = calls;
        await immediate();
        if (libraryPending()) continue;
        if (calls > callsBefore && (callRounds += 1) < CALL_ROUNDS_MAX) continue;
        if (outMarks.size > 0) {
          const marks = outMarks;
          outMarks = new Map();
          inOrder(marks, (wire, side) => wire.flush(side));
          if (outMarks.size > 0 || libraryPending()) continue;
        }
        if (inFlight === 0 && work().pending === 0) return;
        await nextNotice();
      }
    },
    release() {
      if (inMarks.size === 0) return false;
      const marks = inMarks;
      inMarks = new Map();
      inOrder(marks, (wire, side) => wire.release(side));
      return true;
    },
    noticed,
    called: () => void (calls += 1),
  };
}

const immediate = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Libraries step with setImmediate; such a step is work in flight that no counter sees. */
function libraryPending(): boolean {
  return process.getActiveResourcesInfo().includes('Immediate');
}
