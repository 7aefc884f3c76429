/** The name server's port for programs from outside (dig), over UDP. A question is an input, taken at the end of an instant. */
import { WORK, type Intake, type Source } from './intake.ts';
import type { NameServerAnswer } from './datagrams.ts';
import { bind, shut, udpSocket } from './udp.ts';

export interface OutsideDnsDeps {
  intake: Intake;
  /** Real time: run at the end of an instant. A question is not in the journal, so its answer may not count in the lab's own time. */
  realTimer(ms: number, run: () => void): () => void;
  answer(query: Buffer): NameServerAnswer;
  wake(): void;
}

/** Questions that wait, and answers that are slow; more are lost, as they are in any server's full buffer. */
const WAITING_MAX = 1_000;

export class OutsideDns implements Source {
  readonly pours = false;
  readonly many = true;
  #deps: OutsideDnsDeps;
  #socket = udpSocket();
  #port = 0;
  #asked: { query: Buffer; port: number; address: string }[] = [];
  #slow = new Set<() => void>();

  constructor(deps: OutsideDnsDeps) {
    this.#deps = deps;
  }

  /** Real port that dig asks; 0: it is not open. */
  get port(): number {
    return this.#port;
  }

  async open(port: number): Promise<void> {
    this.#port = await bind(this.#socket, port);
    this.#socket.on('message', (query, { port: from, address }) => {
      if (from === 0 || this.#asked.length >= WAITING_MAX) return; // nobody can be answered there; nobody has the time
      this.#asked.push({ query, port: from, address });
      this.#deps.intake.mark(this);
      this.#deps.wake();
    });
  }

  close(): void {
    this.#port = 0;
    this.#asked = [];
    for (const cancel of this.#slow) cancel();
    shut(this.#socket);
  }

  get waits(): boolean {
    return this.#asked.length > 0;
  }

  ready(): boolean {
    return this.waits;
  }

  take(most: number): number {
    const questions = this.#asked.splice(0, Math.max(1, Math.floor(most / WORK.question)));
    for (const { query, port, address } of questions) {
      const { reply, delayMs } = this.#deps.answer(query);
      if (reply === null) continue;
      const send = () => {
        if (this.#port !== 0) this.#socket.send(reply, port, address);
      };
      if (delayMs === 0) send();
      else if (this.#slow.size < WAITING_MAX) this.#sendLater(delayMs, send);
    }
    return questions.length * WORK.question;
  }

  #sendLater(ms: number, send: () => void): void {
    const cancel = this.#deps.realTimer(ms, () => {
      this.#slow.delete(cancel);
      send();
    });
    this.#slow.add(cancel);
  }
}
