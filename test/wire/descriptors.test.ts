/** What a program from outside held is given back when it leaves, whatever became of its call; and a machine that has no descriptor left loses no mail. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LabEvent } from '../../src/contract/events.ts';
import { openLab, type Lab } from '../../src/engine/lab.ts';
import { ROOT, temporary } from '../cli/command.ts';
import { mail } from '../contract/busy.ts';
import { messageText, RawSmtp } from '../durability/smtp-client.ts';

const WORLD = `title: Calls of every fate
shows: Ports that give back what was taken.
clock: { start: 2026-03-02T09:00Z, seed: 4 }
networks: { office: 192.0.2.0/24, internet: 203.0.113.0/24 }
hosts:
  a: { name: a.theorganisation.test, address: 192.0.2.10, final: theorganisation.test, mailboxes: [alice] }
  b: { name: b.theorganisation.test, address: 192.0.2.20, relay: theorganisation.test }
  c: { name: c.elsewhere.test, address: 203.0.113.30, final: elsewhere.test, mailboxes: [carol], server-idle: 1s }
  d: { name: d.elsewhere.test, address: 203.0.113.40 }
zones:
  theorganisation.test: |
    @ MX 1 a
    a A 192.0.2.10
  elsewhere.test: |
    @ MX 1 c
    c A 203.0.113.30
firewall: |
  drop internet -> a port 25
  reject internet -> b port 25
  default allow
`;

let lab: Lab;
let run: Promise<void>;
const ports: Record<string, number> = {};
beforeEach(async () => {
  lab = await openLab({ scenario: { text: WORLD, file: 'fates.yaml' }, dir: null, version: 'test' });
  run = lab.driver.run();
  for (const host of ['a', 'b', 'c', 'd']) ports[host] = (await lab.publish(host, 'internet', 0)).port;
  ports['dns'] = lab.network.dnsPort;
});
afterEach(async () => {
  vi.restoreAllMocks();
  await lab.close();
  await run;
});

const hasProc = fs.existsSync('/proc/self/fd');
/** Sockets that this process holds: those of the lab, and of the test. */
async function sockets(): Promise<number> {
  const held = (await fs.promises.readdir('/proc/self/fd')).map((fd) =>
    fs.promises.readlink(`/proc/self/fd/${fd}`).catch(() => ''),
  );
  return (await Promise.all(held)).filter((target) => target.startsWith('socket:')).length;
}

/** Resolves when the process holds no more sockets than this, and the lab knows of no connection. To look takes the file system's time, in which the lab goes on. */
async function backTo(count: number): Promise<void> {
  const until = performance.now() + BACK_REAL_MS;
  const known = (): number => Object.keys(lab.state.network.open).length;
  for (let open = await sockets(); open > count || known() > 0; open = await sockets()) {
    if (performance.now() > until)
      throw new Error(
        `${open} sockets are open, where there were ${count} before; the lab knows of ${known()} connections`,
      );
  }
}
const BACK_REAL_MS = 20_000;

function call(port: number): Promise<net.Socket> {
  const socket = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  socket.on('error', () => undefined);
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket));
    socket.once('close', () => resolve(socket));
  });
}
const closed = (socket: net.Socket): Promise<void> =>
  socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once('close', () => resolve()));
/** The program goes away without a word, and has read nothing. */
async function leave(socket: net.Socket): Promise<void> {
  socket.destroy();
  await closed(socket);
}
/** Reads to the end of what the server says. */
async function ended(socket: net.Socket): Promise<void> {
  socket.resume();
  if (!socket.readableEnded) await Promise.race([once(socket, 'end').catch(() => undefined), closed(socket)]);
}
const heard = (socket: net.Socket): Promise<unknown> =>
  Promise.race([once(socket, 'data').catch(() => undefined), closed(socket)]);
const together = async (count: number, one: (i: number) => Promise<void>): Promise<void> => {
  for (let done = 0; done < count; done += 50)
    await Promise.all(Array.from({ length: Math.min(50, count - done) }, (_, i) => one(done + i)));
};

