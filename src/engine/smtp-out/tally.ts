/** Counts up what became of a job's recipients while its hosts are tried one after another. */
import type { Peer, Why } from '../../contract/why.ts';
import { isPermanent } from '../../contract/why-words.ts';
import type { Outcome } from '../queue/index.ts';
import type { Dialogue, Heard, TransactionResult } from './dialogue.ts';

export class Tally {
  /** Recipients that another host may be asked for. */
  left: number[];
  #delivered: Outcome['delivered'] = [];
  #failed: Outcome['failed'] = [];
  /** The last temporary failure of each recipient: the last host's word is what counts. */
  #why = new Map<number, Why>();
  #reached = false;

  constructor(rcpts: number[]) {
    this.left = [...rcpts];
  }

  /** No dialogue with this host: all that is left waits for the next one, unless it refused to talk for good. */
  putOff(why: Why): void {
    if (isPermanent(why)) return this.endAll(why);
    for (const index of this.left) this.#why.set(index, why);
  }

  /** The message is no more: nobody is asked any further. */
  giveUp(): void {
    this.#reached = true;
    this.left = [];
  }

  /** The end for all that is left, or a delay, as the reason is. */
  endAll(why: Why): void {
    if (!isPermanent(why)) return this.putOff(why);
    this.#reached = true;
    this.#failed.push({ rcpts: this.left, why });
    this.left = [];
  }

  /** What a transaction brought. Returns the temporary reason when recipients are left over, else null. */
  enter(rcpts: number[], result: TransactionResult, { peer, session }: Pick<Dialogue, 'peer' | 'session'>): Why | null {
    this.left = [];
    let last: Why | null = null;
    rcpts.forEach((index, place) => {
      const heard = result.rcpts[place] as Heard;
      if (heard.ok) return this.#deliver(index, heard, peer, session, result.dsnOffered);
      if (isPermanent(heard.why)) return void this.#fail(index, heard.why);
      this.left.push(index);
      this.#why.set(index, heard.why);
      last = heard.why;
    });
    // A session that was lost tells nothing of the host's health; words of the host do.
    if (last === null || (last as Why).kind !== 'lost') this.#reached = true;
    return last;
  }

  outcome(): Outcome {
    const deferred: Outcome['deferred'] = [];
    for (const index of this.left) {
      const why = this.#why.get(index);
      if (why === undefined) continue;
      const same = deferred.find((group) => group.why === why);
      if (same === undefined) deferred.push({ rcpts: [index], why });
      else same.rcpts.push(index);
    }
    return { delivered: this.#delivered, failed: this.#failed, deferred, unreachable: !this.#reached };
  }

  #deliver(index: number, heard: Heard & { ok: true }, peer: Peer, session: string, dsnOffered: boolean): void {
    const same = this.#delivered.find((group) => group.session === session && group.reply === heard.reply);
    if (same === undefined) this.#delivered.push({ rcpts: [index], peer, session, reply: heard.reply, dsnOffered });
    else same.rcpts.push(index);
  }

  #fail(index: number, why: Why): void {
    const same = this.#failed.find((group) => group.why === why);
    if (same === undefined) this.#failed.push({ rcpts: [index], why });
    else same.rcpts.push(index);
  }
}
