/** Nothing leaves the machine: every listener and every connection is on loopback, whatever a zone, a firewall or a message says. */
import dgram from 'node:dgram';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LabEvent } from '../../src/contract/events.ts';
import { openLab, type Lab } from '../../src/engine/lab.ts';
import { messageText, RawSmtp } from '../durability/smtp-client.ts';

/** All that was listened on, dialled, bound and sent to while the wrapping is on: [what, address]. */
const seen: [what: string, address: string][] = [];
/** Ports that were dialled or sent to. On loopback too there may be servers that are nobody's business here, such as a mail server at port 25. */
const ports: number[] = [];
const isLoopback = (address: string): boolean => /^127\.\d+\.\d+\.\d+$/.test(address) || address === '::1';

const originals = {
  listen: net.Server.prototype.listen,
  connect: net.Socket.prototype.connect,
  bind: dgram.Socket.prototype.bind,
  send: dgram.Socket.prototype.send,
  udpConnect: dgram.Socket.prototype.connect,
};

/** The host in the arguments of listen, connect or bind: (port, host), ({ port, host }), or an array of these as Node calls itself. */
function hostIn(args: unknown[]): string {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  if (typeof first === 'object' && first !== null) {
    const { host, address, path: pipe } = first as { host?: string; address?: string; path?: string };
    return host ?? address ?? (pipe === undefined ? 'any' : '127.0.0.1');
  }
  return typeof second === 'string' ? second : 'any';
}

/** The port in the arguments of connect or send. */
const portIn = (args: unknown[]): number => {
  const given = (Array.isArray(args[0]) ? (args[0] as unknown[]) : args).flatMap((arg) =>
    typeof arg === 'object' && arg !== null && 'port' in arg ? [arg.port] : [arg],
  );
  return Number(given.find((arg) => typeof arg === 'number') ?? 0);
};

beforeAll(() => {
  net.Server.prototype.listen = function listen(this: net.Server, ...args: never[]) {
    seen.push(['listen', hostIn(args)]);
    return (originals.listen as (...all: never[]) => net.Server).apply(this, args);
  } as typeof originals.listen;
  net.Socket.prototype.connect = function connect(this: net.Socket, ...args: never[]) {
    seen.push(['dial', hostIn(args)]);
    ports.push(portIn(args));
    return (originals.connect as (...all: never[]) => net.Socket).apply(this, args);
  } as typeof originals.connect;
  dgram.Socket.prototype.bind = function bind(this: dgram.Socket, ...args: never[]) {
    seen.push(['bind', hostIn(args)]);
    return (originals.bind as (...all: never[]) => dgram.Socket).apply(this, args);
  } as typeof originals.bind;
  dgram.Socket.prototype.connect = function connect(this: dgram.Socket, ...args: never[]) {
    seen.push(['dial by UDP', hostIn(args)]);
    return (originals.udpConnect as (...all: never[]) => void).apply(this, args);
  } as typeof originals.udpConnect;
  dgram.Socket.prototype.send = function send(this: dgram.Socket, ...args: never[]) {
    // A connected socket sends to whom it was connected, and nowhere else.
    const connected = ((): { address: string; port: number } | null => {
      try {
        return this.remoteAddress();
      } catch {
        return null;
      }
    })();
    seen.push([
      'send',
      connected?.address ?? String(args.find((arg, place) => place > 0 && typeof arg === 'string') ?? 'any'),
    ]);
    ports.push(connected?.port ?? portIn(args));
    return (originals.send as (...all: never[]) => void).apply(this, args);
  } as typeof originals.send;
});
afterAll(() => {
  Object.assign(net.Server.prototype, { listen: originals.listen });
  Object.assign(net.Socket.prototype, { connect: originals.connect });
  Object.assign(dgram.Socket.prototype, { bind: originals.bind, send: originals.send, connect: originals.udpConnect });
});
afterEach(() => {
  const foreign = seen.filter(([, address]) => !isLoopback(address));
  expect(foreign).toEqual([]);
  expect(seen.length).toBeGreaterThan(0);
  expect(ports.filter((port) => port < 1024)).toEqual([]);
  seen.length = 0;
  ports.length = 0;
});

const world = (script: string, more = '') => ({
  file: 'safety.yaml',
  text: `title: Foreign addresses
shows: A lab that names the world talks to itself.
clock: { start: 2026-03-02T09:00Z, seed: 4 }
networks: { office: 192.0.2.0/24, internet: 203.0.113.0/24 }
hosts:
  a: { name: a.theorganisation.test, address: 192.0.2.10, final: theorganisation.test, mailboxes: [alice] }
  c: { name: c.elsewhere.test, address: 203.0.113.30, final: elsewhere.test, mailboxes: [carol], relay-clients: [203.0.113.0/24], retry: { preset: article, give-up: 3h } }
zones:
  theorganisation.test: |
    $TTL 5m
    @ MX 1 a
    a A 192.0.2.10
  elsewhere.test: |
    $TTL 1h
    @ MX 1 c
    c A 203.0.113.30
${more}script:
${script}`,
});

