import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectChannel } from '../../src/contract/channel.ts';
import type { PageApi, PageNews } from '../../src/contract/page-api.ts';
import { socketChannel } from '../../src/server/index.ts';
import { needs } from '../programs.ts';
import { command, ROOT, start, STACK, temporary, type Running } from './command.ts';

const running: Running[] = [];
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});

function serve(...args: string[]): Running {
  const one = start(['serve', ...args]);
  running.push(one);
  return one;
}

/** The relay lab with a firewall that says no instead of nothing, so that nobody waits 30 seconds for it. */
function rejectingLab(): string {
  const file = path.join(temporary(), 'reject.yaml');
  const text = fs.readFileSync(path.join(ROOT, 'labs/relay-through-firewall.yaml'), 'utf8');
  fs.writeFileSync(file, text.replace('drop  any -> office port 25', 'reject any -> office port 25'));
  return file;
}

const ONE_NETWORK = `title: One network
shows: A lab of which nothing is called internet.
clock: { start: 2026-11-28T06:30Z, seed: 1 }
networks: { net: { block: 192.0.2.0/24, latency: 1ms } }
hosts:
  a: { name: a.theorganisation.test, address: 192.0.2.1, final: theorganisation.test, mailboxes: [alice], relay-clients: 203.0.113.99 }
  c: { name: c.outside.test, address: 192.0.2.3, final: outside.test, mailboxes: [carol] }
zones:
  theorganisation.test: |
    @ MX 1 a
    a A 192.0.2.1
  outside.test: |
    @ MX 10 c
    c A 192.0.2.3
`;

/** Hands in one message as any mail program does, and returns what the server said last. */
async function send(port: number, lines: string[]): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  const replies = readline.createInterface({ input: socket })[Symbol.asyncIterator]();
  const reply = async (): Promise<string> => {
    for (;;) {
      const { value, done } = (await replies.next()) as { value: string; done?: boolean };
      if (done === true) throw new Error('the server left');
      if (/^\d{3} /.test(value)) return value;
    }
  };
  let last = await reply();
  for (const line of lines) {
    socket.write(`${line}\r\n`);
    last = await reply();
  }
  socket.end();
  return last;
}

const LETTER = [
  'EHLO client.test',
  'MAIL FROM:<carol@elsewhere.test>',
  'RCPT TO:<alice@theorganisation.test>',
  'DATA',
  'From: carol@elsewhere.test\r\nTo: alice@theorganisation.test\r\nSubject: Hello from outside\r\n\r\nHello alice.\r\n.',
];

const portOf = async (lab: Running, host: string) =>
  Number((await lab.said(new RegExp(`^${host} {2}127\\.0\\.0\\.1:(\\d+)`, 'm')))[1]);

