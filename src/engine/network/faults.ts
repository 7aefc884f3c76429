/**
 * What is wrong with a line at this moment, and the faults that were asked for.
 *
 * A cut and a host that is off are silence: bytes are swallowed, FIN too. Lost replies swallow what a host's
 * servers say. A fault of the form "when STAGE at HOST for ADDRESS" strikes at a byte, at a command or at
 * the final dot; it then cuts, resets, answers in the server's place, or delays.
 */
import type { Fault, FaultThen, HostState, NetworkState } from '../../contract/model.ts';
import type { Table } from '../../contract/table.ts';
import type { Told } from '../../contract/events.ts';
import type { Side } from './end.ts';
import type { ByteStrike, Line } from './line.ts';

export interface FaultDeps {
  now(): number;
  state(): NetworkState;
  hosts(): Table<HostState>;
  tell(event: Told): void;
}

/** What the dialogue has reached: a verb and its address, or the end of a message. */
export interface Reached {
  verb: string;
  address: string | null;
}

/** How the dialogue goes on: as usual (null), with an answer in the server's place, or later. */
export type Struck = { answer: string } | { delayMs: number } | { silence: true } | null;

export function createFaults(deps: FaultDeps) {
  const active = (fault: Fault, host: string): boolean => {
    const now = deps.now();
    return fault.host === host && now >= fault.from && (fault.until === null || now < fault.until) && fault.left !== 0;
  };
  const strike = (fault: Fault, line: Line): FaultThen => {
    deps.tell({ kind: 'fault-strike', id: fault.id, session: line.facts.session, host: fault.host });
    return fault.then;
  };

  /** Why nothing passes on this line, or null. */
  const silence = (line: Line): string | null => {
    if (line.silenced !== null) return line.silenced;
    const { lines } = deps.state();
    for (const key of [line.facts.source, line.facts.target]) {
      if (key === null) continue;
      if (lines[key]?.cut) return `the line of ${key.toUpperCase()} is cut`;
      if (deps.hosts()[key]?.power === 'off') return `${key.toUpperCase()} is off`;
    }
    return null;
  };

  return {
    swallows(line: Line, from: Side): string | null {
      const { target } = line.facts;
      const cause = silence(line);
      if (cause !== null) return cause;
      return from === 'server' && target !== null && deps.state().lines[target]?.loseReplies
        ? `replies of ${target.toUpperCase()} are lost`
        : null;
    },

    /** By the bytes that have come to the host. */
    strikes(line: Line, bytes: number): ByteStrike | null {
      const { target } = line.facts;
      for (const fault of deps.state().faults) {
        if (fault.when.at !== 'bytes' || target === null || !active(fault, target)) continue;
        const comes = fault.when.count - line.bytesCome;
        if (comes >= 0 && comes < bytes)
          return { comes, resets: strike(fault, line).do === 'reset', cause: `fault ${fault.id}` };
      }
      return null;
    },

    /** A server tells how far a dialogue came; a fault may strike here. */
    reach(line: Line, reached: Reached): Struck {
      const target = line.facts.target;
      if (target === null) return null;
      for (const fault of deps.state().faults) {
        if (!active(fault, target) || !meets(fault, reached)) continue;
        const then = strike(fault, line);
        switch (then.do) {
          case 'cut':
            line.silenced = `fault ${fault.id}`;
            return { silence: true };
          case 'reset':
            line.reset(`fault ${fault.id}`);
            return { silence: true };
          case 'answer':
            return { answer: then.reply };
          case 'delay':
            return { delayMs: then.ms };
        }
      }
      return null;
    },
  };
}

function meets(fault: Fault, reached: Reached): boolean {
  if (fault.when.at === 'bytes') return false;
  if (fault.when.at === 'final-dot' ? reached.verb !== 'final-dot' : fault.when.verb.toUpperCase() !== reached.verb)
    return false;
  return fault.address === null || (reached.address ?? '').toLowerCase().includes(fault.address.toLowerCase());
}
