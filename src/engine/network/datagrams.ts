/**
 * Questions to the lab's name server as real UDP datagrams on loopback.
 *
 *   resolver ─► window (64) ─► UDP ═══► inbox ─► latency ─► name server ─► UDP ═══► inbox ─► latency ─► resolver
 *
 * One socket asks for all hosts; the id of a query, unique in the lab, tells whose it is. Both sockets hear each other and
 * nobody else, so that no flood of datagrams makes one of these be lost, for which time would wait for ever. A query that the
 * firewall drops, or that nobody can hear, is not in flight: it runs into its time-out.
 */
import type { Side } from './end.ts';
import { bind, hearOnly, shut, udpSocket } from './udp.ts';
import type { Wire, Wires } from './wires.ts';

export interface Asker {
  /** Host key, null for a program from outside. */
  host: string | null;
  network: string;
}

export interface NameServerAnswer {
  reply: Buffer | null;
  delayMs: number;
}

export interface DatagramDeps {
  wires: Wires;
  now(): number;
  at(when: number, name: string, run: () => void): () => void;
  /** One-way time between this host and the name server. */
  latencyMs(host: string): number;
  answer(query: Buffer, host: string): NameServerAnswer;
  /** Real delays, for tests: see NetworkDeps. */
  rough(key: object, run: () => void): void;
}

interface Question {
  id: number;
  host: string;
  query: Buffer;
  reply: Buffer | null;
  state: 'queued' | 'asking' | 'thinking' | 'answering' | 'over';
  settle(answer: Buffer | null): void;
}

/** Datagrams under way at once: more are dropped by the kernel when they come in a burst. */
const WINDOW = 64;

export class Datagrams implements Wire {
  readonly order = -1;
  #deps: DatagramDeps;
  #server = udpSocket();
  #client = udpSocket();
  #open = false;
  #questions = new Map<number, Question>();
  #queue: Question[] = [];
  #flying = 0;
  #heard: Question[] = [];
  #answered: Question[] = [];

  constructor(deps: DatagramDeps) {
    this.#deps = deps;
  }

  /** A question is on its way, or its answer. */
  get busy(): boolean {
    return this.#questions.size > 0;
  }

  async open(): Promise<void> {
    const [serverPort, clientPort] = [await bind(this.#server, 0), await bind(this.#client, 0)];
    await hearOnly(this.#server, clientPort);
    await hearOnly(this.#client, serverPort);
    this.#open = true;
    this.#server.on('message', (query) => this.#atServer(query));
    this.#client.on('message', (reply) => this.#atClient(reply));
    this.#server.on('close', () => this.#serverGone());
  }

  /** Close the name server's socket only: questions stay unanswered from now on. */
  closeServer(): void {
    this.#open = false;
    shut(this.#server);
  }

  close(): void {
    this.closeServer();
    shut(this.#client);
  }

  /** Ask; `settle` hears the answer, or null as soon as it is known that none can come. */
  ask(host: string, query: Buffer, settle: (answer: Buffer | null) => void): void {
    if (!this.#open) return settle(null);
    const question: Question = { id: query.readUInt16BE(0), host, query, reply: null, state: 'queued', settle };
    if (this.#questions.has(question.id))
      throw new Error(`query id ${question.id} is in use: ids must be unique among questions under way`);
    this.#questions.set(question.id, question);
    this.#queue.push(question);
    this.#deps.wires.markOut(this, 'client');
  }

  flush(side: Side): void {
    if (side === 'server') {
      for (const question of this.#answered.splice(0)) this.#sendReply(question);
      return;
    }
    while (this.#queue.length > 0 && this.#flying < WINDOW) {
      const question = this.#queue.shift() as Question;
      if (!this.#open) {
        this.#over(question, null);
        continue;
      }
      question.state = 'asking';
      this.#fly(1);
      this.#deps.rough(this.#client, () => this.#client.send(question.query));
    }
  }

  release(side: Side): void {
    if (side === 'server') {
      for (const question of this.#heard.splice(0).sort((a, b) => a.id - b.id)) this.#think(question);
      return;
    }
    const ready = [...this.#questions.values()]
      .filter((q) => q.state === 'answering' && q.reply !== null)
      .sort((a, b) => a.id - b.id);
    for (const question of ready) {
      question.state = 'over';
      this.#later(question, this.#deps.latencyMs(question.host), () => this.#over(question, question.reply));
    }
    if (this.#queue.length > 0) this.#deps.wires.markOut(this, 'client');
  }

  #fly(delta: number): void {
    this.#flying += delta;
    this.#deps.wires.flying(delta);
  }

  #atServer(query: Buffer): void {
    const question = this.#questionOf(query);
    if (question === undefined || question.state !== 'asking') return;
    question.state = 'thinking';
    this.#heard.push(question);
    this.#deps.wires.markIn(this, 'server');
    this.#fly(-1);
  }

  #atClient(reply: Buffer): void {
    const question = this.#questionOf(reply);
    if (question === undefined || question.state !== 'answering') return;
    question.reply = reply;
    this.#deps.wires.markIn(this, 'client');
    this.#fly(-1);
  }

  /** Undefined also for a stranger's datagram that came in before the sockets heard each other alone. */
  #questionOf(datagram: Buffer): Question | undefined {
    return datagram.length >= 2 ? this.#questions.get(datagram.readUInt16BE(0)) : undefined;
  }

  #think(question: Question): void {
    const { reply, delayMs } = this.#deps.answer(question.query, question.host);
    if (reply === null) return this.#over(question, null);
    question.reply = reply;
    this.#later(question, this.#deps.latencyMs(question.host) + delayMs, () => {
      this.#answered.push(question);
      this.#deps.wires.markOut(this, 'server');
    });
    if (this.#queue.length > 0) this.#deps.wires.markOut(this, 'client');
  }

  #sendReply(question: Question): void {
    if (!this.#open || question.reply === null) return this.#over(question, null);
    const bytes = question.reply;
    question.reply = null;
    question.state = 'answering';
    this.#fly(1);
    this.#deps.rough(this.#server, () => this.#server.send(bytes));
  }

  #later(question: Question, delayMs: number, run: () => void): void {
    if (delayMs <= 0) run();
    else this.#deps.at(this.#deps.now() + delayMs, `dns ${String(question.id).padStart(5, '0')}`, run);
  }

  #over(question: Question, answer: Buffer | null): void {
    if (this.#questions.get(question.id) === question) this.#questions.delete(question.id);
    question.state = 'over';
    question.settle(answer);
  }

  #serverGone(): void {
    this.#open = false;
    this.#fly(-this.#flying);
    for (const question of [...this.#questions.values()]) if (question.state !== 'over') this.#over(question, null);
  }
}
