/**
 * Programs from outside that bring more than a lab can take: they wait, as with any server that is busy; everybody else is served, time goes
 * on, and what nobody needs lies neither in memory nor in the journal. And all of it can be played again.
 */
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import dnsPacket from 'dns-packet';
import { afterEach, describe, expect, it } from 'vitest';
import { branchLab } from '../../src/engine/branch.ts';
import { createRealPacer } from '../../src/engine/clock/index.ts';
import { openLab, type Lab, type LabOptions } from '../../src/engine/lab.ts';
import { messageText, RawSmtp } from '../durability/smtp-client.ts';
import { tempDir } from '../labs/play.ts';

const WORLD = `title: Floods
shows: A lab that takes its time.
clock: { start: 2026-03-02T09:00Z, seed: 4 }
networks: { internet: 203.0.113.0/24 }
hosts:
  a: { name: a.theorganisation.test, address: 203.0.113.10, final: theorganisation.test, mailboxes: [alice] }
  c: { name: c.elsewhere.test, address: 203.0.113.30, final: elsewhere.test, mailboxes: [carol], message-size: 1MB, relay-clients: 203.0.113.0/24 }
zones:
  theorganisation.test: |
    @ MX 1 a
    a A 203.0.113.10
  elsewhere.test: |
    @ MX 1 c
    c A 203.0.113.30
`;
const CAROL = 'carol@elsewhere.test';
const ALICE = 'alice@theorganisation.test';
const MB = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
function heldBytes(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const opened: { lab: Lab; run: Promise<void> }[] = [];
afterEach(async () => {
  for (const { lab, run } of opened.splice(0)) {
    await lab.close();
    await run;
  }
});

async function start(options: Partial<LabOptions> = {}): Promise<{ lab: Lab; port: number }> {
  const lab = await openLab({
    scenario: { text: WORLD, file: 'floods.yaml' },
    dir: tempDir(),
    version: 'test',
    ...options,
  });
  opened.push({ lab, run: lab.driver.run() });
  return { lab, port: (await lab.publish('c', 'internet', 0)).port };
}

/** Bytes in the lab's journal. */
const journalBytes = (lab: Lab): number => fs.statSync(path.join(lab.dir, 'journal.log')).size;

/** What a session brought so far, as the lab took it in. */
function takenOf(lab: Lab): Map<string, number> {
  const taken = new Map<string, number>();
  lab.listen((event) => {
    if (event.kind === 'client-data')
      taken.set(event.session, (taken.get(event.session) ?? 0) + event.body.size + (event.passed ?? 0));
  });
  return taken;
}
const most = (taken: Map<string, number>): number => Math.max(0, ...taken.values());

/** A client that says this as fast as it may, and never looks at what it hears unless it `reads`. Resolves when it is connected. */
async function flood(port: number, bytes: Buffer, { reads = true } = {}): Promise<net.Socket> {
  const socket = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  if (reads) socket.resume();
  socket.write(bytes);
  return socket;
}
const gone = (socket: net.Socket): Promise<void> =>
  socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once('close', () => resolve()));

let serial = 0;
/** A mail handed in as any mail program does. */
async function handIn(port: number, to = CAROL): Promise<void> {
  const client = new RawSmtp(port);
  expect(await client.hello()).toBe(true);
  expect(await client.send(CAROL, [to], messageText(`m${(serial += 1)}`))).toMatch(/^250 /);
  await client.quit();
}

/** Write as fast as the other side takes it, until all is written or the connection has ended. */
async function pour(client: RawSmtp, bytes: number, block = Buffer.alloc(MB, 0x61)): Promise<void> {
  const { socket } = client;
  const left = new Promise<void>((resolve) => socket.once('close', resolve));
  for (let sent = 0; sent < bytes && !socket.destroyed && socket.writable; sent += block.length) {
    if (!socket.write(block)) await Promise.race([once(socket, 'drain').catch(() => undefined), left]);
  }
}
async function atData(port: number): Promise<RawSmtp> {
  const client = new RawSmtp(port);
  expect(await client.hello()).toBe(true);
  for (const line of [`MAIL FROM:<${CAROL}>`, `RCPT TO:<${CAROL}>`, 'DATA'])
    expect(await client.say(line)).toMatch(/^[23]/);
  return client;
}

