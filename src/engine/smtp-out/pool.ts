/**
 * Open dialogues of one host that wait for more to say, by the address they lead to. Who may leave one here and who may take
 * one is decided by the queue. A dialogue that nobody needs for a short while says goodbye.
 */
import type { Dialogue } from './dialogue.ts';

/** How long an idle dialogue is kept, as Postfix's connection cache does. */
const IDLE_MS = 2_000;

interface Idle {
  dialogue: Dialogue;
  cancel(): void;
}

export function createPool(deps: { now(): number; at(when: number, name: string, run: () => void): () => void }) {
  const idle = new Map<string, Idle[]>();

  return {
    /** An open dialogue with this address, or null. */
    take(address: string): Dialogue | null {
      const waiting = idle.get(address) ?? [];
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        next.cancel();
        if (next.dialogue.usable) return next.dialogue;
      }
      return null;
    },
    /** Keep it for what may come. */
    keep(dialogue: Dialogue): void {
      const { address } = dialogue.peer;
      const waiting = idle.get(address) ?? [];
      idle.set(address, waiting);
      const cancel = deps.at(deps.now() + IDLE_MS, `smtp-out idle ${dialogue.session}`, () => {
        idle.set(
          address,
          (idle.get(address) ?? []).filter((one) => one.dialogue !== dialogue),
        );
        void dialogue.quit();
      });
      waiting.push({ dialogue, cancel });
    },
    /** The process ends: leave without a word. */
    clear(): void {
      for (const waiting of idle.values()) {
        for (const { dialogue, cancel } of waiting) {
          cancel();
          dialogue.drop();
        }
      }
      idle.clear();
    },
  };
}
