/**
 * One SMTP conversation, client's side: speaks commands, hears replies, keeps evidence.
 *
 * Written for this lab, as the library at hand gives DSN wishes per message instead of per recipient, one
 * time-out for all stages, and no word on the stage at which a session was lost. Each stage has its own time-out
 * (RFC 5321 §4.5.3.2); commands are pipelined when that is offered (RFC 2920).
 */
import { StringDecoder } from 'node:string_decoder';
import type { Told } from '../../contract/events.ts';
import type { HostKey, SessionId } from '../../contract/model.ts';
import type { HostSettings } from '../../contract/settings.ts';
import type { Peer, Reply, Stage, Why } from '../../contract/why.ts';
import { parseReply } from '../../contract/why-words.ts';
import type { End } from '../network/index.ts';
import { mailCommand, rcptCommand, stuff, type Transaction } from './commands.ts';
import { downgrade } from './downgrade.ts';

export interface DialogueDeps {
  /** Host that speaks, null for a client program. */
  host: HostKey | null;
  /** Name said in EHLO. */
  name: string;
  peer: Peer;
  session: SessionId;
  timeouts: HostSettings['timeouts'];
  now(): number;
  at(when: number, name: string, run: () => void): () => void;
  tell(event: Told): void;
}

export type Heard = { ok: true; reply: Reply } | { ok: false; why: Why };

/** What a transaction brought. `rcpts` has one result for each recipient, in order. */
export interface TransactionResult {
  rcpts: Heard[];
  dsnOffered: boolean;
  /** The dialogue can carry another transaction. */
  reusable: boolean;
}

interface Waiter {
  stage: Stage;
  timeoutMs: number;
  resolve(heard: Heard): void;
}

/** A reply that never ends is cut off here. */
const REPLY_BYTES_MAX = 64 * 1024;

export class Dialogue {
  /** Whom this is, by the name that led here: with another message it may be another name. */
  peer: Peer;
  readonly session: SessionId;
  /** What EHLO brought: keyword in upper case to its parameters. Empty after HELO. */
  offers = new Map<string, string>();
  #end: End;
  #deps: DialogueDeps;
  /** Questions without an answer, in their order. The time-out is that of the first, from when it became the first. */
  #waiters: Waiter[] = [];
  #cancelTimeout = (): void => undefined;
  /** Replies are UTF-8 (RFC 6531 §3.7.4.2); a character may come in two parts. */
  #decoder = new StringDecoder('utf8');
  #text = '';
  #lines: string[] = [];
  #lost: 'closed' | 'reset' | 'timeout' | null = null;
  #saidGoodbye = false;
  /** A transaction was begun, and no message has ended it yet. */
  #begun = false;