describe('a flood of commands', () => {
  const NOOPS = Buffer.from('NOOP\r\n'.repeat(100_000));

  it.each([1, 20])(
    'of %i clients waits for its turn, while others are served',
    { timeout: 60_000 },
    async (clients) => {
      const { lab, port } = await start();
      const taken = takenOf(lab);
      const floods = await Promise.all(Array.from({ length: clients }, () => flood(port, NOOPS)));
      for (let i = 0; i < 5; i++) await handIn(port);
      expect(most(taken)).toBeLessThan(NOOPS.length / 4);
      expect(lab.state.hosts['c']!.mailboxes['carol']).toHaveLength(5);
      floods.forEach((socket) => socket.destroy());
      await handIn(port);
    },
  );

  it('lets time go on: what is due comes', { timeout: 60_000 }, async () => {
    const { lab, port } = await start();
    const taken = takenOf(lab);
    const delivered = new Promise<void>((resolve) =>
      lab.listen((event) => event.kind === 'mailbox-deliver' && event.host === 'a' && resolve()),
    );
    const socket = await flood(port, NOOPS);
    await handIn(port, ALICE); // over the lab's own lines, with their latency, and its resolver
    await delivered;
    expect(most(taken)).toBeLessThan(NOOPS.length / 2);
    socket.destroy();
  });

  it('is not read for ever when its client reads no answers', { timeout: 60_000 }, async () => {
    const { lab, port } = await start();
    const taken = takenOf(lab);
    const before = heldBytes();
    const words = Buffer.from('EHLO x\r\n'.repeat(400_000)); // twenty times as much would be answered
    const floods = await Promise.all(Array.from({ length: 5 }, () => flood(port, words, { reads: false })));
    // It comes to a stand: the kernel's buffers and 256 KB of answers are full.
    let until = 0;
    for (let still = 0; still < 10 && most(taken) < words.length / 2; until = most(taken)) {
      await handIn(port);
      still = most(taken) === until ? still + 1 : 0;
    }
    expect(until).toBeLessThan(words.length / 2);
    floods.forEach((socket) => socket.destroy());
    await Promise.all(floods.map(gone));
    await handIn(port);
    expect(heldBytes() - before).toBeLessThan(60 * MB);
  });
});

describe('input without an end', () => {
  it('is closed with 421 when it is a command, and not kept', { timeout: 60_000 }, async () => {
    const { lab, port } = await start();
    const before = { journal: journalBytes(lab), held: heldBytes() };
    const client = new RawSmtp(port);
    expect(await client.hello()).toBe(true);
    const reply = client.reply();
    await pour(client, 100 * MB);
    expect(await reply).toMatch(/^421 /);
    await client.destroy();
    await handIn(port);
    expect(heldBytes() - before.held).toBeLessThan(10 * MB);
    expect(journalBytes(lab) - before.journal).toBeLessThan(MB);
  });

  it('is closed with 421 when it is a message, far beyond the limit, and not kept', { timeout: 120_000 }, async () => {
    const { lab, port } = await start();
    const before = { journal: journalBytes(lab), held: heldBytes() };
    const client = await atData(port);
    const reply = client.reply();
    await pour(client, 400 * MB);
    expect(await reply).toBe('421 4.7.0 c.elsewhere.test Error: input without an end');
    await client.destroy();
    await handIn(port);
    expect(heldBytes() - before.held).toBeLessThan(10 * MB);
    expect(journalBytes(lab) - before.journal).toBeLessThan(3 * MB);
  });

  it('may come while the connection is closed, and is not kept', { timeout: 60_000 }, async () => {
    const { lab, port } = await start();
    const client = new RawSmtp(port);
    expect(await client.hello()).toBe(true);
    const before = journalBytes(lab);
    client.write('QUIT\r\n');
    await pour(client, 50 * MB);
    await client.destroy();
    await handIn(port);
    expect(journalBytes(lab) - before).toBeLessThan(MB);
  });
});

