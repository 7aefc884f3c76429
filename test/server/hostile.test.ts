/**
 * The page's server and what comes in on its port, from any program of the machine and from any page of the browser: whatever it is, it
 * is refused, and the next one is served.
 */
import { EventEmitter, once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectChannel, serveChannel, type Channel } from '../../src/contract/channel.ts';
import type { PageApi, PageNews } from '../../src/contract/page-api.ts';
import { createWorlds, servePage, socketChannel, type PageServer, type Worlds } from '../../src/server/index.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SEED = Number(process.env['SEED'] ?? 8);
let dir: string;
let worlds: Worlds;
let server: PageServer;
let token: string;
let world: string;
let pageChannel: { api: PageApi; socket: WebSocket };

beforeAll(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-hostile-'));
  fs.mkdirSync(path.join(dir, 'page'));
  fs.writeFileSync(path.join(dir, 'page/index.html'), '<!doctype html>the page');
  fs.writeFileSync(path.join(dir, 'page/page.js'), '1;\n');
  fs.writeFileSync(path.join(dir, 'page/gone.js'), '2;\n');
  worlds = createWorlds({
    labs: path.join(ROOT, 'labs'),
    home: path.join(dir, 'labs'),
    version: 'test',
    publish: false,
    startWorker: (workerData) => new Worker(path.join(ROOT, 'src/engine/worker.ts'), { workerData }),
  });
  server = await servePage(worlds, { root: path.join(dir, 'page'), port: 0 });
  token = new URL(server.url).searchParams.get('token')!;
  pageChannel = await page();
  world = (await pageChannel.api.open('one-mx-waits')).id;
});
afterAll(async () => {
  pageChannel.socket.terminate();
  await server.close();
  await worlds.closeAll();
  fs.rmSync(dir, { recursive: true, force: true });
});

const own = (): string => `127.0.0.1:${server.port}`;

/** Bytes as any program can write them; resolves with all that came back when the server has hung up. `then`: the program leaves by itself. */
function say(bytes: string | Buffer, then: 'wait' | 'end' | 'reset' = 'wait'): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(server.port, '127.0.0.1');
    let heard = '';
    const end = (): void => {
      socket.destroy();
      resolve(heard);
    };
    socket
      .on('error', end)
      .on('close', end)
      .on('data', (chunk: Buffer) => {
        heard += chunk.toString('latin1');
      });
    socket.write(bytes, () => {
      if (then === 'end') socket.end();
      if (then === 'reset') socket.resetAndDestroy();
    });
  });
}
const get = (target: string, more = ''): Promise<string> =>
  say(`GET ${target} HTTP/1.1\r\nHost: ${own()}\r\nConnection: close\r\n${more}\r\n`);
const upgrade = (target: string, origin: string, more = ''): string =>
  `GET ${target} HTTP/1.1\r\nHost: ${own()}\r\nOrigin: ${origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`;

async function page(): Promise<{ api: PageApi; socket: WebSocket }> {
  const socket = new WebSocket(`ws://${own()}/lab?token=${token}`, { origin: `http://${own()}` });
  await once(socket, 'open');
  return { socket, api: connectChannel<PageApi, PageNews>(socketChannel(socket), {}) };
}

/** The page is given, and the lab behind it answers. */
async function stillWell(): Promise<void> {
  expect(await get(`/?token=${token}`)).toMatch(/^HTTP\/1\.1 200 [^]*the page\b/);
  expect(await pageChannel.api.ask(world, 'clock', [])).toMatchObject({ paused: true });
}

