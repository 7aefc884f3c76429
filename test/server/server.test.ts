/** The browser server's walls: who may reach the lab from a browser that has other pages open too, and what they may ask. */
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectChannel } from '../../src/contract/channel.ts';
import type { PageApi, PageNews, WorldInfo } from '../../src/contract/page-api.ts';
import { createWorlds, servePage, socketChannel, type PageServer, type Worlds } from '../../src/server/index.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const LAB = 'one-mx-waits';
let dir: string;
let worlds: Worlds;
let server: PageServer;
let token: string;

beforeAll(async () => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-server-'));
  fs.mkdirSync(path.join(dir, 'page'));
  fs.writeFileSync(path.join(dir, 'page/index.html'), '<!doctype html><script nonce="NONCE" src="./page.js"></script>');
  fs.writeFileSync(path.join(dir, 'page/page.js'), '1;\n');
  fs.writeFileSync(path.join(dir, 'secret.txt'), 'secret');
  worlds = createWorlds({
    labs: path.join(ROOT, 'labs'),
    home: path.join(dir, 'labs'),
    version: 'test',
    publish: false,
    startWorker: (workerData) => new Worker(path.join(ROOT, 'src/engine/worker.ts'), { workerData }),
  });
  server = await servePage(worlds, { root: path.join(dir, 'page'), port: 0 });
  token = new URL(server.url).searchParams.get('token')!;
});
afterAll(async () => {
  await server.close();
  await worlds.closeAll();
  fs.rmSync(dir, { recursive: true, force: true });
});

interface Answer {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

/** A request as any program can write it, with headers that a browser would not let a page choose. */
function get(target: string, headers: http.OutgoingHttpHeaders = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    http
      .get({ host: '127.0.0.1', port: server.port, path: target, headers, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.once('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
      })
      .once('error', reject);
  });
}

const home = (): string => `/?token=${token}`;
const own = (): string => `http://127.0.0.1:${server.port}`;

/** The socket of a page. Rejects with the status when it is refused. */
function socket(options: { target?: string; origin?: string; host?: string } = {}): Promise<WebSocket> {
  const { target = `/lab?token=${token}`, origin = own(), host } = options;
  return new Promise((resolve, reject) => {
    const one = new WebSocket(`ws://127.0.0.1:${server.port}${target}`, {
      origin,
      headers: host === undefined ? {} : { host },
    });
    one.once('open', () => resolve(one));
    one.once('error', reject);
    one.once('unexpected-response', (_request, { statusCode }) => reject(new Error(`status ${statusCode}`)));
  });
}

