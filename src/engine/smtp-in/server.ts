/**
 * smtp-server, fitted for the lab: its connection and parser over a connection from the gate, which says what the lab decides.
 * The verbs, the replies and the transaction are not the library's; no real timer is left running, and each line is told.
 *
 * Rests on names inside smtp-server 3.21.6: the version is pinned, and a test holds each of them.
 */
import { SMTPServer } from 'smtp-server';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection';
import type { Reply } from '../../contract/why.ts';
import type { End } from '../network/index.ts';
import { replyLines } from './replies.ts';
import type { Room } from './room.ts';
import { ClientStream, type Gathered } from './stream.ts';
import type { Answer } from './verbs.ts';

/** What the lab decides of one connection, and hears of it. An answer that is null: nobody waits for one any more. */
export interface Hearing {
  /** The greeting, when its time has come. */
  greet(): Promise<Answer | null>;
  /** What the client said before the greeting; null: its answer waits until then. */
  early(line: Buffer): Answer | null;
  line(line: Buffer): Answer | Promise<Answer | null>;
  message(message: Gathered): Promise<Answer | null>;
  timeout(): Answer;
  endless(): Answer;
  said(lines: string[]): void;
  idleMs(): number;
  messageBytesMax(): number;
  room: Room;
  enhancedCodes(): boolean;
}

/** How long a closed connection waits for the client's side, ms; smtp-server's own number. */
const HALF_CLOSE_MS = 5_000;

/** What every connection of the library belongs to. It never listens, and keeps none of them. */
const server = new SMTPServer({ logger: false });

export class LabConnection extends SMTPConnection {
  #hearing: Hearing;
  #end: End;
  #greeted = false;
  /** What was said before the greeting. */
  #held: (() => void) | null = null;
  /** The client waits for an answer. */
  #owes = true;

  constructor(end: End, session: string, hearing: Hearing) {
    super(server, end as never, { id: session });
    this.#hearing = hearing;
    this.#end = end;
    // A client that sends everything and then its FIN still gets its answers.
    end.allowHalfOpen = true;
    end.once('close', () => this._parser instanceof ClientStream && this._parser.forget());
    this.on('error', () => undefined); // a client that went away is told by the network room
  }

  /** Ready at once: the library would wait for 100 real ms. */
  override init(): void {
    this._setListeners(() =>
      this.#answerWith(this.#hearing.greet(), () => {
        this.#greeted = true;
        this.#held?.();
      }),
    );
  }

  /** The library's constructor calls this, before there is anything of our own. */
  override _createParser(): ClientStream {
    const stream = new ClientStream({
      line: (line, done) => this.#hear(line, done),
      message: (message, done) => {
        this.#end.expects('commands');
        this.#answerWith(this.#hearing.message(message), done);
      },
      passOver: (request) => this.#end.passOver(request),
      end: () => this.#whenGreeted(() => this.close()),
    });
    stream.on('error', () => this.say(this.#hearing.endless()));
    return stream;
  }

  override _armTimeout(): void {
    this.#end.setTimeout(this.#hearing.idleMs(), () => {
      if (this._closing) this.#end.destroy();
      // A client that waits for an answer is not idle: RFC 5321 §4.5.3.2 has it wait for minutes.
      else if (this.#owes) this._armTimeout();
      else this.say(this.#hearing.timeout());
    });
  }

  /** Say it, and close where the answer ends the session. */
  say({ reply, then }: Answer): void {
    this.#write(reply);
    if (then === undefined) return;
    if (then === 'message') {
      this.#end.expects('message');
      if (this._parser instanceof ClientStream)
        this._parser.startMessage(this.#hearing.messageBytesMax(), this.#hearing.room);
      return;
    }
    if (then !== 'close') this.#write(then);
    this.close();
  }

  /** Nobody speaks here any more. */
  drop(): void {
    this.#end.destroy();
  }

  override close(): void {
    super.close();
    // The library bounds a half-closed connection in real time; here it is virtual.
    clearTimeout(this._closeTimer);
    if (!this.#end.destroyed) this.#end.setTimeout(HALF_CLOSE_MS, () => this.#end.destroy());
  }

  #write(reply: Reply): void {
    const lines = replyLines(reply, this.#hearing.enhancedCodes());
    if (this._closing || this.#end.destroyed || this.#end.readyState !== 'open') return;
    this.#hearing.said(lines);
    this.#end.write(`${lines.join('\r\n')}\r\n`);
  }

  #hear(line: Buffer, done: () => void): void {
    if (this._upgrading) return done(); // said before TLS was agreed on: RFC 3207 §4.2
    const early = this.#greeted ? null : this.#hearing.early(line);
    if (early !== null) return this.say(early);
    this.#whenGreeted(() => {
      const answer = this.#hearing.line(line);
      if (answer instanceof Promise) return this.#answerWith(answer, done);
      this.say(answer);
      this._whenWritable(done);
    });
  }

  #whenGreeted(run: () => void): void {
    if (this.#greeted) run();
    else this.#held = run;
  }

  #answerWith(answer: Promise<Answer | null>, done: () => void): void {
    this.#owes = true;
    void answer.then((said) => {
      if (said === null || this._closing) return;
      this.#owes = false;
      this.say(said);
      if (!this._closing) this._whenWritable(done);
    });
  }
}