const FATES: [string, () => Promise<void>][] = [
  ['open, and left at once', async () => leave(await call(ports['c']!))],
  [
    'open, with goodbye',
    async () => {
      const client = new RawSmtp(ports['c']!);
      await client.hello();
      await client.quit();
    },
  ],
  [
    'open, and reset',
    async () => {
      const socket = await call(ports['c']!);
      await heard(socket);
      socket.write('EHLO x\r\nMAIL FROM:<a@b.test>\r\n');
      socket.resetAndDestroy();
      await closed(socket);
    },
  ],
  [
    'open, and ended by half',
    async () => {
      const socket = await call(ports['c']!);
      await heard(socket);
      socket.end('EHLO x\r\nMAIL FROM:<carol@elsewhere.test>\r\n');
      await ended(socket);
      await leave(socket);
    },
  ],
  [
    'open, with half a message',
    async () => {
      const socket = await call(ports['c']!);
      await heard(socket);
      socket.write(
        'EHLO x\r\nMAIL FROM:<carol@elsewhere.test>\r\nRCPT TO:<carol@elsewhere.test>\r\nDATA\r\nSubject: half',
      );
      await heard(socket);
      await leave(socket);
    },
  ],
  [
    'open, with answers that nobody reads',
    async () => {
      const socket = await call(ports['c']!);
      socket.write('EHLO x\r\n'.repeat(50) + 'QUIT\r\n');
      await leave(socket);
    },
  ],
  [
    'refused by the firewall',
    async () => {
      const socket = await call(ports['b']!);
      await ended(socket);
      await leave(socket);
    },
  ],
  [
    'dropped by the firewall',
    async () => {
      const socket = await call(ports['a']!);
      socket.write('EHLO x\r\n');
      await leave(socket);
    },
  ],
  [
    'dropped by the firewall, and ended by half',
    async () => {
      const socket = await call(ports['a']!);
      socket.end('EHLO x\r\n');
      await leave(socket);
    },
  ],
  [
    'dropped by the firewall, and reset',
    async () => {
      const socket = await call(ports['a']!);
      socket.resetAndDestroy();
      await closed(socket);
    },
  ],
  [
    'of the name server, with a question',
    async () => {
      const socket = await call(ports['dns']!);
      socket.write(Buffer.from('001d0001010000010000000000000765787465726e046d61696c0000010001', 'hex'));
      await heard(socket);
      await leave(socket);
    },
  ],
  [
    'of the name server, with half a question',
    async () => {
      const socket = await call(ports['dns']!);
      socket.write(Buffer.from([0]));
      await leave(socket);
    },
  ],
];

