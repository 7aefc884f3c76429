/** A small mail program for tests: raw lines over node:net, no library, no time of its own. */
import net from 'node:net';

export class RawSmtp {
  readonly socket: net.Socket;
  #text = '';
  #lines: string[] = [];
  #waiting: ((reply: string | null) => void)[] = [];
  #replies: string[] = [];
  #over = false;
  readonly closed: Promise<void>;

  constructor(port: number) {
    this.socket = net.connect({ host: '127.0.0.1', port, noDelay: true, allowHalfOpen: true });
    this.socket.on('data', (chunk: Buffer) => this.#hear(chunk.toString('latin1')));
    this.socket.on('error', () => undefined);
    this.socket.on('end', () => this.#end());
    this.closed = new Promise((resolve) =>
      this.socket.on('close', () => {
        this.#end();
        resolve();
      }),
    );
  }

  /** The next whole reply, lines joined by \n; null when the connection has ended. */
  reply(): Promise<string | null> {
    const ready = this.#replies.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    if (this.#over) return Promise.resolve(null);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  write(bytes: string | Buffer): void {
    if (!this.socket.destroyed && this.socket.writable)
      this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Say a line (or several, pipelined) and hear one reply. */
  say(line: string): Promise<string | null> {
    this.write(`${line}\r\n`);
    return this.reply();
  }

  /** Greeting and EHLO. */
  async hello(): Promise<boolean> {
    const greeting = await this.reply();
    if (greeting?.startsWith('220') !== true) return false;
    return (await this.say('EHLO client.elsewhere.test'))?.startsWith('250') === true;
  }

  /** One message; resolves with the reply to the message or to the command that was refused, null when the line was lost. */
  async send(from: string, to: string[], message: string): Promise<string | null> {
    for (const command of [`MAIL FROM:<${from}>`, ...to.map((rcpt) => `RCPT TO:<${rcpt}>`), 'DATA']) {
      const reply = await this.say(command);
      if (reply === null || !/^[23]/.test(reply)) return reply;
    }
    return this.say(`${message.replace(/^\./gm, '..')}\r\n.`);
  }

  async quit(): Promise<void> {
    await this.say('QUIT');
    this.socket.end();
    this.socket.destroy();
    await this.closed;
  }

  destroy(): Promise<void> {
    this.socket.destroy();
    return this.closed;
  }

  #hear(text: string): void {
    this.#text += text;
    let cut = this.#text.indexOf('\n');
    for (; cut >= 0; cut = this.#text.indexOf('\n')) {
      const line = this.#text.slice(0, cut).replace(/\r$/, '');
      this.#text = this.#text.slice(cut + 1);
      this.#lines.push(line);
      if (/^\d{3}-/.test(line)) continue;
      const reply = this.#lines.join('\n');
      this.#lines = [];
      const waiter = this.#waiting.shift();
      if (waiter === undefined) this.#replies.push(reply);
      else waiter(reply);
    }
  }

  #end(): void {
    this.#over = true;
    for (const waiter of this.#waiting.splice(0)) waiter(null);
  }
}

/** What a mail program writes; `id` is its Message-ID without brackets, and stands in the body too. */
export function messageText(id: string, fill = ''): string {
  return `Date: Mon, 2 Mar 2026 09:00:00 +0000\r\nFrom: <carol@elsewhere.test>\r\nTo: <alice@theorganisation.test>\r\nSubject: ${id}\r\nMessage-ID: <${id}>\r\n\r\nBody of ${id}\r\n${fill}`;
}

/** Hand messages in over so many connections at once; `accepted` hears each 250. Ends when all are through or the lines are lost. */
export async function handIn(
  port: number,
  ids: string[],
  connections: number,
  accepted: (id: string) => void,
  fill = '',
): Promise<void> {
  const left = [...ids];
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new RawSmtp(port);
      if (!(await client.hello())) return client.destroy();
      for (let id = left.shift(); id !== undefined; id = left.shift()) {
        const reply = await client.send('carol@elsewhere.test', ['alice@theorganisation.test'], messageText(id, fill));
        if (reply === null) return client.destroy();
        if (reply.startsWith('250')) accepted(id);
      }
      return client.quit();
    }),
  );
}

/** Numbers from a seed, for tests: mulberry32. Returns numbers from 0 to below 1. */
export function seeded(seed: number): () => number {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
