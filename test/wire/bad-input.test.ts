/** What a lab is told by programs that know no manners: it says no, in words, and loses nothing that it has. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab, type Lab } from '../../src/engine/lab.ts';
import { messageText, RawSmtp } from '../durability/smtp-client.ts';

const world = (extra: string) => ({
  file: 'bad-input.yaml',
  text: `title: Bad input
shows: Servers that stand firm.
clock: { start: 2026-03-02T09:00Z, seed: 4 }
networks: { internet: 203.0.113.0/24 }
hosts:
  c: { name: c.elsewhere.test, address: 203.0.113.30, final: elsewhere.test, mailboxes: [carol]${extra} }
zones:
  elsewhere.test: |
    @ 3600 MX 1 c
    c 3600 A  203.0.113.30
`,
});

const FROM = 'eve@elsewhere.test';
const CAROL = 'carol@elsewhere.test';
const MB = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is kept, and not what waits to be collected. */
function heldBytes(): number {
  collectGarbage();
  collectGarbage(); // buffers are freed beside the program's thread; a second round waits for the first one
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

interface Running {
  lab: Lab;
  port: number;
  close(): Promise<void>;
}

async function start(extra = ''): Promise<Running> {
  const lab = await openLab({ scenario: world(extra), dir: null, version: 'test' });
  const { port } = await lab.publish('c', 'internet', 0);
  let failed: Error | null = null;
  const run = lab.driver.run().catch((error: Error) => void (failed = error));
  return {
    lab,
    port,
    async close() {
      await lab.close().catch(() => undefined);
      await run;
      if (failed !== null) throw failed as Error;
    },
  };
}

async function ready(port: number): Promise<RawSmtp> {
  const client = new RawSmtp(port);
  expect(await client.hello()).toBe(true);
  return client;
}

/** MAIL, RCPT and DATA; the next words are the message. */
async function atData(port: number): Promise<RawSmtp> {
  const client = await ready(port);
  for (const line of [`MAIL FROM:<${FROM}>`, `RCPT TO:<${CAROL}>`, 'DATA'])
    expect(await client.say(line)).toMatch(/^[23]/);
  return client;
}

/** Write as fast as the other side takes it, until all is written or the connection has ended. */
async function pour(client: RawSmtp, bytes: number): Promise<void> {
  const block = Buffer.alloc(MB, 0x61);
  const { socket } = client;
  const gone = new Promise<void>((resolve) => socket.once('close', resolve));
  for (let sent = 0; sent < bytes && !socket.destroyed && socket.writable; sent += block.length) {
    if (!socket.write(block)) await Promise.race([once(socket, 'drain').catch(() => undefined), gone]);
  }
}

describe('a server that is spoken to badly', () => {
  let running: Running;
  let kept = 0;
  beforeAll(async () => {
    running = await start(', message-size: 1MB, recipients: 50, server-idle: 2s');
  });
  afterAll(() => running.close());

  /** The server has noticed that all clients left. */
  const allGone = (): Promise<void> =>
    new Promise((resolve) => {
      const { open } = running.lab.state.network;
      const look = () => Object.keys(running.lab.state.network.open).length === 0 && (resolve(), true);
      if (Object.keys(open).length === 0) return resolve();
      const stop = running.lab.listen(() => void (look() && stop()));
    });

  /** carol has all mail that got a 250, and the server goes on: it takes one more. */
  async function stillWell(): Promise<void> {
    const client = await ready(running.port);
    const id = `good-${kept + 1}@elsewhere.test`;
    expect(await client.send(FROM, [CAROL], messageText(id))).toMatch(/^250 2\.0\.0 Ok: queued as /);
    kept += 1;
    await client.quit();
    await allGone();
    await running.lab.driver.idle();
    const box = running.lab.state.hosts.c!.mailboxes.carol ?? [];
    expect(box.map((message) => message.messageId)).toEqual(
      Array.from({ length: kept }, (_, i) => `<good-${i + 1}@elsewhere.test>`),
    );
    for (const message of box)
      expect(running.lab.read(message.body).toString()).toContain(`Body of ${message.messageId.slice(1, -1)}\r\n`);
    expect(running.lab.state.hosts.c!.queue).toEqual({});
    expect(running.lab.state.network.open).toEqual({});
  }

  it('serves well-behaved clients', () => stillWell());

  it('serves an early talker where no pause is set', async () => {
    const client = new RawSmtp(running.port);
    client.write('EHLO early.elsewhere.test\r\n');
    expect(await client.reply()).toMatch(/^220 /);
    expect(await client.reply()).toMatch(/^250/);
    await client.quit();
    await stillWell();
  });

  it.each([
    ['SIZE= beyond the limit', [`MAIL FROM:<${FROM}> SIZE=1000001`], /^552 5\.3\.4 /],
    ['SIZE= that is no number', [`MAIL FROM:<${FROM}> SIZE=huge`], /^50[14] 5\.5\.[24] |^501 /],
    ['NOTIFY= with a word of its own', [`MAIL FROM:<${FROM}>`, `RCPT TO:<${CAROL}> NOTIFY=PERHAPS`], /^501 5\.5\.4 /],
    ['NOTIFY=NEVER with another', [`MAIL FROM:<${FROM}>`, `RCPT TO:<${CAROL}> NOTIFY=NEVER,FAILURE`], /^501 5\.5\.4 /],
    ['an empty NOTIFY', [`MAIL FROM:<${FROM}>`, `RCPT TO:<${CAROL}> NOTIFY=`], /^501 5\.5\.4 /],
    ['RET= with a word of its own', [`MAIL FROM:<${FROM}> RET=SOME`], /^501 5\.5\.4 /],
    ['RCPT before MAIL', [`RCPT TO:<${CAROL}>`], /^503 5\.5\.1 /],
    ['DATA before RCPT', [`MAIL FROM:<${FROM}>`, 'DATA'], /^554 5\.5\.1 Error: no valid recipients$/],
    ['DATA outside a transaction', ['DATA'], /^503 5\.5\.1 Error: need RCPT command$/],
    ['MAIL twice', [`MAIL FROM:<${FROM}>`, `MAIL FROM:<${FROM}>`], /^503 5\.5\.1 /],
    ['no address', ['MAIL FROM:'], /^501 5\.5\.4 /],
    ['an unknown command', ['WIBBLE now'], /^500 5\.5\.[12] /],
    ['a NUL in a command', ['MAIL FROM:<e\0ve@elsewhere.test>'], /^5\d\d /],
    ['a stranger who wants to relay', ['MAIL FROM:<a@b.test>', 'RCPT TO:<x@theorganisation.test>'], /^(25|45|55)\d /],
  ])('%s', async (_what, lines, wanted) => {
    const client = await ready(running.port);
    let last: string | null = '';
    for (const line of lines) last = await client.say(line);
    expect(last).toMatch(wanted);
    await client.quit();
    await stillWell();
  });

  it.each([
    ['a bare LF', 'one\ntwo'],
    ['a bare CR', 'one\rtwo'],
    ['LF.LF', `end\n.\nMAIL FROM:<${FROM}>\r\nRCPT TO:<${CAROL}>\r\nDATA\r\nSubject: smuggled\r\n\r\nboo`],
    ['CRLF.LF', `end\r\n.\nMAIL FROM:<${FROM}>\r\nRCPT TO:<${CAROL}>\r\nDATA\r\nSubject: smuggled\r\n\r\nboo`],
    ['LF.CRLF', `end\n.\r\nMAIL FROM:<${FROM}>\r\nRCPT TO:<${CAROL}>\r\nDATA\r\nSubject: smuggled\r\n\r\nboo`],
    ['CR.CR', 'end\r.\rboo'],
    ['CRLF.CR', 'end\r\n.\rboo'],
  ])('refuses %s in a message, and takes it for no end of one', async (_what, body) => {
    const client = await atData(running.port);
    client.write(`Subject: odd\r\n\r\n${body}\r\n.\r\n`);
    expect(await client.reply()).toMatch(/^554 5\.6\.0 .*lines must end with CR LF/);
    // One reply, and nothing behind it: what was smuggled was part of the message.
    expect(await client.say('NOOP')).toMatch(/^250 /);
    await client.quit();
    await stillWell();
  });

  it('refuses smuggling whose end is torn into single bytes', async () => {
    const client = await atData(running.port);
    client.write('Subject: odd\r\n\r\nend');
    for (const byte of '\n.\r\n') {
      client.write(byte);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    client.write('QUIT\r\n\r\n.\r\n');
    expect(await client.reply()).toMatch(/^554 5\.6\.0 /);
    await client.quit();
    await stillWell();
  });

  it('ends a dialogue that is an HTTP request', async () => {
    const client = new RawSmtp(running.port);
    client.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n');
    expect(await client.reply()).toMatch(/^220 /);
    expect(await client.reply()).toMatch(/^221 2\.7\.0 /);
    expect(await client.reply()).toBeNull();
    client.socket.end();
    await client.closed;
    await stillWell();
  });

  it('answers 1,000 unknown commands, or ends the dialogue', async () => {
    const client = await ready(running.port);
    client.write(Array.from({ length: 1000 }, (_, i) => `XYZZY ${i}\r\n`).join(''));
    let said = 0;
    for (let reply = await client.reply(); reply !== null; reply = await client.reply()) {
      expect(reply).toMatch(/^(500|421) /);
      said += 1;
      if (said === 1000) break;
    }
    expect(said).toBeGreaterThan(0);
    await client.destroy();
    await stillWell();
  });

  it('has enough of 10,000 recipients, takes the first, and ends a dialogue that goes on and on', async () => {
    const client = await ready(running.port);
    await client.say(`MAIL FROM:<${FROM}>`);
    client.write(Array.from({ length: 10_000 }, () => `RCPT TO:<${CAROL}>\r\n`).join(''));
    const codes: string[] = [];
    for (let reply = await client.reply(); reply !== null; reply = await client.reply()) codes.push(reply.slice(0, 9));
    // A thousand refusals more than were taken are no error, as in Postfix; then twenty are enough.
    expect(codes).toEqual([
      ...Array<string>(50).fill('250 2.1.5'),
      ...Array<string>(1020).fill('452 4.5.3'),
      '421 4.7.0',
    ]);
    await client.destroy();
    await stillWell();
  });

  it('survives pipelined rubbish', async () => {
    const client = new RawSmtp(running.port);
    const rubbish = Buffer.alloc(64 * 1024);
    for (let i = 0; i < rubbish.length; i++) rubbish[i] = (i * 7919) >> 3;
    client.write(rubbish);
    client.write('\r\n');
    for (let reply = await client.reply(), first = true; reply !== null; reply = await client.reply(), first = false) {
      expect(reply).toMatch(first ? /^220 / : /^[45]\d\d /);
      if (reply.startsWith('421')) break;
      client.socket.end();
    }
    await client.destroy();
    await stillWell();
  });

  it('hears 100 MB without a line end as no command, with little memory', async () => {
    const before = heldBytes();
    const client = await ready(running.port);
    const reply = client.reply();
    await pour(client, 100 * MB);
    expect(await reply).toBe('421 4.7.0 c.elsewhere.test Error: input without an end');
    expect(heldBytes() - before).toBeLessThan(50 * MB);
    await client.destroy();
    await stillWell();
  }, 60_000);

  it('hears 100 MB without a line end as a message too big, with little memory', async () => {
    const before = heldBytes();
    const client = await atData(running.port);
    await pour(client, 100 * MB);
    expect(heldBytes() - before).toBeLessThan(50 * MB);
    client.write('\r\n.\r\n');
    expect(await client.reply()).toMatch(/^552 5\.3\.4 /);
    await client.quit();
    await stillWell();
  }, 60_000);

  it('says 421 to a message that never ends', async () => {
    const client = await atData(running.port);
    client.write('Subject: endless\r\n\r\nand so on');
    expect(await client.reply()).toMatch(/^421 4\.4\.2 /);
    // A client that doesn't leave is left alone after a while.
    await allGone();
    await client.destroy();
    await stillWell();
  });

  it('forgets a message whose client is reset in its midst', async () => {
    const client = await atData(running.port);
    client.write('Subject: half\r\n\r\nhalf a mess');
    await new Promise<void>((resolve) => client.socket.write('age', () => resolve()));
    client.socket.resetAndDestroy();
    await client.closed;
    await stillWell();
  });

  it('keeps no half of a message whose client ends in its midst', async () => {
    const client = await atData(running.port);
    client.write('Subject: half\r\n\r\nhalf a message\r\n');
    client.socket.end();
    await client.closed;
    await stillWell();
  });

  it('takes a message whose client ends right behind it, and answers', async () => {
    const client = await atData(running.port);
    client.write(`${messageText(`good-${kept + 1}@elsewhere.test`)}\r\n.\r\n`);
    client.socket.end();
    const reply = await client.reply();
    if (reply !== null) expect(reply).toMatch(/^250 /);
    kept += 1;
    await client.closed;
    await stillWell();
  });
});

describe('a greeting that waits', () => {
  it('says 421 to an early talker, and serves the patient', async () => {
    const running = await start(', greet-pause: 1s');
    try {
      const early = new RawSmtp(running.port);
      early.write('EHLO early.elsewhere.test\r\n');
      expect(await early.reply()).toMatch(/^421 /);
      await early.destroy();
      const patient = await ready(running.port);
      expect(await patient.send(FROM, [CAROL], messageText('patient@elsewhere.test'))).toMatch(/^250 /);
      await patient.quit();
      await running.lab.driver.idle();
      expect(running.lab.state.hosts.c!.mailboxes.carol).toHaveLength(1);
    } finally {
      await running.close();
    }
  });
});

describe("a lab that can't be opened", () => {
  let root = '';
  beforeAll(() => void (root = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-wire-'))));
  afterAll(() => fs.rmSync(root, { recursive: true, force: true }));
  const open = (dir: string, scenario: { text: string; file: string } | null = world('')) =>
    openLab({ scenario, dir, version: 'test' });

  it('says that a port is in use, and by whom it was wanted', async () => {
    const other = net.createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as net.AddressInfo;
    const running = await start();
    await expect(running.lab.publish('c', 'internet', port)).rejects.toThrow(
      `port ${port} on 127.0.0.1 is in use by another program: choose another port for c, or 0`,
    );
    await expect(running.lab.publish('nobody', 'internet', 0)).rejects.toThrow(/no host 'nobody'/);
    await expect(running.lab.publish('c', 'nowhere', 0)).rejects.toThrow(/no network 'nowhere'/);
    await running.close();
    other.close();
  });

  it("says that the name server's port is in use", async () => {
    const first = await openLab({ scenario: world(''), dir: null, version: 'test' });
    const second = openLab({ scenario: world(''), dir: null, version: 'test', dnsPort: first.network.dnsPort });
    await expect(second).rejects.toThrow(new RegExp(`port ${first.network.dnsPort} .*in use.*choose another port`));
    await first.close();
  });

  it("says that a folder can't be written to, or is none", async () => {
    const file = path.join(root, 'file');
    fs.writeFileSync(file, 'a file');
    await expect(open(path.join(file, 'lab'))).rejects.toThrow(
      /the lab can't use .*file\/lab: it is not a folder\. Choose another folder/,
    );
    await expect(open(file)).rejects.toThrow(/the lab can't use .*file: it is not a folder/);
    await expect(open('/proc/mail-lab')).rejects.toThrow(/the lab can't use \/proc\/mail-lab: .*Choose another folder/);
  });

  it('says that there is no lab in an empty folder, and leaves no lock', async () => {
    const dir = path.join(root, 'empty');
    await expect(open(dir, null)).rejects.toThrow(/there is no lab in .*empty yet: say which one to run/);
    expect(fs.existsSync(path.join(dir, 'lock'))).toBe(false);
  });

  it('says where a lab file is wrong', async () => {
    const dir = path.join(root, 'wrong');
    await expect(open(dir, { text: 'not a lab at all', file: 'diary.yaml' })).rejects.toThrow(
      /diary\.yaml:1:1: `the file` wants keys with values/,
    );
    await expect(open(dir, { text: '\0\0\x01', file: 'diary.yaml' })).rejects.toThrow(/diary\.yaml:1:1: /);
    expect(fs.existsSync(path.join(dir, 'lock'))).toBe(false);
  });

  it('says who has the folder', async () => {
    const dir = path.join(root, 'taken');
    fs.mkdirSync(dir);
    const other = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    fs.writeFileSync(path.join(dir, 'lock'), String(other.pid));
    await expect(open(dir)).rejects.toThrow(
      `is open already, in process ${other.pid}: stop it first, or choose another folder`,
    );
    other.stdin.end();
    await once(other, 'exit');
    const lab = await open(dir); // the lock of a process that is no more is nobody's
    await expect(open(dir)).rejects.toThrow(`is open already, in process ${process.pid}`);
    await lab.close();
  });

  it('says that a journal is rubbish, and keeps it', async () => {
    const dir = path.join(root, 'rubbish');
    fs.mkdirSync(dir);
    const journal = path.join(dir, 'journal.log');
    fs.writeFileSync(journal, Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) & 255)));
    const before = fs.readFileSync(journal);
    await expect(open(dir)).rejects.toThrow(/journal\.log is not a lab's journal: choose another folder/);
    expect(fs.readFileSync(journal).equals(before)).toBe(true);
    expect(fs.existsSync(path.join(dir, 'lock'))).toBe(false);
  });

  it('says where rubbish begins behind whole records, and keeps all', async () => {
    const dir = path.join(root, 'tail');
    const lab = await open(dir);
    await lab.close();
    const journal = path.join(dir, 'journal.log');
    const { size } = fs.statSync(journal);
    fs.appendFileSync(journal, Buffer.alloc(777, 0x45));
    await expect(open(dir, null)).rejects.toThrow(`is damaged at byte ${size}, behind event ${lab.state.n}`);
    expect(fs.statSync(journal).size).toBe(size + 777);
    expect(fs.existsSync(path.join(dir, 'lock'))).toBe(false);
  });
});
