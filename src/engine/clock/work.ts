/**
 * Counted work: everything of the lab that happens outside its thread of time (an fsync, a dial,
 * the thread pool). While a piece is under way, virtual time stands still; results come back
 * through one ordered door, in the order in which the work was begun, whichever was done first.
 */
export interface Work {
  /** Begin a piece of work; call the returned function once, with what is to run when its turn comes. */
  begin(name: string): (result: () => void) => void;
  /** Pieces under way. */
  readonly pending: number;
  /** Let the results that are here in, in order. True if there were any. To be called when nothing is pending. */
  release(): boolean;
  /** Names of what is under way, for error messages. */
  names(): string[];
}

export function createWork(noticed: () => void): Work {
  let count = 0;
  const under = new Map<number, string>();
  let done: { ticket: number; run: () => void }[] = [];
  return {
    begin(name) {
      const ticket = count++;
      under.set(ticket, name);
      return (run) => {
        if (!under.delete(ticket)) throw new Error(`work '${name}' ended twice`);
        done.push({ ticket, run });
        if (under.size === 0) noticed();
      };
    },
    get pending() {
      return under.size;
    },
    release() {
      if (done.length === 0) return false;
      const ready = done.sort((a, b) => a.ticket - b.ticket);
      done = [];
      for (const { run } of ready) run();
      return true;
    },
    names: () => [...under.values()],
  };
}