describe('a message that is too large', () => {
  /** Lines that begin with dots, which are doubled on the wire. */
  const line = '.'.repeat(10) + 'x'.repeat(60) + '\r\n';
  const block = Buffer.from(`.${line}`.repeat(10_000));

  it('ends with 552, the session goes on, and no more than the limit is kept of it', { timeout: 60_000 }, async () => {
    const { lab, port } = await start();
    const before = { journal: journalBytes(lab), held: heldBytes() };
    const client = await atData(port);
    const BLOCKS = 100;
    await pour(client, BLOCKS * block.length, block);
    client.write('.\r\n');
    expect(await client.reply()).toMatch(/^552 5\.3\.4 /);
    const said = lab
      .events()
      .flatMap((event) => (event.kind === 'smtp-say' && event.side === 'client' ? event.lines : []));
    expect(said).toContain(`<message of ${BLOCKS * 10_000 * line.length} bytes>`);
    expect(await client.send(CAROL, [CAROL], messageText('after'))).toMatch(/^250 /);
    await client.quit();
    expect(journalBytes(lab) - before.journal).toBeLessThan(3 * MB);
    expect(heldBytes() - before.held).toBeLessThan(10 * MB);
  });

  it.each([
    ['in one go, with what follows', (end: string) => [end]],
    ['with an end in single bytes', (end: string) => end.split('')],
  ])('ends where it ends, %s', { timeout: 60_000 }, async (_how, pieces) => {
    const { port } = await start();
    const client = await atData(port);
    client.write(Buffer.alloc(3 * MB, 'a line of text\r\n'));
    for (const piece of pieces('\r\n.x\r\n..\r\n.\r\nNOOP\r\nRSET\r\n')) {
      client.write(piece);
      await new Promise<void>((resolve) => client.socket.write('', () => resolve()));
    }
    expect(await client.reply()).toMatch(/^552 5\.3\.4 /);
    expect(await client.reply()).toMatch(/^250 /);
    expect(await client.reply()).toMatch(/^250 /);
    expect(await client.send(CAROL, [CAROL], messageText('after'))).toMatch(/^250 /);
    await client.quit();
  });

  it(
    'is played again as it was: a branch from any moment of it tells the same story',
    { timeout: 120_000 },
    async () => {
      const { lab, port } = await start();
      const client = await atData(port);
      for (let i = 0; i < 40; i++) client.write(block);
      client.write('.\r\nNOOP\r\n');
      expect(await client.reply()).toMatch(/^552 /);
      expect(await client.reply()).toMatch(/^250 /);
      expect(await client.send(CAROL, [CAROL], messageText('after'))).toMatch(/^250 /);
      const half = await atData(port);
      await pour(half, 5 * MB);
      half.socket.resetAndDestroy();
      await half.closed;
      await client.quit();
      await lab.driver.idle();
      const passed = lab
        .events()
        .flatMap((event) => (event.kind === 'client-data' && event.passed !== undefined ? [event] : []));
      expect(passed).toHaveLength(1);
      const { n } = lab.state;
      for (const { lab: one, run } of opened.splice(0)) {
        await one.close();
        await run;
      }
      const moments = [passed[0]!.n - 1, passed[0]!.n, passed[0]!.n + 3, n - 2, n];
      for (const moment of moments) {
        const branch = await branchLab({ from: lab.dir, n: moment, to: tempDir() }, { version: 'test' });
        expect(branch.state.n).toBeGreaterThanOrEqual(moment);
        await branch.close();
      }
    },
  );
});

describe('messages that nobody ends', () => {
  it('take a bounded space, and those for which there is none are told so', { timeout: 120_000 }, async () => {
    const { lab, port } = await start({
      scenario: { text: WORLD.replace('message-size: 1MB', 'message-size: 30MB'), file: 'floods.yaml' },
    });
    const before = heldBytes();
    const taken = takenOf(lab);
    const clients = await Promise.all(Array.from({ length: 12 }, () => atData(port)));
    await Promise.all(clients.map((client) => pour(client, 20 * MB)));
    const all = (): boolean => [...taken.values()].reduce((sum, bytes) => sum + bytes, 0) >= 128 * MB;
    while (!all()) await once(clients[0]!.socket, 'drain').catch(() => undefined);
    expect(heldBytes() - before).toBeLessThan(350 * MB);
    clients.forEach((client) => client.write('\r\n.\r\n'));
    const replies = await Promise.all(clients.map((client) => client.reply()));
    expect(replies.filter((reply) => reply?.startsWith('452 4.3.1 ')).length).toBeGreaterThan(0);
    expect(replies.filter((reply) => reply?.startsWith('250 ')).length).toBeGreaterThan(0);
    await Promise.all(clients.map((client) => client.quit()));
    await handIn(port);
  });
});