  constructor(end: End, deps: DialogueDeps) {
    this.#end = end;
    this.#deps = deps;
    this.peer = deps.peer;
    this.session = deps.session;
    end.on('data', (chunk: Buffer) => this.#hear(chunk));
    end.on('end', () => this.#losing('closed'));
    end.on('close', () => this.#losing('closed'));
    end.on('error', () => this.#losing('reset'));
  }

  get usable(): boolean {
    return this.#lost === null && !this.#saidGoodbye && !this.#end.destroyed;
  }

  /** Hear the greeting, say EHLO, or HELO to an old server. Null when the dialogue can begin. */
  async open(): Promise<Why | null> {
    const { timeouts, name } = this.#deps;
    const greeting = await this.#expect('greeting', timeouts.greetingMs);
    if (!greeting.ok) return greeting.why;
    if (greeting.reply.code !== 220) return this.#refusal('greeting', greeting.reply);
    const ehlo = await this.#command('ehlo', `EHLO ${name}`, timeouts.commandMs);
    if (!ehlo.ok) return ehlo.why;
    if (ehlo.reply.code === 250) {
      for (const line of ehlo.reply.lines.slice(1)) {
        const [keyword = '', ...rest] = line.split(' ');
        this.offers.set(keyword.toUpperCase(), rest.join(' '));
      }
      return null;
    }
    if (ehlo.reply.code === 421) return this.#refusal('ehlo', ehlo.reply);
    const helo = await this.#command('ehlo', `HELO ${name}`, timeouts.commandMs);
    if (!helo.ok) return helo.why;
    return helo.reply.code === 250 ? null : this.#refusal('ehlo', helo.reply);
  }

  /** One message to some recipients of this server. */
  async transact(given: Transaction): Promise<TransactionResult> {
    const tx =
      given.downgrades && !this.offers.has('8BITMIME') ? { ...given, message: downgrade(given.message) } : given;
    const unfit = this.#unfit(tx);
    const dsnOffered = this.offers.has('DSN');
    if (unfit !== null)
      return { rcpts: tx.rcpts.map(() => ({ ok: false, why: unfit })), dsnOffered, reusable: this.usable };
    this.#begun = true;
    const rcpts = this.offers.has('PIPELINING') ? await this.#pipelined(tx) : await this.#stepwise(tx);
    const done = rcpts.some((heard) => heard.ok);
    return { rcpts, dsnOffered, reusable: done && this.usable };
  }

  /** Say goodbye and leave; a transaction that came to nothing is ended first (RFC 5321 §4.1.1.5), as Postfix does. */
  async quit(): Promise<void> {
    if (this.usable && this.#begun) await this.#command('rset', 'RSET', this.#deps.timeouts.commandMs);
    if (!this.usable) return this.drop();
    this.#saidGoodbye = true;
    await this.#command('quit', 'QUIT', this.#deps.timeouts.commandMs);
    if (!this.#end.destroyed) this.#end.end();
    this.#end.destroy();
  }

  /** Leave without a word. */
  drop(): void {
    if (!this.#end.destroyed) this.#end.destroy();
  }

  // ── a transaction ─────────────────────────────────────────────────────────

  async #pipelined(tx: Transaction): Promise<Heard[]> {
    const { commandMs, dataMs } = this.#deps.timeouts;
    const commands = [mailCommand(tx, this.offers), ...tx.rcpts.map((rcpt) => rcptCommand(rcpt, this.offers)), 'DATA'];
    this.#say(commands);
    const questions = [
      this.#expect('mail', commandMs),
      ...tx.rcpts.map(() => this.#expect('rcpt', commandMs)),
      this.#expect('data', dataMs),
    ];
    const [mail, ...answers] = (await Promise.all(questions)) as [Heard, ...Heard[]];
    const data = answers.pop() as Heard;
    if (data.ok && data.reply.code === 354) return this.#body(tx, judge(this.peer, mail, answers));
    return this.#without(data, judge(this.peer, mail, answers));
  }

  async #stepwise(tx: Transaction): Promise<Heard[]> {
    const { commandMs, dataMs } = this.#deps.timeouts;
    const mail = await this.#command('mail', mailCommand(tx, this.offers), commandMs);
    if (!isYes(mail))
      return judge(
        this.peer,
        mail,
        tx.rcpts.map(() => mail),
      );
    const answers: Heard[] = [];
    for (const rcpt of tx.rcpts) answers.push(await this.#command('rcpt', rcptCommand(rcpt, this.offers), commandMs));
    const rcpts = judge(this.peer, mail, answers);
    if (!rcpts.some((heard) => heard.ok)) return rcpts;
    const data = await this.#command('data', 'DATA', dataMs);
    return data.ok && data.reply.code === 354 ? this.#body(tx, rcpts) : this.#without(data, rcpts);
  }

  /** 354 was said. Recipients that were refused keep their refusal; the others share the reply to the message. */
  async #body(tx: Transaction, rcpts: Heard[]): Promise<Heard[]> {
    this.#begun = false;
    if (!rcpts.some((heard) => heard.ok)) {
      // RFC 2920 §3.1: a server that says 354 although it took nobody must be given an empty message.
      this.#say(['.']);
      await this.#expect('final-dot', this.#deps.timeouts.finalDotMs);
      return rcpts;
    }
    const bytes = stuff(tx.message);
    this.#tell([`<message of ${tx.message.length} bytes>`, '.']);
    this.#end.write(bytes);
    const heard = await this.#expect('final-dot', this.#deps.timeouts.finalDotMs);
    const verdict = isYes(heard) ? heard : refused(heard, this.peer, 'final-dot');
    return rcpts.map((rcpt) => (rcpt.ok ? verdict : rcpt));
  }

  #without(data: Heard, rcpts: Heard[]): Heard[] {
    const verdict = refused(data, this.peer, 'data');
    return rcpts.map((rcpt) => (rcpt.ok ? verdict : rcpt));
  }

  /** What this server can't carry, known before it is asked. RFC 6152 §3, RFC 6531 §3.6, RFC 1870 §6.1. */
  #unfit(tx: Transaction): Why | null {
    const { peer } = this;
    if (tx.envelope.smtpUtf8 && !this.offers.has('SMTPUTF8')) return { kind: 'extension', peer, extension: 'SMTPUTF8' };
    if (tx.envelope.eightBit && !tx.downgrades && !this.offers.has('8BITMIME'))
      return { kind: 'extension', peer, extension: '8BITMIME' };
    const limit = Number(this.offers.get('SIZE') ?? 0);
    if (limit > 0 && tx.message.length > limit) return { kind: 'extension', peer, extension: 'SIZE' };
    return null;
  }

  #refusal(stage: Stage, reply: Reply): Why {
    return { kind: 'reply', peer: this.peer, stage, reply };
  }

  // ── lines ─────────────────────────────────────────────────────────────────

  #command(stage: Stage, line: string, timeoutMs: number): Promise<Heard> {
    this.#say([line]);
    return this.#expect(stage, timeoutMs);
  }

  #say(lines: string[]): void {
    if (this.#lost !== null || this.#end.destroyed) return;
    this.#tell(lines);
    this.#end.write(Buffer.from(`${lines.join('\r\n')}\r\n`));
  }

  #tell(lines: string[]): void {
    const { host, session } = this.#deps;
    this.#deps.tell({ kind: 'smtp-say', host, session, side: host === null ? 'client' : 'smtp-out', lines });
  }

  /** The next reply. Questions of a pipelined group are asked for all at once, as their answers may come in one go. */
  #expect(stage: Stage, timeoutMs: number): Promise<Heard> {
    const { peer } = this;
    if (this.#lost !== null)
      return Promise.resolve({ ok: false, why: { kind: 'lost', peer, stage, problem: this.#lost } });
    return new Promise((resolve) => {
      this.#waiters.push({ stage, timeoutMs, resolve });
      if (this.#waiters.length === 1) this.#await();
    });
  }

  /** Of what was asked in one go, each answer has its own time, as in Postfix. */
  #await(): void {
    this.#cancelTimeout();
    const [first] = this.#waiters;
    if (first !== undefined)
      this.#cancelTimeout = this.#deps.at(this.#deps.now() + first.timeoutMs, `smtp-out ${this.session}`, () =>
        this.#losing('timeout'),
      );
  }

  #hear(chunk: Buffer): void {
    this.#text += this.#decoder.write(chunk);
    if (this.#text.length > REPLY_BYTES_MAX && !this.#text.includes('\n')) return this.drop();
    let from = 0;
    for (let cut = this.#text.indexOf('\n'); cut >= 0; cut = this.#text.indexOf('\n', from)) {
      const line = this.#text.slice(from, cut).replace(/\r$/, '');
      from = cut + 1;
      this.#lines.push(line);
      if (/^\d{3}-/.test(line) && this.#lines.length < 1000) continue;
      const reply = parseReply(this.#lines);
      this.#lines = [];
      this.#answer(reply);
    }
    this.#text = this.#text.slice(from);
  }

  #answer(reply: Reply): void {
    const waiter = this.#waiters.shift();
    this.#await();
    // 421 comes at any time and ends the session; without a question it is only that (RFC 5321 §3.8).
    if (reply.code === 421) this.#saidGoodbye = true;
    waiter?.resolve({ ok: true, reply });
    if (waiter === undefined) this.drop();
  }

  #losing(problem: 'closed' | 'reset' | 'timeout'): void {
    if (this.#lost !== null) return;
    this.#lost = problem;
    const waiters = this.#waiters;
    this.#waiters = [];
    this.#cancelTimeout();
    for (const { stage, resolve } of waiters)
      resolve({ ok: false, why: { kind: 'lost', peer: this.peer, stage, problem } });
    this.drop();
  }
}

const isYes = (heard: Heard): boolean => heard.ok && heard.reply.code >= 200 && heard.reply.code < 300;

/** A reply that is no yes, as a reason. */
function refused(heard: Heard, peer: Peer, stage: Stage): Heard {
  return heard.ok ? { ok: false, why: { kind: 'reply', peer, stage, reply: heard.reply } } : heard;
}

/** A refused MAIL refuses all; else each recipient has its own answer. */
function judge(peer: Peer, mail: Heard, answers: Heard[]): Heard[] {
  if (!isYes(mail)) {
    const no = refused(mail, peer, 'mail');
    return answers.map(() => no);
  }
  return answers.map((heard) => (isYes(heard) ? heard : refused(heard, peer, 'rcpt')));
}
