/** What the name server and the page's server hear from whoever finds their ports. */
import { randomBytes } from 'node:crypto';
import dgram from 'node:dgram';
import { deflateRawSync } from 'node:zlib';
import dnsPacket from 'dns-packet';
import { WebSocket } from 'ws';
import type { Crowd } from './crowd.ts';

const question = (id: number, name: string): Buffer =>
  dnsPacket.encode({ type: 'query', id: id & 0xffff, flags: 0x0100, questions: [{ name, type: 'MX', class: 'IN' }] });
const framed = (query: Buffer): Buffer => Buffer.concat([Buffer.from([query.length >> 8, query.length & 255]), query]);

export function dnsHostiles(crowd: Crowd, port: number): void {
  for (const [name, make] of [
    ['questions', (i: number) => question(i, 'theorganisation.test')],
    ['garbage', () => randomBytes(1 + Math.floor(Math.random() * 500))],
  ] as const) {
    crowd.loop(`datagrams of ${name}`, 1, async ({ wait }) => {
      const socket = dgram.createSocket('udp4');
      socket.on('error', () => undefined);
      for (let burst = 0; burst < 50; burst += 1) {
        for (let i = 0; i < 20; i += 1) socket.send(make(i), port, '127.0.0.1');
        await wait(5);
      }
      socket.close();
    });
  }
  const flood = Buffer.concat(Array.from({ length: 2_000 }, (_, i) => framed(question(i, 'theorganisation.test'))));
  crowd.loop('DNS over TCP: flood', 1, async ({ call, pour }) => {
    const socket = await call(port);
    socket.resume();
    await pour(socket, flood, 3_000);
  });
  crowd.loop('DNS over TCP: flood that reads no answers', 1, async ({ call, pour }) =>
    pour(await call(port), flood, 3_000),
  );
  crowd.loop('DNS over TCP: garbage', 1, async ({ call, pour }) => {
    const socket = await call(port);
    socket.resume();
    await pour(socket, randomBytes(64 * 1024), 1_000);
  });
  crowd.loop('DNS over TCP: half a question', 5, async ({ call, wait }) => {
    const socket = await call(port);
    socket.write(Buffer.from([255, 255, 1]));
    await wait(5_000);
  });
  crowd.loop('DNS over TCP: reset', 1, async ({ call, wait }) => {
    const socket = await call(port);
    socket.write(framed(question(1, 'theorganisation.test')));
    socket.resetAndDestroy();
    await wait(20);
  });
}

export function webHostiles(crowd: Crowd, page: string): void {
  const url = new URL(page);
  const port = Number(url.port);
  const host = `Host: ${url.host}\r\n`;
  const upgrade = (target: string, origin: string): string =>
    `GET ${target} HTTP/1.1\r\n${host}Origin: ${origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
  const own = `/lab${url.search}`;

  for (const target of ['//', '//[', '//a:b', '*', '/%', `/${'x'.repeat(10_000)}`]) {
    crowd.loop('HTTP: odd targets', 1, async ({ call, wait }) => {
      const socket = await call(port);
      socket.resume().write(`GET ${target} HTTP/1.1\r\n${host}\r\n`);
      await wait(50);
      const other = await call(port);
      other.resume().write(upgrade(target, 'http://evil.test'));
      await wait(50);
    });
  }
  crowd.loop('HTTP: garbage', 1, async ({ call, wait }) => {
    const socket = (await call(port)).resume();
    socket.write(randomBytes(16 * 1024));
    await wait(50);
  });
  crowd.loop('HTTP: many requests', 1, async ({ call, wait }) => {
    const socket = (await call(port)).resume();
    for (let burst = 0; burst < 50; burst += 1) {
      socket.write(`GET /x.js HTTP/1.1\r\n${host}\r\n`.repeat(20));
      await wait(50);
    }
  });
  crowd.loop('HTTP: slow header', 4, async ({ call, wait }) => {
    const socket = await call(port);
    for (const sign of 'GET / HTTP/1.1\r\nX: yyyyyyyyyyyyyyyyy') {
      socket.write(sign);
      await wait(200);
    }
  });
  crowd.loop('HTTP: reset in an upgrade', 1, async ({ call, wait }) => {
    const socket = await call(port);
    socket.write(upgrade(own, url.origin));
    socket.resetAndDestroy();
    await wait(50);
  });
  crowd.loop('WebSocket: broken frames', 1, async ({ call, wait }) => {
    const socket = await call(port);
    socket.resume().write(upgrade(own, url.origin));
    await wait(20);
    socket.write(randomBytes(2_000));
    await wait(200);
  });
  crowd.loop('WebSocket: what it says is read by nobody', 1, async ({ call, wait }) => {
    const socket = await call(port);
    socket.write(upgrade(own, url.origin)); // all events come here, and stay in the kernel's buffers, then the server's
    await wait(6_000);
  });
  const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
  const open = (): Promise<WebSocket> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://${url.host}${own}`, { origin: url.origin });
      socket.once('open', () => resolve(socket)).once('error', reject);
    });
  crowd.loop('WebSocket: bombs', 1, async ({ wait }) => {
    const socket = await open();
    socket.on('error', () => undefined);
    socket.send(bomb);
    await wait(3_000);
    socket.terminate();
  });
  crowd.loop('WebSocket: calls', 1, async ({ wait }) => {
    const socket = await open();
    socket.on('error', () => undefined);
    for (let i = 1; i <= 500; i += 1)
      socket.send(
        JSON.stringify({
          call: i,
          name: i % 3 === 0 ? '__proto__' : 'ask',
          args: ['w1', i % 2 === 0 ? 'clock' : 'constructor', []],
        }),
      );
    await wait(500);
    socket.terminate();
  });
}