describe('mail-lab serve', () => {
  it('takes mail from a program outside at C, and alice has it by way of B', async () => {
    const dir = path.join(temporary(), 'lab');
    const lab = serve(rejectingLab(), '--dir', dir, '--pace', '60');
    await lab.said(/Ready\./);
    expect(await send(await portOf(lab, 'C'), LETTER)).toMatch(/^250 2\.0\.0 Ok: queued as/);
    await lab.said(/firewall {2}rejects C → A port 25/);
    await lab.said(/A +alice's mailbox has \S+: "Hello from outside"/);
    lab.child.kill('SIGINT');
    const { code, stdout, stderr } = await lab.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/Goodbye\. The lab lies in .*lab; go on with it: npx mail-lab serve --dir /);
    const [file, ...others] = fs.readdirSync(path.join(dir, 'mail/a/alice/new'));
    expect(others).toEqual([]);
    const head = fs
      .readFileSync(path.join(dir, 'mail/a/alice/new', file!), 'utf8')
      .split(/\r?\n\r?\n/)[0]!
      .replace(/\r?\n\s+/g, ' ');
    expect([...head.matchAll(/^Received: .*?\bby (\S+)/gm)].map((match) => match[1])).toEqual([
      'a.theorganisation.test',
      'b.theorganisation.test',
      'c.elsewhere.test',
    ]);
  });

  it('shows the firewall to who calls A from the Internet', async () => {
    const lab = serve(rejectingLab(), '--dir', temporary(), '--pace', '60');
    await lab.said(/Ready\./);
    const socket = net.connect(await portOf(lab, 'A'), '127.0.0.1');
    const how = await new Promise<string>((resolve) => {
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
      socket.once('data', () => resolve('greeted'));
    });
    expect(how).toBe('ECONNRESET');
    await lab.said(/firewall {2}rejects a client \(203\.0\.113\.250\) → A port 25/);
  });

  it('answers dig with the zone', async ({ skip }) => {
    needs('dig', skip);
    const lab = serve('--dir', temporary());
    const [, port] = await lab.said(/dig @127\.0\.0\.1 -p (\d+) theorganisation\.test MX/);
    await lab.said(/Ready\./);
    for (const over of ['+notcp', '+tcp']) {
      const answer = execFileSync(
        'dig',
        ['@127.0.0.1', '-p', port!, over, '+short', '+time=5', 'theorganisation.test', 'MX'],
        {
          encoding: 'utf8',
        },
      );
      expect(answer).toBe('1 a.theorganisation.test.\n2 b.theorganisation.test.\n');
    }
  });

  it('serves a lab with one network, whatever that is called', async ({ skip }) => {
    const missing = ['swaks', 'dig'].find((program) => spawnSync(program, ['-v']).error !== undefined);
    if (missing !== undefined && !process.env.CI) skip(`${missing} is not installed`);
    const file = path.join(temporary(), 'one-network.yaml');
    fs.writeFileSync(file, ONE_NETWORK);
    const lab = serve(file, '--dir', temporary(), '--pace', '60');
    const [, port] = await lab.said(/dig @127\.0\.0\.1 -p (\d+) theorganisation\.test MX/);
    await lab.said(/Ready\./);
    const swaks = await promisify(execFile)('swaks', [
      '--server',
      `127.0.0.1:${await portOf(lab, 'A')}`,
      '--from',
      'carol@outside.test',
      '--to',
      'alice@theorganisation.test',
    ]);
    expect(swaks.stdout).toMatch(/^<- {2}250 2\.0\.0 Ok: queued as /m);
    await lab.said(/client +connects to A from 192\.0\.2\.250 \(net\)/);
    await lab.said(/A +alice's mailbox has /);
    for (const over of ['+notcp', '+tcp']) {
      const answer = await promisify(execFile)('dig', [
        '@127.0.0.1',
        '-p',
        port!,
        over,
        '+short',
        '+time=5',
        'theorganisation.test',
        'MX',
      ]);
      expect(answer.stdout).toBe('1 a.theorganisation.test.\n');
    }
  });

  it('has a page for a browser, which shows this lab', async () => {
    const lab = serve('one-mx-waits', '--dir', temporary());
    const [, url] = await lab.said(/^ {2}(http:\/\/127\.0\.0\.1:\d+\/\?token=\S+)/m);
    await lab.said(/Ready\./);
    const page = await fetch(url!);
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([
      200,
      expect.stringContaining("default-src 'none'"),
    ]);
    const { origin, host, search } = new URL(url!);
    const socket = new WebSocket(`ws://${host}/lab${search}`, { origin });
    await once(socket, 'open');
    const api = connectChannel<PageApi, PageNews>(socketChannel(socket), {});
    const [world, ...others] = await api.worlds();
    expect([world?.lab, world?.title, others]).toEqual(['one-mx-waits', 'One MX waits', []]);
    expect(world?.ports.find((port) => port.host === 'c')?.port).toBe(await portOf(lab, 'C'));
    await api.ask(world!.id, 'act', [{ do: 'host', host: 'a', power: 'stop' }]);
    await lab.said(/you +stops A/);
    expect((await api.ask(world!.id, 'clock', [])).pace).toBe(1);
    socket.terminate();
  });

  it('says which port is in use, and uses other ones when it may choose', async () => {
    const base = 3_000 + (process.pid % 450) * 60;
    const inTheWay = net.createServer();
    await new Promise<void>((resolve) => inTheWay.listen(base + 2, '127.0.0.1', resolve));
    const refused = await command('serve', '--dir', temporary(), '--port-base', String(base));
    inTheWay.close();
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      new RegExp(
        `port ${base + 2} on 127\\.0\\.0\\.1 is in use by another program: end that program, or choose another --port-base`,
      ),
    );
    expect(refused.stderr).not.toMatch(STACK);

    const first = serve('--dir', temporary(), '--port-base', String(base));
    await first.said(/Ready\./);
    expect(await portOf(first, 'A')).toBe(base + 1);
    expect(await portOf(first, 'C')).toBe(base + 3);
    await first.said(new RegExp(`^DNS {2}127\\.0\\.0\\.1:${base + 53}$`, 'm'));
    const dns = await command('serve', '--dir', temporary(), '--port-base', String(base));
    expect(dns.stderr).toMatch(
      new RegExp(
        `port ${base + 53} on 127\\.0\\.0\\.1 is in use by another program: end that program, or choose another --port-base`,
      ),
    );
    const [one, two] = [serve('--dir', temporary()), serve('--dir', temporary())];
    await Promise.all([one.said(/Ready\./), two.said(/Ready\./)]);
    expect(await portOf(one, 'C')).not.toBe(await portOf(two, 'C'));
  });

  it('plays no script unless it is asked to, and goes on with a folder', async () => {
    const dir = temporary();
    const quiet = serve('--dir', dir, '--pace', '600');
    await quiet.said(/script is not played[^]*Ready\./);
    const twice = await command('serve', '--dir', dir);
    expect(twice.code).toBe(2);
    expect(twice.stderr).toMatch(/is open already, in process \d+: stop it first/);
    quiet.child.kill('SIGTERM');
    expect(await quiet.ended).toMatchObject({
      code: 0,
      stdout: expect.not.stringContaining('sends minutes') as string,
    });
    const played = serve('--dir', dir, '--pace', '600', '--script');
    await played.said(/script {4}carol@elsewhere\.test sends minutes/);
    await played.said(/alice's mailbox has minutes/);
    played.child.kill('SIGTERM');
    expect(await played.ended).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('holds a lab already: relay-through-firewall') as string,
    });
  });
});

describe('an older Node', () => {
  const older = ['/usr/bin/node', '/usr/local/bin/node'].find((file) => {
    const major = Number(/^v(\d+)/.exec(spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1]);
    return major >= 18 && major < 24;
  });

  it('hands over to the Node of this checkout', async ({ skip }) => {
    if (older === undefined)
      skip('there is no Node from 18 to 23 in /usr/bin or /usr/local/bin: install one, as with apt-get install nodejs');
    const lab = start(['serve', '--dir', temporary()], { node: older!, cwd: temporary() });
    running.push(lab);
    await lab.said(/Ready\./);
    lab.child.kill('SIGTERM');
    expect(await lab.ended).toMatchObject({ code: 0, stderr: '' });
    expect(await start(['run', 'nothing'], { node: older! }).ended).toMatchObject({ code: 2 });
  });
});