describe.skipIf(!hasProc)('a call', () => {
  it.each(FATES)('%s, made 2,000 times, leaves no socket behind', { timeout: 120_000 }, async (_what, one) => {
    const before = await sockets();
    await together(2_000, one);
    await backTo(before);
  });

  it.each<[string, () => Promise<void>, () => Promise<void>]>([
    [
      'is off',
      () => lab.act({ do: 'host', host: 'c', power: 'off' }),
      () => lab.act({ do: 'host', host: 'c', power: 'start' }),
    ],
    [
      'is cut off',
      () => lab.act({ do: 'line', host: 'c', line: { cut: true } }),
      () => lab.act({ do: 'line', host: 'c', line: { cut: false } }),
    ],
    [
      'is stopped',
      () => lab.act({ do: 'host', host: 'c', power: 'stop' }),
      () => lab.act({ do: 'host', host: 'c', power: 'start' }),
    ],
    [
      'crashed',
      () => lab.act({ do: 'host', host: 'c', power: 'crash' }),
      () => lab.act({ do: 'host', host: 'c', power: 'start' }),
    ],
  ])(
    'to a host that %s, before or in the midst of it, leaves none behind',
    { timeout: 120_000 },
    async (_what, strike, mend) => {
      const before = await sockets();
      await strike();
      await together(2_000, async () => {
        const socket = await call(ports['c']!);
        socket.write('EHLO x\r\n');
        await leave(socket);
      });
      await backTo(before);
      await mend();
      for (const goes of ['leaves', 'ends', 'resets'] as const) {
        const open = await Promise.all(Array.from({ length: 100 }, () => call(ports['c']!)));
        await Promise.all(open.map(heard));
        await strike();
        for (const socket of open) {
          if (!socket.destroyed) socket.write('EHLO x\r\n');
          if (goes === 'leaves') socket.destroy();
          else if (goes === 'ends') socket.end();
          else socket.resetAndDestroy();
        }
        if (goes === 'ends') open.forEach((socket) => void socket.resume());
        await backTo(before + (goes === 'ends' ? open.filter((socket) => !socket.closed).length : 0));
        open.forEach((socket) => socket.destroy());
        await backTo(before);
        await mend();
      }
    },
  );

  it('to the gate, which is nobody’s, is forgotten', async () => {
    const gate = await gatePort();
    const before = await sockets();
    await together(2_000, async (i) => {
      const socket = await call(gate);
      if (i % 3 === 0) socket.write('who is there?');
      if (i % 3 === 1) socket.end();
      await leave(socket);
    });
    await backTo(before);
    const idle = await Promise.all(Array.from({ length: 200 }, () => call(gate)));
    await lab.act({
      do: 'send',
      everyMs: 0,
      connections: 1,
      messages: [mail({ via: 'c', to: ['carol@elsewhere.test'] })],
    });
    await lab.driver.idle();
    expect(lab.state.hosts['c']!.mailboxes['carol']).toHaveLength(1);
    for (const socket of idle) socket.destroy();
    await backTo(before);
  });
});

/** The lab's own: the one listener of this process that no host was given. */
async function gatePort(): Promise<number> {
  const listening = fs
    .readFileSync('/proc/self/net/tcp', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
      return state === '0A' ? [{ port: parseInt(local!.split(':')[1]!, 16), inode }] : [];
    });
  const own = new Set(
    fs.readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  const [gate] = listening.filter(({ port, inode }) => own.has(inode!) && !Object.values(ports).includes(port));
  return gate!.port;
}