describe('the page', () => {
  it('is given to whoever has the token', async () => {
    const { status, headers, text } = await get(home());
    expect(status).toBe(200);
    expect(headers['content-type']).toContain('text/html');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(text).toContain('page.js');
    expect((await get('/page.js')).status).toBe(200);
  });

  it.each(['/', '/?token=', '/?token=wrong', '/index.html', '/index.html?token=a'])(
    'is not given at %s',
    async (target) => {
      const { status, text } = await get(target);
      expect(status).toBe(403);
      expect(text).toContain('token');
      expect(text).not.toContain('script');
    },
  );

  it.each(['evil.test', 'evil.test:80', '127.0.0.1', 'localhost:1', '127.0.0.1.evil.test', '0.0.0.0'])(
    'is not given to a page that came as %s (DNS rebinding)',
    async (host) => {
      const named = host === '0.0.0.0' ? `0.0.0.0:${server.port}` : host;
      expect((await get(home(), { host: named })).status).toBe(421);
      expect((await get('/page.js', { host: named })).status).toBe(421);
    },
  );

  it('is given as localhost too', async () => {
    expect((await get(home(), { host: `localhost:${server.port}` })).status).toBe(200);
  });

  it.each(['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/assets/../../secret.txt'])(
    'leads to no other file: %s',
    async (target) => {
      const { status, text } = await get(target);
      expect(status).toBe(404);
      expect(text).not.toContain('secret');
    },
  );

  it('says what it may load, with another nonce each time', async () => {
    const [one, two] = [await get(home()), await get(home())];
    const policy = String(one.headers['content-security-policy']);
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
    ])
      expect(policy.split('; ')).toContain(rule);
    expect(policy).not.toMatch(/unsafe-|\*|https?:/);
    expect(policy.match(/wss?:[^ ;]+/g)).toEqual([`ws://127.0.0.1:${server.port}`, `ws://localhost:${server.port}`]);
    const nonce = (answer: Answer): string =>
      /'nonce-([^']+)'/.exec(String(answer.headers['content-security-policy']))![1]!;
    expect(Buffer.from(nonce(one), 'base64')).toHaveLength(16);
    expect(one.text).toContain(`nonce="${nonce(one)}"`);
    expect(nonce(two)).not.toBe(nonce(one));
  });

  it('listens on 127.0.0.1 and nothing else', async () => {
    const others = Object.values(os.networkInterfaces())
      .flat()
      .filter((face) => face !== undefined && !face.internal && face.family === 'IPv4');
    for (const face of others) {
      const refused = await new Promise<boolean>((resolve) => {
        const line = net.connect({ host: face!.address, port: server.port, timeout: 1_000 });
        line
          .once('connect', () => resolve(false))
          .once('error', () => resolve(true))
          .once('timeout', () => resolve(true));
        line.once('close', () => line.destroy());
      });
      expect(refused, `${face!.address} answers`).toBe(true);
    }
    await expect(servePage(worlds, { root: path.join(dir, 'page'), port: server.port })).rejects.toThrow(
      `port ${server.port} on 127.0.0.1 is in use`,
    );
  });

  it('says what to do when it is not built', async () => {
    await expect(servePage(worlds, { root: path.join(dir, 'nothing'), port: 0 })).rejects.toThrow('npm run build');
  });
});