async function play(scenario: { text: string; file: string }): Promise<Lab> {
  const lab = await openLab({ scenario, dir: null, version: 'test' });
  const run = lab.driver.run();
  await Promise.race([lab.played(), run]);
  return lab;
}

describe('the sockets of a lab', () => {
  it.each(fs.readdirSync(new URL('../../labs', import.meta.url)).filter((name) => name.endsWith('.yaml')))(
    'are on loopback in labs/%s',
    async (name) => {
      const file = path.join(import.meta.dirname, '../../labs', name);
      const lab = await play({ text: fs.readFileSync(file, 'utf8'), file });
      expect(seen.map(([what]) => what)).toEqual(expect.arrayContaining(['listen', 'bind', 'dial', 'send']));
      await lab.close();
    },
    60_000,
  );

  it('are on loopback when zone, firewall and messages name the world', async () => {
    const lab = await openLab({ scenario: world('  - pass: 1s\n'), dir: null, version: 'test' });
    const run = lab.driver.run();
    await Promise.race([lab.driver.idle(), run]);
    // What a lab file may not name, a person may type.
    const foreign = ['8.8.8.8', '10.0.0.1', '169.254.169.254', '224.0.0.1', '255.255.255.255', '0.0.0.0', '1.1.1.1'];
    const zone = [
      '$TTL 5m',
      ...foreign.map((_, i) => `@ MX ${i} mx${i}`),
      ...foreign.map((address, i) => `mx${i} A ${address}`),
      '',
    ].join('\n');
    await lab.act({ do: 'zone', name: 'theorganisation.test', view: null, text: zone });
    await lab.act({
      do: 'zone',
      name: 'example.com',
      view: null,
      text: '@ 300 MX 1 mail.google.com.\n@ 300 A 93.184.215.14\n',
    });
    await lab.act({
      do: 'zone',
      name: 'six.test',
      view: null,
      text: '@ 300 MX 1 mx\nmx 300 AAAA 2001:4860:4860::8888\n',
    });
    await lab.act({ do: 'firewall', text: 'allow any -> 8.8.8.8 port 25\nallow 8.8.8.8/32 -> any\ndefault allow' });
    await lab.act({
      do: 'set',
      host: 'a',
      settings: {
        addresses: ['8.8.4.4', '192.0.2.10'],
        relayClients: ['0.0.0.0/0'],
        blocklistZone: 'zen.spamhaus.org',
      },
    });
    await lab.act({ do: 'set', host: 'c', settings: { blocklistZone: 'zen.spamhaus.org' } });
    const to = [
      'alice@theorganisation.test',
      'x@example.com',
      'x@[8.8.8.8]',
      'x@google.com',
      'x@six.test',
      'x@localhost',
      'x@[IPv6:2001:4860:4860::8888]',
    ];
    const message = {
      name: null,
      from: 'carol@elsewhere.test',
      to,
      subject: 'To the world',
      body: 'http://8.8.8.8/\n',
      raw: null,
      sizeBytes: null,
      spam: false,
      ret: null,
      envid: null,
      notify: null,
      via: 'c',
      network: 'internet',
    };
    await lab.act({ do: 'send', messages: [message], everyMs: 0, connections: 1 });
    const published = await lab.publish('c', 'internet', 0);
    const client = new RawSmtp(published.port);
    expect(await client.hello()).toBe(true);
    expect(
      await client.send('carol@elsewhere.test', ['alice@theorganisation.test'], messageText('outside@elsewhere.test')),
    ).toMatch(/^250 /);
    await client.quit();
    await Promise.race([lab.driver.idle(), run]);
    expect(lab.state.hosts.c!.queue).toEqual({});
    const tried = new Set(lab.events().flatMap((event) => ('targetAddress' in event ? [event.targetAddress] : [])));
    for (const address of foreign.slice(0, 3)) expect(tried, 'the lab did mean to go there').toContain(address);
    await lab.close();
    await run;
  }, 60_000);

  it("are its own when a lab's file leads to this machine and to private addresses", async () => {
    const own = ['127.0.0.1', '127.0.0.2', '127.255.255.254'];
    const nobodys = ['10.0.0.1', '172.16.0.1', '172.31.255.254', '192.168.1.1', '169.254.169.254'];
    const domain = (name: string, type: string, address: string) =>
      `  ${name}.test: |\n    @ MX 10 mx\n    mx ${type} ${address}\n`;
    const zones = [
      ...own.map((address, i) => domain(`own${i}`, 'A', address)),
      domain('six', 'AAAA', '::1'),
      ...nobodys.map((address, i) => domain(`far${i}`, 'A', address)),
      domain('unique', 'AAAA', 'fd00::25'),
      '  localhost: |\n    @ A 127.0.0.1\n',
      '  named.test: |\n    @ MX 10 localhost.\n',
    ].join('');
    const loops = [...own.map((_, i) => `own${i}.test`), 'six.test', 'named.test', 'localhost'];
    const far = [...nobodys.map((_, i) => `far${i}.test`), 'unique.test'];
    const to = [...loops, ...far].map((name) => `x@${name}`).join(', ');
    const lab = await play(
      world(`  - send: { name: home, from: carol@elsewhere.test, to: [${to}] }\n  - pass: 4h\n`, zones),
    );
    const ends = lab
      .events()
      .flatMap((event) =>
        event.kind === 'queue-fail' && event.host === 'c' && event.expired === false
          ? event.rcpts.map((index) => [to.split(', ')[index], event.why.kind])
          : [],
      );
    expect(Object.fromEntries(ends)).toEqual(Object.fromEntries(loops.map((name) => [`x@${name}`, 'loop'])));
    const called = new Set(
      lab
        .events()
        .flatMap((event) => ('targetAddress' in event && event.kind !== 'link-connect' ? [event.targetAddress] : [])),
    );
    expect([...called].sort()).toEqual([...nobodys, 'fd00::25'].sort());
    await lab.close();
  }, 60_000);

  it('are on loopback whatever address a published port is asked for', async () => {
    const lab = await openLab({ scenario: world('  - pass: 1s\n'), dir: null, version: 'test' });
    const run = lab.driver.run();
    await lab.publish('a', 'office', 0);
    await lab.publish('dns', 'office', 0);
    const own = Object.values(os.networkInterfaces())
      .flat()
      .find((one) => one !== undefined && one.family === 'IPv4' && !one.internal)?.address;
    const { port } = await lab.publish('c', 'internet', 0);
    if (own !== undefined) {
      // Asked for over the machine's own address, nobody is there. (Our own dial is not the lab's: it is not counted.)
      const refused = await new Promise<boolean>((resolve) => {
        const socket = new net.Socket();
        socket.on('error', () => resolve(true)).on('connect', () => resolve(false));
        (originals.connect as (to: net.TcpNetConnectOpts) => net.Socket).call(socket, { host: own, port });
      });
      seen.splice(0, seen.length, ...seen.filter(([, address]) => address !== own));
      expect(refused).toBe(true);
    }
    await lab.close();
    await run;
  });
});