describe('a request', () => {
  it.each([
    '//',
    '//[',
    '//a:b',
    '//evil.test/',
    '///',
    'http://[',
    'http://evil.test/',
    'http:',
    '*',
    '/\\\\[',
    '//%00',
    '\\\\evil',
  ])('for %s is no request for a page', async (target) => {
    expect(await get(target)).toMatch(/^HTTP\/1\.1 (400|404) /);
    expect(await say(upgrade(target, 'http://evil.test'))).toMatch(/^HTTP\/1\.1 (400|403) /);
    expect(await say(upgrade(target, `http://${own()}`))).toMatch(/^HTTP\/1\.1 (400|403) /);
    await stillWell();
  });

  it('for an upgrade that is refused is let go of, though its program never hangs up', async () => {
    const programs = await Promise.all(
      Array.from({ length: 300 }, async (_, i) => {
        const program = net.connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
        program.on('error', () => undefined).resume();
        const ended = once(program, 'end').catch(() => undefined);
        program.write(upgrade(i % 2 === 0 ? '/lab' : '//', 'http://evil.test'));
        await ended;
        return program;
      }),
    );
    await stillWell();
    programs.forEach((program) => program.destroy());
  });

  it('for // and its like is answered 400', async () => {
    for (const target of ['//', '//[', '//a:b']) {
      expect(await get(target)).toMatch(/^HTTP\/1\.1 400 /);
      expect(await say(upgrade(target, 'http://evil.test'))).toMatch(/^HTTP\/1\.1 400 /);
    }
  });

  it('for a part of a file that can’t be is answered', async () => {
    for (const range of ['bytes=2-1', 'bytes=-', 'bytes=9999999-', 'bytes=1e99-2', 'x'])
      expect(await get('/page.js', `Range: ${range}\r\n`)).toMatch(/^HTTP\/1\.1 (200|206|416) /);
    await stillWell();
  });

  it('for a file that was there when the server began is answered', async () => {
    fs.rmSync(path.join(dir, 'page/gone.js'));
    expect(await get('/gone.js')).toMatch(/^HTTP\/1\.1 404 /);
    await stillWell();
  });

  it('for the page by another name needs the token too', async () => {
    for (const target of ['/index.html', '/%69ndex.html', '/x/../index.html', '/./'])
      expect(await get(target)).toMatch(/^HTTP\/1\.1 (403|404) /);
  });

  it('that is cut off, or whose program leaves at once, is forgotten', async () => {
    for (const bytes of [
      'GET',
      'GET / HTTP/1.1\r\nHost',
      upgrade('/lab', 'http://evil.test'),
      upgrade(`/lab?token=${token}`, `http://${own()}`),
      upgrade('//', 'x'),
    ]) {
      for (let i = 0; i < 20; i++) await say(bytes, 'reset');
    }
    await stillWell();
  });

  it('of any form leaves the server well', { timeout: 60_000 }, async () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 }).map((value) => value.replace(/[\r\n ]/g, ''));
    const target = fc.oneof(
      text,
      text.map((value) => `/${value}`),
      text.map((value) => `//${value}`),
      fc.webUrl({ validSchemes: ['http', 'ws', 'ftp'] }),
      fc.constantFrom(`/lab?token=${'x'.repeat(5000)}`, '/%', '/%c0%af', '/?%', '/__proto__', '/constructor'),
    );
    const header = fc.tuple(
      fc.constantFrom(
        'Range',
        'If-None-Match',
        'Accept-Encoding',
        'Upgrade',
        'Connection',
        'Content-Length',
        'Transfer-Encoding',
        'Expect',
        'Sec-WebSocket-Key',
        'Sec-WebSocket-Extensions',
        'Sec-WebSocket-Protocol',
        '__proto__',
      ),
      text,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'HEAD', 'POST', 'OPTIONS', 'CONNECT', 'TRACE', 'PRI', 'x'),
        target,
        fc.array(header, { maxLength: 6 }),
        fc.constantFrom(own(), 'evil.test', ''),
        fc.boolean(),
        fc.boolean(),
        async (method, wanted, headers, host, upgrades, reset) => {
          const more = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
          await say(
            Buffer.from(
              upgrades ? upgrade(wanted, host, more) : `${method} ${wanted} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`,
            ),
            reset ? 'reset' : 'end',
          );
        },
      ),
      { numRuns: 400, seed: SEED },
    );
    await stillWell();
  });
});