describe('the lab', () => {
  it.each<[string, Parameters<typeof socket>[0]]>([
    ['no token', { target: '/lab' }],
    ['a wrong token', { target: `/lab?token=${'x'.repeat(32)}` }],
    ['another path', { target: '/other?token=TOKEN' }],
    ['another page', { origin: 'http://evil.test' }],
    ['a page of another port', { origin: 'http://127.0.0.1:1' }],
    ['a file', { origin: 'null' }],
    ['a rebound name', { host: 'evil.test', origin: 'http://evil.test' }],
  ])('is closed to %s', async (_who, options) => {
    await expect(socket({ ...options, target: options?.target?.replace('TOKEN', token) })).rejects.toThrow(
      'status 403',
    );
  });

  it('refuses a call with wrong arguments, and lives on', async () => {
    const line = await socket();
    const api = connectChannel<PageApi, PageNews>(socketChannel(line), {});
    const any = api as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    await expect(any.open!(5)).rejects.toThrow('open: argument 0');
    await expect(any.open!()).rejects.toThrow('open: ');
    await expect(any.open!('a', 'b')).rejects.toThrow('open: ');
    await expect(any.branch!('w1', -1)).rejects.toThrow('branch: argument 1');
    await expect(any.ask!('w1', 'act', 'text')).rejects.toThrow('ask: argument 2');
    await expect(any.shutdown!()).rejects.toThrow("there is no call 'shutdown'");
    await expect(any.toString!()).rejects.toThrow("there is no call 'toString'");
    await expect(api.open('../secret')).rejects.toThrow("there is no lab '../secret'");
    await expect(api.openText('bad.yaml', 'hosts: 5')).rejects.toThrow(/^bad\.yaml:1:/);
    line.send(JSON.stringify('neither call nor answer'));
    line.send('null');
    expect((await api.labs()).map(({ id }) => id)).toContain(LAB);
    line.terminate();
  });

  it('hangs up on who sends something else than JSON', async () => {
    const line = await socket();
    line.send('GET / HTTP/1.1');
    expect(await new Promise((resolve) => line.once('close', resolve))).toBe(1003);
  });

  it('tells all pages the same, and goes on when one of them leaves', async () => {
    const hear = async () => {
      const line = await socket();
      const told = { worlds: [] as WorldInfo[][], events: [] as number[], enough: () => undefined as void };
      const api = connectChannel<PageApi, PageNews>(socketChannel(line), {
        worlds: (list) => void told.worlds.push(list),
        events(_world, batch) {
          told.events.push(...batch.map(({ n }) => n));
          told.enough();
        },
      });
      return { line, told, api };
    };
    const [one, two, leaver] = [await hear(), await hear(), await hear()];
    const world = await one.api.open(LAB);
    leaver.line.terminate();
    const { n: before } = await two.api.ask(world.id, 'bench', [null]);
    await two.api.ask(world.id, 'setPace', ['max']);
    const { guide } = await two.api.ask(world.id, 'lesson', []);
    for (const index of guide.keys()) await one.api.ask(world.id, 'doGuideStep', [index]);
    const { n } = await two.api.ask(world.id, 'bench', [null]);
    expect(n).toBeGreaterThan(before + 10);
    for (const { told } of [one, two])
      await new Promise<void>((resolve) => {
        told.enough = () => void (told.events.includes(n) && resolve());
        told.enough();
      });
    const upTo = (heard: number[]): number[] => heard.filter((number) => number <= n);
    expect(upTo(one.told.events)).toEqual(Array.from({ length: n - before }, (_, index) => before + 1 + index));
    expect(upTo(two.told.events)).toEqual(upTo(one.told.events));
    expect(two.told.worlds).toEqual(one.told.worlds);
    expect(await two.api.worlds()).toMatchObject([{ id: world.id }]);
    await one.api.close(world.id);
    expect(await two.api.worlds()).toEqual([]);
    one.line.terminate();
    two.line.terminate();
  });

  it('lets go of calls under way when the server ends', async () => {
    const other = await servePage(worlds, { root: path.join(dir, 'page'), port: 0 });
    const line = new WebSocket(other.url.replace('http', 'ws').replace('/?', '/lab?'), {
      origin: `http://127.0.0.1:${other.port}`,
    });
    await new Promise((resolve) => line.once('open', resolve));
    const api = connectChannel<PageApi, PageNews>(socketChannel(line), {});
    await api.worlds();
    await other.close();
    await expect(api.labs()).rejects.toThrow();
    const again = await servePage(worlds, { root: path.join(dir, 'page'), port: other.port });
    await again.close();
  });
});

describe('a lab that fails', () => {
  it('leaves the list of worlds, and says why', async () => {
    // A lab's thread, as far as worlds know it: it starts, and its disk fails when it is asked for its clock.
    const thread = `const { parentPort, workerData } = require('node:worker_threads');
      parentPort.on('message', ({ call, name }) => parentPort.postMessage(name === 'clock' ? { failed: 'the disk fails' } : { answer: call, value: null }));
      parentPort.postMessage({ ready: { dir: workerData.dir, title: 'A lab', reopened: false, n: 1 } });`;
    const some = createWorlds({
      labs: path.join(ROOT, 'labs'),
      home: path.join(dir, 'failing'),
      version: 'test',
      publish: false,
      startWorker: (workerData) => new Worker(thread, { eval: true, workerData }),
    });
    const { id } = await some.api.open(LAB);
    const said: string[] = [];
    const left = new Promise<WorldInfo[]>((resolve) => {
      some.listen({
        events: () => undefined,
        clock: () => undefined,
        trouble: (words) => void said.push(words),
        worlds: resolve,
      });
    });
    const asked = some.api.ask(id, 'clock', []);
    expect(await left).toEqual([]);
    expect(said).toEqual(['A lab has ended by itself: the disk fails']);
    await expect(asked).rejects.toThrow('the lab is gone');
    await expect(some.api.ask(id, 'clock', [])).rejects.toThrow(`there is no world '${id}' any more`);
  });
});
