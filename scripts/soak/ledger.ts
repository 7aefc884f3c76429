/** What was promised, what arrived, and how long each reply took. */

export interface Seen {
  /** Messages accepted in each second. */
  rate: number;
  slowestMs: number;
  medianMs: number;
  /** Replies that were none of what an ordinary mail program is to hear. */
  refused: string[];
}

export interface Mark {
  at: number;
  accepted: number;
  replies: number;
  refused: number;
}

export function createLedger() {
  const promises = new Set<string>();
  const arrivals = new Map<string, number>();
  const replies: number[] = [];
  const refused: string[] = [];
  let accepted = 0;
  return {
    /** A message of an ordinary program got a 250. */
    accept(id: string): void {
      accepted += 1;
      promises.add(id);
    },
    /** One of a hostile program did. */
    promise: (id: string): void => void promises.add(id),
    arrive: (ids: string[]): void => ids.forEach((id) => arrivals.set(id, (arrivals.get(id) ?? 0) + 1)),
    reply: (ms: number[]): void => void replies.push(...ms),
    refuse: (words: string): void => void refused.push(words),
    promised: (): number => promises.size,
    missing: (): string[] => [...promises].filter((id) => !arrivals.has(id)),
    doubled: (): string[] => [...promises].filter((id) => (arrivals.get(id) ?? 0) > 1),
    mark: (): Mark => ({ at: performance.now(), accepted, replies: replies.length, refused: refused.length }),
    since(mark: Mark): Seen {
      const sorted = replies.slice(mark.replies).sort((a, b) => a - b);
      return {
        rate: (accepted - mark.accepted) / ((performance.now() - mark.at) / 1_000),
        slowestMs: sorted.at(-1) ?? 0,
        medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
        refused: refused.slice(mark.refused),
      };
    },
  };
}

export type Ledger = ReturnType<typeof createLedger>;
