/**
 * smtp-server, fitted for the lab: connections come from the gate instead of a listening socket, no real
 * timer is left running, and every line said or heard is told.
 *
 * Rests on names inside smtp-server 3.21.6 (`init`, `_setListeners`, `connectionReady`, `send`, `_onCommand`,
 * `_closeTimer`): the version is pinned, and a test holds each of them.
 */
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { SMTPConnection } from 'smtp-server/lib/smtp-connection';
import type { End } from '../network/index.ts';
import { ownWords } from './replies.ts';

/** What the lab hears from a connection. */
export interface ConnectionEars {
  said(session: string, lines: string[]): void;
  heard(session: string, line: string): void;
  /** A command was heard; resolves with an answer in the server's place, or null to go on. */
  reached(session: string, verb: string, line: string): Promise<string | null> | null;
  /** Wait this long before the greeting, virtual ms. */
  greetPause(session: string, greet: () => void): void;
  /** `sizeMax`: the limit to offer with SIZE, bytes; null: SIZE is not offered. */
  features(): { etrn: boolean; enhancedCodes: boolean; sizeMax: number | null };
  /** ETRN, RFC 1985: returns the reply line. */
  etrn(session: string, argument: string): string;
}

/** How long a closed connection waits for the client's side, ms; smtp-server's own number. */
const HALF_CLOSE_MS = 5_000;

// The library's inner names are not in its types.
interface Inner {
  name: string;
  _setListeners(done: () => void): void;
  _getEnhancedStatusCode(code: number, context?: string | false): string;
  _socket: End;
  _closeTimer: NodeJS.Timeout;
  _onCommand(command: Buffer, done?: () => void): void;
  _upgrading: boolean;
}

export class LabConnection extends SMTPConnection {
  #ears: ConnectionEars;
  readonly labSession: string;

  constructor(server: LabServer, end: End, session: string, ears: ConnectionEars) {
    super(server, end as never, { id: session });
    this.#ears = ears;
    this.labSession = session;
  }

  get #inner(): Inner {
    return this as unknown as Inner;
  }

  /** Ready at once: no wait of 100 real ms; an early talker is caught by the greeting's own pause. */
  override init(): void {
    this.#inner._setListeners(() => this.#ears.greetPause(this.labSession, () => this.connectionReady()));
  }

  override send(code: number, data?: unknown, context?: string | false): void {
    // DATA within a transaction that no recipient is left of, as with a pipelining client, is no protocol error: Postfix's words.
    const { mailFrom } = (this as unknown as { session: { envelope?: { mailFrom: unknown } } }).session.envelope ?? { mailFrom: false };
    if (code === 503 && data === 'Error: need RCPT command' && mailFrom) return this.send(554, '5.5.1 Error: no valid recipients');
    const said = this.#words(code, data, context);
    if (code >= 400) (this as unknown as { session: { error: string } }).session.error = said.join('\n');
    const { _socket: socket } = this.#inner;
    if (!socket.destroyed && socket.readyState === 'open') {
      this.#ears.said(this.labSession, said);
      socket.write(said.length === 1 ? `${said[0]}\r\n` : `${said.join('\r\n')}\r\n`);
    }
    if (code === 421) this.close();
  }

  /** The lines of a reply, with code and enhanced code. */
  #words(code: number, data: unknown, context?: string | false): string[] {
    const { enhancedCodes } = this.#ears.features();
    if (Array.isArray(data)) return numbered(code, this.#features(data.map((line) => clean(String(line)))));
    const text = ownWords(code, clean(String(data ?? '')), this.#inner.name);
    // A reply of the lab's own has its enhanced code in the text already.
    const has = ENHANCED.test(text);
    if (has) return [`${code} ${enhancedCodes ? text : text.replace(/^\S+ ?/, '')}`.trimEnd()];
    const enhanced = enhancedCodes ? this.#inner._getEnhancedStatusCode(code, context) : '';
    return [`${code} ${enhanced === '' ? text : `${enhanced} ${text}`}`.trimEnd()];
  }

  /** EHLO's lines: name, then the extensions in the order in which Postfix gives them. RFC 5321 §4.1.1.1 */
  #features(lines: string[]): string[] {
    const [name = '', ...features] = lines;
    features.push('VRFY'); // the library answers it, and doesn't say so
    const { etrn, sizeMax } = this.#ears.features();
    if (etrn) features.push('ETRN');
    if (sizeMax !== null) features.push(`SIZE ${sizeMax}`);
    const rank = (feature: string) => ['PIPELINING', 'SIZE', 'VRFY', 'ETRN', 'ENHANCEDSTATUSCODES', '8BITMIME', 'DSN', 'SMTPUTF8'].indexOf(feature.split(' ')[0] as string);
    return [name, ...features.sort((a, b) => rank(a) - rank(b))];
  }

  override close(): void {
    super.close();
    // The library bounds a half-closed connection in real time; here it is virtual.
    clearTimeout(this.#inner._closeTimer);
    const { _socket: socket } = this.#inner;
    if (!socket.destroyed) socket.setTimeout(HALF_CLOSE_MS, () => socket.destroy());
  }

  handler_ETRN(command: Buffer, done: () => void): void {
    const [, argument = '', ...rest] = command.toString('latin1').trim().split(/\s+/);
    if (!this.#ears.features().etrn) this.send(500, '5.5.2 Error: command not recognized');
    else if (argument === '' || rest.length > 0) this.send(500, '5.5.4 Syntax: ETRN domain');
    else {
      const [code, ...text] = this.#ears.etrn(this.labSession, argument).split(' ');
      this.send(Number(code), text.join(' '));
    }
    done();
  }

  hearCommand(command: Buffer, done: (() => void) | undefined, go: (command: Buffer, done?: () => void) => void): void {
    const line = command.toString('latin1');
    this.#ears.heard(this.labSession, line);
    const verb = (line.split(' ')[0] ?? '').toUpperCase();
    const waiting = this.#ears.reached(this.labSession, verb, line);
    if (waiting === null) return go(command, done);
    void waiting.then((answer) => {
      if (answer === null) return go(command, done);
      const [code = '', ...text] = answer.split(' ');
      this.send(Number(code), text.join(' '));
      done?.();
    });
  }
}

// `_onCommand` is private in the library's types, so it is taken over on the prototype of our own class.
const inherited = (SMTPConnection.prototype as unknown as Inner)._onCommand;
(LabConnection.prototype as unknown as Inner)._onCommand = function onCommand(this: LabConnection, command, done) {
  this.hearCommand(command, done, (heard, next) => inherited.call(this as unknown as Inner, heard, next));
};

export class LabServer extends SMTPServer {
  #ears: ConnectionEars;

  constructor(options: SMTPServerOptions, ears: ConnectionEars) {
    super(options);
    this.#ears = ears;
  }

  /** A connection from the gate. */
  take(end: End, session: string): void {
    const connection = new LabConnection(this, end, session, this.#ears);
    this.connections.add(connection as never);
    connection.on('error', () => undefined); // a client that went away is told by the network room
    connection.init();
  }
}

const ENHANCED = /^[245]\.\d{1,3}\.\d{1,3}( |$)/;

const numbered = (code: number, lines: string[]): string[] => lines.map((text, i) => `${code}${i < lines.length - 1 ? '-' : ' '}${text}`.trimEnd());

/** No control character may split a reply. */
function clean(text: string): string {
  // eslint-disable-next-line no-control-regex -- that is the point
  return text.replace(/[\x00-\x1f\x7f]/g, ' ');
}