describe('the name server', () => {
  const question = (id: number): Buffer =>
    dnsPacket.encode({
      type: 'query',
      id,
      flags: 0x0100,
      questions: [{ name: 'theorganisation.test', type: 'MX', class: 'IN' }],
    });
  const framed = (query: Buffer): Buffer => Buffer.concat([Buffer.from([0, query.length]), query]);
  /** Asks once, over UDP, again when a datagram was lost. */
  async function dig(port: number): Promise<void> {
    const socket = dgram.createSocket('udp4');
    const answered = once(socket, 'message');
    const ask = (): void => socket.send(question(7), port, '127.0.0.1');
    ask();
    const again = setInterval(ask, 200);
    await answered;
    clearInterval(again);
    socket.close();
  }

  it('answers others, and the lab’s own hosts, in a flood of datagrams', { timeout: 60_000 }, async () => {
    const { lab, port } = await start();
    const before = heldBytes();
    const delivered = new Promise<void>((resolve) =>
      lab.listen((event) => event.kind === 'mailbox-deliver' && event.host === 'a' && resolve()),
    );
    const socket = dgram.createSocket('udp4');
    socket.on('error', () => undefined);
    let sent = 0;
    let floods = true;
    const pump = (): void => {
      for (let i = 0; i < 100 && floods; i++) socket.send(question(sent++ & 0xffff), lab.network.dnsPort, '127.0.0.1');
      if (floods) setTimeout(pump, 0);
    };
    pump();
    await handIn(port, ALICE);
    await delivered;
    await dig(lab.network.dnsPort);
    floods = false;
    socket.close();
    expect(sent).toBeGreaterThan(100);
    expect(heldBytes() - before).toBeLessThan(30 * MB);
  });

  it('answers others in a flood of questions over one connection', { timeout: 60_000 }, async () => {
    const { lab } = await start();
    const taken = takenOf(lab);
    const flooded = Buffer.concat(Array.from({ length: 50_000 }, (_, i) => framed(question(i & 0xffff))));
    const socket = await flood(lab.network.dnsPort, flooded);
    const other = net.connect(lab.network.dnsPort, '127.0.0.1');
    for (let i = 0; i < 5; i++) {
      other.write(framed(question(i)));
      const [answer] = (await once(other, 'data')) as [Buffer];
      expect(answer.readUInt16BE(2)).toBe(i);
    }
    expect(most(taken)).toBeLessThan(flooded.length / 4);
    socket.destroy();
    other.destroy();
  });

  it('answers what comes in single bytes, and keeps no more than one question', { timeout: 60_000 }, async () => {
    const { lab } = await start();
    const socket = net.connect({ port: lab.network.dnsPort, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const bytes = Buffer.concat([Buffer.from([0xff, 0xff]), Buffer.alloc(65_535), framed(question(5))]);
    for (let at = 0; at < bytes.length; at += 1_000) socket.write(bytes.subarray(at, at + 1_000));
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.subarray(-2)).toBeDefined();
    expect(answer.includes(Buffer.from([0, 5]))).toBe(true);
    socket.destroy();
  });

  it('closes a connection on which nothing is asked for 30 seconds', async () => {
    // Time-outs towards programs run in real time: here it is at their end when it is asked.
    const timers: { ms: number; run(): void }[] = [];
    const real = createRealPacer();
    let now = 0;
    const pacer = {
      ...real,
      now: () => real.now() + now,
      after: (ms: number, run: () => void) =>
        ms < 1_000 ? real.after(ms, run) : (timers.push({ ms, run }), () => undefined),
    };
    const { lab } = await start({ pacer });
    const socket = net.connect(lab.network.dnsPort, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(framed(question(1)));
    await once(socket, 'data');
    const [idle] = timers.filter(({ ms }) => ms === 30_000);
    now = 30_000;
    idle!.run();
    await once(socket, 'end');
    await lab.driver.idle();
    expect(lab.state.network.open).toEqual({});
    expect(lab.events().find((event) => event.kind === 'client-end')).toMatchObject({ how: 'silent' });
  });
});
