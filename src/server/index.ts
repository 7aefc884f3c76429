/**
 * The browser server: the page and its contract on loopback, for `mail-lab serve` and where there is no window.
 *
 * Binds to 127.0.0.1 and nothing else, wants a token that only its own URL holds, and checks Host and Origin, so
 * that no other page in the browser can reach the lab (DNS rebinding). Several pages may be open at a time; they
 * all show the same worlds. It decides nothing about labs: it carries calls and news.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import type net from 'node:net';
import path from 'node:path';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { WebSocketServer, type WebSocket } from 'ws';
import { serveChannel, type Channel } from '../contract/channel.ts';
import { LONG_LENGTH, messageOf, textOf } from '../contract/frames.ts';
import type { PageApi, PageNews } from '../contract/page-api.ts';
import { checkPageCall, PAGE_CALLS } from './calls.ts';
import { pageFile } from './page-files.ts';
import type { Worlds } from './worlds.ts';

export { createWorlds, type Worlds, type WorldsOptions } from './worlds.ts';

export interface PageServer {
  /** What a person opens. */
  url: string;
  port: number;
  close(): Promise<void>;
}

/** Everything the page may load comes from here; styles and scripts from files only. */
export function contentSecurityPolicy(port: number, nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self' ws://127.0.0.1:${port} ws://localhost:${port}`,
    "frame-src 'self' blob: data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

export async function servePage(worlds: Worlds, options: { root: string; port: number }): Promise<PageServer> {
  const index = path.join(options.root, 'index.html');
  if (!fs.existsSync(index)) throw new Error(`the page is not built: ${index} is missing. Run: npm run build`);
  const token = randomBytes(24).toString('base64url');

  const answer = (request: http.IncomingMessage, response: http.ServerResponse): void => {
    if (!isOwnHost(request, server))
      return refuse(response, 421, 'This server answers for 127.0.0.1 and localhost only.');
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    const url = targetOf(request);
    if (url === null) return refuse(response, 400, 'This is not the address of a page.');
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(response, 405, 'The page can only be read.');
    const file = pageFile(options.root, url.pathname);
    if (file === null) return refuse(response, 404, 'There is no such file.');
    if (!file.type.startsWith('text/html'))
      return void response.writeHead(200, { 'content-type': file.type, 'cache-control': 'no-cache' }).end(file.bytes);
    if (!isToken(url.searchParams.get('token'), token))
      return refuse(response, 403, 'This page needs the token of the URL that mail-lab printed: open that one.');
    const nonce = randomBytes(16).toString('base64');
    response.setHeader('content-security-policy', contentSecurityPolicy(portOf(server), nonce));
    response.writeHead(200, { 'content-type': file.type, 'cache-control': 'no-store' });
    response.end(file.bytes.toString('utf8').replaceAll('NONCE', nonce));
  };
  const upgrade = (request: http.IncomingMessage, socket: net.Socket, head: Buffer): void => {
    socket.on('error', () => undefined); // it went away
    const url = targetOf(request);
    if (url === null) return hangUp(socket, '400 Bad Request');
    const own = isOwnHost(request, server) && isOwnOrigin(request) && isToken(url.searchParams.get('token'), token);
    if (!own || url.pathname !== '/lab') return hangUp(socket, '403 Forbidden');
    sockets.handleUpgrade(request, socket, head, (webSocket) => servePageOn(worlds, socketChannel(webSocket)));
  };

  const sockets = new WebSocketServer({ noServer: true, maxPayload: FRAME_BYTES_MAX });
  // What comes from outside ends here when it goes wrong: the request fails, and nothing else.
  const server = http.createServer((request, response) => {
    try {
      answer(request, response);
    } catch (error) {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, (error as Error).message);
    }
  });
  server.on('upgrade', (request, socket: net.Socket, head) => {
    try {
      upgrade(request, socket, head);
    } catch {
      socket.destroy();
    }
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.maxRequestsPerSocket = REQUESTS_MAX;
  await new Promise<void>((resolve, reject) => {
    // Later ones are of single calls that could not be accepted: the machine has no descriptor left for them.
    server.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        new Error(
          error.code === 'EADDRINUSE'
            ? `port ${options.port} on 127.0.0.1 is in use: choose another one, or 0 for any free one`
            : error.message,
        ),
      ),
    );
    server.listen(options.port, '127.0.0.1', resolve);
  });
  const port = portOf(server);
  return {
    port,
    url: `http://127.0.0.1:${port}/?token=${token}`,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const FRAME_BYTES_MAX = 32 * 1024 * 1024;
/** Closed from here too: who was refused an upgrade has none of HTTP's time-outs any more. */
function hangUp(socket: net.Socket, status: string): void {
  socket.write(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`);
  socket.destroySoon();
}

/** A browser opens some six for a page, and asks some twenty files over them. */
const CONNECTIONS_MAX = 256;
const REQUESTS_MAX = 256;
/** A page that reads no more (its machine sleeps) is left when so much waits for it. */
const UNREAD_BYTES_MAX = 64 * 1024 * 1024;
/** A page with so many calls under way is not heard until half of them are answered. */
const CALLS_MAX = 512;

/** Answer one page on its channel. */
export function servePageOn(worlds: Worlds, channel: Channel): void {
  const news = serveChannel<PageApi, PageNews>(channel, worlds.api, PAGE_CALLS, checkPageCall);
  const end = worlds.listen({
    worlds: (list) => news.worlds(list),
    events: (world, batch) => news.events(world, batch),
    clock: (world, status) => news.clock(world, status),
    trouble: (message) => news.trouble(message),
  });
  channel.onClose(end);
}

export function socketChannel(socket: WebSocket): Channel {
  let calls = 0;
  // A frame that is none, or too large: the library has closed the socket already.
  socket.on('error', () => undefined);
  return {
    post(message) {
      const text = textOf(message); // where that fails, the answer is another one, which comes here in its turn
      if (isA(message, 'answer') && (calls -= 1) <= CALLS_MAX / 2 && socket.isPaused) socket.resume();
      if (socket.bufferedAmount > UNREAD_BYTES_MAX) return socket.terminate();
      socket.send(text.length < LONG_LENGTH ? text : deflateRawSync(text, { level: constants.Z_BEST_SPEED }));
    },
    on: (heard) =>
      void socket.on('message', (data: Buffer, isBinary) => {
        let message: unknown;
        try {
          message = messageOf(String(isBinary ? inflateRawSync(data, { maxOutputLength: FRAME_BYTES_MAX }) : data));
        } catch {
          return socket.close(1003, 'not JSON');
        }
        if (isA(message, 'call') && (calls += 1) >= CALLS_MAX) socket.pause();
        heard(message);
      }),
    onClose: (closed) => void socket.on('close', closed),
  };
}

/** Is this a call, or an answer to one? */
const isA = (message: unknown, what: 'call' | 'answer'): boolean =>
  typeof (message as Record<string, unknown> | null)?.[what] === 'number';

function refuse(response: http.ServerResponse, code: number, text: string): void {
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

/** What is asked for, RFC 9112 §3.2; null when it is no address of this server (`//`, `//[`, `*`). */
function targetOf(request: http.IncomingMessage): URL | null {
  const url = URL.parse(request.url ?? '', 'http://127.0.0.1');
  return url !== null && url.protocol === 'http:' && ['127.0.0.1', 'localhost'].includes(url.hostname) ? url : null;
}

const portOf = (server: http.Server): number => (server.address() as net.AddressInfo).port;

function isOwnHost(request: http.IncomingMessage, server: http.Server): boolean {
  const port = portOf(server);
  return [`127.0.0.1:${port}`, `localhost:${port}`].includes(request.headers.host ?? '');
}

/** A page of this server, and no other page that the browser has open. */
function isOwnOrigin(request: http.IncomingMessage): boolean {
  return request.headers.origin === `http://${request.headers.host}`;
}

function isToken(given: string | null, token: string): boolean {
  const a = Buffer.from(given ?? '');
  const b = Buffer.from(token);
  return a.length === b.length && timingSafeEqual(a, b);
}