describe('a machine without descriptors', () => {
  const ofKind = <Kind extends LabEvent['kind']>(kind: Kind): LabEvent<Kind>[] =>
    lab.events().flatMap((event) => (event.kind === kind ? [event as LabEvent<Kind>] : []));
  const send = (): Promise<void> =>
    lab.act({
      do: 'send',
      everyMs: 0,
      connections: 1,
      messages: [mail({ via: 'd', from: 'carol@elsewhere.test', to: ['carol@elsewhere.test'] })],
    });

  /** Calls of the lab to itself fail so, until `mended`. */
  function failing(how: (socket: net.Socket) => void): { mended(): void } {
    const connect = net.Socket.prototype.connect;
    const spy = vi.spyOn(net.Socket.prototype, 'connect').mockImplementation(function fail(
      this: net.Socket,
      ...args: never[]
    ) {
      // The first call is the person's, whose mail program is told; the second is the relay's.
      if (spy.mock.calls.length < 2) return (connect as (...all: never[]) => net.Socket).apply(this, args);
      how(this);
      return this;
    } as never);
    return { mended: () => spy.mockRestore() };
  }

  it.each<[string, (socket: net.Socket) => void]>([
    [
      'can’t be dialled from',
      (socket) =>
        void process.nextTick(() => socket.destroy(Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' }))),
    ],
    ['can’t accept', (socket) => void process.nextTick(() => (socket.emit('connect'), socket.push(null)))],
  ])('%s: the dial fails, and the message is sent with the next try', async (_what, how) => {
    const { mended } = failing(how);
    const deferred = new Promise<void>((resolve) => lab.listen((event) => event.kind === 'queue-defer' && resolve()));
    await lab.act({ do: 'set', host: 'd', settings: { relayClients: ['203.0.113.0/24'] } });
    await send();
    await deferred;
    mended();
    await lab.driver.idle();
    expect(ofKind('link-reset')[0]?.cause).toMatch(/^the loopback connection failed: .*too many open files/);
    expect(ofKind('queue-defer')[0]?.why).toMatchObject({ kind: 'connect', problem: 'refused' });
    expect(lab.state.hosts['c']!.mailboxes['carol']).toHaveLength(1);
    expect(lab.state.hosts['d']!.queue).toEqual({});
  });

  it('goes on when a socket under a line is taken away', async () => {
    const made: net.Socket[] = [];
    const connect = net.Socket.prototype.connect;
    vi.spyOn(net.Socket.prototype, 'connect').mockImplementation(function note(this: net.Socket, ...args: never[]) {
      made.push(this);
      return (connect as (...all: never[]) => net.Socket).apply(this, args);
    } as never);
    const greeted = new Promise<void>((resolve) => lab.listen((event) => event.kind === 'smtp-say' && resolve()));
    await lab.act({ do: 'set', host: 'd', settings: { relayClients: ['203.0.113.0/24'] } });
    await send();
    await greeted;
    made[0]!.destroy();
    await lab.driver.idle();
    expect(ofKind('link-reset')[0]?.cause).toBe('the loopback connection under it broke');
  });

  it('closes the calls that it can’t take, and takes the next ones', async () => {
    // As Node tells of a call that could not be accepted.
    const servers: net.Server[] = [];
    const listen = net.Server.prototype.listen;
    vi.spyOn(net.Server.prototype, 'listen').mockImplementation(function note(this: net.Server, ...args: never[]) {
      servers.push(this);
      return (listen as (...all: never[]) => net.Server).apply(this, args);
    } as never);
    const other = await openLab({ scenario: { text: WORLD, file: 'fates.yaml' }, dir: null, version: 'test' });
    const otherRun = other.driver.run();
    const { port } = await other.publish('c', 'internet', 0);
    expect(servers).toHaveLength(3);
    for (let i = 0; i < 3; i++)
      for (const server of servers) server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
    const client = new RawSmtp(port);
    expect(await client.hello()).toBe(true);
    expect(await client.send('carol@elsewhere.test', ['carol@elsewhere.test'], messageText('after'))).toMatch(/^250 /);
    await client.quit();
    await other.close();
    await otherRun;
  });

  it(
    'that has few of them loses no mail, and says that its story is the machine’s',
    { timeout: 120_000 },
    async ({ skip }) => {
      if (process.platform === 'win32') skip('there is no ulimit here');
      const dir = temporary();
      const file = path.join(dir, 'few.yaml');
      fs.writeFileSync(
        file,
        `${WORLD.replace('d: {', 'd: { relay-clients: 203.0.113.0/24,')}script:
  - send: { name: few, from: carol@elsewhere.test, to: carol@elsewhere.test, via: d, count: 200, connections: 40 }
  - pass: 12h
checks:
  - lost: 0
`,
      );
      const few = [
        '-c',
        'ulimit -n 48; exec "$0" "$@"',
        process.execPath,
        path.join(ROOT, 'bin/mail-lab.js'),
        'run',
        file,
        '--dir',
        path.join(dir, 'lab'),
        '--verbose',
      ];
      const child = spawn('bash', few, { stdio: ['ignore', 'pipe', 'pipe'] });
      const [stdout, stderr, [code]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'exit') as Promise<[number]>,
      ]);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(
          /^mail-lab: this machine could not make a connection between two hosts of the lab: too many files are open \(ulimit -n\)\. [^\n]*\n$/,
        ) as string,
      });
      expect(stdout).toContain('too many open files');
      expect(stdout).toContain('The only check holds.');
      fs.rmSync(dir, { recursive: true });
    },
  );
});