describe('the name server', () => {
  it('is asked on its socket: without it what is not in a cache waits, and what is in one is found', async () => {
    const lab = await openLab({
      scenario: world(
        '  - send: { name: first, from: carol@elsewhere.test, to: alice@theorganisation.test }\n  - pass: 1m\n',
      ),
      dir: null,
      version: 'test',
    });
    const run = lab.driver.run();
    const idle = (): Promise<void> => Promise.race([lab.driver.idle(), run]);
    await idle();
    expect(lab.state.hosts.a!.mailboxes.alice).toHaveLength(1);
    lab.network.closeNameServer();
    const send = async (
      name: string,
      to: string,
    ): Promise<Extract<LabEvent, { kind: 'queue-defer' | 'queue-fail' | 'queue-deliver' | 'dsn-sent' }>[]> => {
      const before = lab.state.n;
      const message = {
        name,
        from: 'carol@elsewhere.test',
        to: [to],
        subject: name,
        body: 'x\n',
        raw: null,
        sizeBytes: null,
        spam: false,
        ret: null,
        envid: null,
        notify: null,
        via: 'c',
        network: null,
      };
      await lab.act({ do: 'send', messages: [message], everyMs: 0, connections: 1 });
      await idle();
      return lab
        .events()
        .slice(before)
        .filter(
          (event) =>
            event.kind === 'queue-defer' ||
            event.kind === 'queue-fail' ||
            event.kind === 'queue-deliver' ||
            event.kind === 'dsn-sent',
        );
    };
    const cached = await send('cached', 'alice@theorganisation.test');
    expect(cached.map(({ kind, host }) => `${host} ${kind}`)).toEqual(['a queue-deliver', 'c queue-deliver']);
    expect(lab.state.hosts.a!.mailboxes.alice).toHaveLength(2);
    // Hours go by until it is given up, longer than the records in the cache may live.
    const unknown = await send('unknown', 'x@other.test');
    expect(unknown[0]).toMatchObject({
      kind: 'queue-defer',
      why: { kind: 'dns', domain: 'other.test', type: 'MX', problem: 'timeout' },
    });
    const late = await send('late', 'alice@theorganisation.test');
    expect(late[0]).toMatchObject({ kind: 'queue-defer', why: { kind: 'dns', problem: 'timeout' } });
    for (const events of [unknown, late]) {
      const report = events.find((event) => event.kind === 'dsn-sent');
      const accept = lab.events().find((event) => event.kind === 'message-accept' && event.queueId === report?.queueId);
      expect(accept?.kind === 'message-accept' && lab.read(accept.body).toString()).toMatch(/^Status: 4\.4\.3\r$/m);
    }
    await lab.close();
    await run;
  }, 30_000);
});