describe('a frame', () => {
  /** A page's frame: masked, as RFC 6455 §5.3 wants it, with a mask of zeros. */
  const frame = (first: number, payload: Buffer, masked = true): Buffer => {
    const mask = masked ? 0x80 : 0;
    const head =
      payload.length < 126
        ? [first, mask | payload.length]
        : [first, mask | 126, payload.length >> 8, payload.length & 255];
    return Buffer.concat([Buffer.from(head), Buffer.alloc(masked ? 4 : 0), payload]);
  };
  const call = (message: unknown): Buffer => Buffer.from(JSON.stringify(message));
  const bomb = deflateRawSync(Buffer.alloc(200 * 1024 * 1024, 0x20));
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const raw = (bytes: Buffer, then: 'end' | 'reset'): Promise<string> =>
    say(Buffer.concat([Buffer.from(upgrade(`/lab?token=${token}`, `http://${own()}`)), bytes]), then);

  it.each<[string, () => Buffer]>([
    ['without a mask', () => frame(0x81, call({ call: 1, name: 'labs', args: [] }), false)],
    ['with reserved bits', () => frame(0xf1, Buffer.from('x'))],
    ['of an unknown kind', () => frame(0x8f, Buffer.from('x'))],
    ['that goes on with none', () => frame(0x80, Buffer.from('x'))],
    ['of text that is no UTF-8', () => frame(0x81, Buffer.from([0xff, 0xfe]))],
    [
      'that says it is larger than may be',
      () => Buffer.from([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]),
    ],
    ['that closes with a wrong code', () => frame(0x88, Buffer.from([0, 1]))],
    ['deflated wrongly', () => frame(0x82, Buffer.from('no deflate'))],
    ['that is cut off', () => frame(0x81, Buffer.alloc(100)).subarray(0, 20)],
  ])('%s costs its page the connection, and no other', async (_what, bytes) => {
    await raw(bytes(), 'end');
    await raw(bytes(), 'reset');
    await stillWell();
  });

  it('that inflates without end is not inflated to its end', async () => {
    const { socket } = await page();
    const before = process.memoryUsage().rss;
    socket.send(bomb);
    const [code] = (await once(socket, 'close')) as [number];
    expect(code).toBe(1003);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    await stillWell();
  });

  it.each<[string, string]>([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a number', '5'],
    ['null', 'null'],
    ['a list', '[]'],
    ['lists in lists', deep],
    ['half a call', '{"call":1}'],
    ['a call by a list', '{"call":1,"name":["labs"],"args":[]}'],
    ['arguments that are none', '{"call":1,"name":"labs","args":{"length":1e9}}'],
    ['a call by no number', '{"call":"1","name":"labs","args":[]}'],
    ['an answer', '{"answer":1,"value":null}'],
    ['a prototype', '{"__proto__":{"call":1},"name":"labs"}'],
    ['lists in lists as an argument', `{"call":1,"name":"openText","args":["x.yaml",${deep}]}`],
  ])('with %s in it is refused, or passed over', async (_what, text) => {
    const { socket } = await page();
    socket.send(text);
    socket.send('{"call":99,"name":"labs","args":[]}');
    await Promise.race([once(socket, 'message'), once(socket, 'close')]);
    socket.terminate();
    await stillWell();
  });

  it('can ask for the contract’s calls only, whatever an object has else', { timeout: 60_000 }, async () => {
    const { api, socket } = await page();
    const any = api as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    const inherited = [
      ...Object.getOwnPropertyNames(Object.prototype),
      ...Object.getOwnPropertyNames(Function.prototype),
      'prototype',
      'then',
      '',
    ];
    for (const name of inherited) {
      if (name !== 'then')
        await expect(any[name]!(), name).rejects.toThrow(`there is no call '${name}'; there are: labs, `);
      await expect(any.ask!(world, name, []), name).rejects.toThrow(
        name === '' ? 'ask: argument 1' : `there is no call '${name}'; there are: act, `,
      );
      await expect(any.ask!(name, 'clock', []), name).rejects.toThrow(
        name === '' ? 'ask: argument 0' : `there is no world '${name}' any more`,
      );
      await expect(any.close!(name), name).rejects.toThrow();
      await expect(any.open!(name), name).rejects.toThrow();
      await expect(any.reopen!(name), name).rejects.toThrow();
      await expect(any.forget!(name), name).rejects.toThrow();
      await expect(any.branch!(name, 1), name).rejects.toThrow();
    }
    await stillWell();
    socket.terminate();
  });

  it('with anything in it leaves server and lab well', { timeout: 60_000 }, async () => {
    const { socket } = await page();
    const name = fc.constantFrom(
      'labs',
      'worlds',
      'open',
      'openText',
      'branch',
      'remember',
      'kept',
      'reopen',
      'forget',
      'ask',
      'constructor',
      '__proto__',
      'toString',
    );
    const asked = fc.constantFrom(
      'act',
      'clock',
      'setPace',
      'jump',
      'state',
      'bench',
      'queue',
      'mailbox',
      'events',
      'eventText',
      'checks',
      'doGuideStep',
      'zoneNotes',
      'mailLog',
      'message',
      'preview',
      'publish',
      '__proto__',
    );
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('__proto__', 'constructor', -1, 1e308, 9e15, '', 'a', null));
    const plain = fc.record({ call: fc.constant(1), name, args: fc.array(value, { maxLength: 4 }) });
    const toLab = fc.record({
      call: fc.constant(1),
      name: fc.constant('ask'),
      args: fc.tuple(fc.constantFrom('w1', '__proto__'), asked, fc.array(value, { maxLength: 4 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(plain, toLab), async (message) => {
        const answered = once(socket, 'message');
        socket.send(JSON.stringify(message));
        await answered;
      }),
      { numRuns: 500, seed: SEED },
    );
    socket.terminate();
    await pageChannel.api.ask(world, 'pause', []);
    await stillWell();
  });

  it('that is one of very many waits until those before it are answered', { timeout: 60_000 }, async () => {
    const { socket } = await page();
    const CALLS = 20_000;
    let answers = 0;
    const all = new Promise<void>((resolve) =>
      socket.on('message', () => void ((answers += 1) === CALLS && resolve())),
    );
    for (let i = 1; i <= CALLS; i++) socket.send(`{"call":${i},"name":"ask","args":["${world}","clock",[]]}`);
    await all;
    socket.terminate();
    await stillWell();
  });
});

describe('a channel', () => {
  /** Two ends in memory; what is posted on one is heard on the other. */
  function pair(): [Channel, Channel] {
    const ears: ((message: unknown) => void)[][] = [[], []];
    const end = (mine: number): Channel => ({
      post(message) {
        if ((message as { value?: unknown }).value === 'too long') throw new RangeError('Invalid string length');
        ears[1 - mine]!.forEach((hear) => hear(message));
      },
      on: (hear) => void ears[mine]!.push(hear),
      onClose: () => undefined,
    });
    return [end(0), end(1)];
  }

  it('fails a call whose answer can’t be sent', async () => {
    const [near, far] = pair();
    serveChannel(far, { long: async () => 'too long', short: async () => 'short' }, ['long', 'short'], () => undefined);
    const api = connectChannel<{ long(): Promise<string>; short(): Promise<string> }, object>(near, {});
    await expect(api.long()).rejects.toThrow('Invalid string length');
    expect(await api.short()).toBe('short');
  });

  it('hears no news but those that somebody listens to', () => {
    const [near, far] = pair();
    connectChannel(near, {});
    for (const news of ['__defineGetter__', 'constructor', 'toString', 'hasOwnProperty'])
      expect(() => far.post({ news, args: ['x', 'y'] })).not.toThrow();
  });

  it('hears no more than so many calls at a time, also where answers can’t be sent', () => {
    const socket = Object.assign(new EventEmitter(), {
      isPaused: false,
      bufferedAmount: 0,
      pause: () => void (socket.isPaused = true),
      resume: () => void (socket.isPaused = false),
      send: () => undefined,
    });
    const channel = socketChannel(socket as unknown as WebSocket);
    channel.on(() => undefined);
    for (let call = 1; call <= 512; call += 1) socket.emit('message', Buffer.from(JSON.stringify({ call })), false);
    expect(socket.isPaused).toBe(true);
    const fail = (call: number): void => {
      expect(() => channel.post({ answer: call, value: 1n })).toThrow();
      channel.post({ answer: call, error: 'it is too long' });
    };
    for (let call = 1; call < 256; call += 1) fail(call);
    expect(socket.isPaused).toBe(true);
    fail(256);
    expect(socket.isPaused).toBe(false);
  });
});
