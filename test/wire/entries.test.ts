/**
 * Every way into a lab, fed with what no program of good will says: nothing of it ends the lab, and after each round everybody is served as
 * before. The page's server has its own: test/server/hostile.test.ts. SEED and ROUNDS change which and how many.
 */
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import dnsPacket from 'dns-packet';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLab, type Lab } from '../../src/engine/lab.ts';
import { labApi } from '../../src/engine/service.ts';
import { createWorlds } from '../../src/server/index.ts';
import { ROOT, temporary } from '../cli/command.ts';
import { messageText, RawSmtp } from '../durability/smtp-client.ts';

const SEED = Number(process.env['SEED'] ?? 2027);
const ROUNDS = Number(process.env['ROUNDS'] ?? 150);

const WORLD = `title: Entries
shows: A lab that stands firm.
clock: { start: 2026-03-02T09:00Z, seed: 4 }
networks: { office: 192.0.2.0/24, internet: 203.0.113.0/24 }
hosts:
  a: { name: a.theorganisation.test, address: 192.0.2.10, final: theorganisation.test, mailboxes: any, relay-clients: 203.0.113.0/24, message-size: 100KB }
  c: { name: c.elsewhere.test, address: 203.0.113.30, final: elsewhere.test, mailboxes: [carol] }
zones:
  theorganisation.test: |
    @ MX 1 a
    a A 192.0.2.10
  elsewhere.test: |
    @ MX 1 c
    c A 203.0.113.30
`;

let lab: Lab;
let run: Promise<void>;
let port: number;
let failed: Error | null = null;
beforeEach(async () => {
  failed = null;
  lab = await openLab({
    scenario: { text: WORLD, file: 'entries.yaml' },
    dir: null,
    version: 'test',
    complain: () => undefined,
  });
  run = lab.driver.run().catch((error: Error) => void (failed = error));
  port = (await lab.publish('a', 'internet', 0)).port;
});
afterEach(async () => {
  await lab.close();
  await run;
  expect(failed).toBeNull();
});

const question = (name: string, type = 'MX'): Buffer =>
  dnsPacket.encode({ type: 'query', id: 7, flags: 0x0100, questions: [{ name, type: type as 'MX', class: 'IN' }] });
const framed = (query: Buffer): Buffer => Buffer.concat([Buffer.from([query.length >> 8, query.length & 255]), query]);
async function dig(query: Buffer): Promise<Buffer> {
  const socket = dgram.createSocket('udp4');
  const answered = once(socket, 'message') as Promise<[Buffer]>;
  socket.send(query, lab.network.dnsPort, '127.0.0.1');
  const [answer] = await answered;
  socket.close();
  return answer;
}

let serial = 0;
/** A mail is taken, the name server answers by both ways, and a person's act is done. */
async function stillWell(): Promise<void> {
  expect(failed).toBeNull();
  const client = new RawSmtp(port);
  expect(await client.hello()).toBe(true);
  const id = `well-${(serial += 1)}@elsewhere.test`;
  expect(await client.send('carol@elsewhere.test', ['alice@theorganisation.test'], messageText(id))).toMatch(/^250 /);
  await client.quit();
  expect(lab.state.hosts['a']!.mailboxes['alice']!.some(({ messageId }) => messageId === `<${id}>`)).toBe(true);
  expect(dnsPacket.decode(await dig(question('theorganisation.test'))).answers).toHaveLength(1);
  const socket = net.connect(lab.network.dnsPort, '127.0.0.1');
  socket.write(framed(question('theorganisation.test')));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(dnsPacket.decode(answer.subarray(2)).answers).toHaveLength(1);
  socket.destroy();
  await lab.act({ do: 'fill-disk', host: 'c', bytes: serial });
  expect(lab.state.hosts['c']!.foreignBytes).toBe(serial);
}

const INHERITED = [...Object.getOwnPropertyNames(Object.prototype), 'prototype', 'then'];
const name = fc.oneof(fc.constantFrom(...INHERITED), fc.string({ unit: 'binary', maxLength: 12 }));

describe('SMTP', () => {
  const address = fc.oneof(
    fc
      .tuple(
        name,
        fc.oneof(name, fc.constantFrom('theorganisation.test', 'elsewhere.test', '[192.0.2.10]', '[IPv6:::1]')),
      )
      .map(([local, domain]) => `${local}@${domain}`),
    fc.constantFrom(
      '',
      'alice@theorganisation.test',
      '@a,@b:c@d',
      '"a b"@theorganisation.test',
      `${'x'.repeat(300)}@theorganisation.test`,
      `a@${'b.'.repeat(200)}test`,
    ),
  );
  const line = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        'EHLO x',
        'HELO x',
        'MAIL FROM:<carol@elsewhere.test>',
        'RCPT TO:<alice@theorganisation.test>',
        'DATA',
        '.',
        'RSET',
        'NOOP',
        'QUIT',
        'VRFY alice',
        'HELP',
        'ETRN theorganisation.test',
      ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          fc.constantFrom('MAIL FROM:', 'RCPT TO:', 'VRFY ', 'EHLO ', 'HELO ', 'ETRN @'),
          address,
          fc.constantFrom(
            '',
            ' SIZE=1',
            ' SIZE=1e99',
            ' BODY=8BITMIME',
            ' RET=HDRS ENVID=x',
            ' NOTIFY=NEVER',
            ' ORCPT=rfc822;x',
            ' SMTPUTF8',
            ' __proto__=1',
            ' constructor',
          ),
        )
        .map(([verb, who, more]) => `${verb}<${who}>${more}`),
    },
    { weight: 1, arbitrary: name },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        'AUTH PLAIN AAAA',
        'STARTTLS',
        'XCLIENT ADDR=1.2.3.4',
        'BDAT 5 LAST',
        'GET / HTTP/1.1',
        '\0',
        '\x80\xff',
        ' ',
        '\t\t',
        'x'.repeat(5_000),
        'MAIL',
        'RCPT',
        'Subject: =?utf-8?q?=?=',
        '..',
        '...',
        'Received: x',
        `Message-ID: ${'<'.repeat(200)}`,
      ),
    },
  );
  const end = fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r', '\r\r\n', '');

  it('of any form', { timeout: 120_000 }, async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(line, end), { maxLength: 30 }),
        fc.boolean(),
        fc.array(fc.nat(200), { maxLength: 5 }),
        fc.constantFrom('end', 'leave', 'reset'),
        async (lines, hasBegun, cuts, leaves) => {
          const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
          socket.on('error', () => undefined).resume();
          const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
          await Promise.race([once(socket, 'data').catch(() => undefined), gone]);
          if (hasBegun)
            socket.write(
              'EHLO x\r\nMAIL FROM:<carol@elsewhere.test>\r\nRCPT TO:<alice@theorganisation.test>\r\nDATA\r\n',
            );
          let bytes = Buffer.from(lines.map((parts) => parts.join('')).join(''), 'latin1');
          for (const cut of cuts) {
            if (socket.writable)
              await new Promise<void>((resolve) => socket.write(bytes.subarray(0, cut), () => resolve()));
            bytes = bytes.subarray(cut);
          }
          if (socket.writable) await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
          if (leaves === 'end') socket.end();
          else if (leaves === 'leave') socket.destroy();
          else socket.resetAndDestroy();
          await gone;
          if ((round += 1) % 10 === 0) await stillWell();
        },
      ),
      { numRuns: ROUNDS, seed: SEED },
    );
    await stillWell();
  });
});

describe('the DNS', () => {
  /** A question, or what looks like one, with some of its bytes changed. */
  const query = fc
    .tuple(
      fc.oneof(
        fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
        fc
          .tuple(
            fc.constantFrom(
              'theorganisation.test',
              'a.theorganisation.test',
              '__proto__',
              'constructor.test',
              `${'x'.repeat(63)}.test`,
              '.',
            ),
            fc.constantFrom('MX', 'A', 'ANY', 'AXFR', 'OPT', 'TXT', 'PTR'),
          )
          .map(([asked, type]) => question(asked, type)),
      ),
      fc.array(fc.tuple(fc.nat(79), fc.nat(255)), { maxLength: 4 }),
      fc.nat(80),
    )
    .map(([bytes, changes, cut]) => {
      const changed = Buffer.from(bytes);
      for (const [place, value] of changes) if (place < changed.length) changed[place] = value;
      return cut < 20 ? changed.subarray(0, cut) : changed;
    });

  it('over UDP', { timeout: 120_000 }, async () => {
    const socket = dgram.createSocket('udp4');
    socket.on('error', () => undefined);
    let round = 0;
    await fc.assert(
      fc.asyncProperty(query, async (bytes) => {
        await new Promise<void>((resolve) => socket.send(bytes, lab.network.dnsPort, '127.0.0.1', () => resolve()));
        if ((round += 1) % 100 === 0) await stillWell();
      }),
      { numRuns: ROUNDS * 20, seed: SEED },
    );
    await stillWell();
    socket.close();
  });

  it('over TCP, with any lengths, in any pieces', { timeout: 120_000 }, async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(query, fc.option(fc.nat(65_535))), { maxLength: 8 }),
        fc.array(fc.nat(50), { maxLength: 4 }),
        fc.boolean(),
        async (messages, cuts, resets) => {
          const socket = net.connect({ port: lab.network.dnsPort, host: '127.0.0.1', noDelay: true });
          socket.on('error', () => undefined).resume();
          const gone = new Promise<void>((resolve) => socket.once('close', () => resolve()));
          let bytes = Buffer.concat(
            messages.map(([one, length]) =>
              length === null ? framed(one) : Buffer.concat([Buffer.from([length >> 8, length & 255]), one]),
            ),
          );
          for (const cut of cuts) {
            await new Promise<void>((resolve) => socket.write(bytes.subarray(0, cut), () => resolve()));
            bytes = bytes.subarray(cut);
          }
          await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
          if (resets) socket.resetAndDestroy();
          else socket.destroy();
          await gone;
          if ((round += 1) % 20 === 0) await stillWell();
        },
      ),
      { numRuns: ROUNDS, seed: SEED },
    );
    await stillWell();
  });
});

describe('an act', () => {
  const value: fc.Arbitrary<unknown> = fc.oneof(
    name,
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom('a', 'c', 'carol@elsewhere.test', 0, -1, 1e308, 8.64e15, null, true),
  );
  const host = fc.constantFrom('a', 'c', 'nobody', '', 'A', 'a ');
  const word = fc.string({ unit: 'binary', maxLength: 12 });
  const asked = fc.oneof(
    fc.record({
      do: fc.constantFrom(
        'send',
        'host',
        'set',
        'line',
        'reset-sessions',
        'firewall',
        'zone',
        'dns-fault',
        'dns-fault-clear',
        'fault',
        'fault-clear',
        'fill-disk',
        'flush',
        'hold',
        'release',
        'retry',
        'delete',
        'mailbox-remove',
        ...INHERITED,
      ),
      host: value,
      text: value,
      name: value,
    }),
    fc.record({ do: fc.constant('host'), host, power: fc.constantFrom('start', 'stop', 'crash', 'off') }),
    fc.record({ do: fc.constant('line'), host, line: fc.record({ cut: fc.boolean(), extraLatencyMs: fc.nat(1_000) }) }),
    fc.record({
      do: fc.constant('set'),
      host,
      settings: fc.dictionary(
        fc.oneof(name, fc.constantFrom('mailboxes', 'finalDomains', 'rcptCountMax', 'diskBytes')),
        value,
        { maxKeys: 3 },
      ),
    }),
    fc.record({
      do: fc.constant('zone'),
      name,
      view: fc.oneof(fc.constant(null), name),
      text: fc.oneof(
        name,
        fc.constantFrom('@ 1h A 192.0.2.10\n', '__proto__ 1h A 192.0.2.10\n', '$ORIGIN .\n', '( ( (', '"'),
      ),
    }),
    fc.record({
      do: fc.constant('firewall'),
      text: fc.oneof(
        name,
        name.map((side) => `drop ${side} -> ${side} port 25`),
      ),
    }),
    fc.record({
      do: fc.constant('dns-fault'),
      fault: fc.record({
        name,
        kind: fc.constantFrom('no-answer', 'servfail', 'nxdomain', 'slow'),
        delayMs: fc.nat(100),
      }),
    }),
    fc.record({
      do: fc.constantFrom('hold', 'release', 'retry', 'delete'),
      host,
      queueIds: fc.array(name, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ do: fc.constant('mailbox-remove'), host, user: name, queueId: name }),
    fc.record({ do: fc.constant('flush'), host, domain: fc.oneof(fc.constant(null), name) }),
    fc.record({
      do: fc.constant('send'),
      everyMs: fc.nat(10),
      connections: fc.constant(1),
      messages: fc.tuple(
        fc.record({
          name: fc.oneof(fc.constant(null), name),
          from: word.map((local) => `${local}@elsewhere.test`),
          to: fc.tuple(word.map((local) => `${local}@theorganisation.test`)),
          subject: name,
          body: name,
          raw: fc.constant(null),
          sizeBytes: fc.constant(null),
          spam: fc.boolean(),
          ret: fc.constant(null),
          envid: fc.constant(null),
          notify: fc.constant(null),
          via: host,
          network: fc.oneof(fc.constant(null), name),
        }),
      ),
    }),
  );

  it('of any form is done, or refused in words', { timeout: 120_000 }, async () => {
    const api = labApi(lab);
    let round = 0;
    await fc.assert(
      fc.asyncProperty(asked, async (act) => {
        await api.act(act as never).catch((error: unknown) => expect((error as Error).message).toMatch(/\w/));
        if ((round += 1) % 20 !== 0) return;
        for (const key of ['a', 'c']) {
          await api.act({ do: 'host', host: key, power: 'start' }).catch(() => undefined);
          await api.act({ do: 'line', host: key, line: { cut: false, extraLatencyMs: 0 } });
        }
        await api.act({ do: 'firewall', text: 'default allow' });
        for (const view of [null, 'internet', 'office'])
          await api.act({ do: 'zone', name: 'theorganisation.test', view, text: '@ 1h MX 1 a\na 1h A 192.0.2.10\n' });
        for (const fault of lab.state.dns.faults) await api.act({ do: 'dns-fault-clear', name: fault.name });
        await api.act({
          do: 'set',
          host: 'a',
          settings: { mailboxes: null, finalDomains: ['theorganisation.test'], rcptCountMax: 100, diskBytes: null },
        });
        await stillWell();
      }),
      { numRuns: ROUNDS * 4, seed: SEED },
    );
  });
});

describe('the text of a lab', () => {
  it('of any form is opened, or refused with its mistakes', { timeout: 120_000 }, async () => {
    const dir = temporary();
    const worlds = createWorlds({
      labs: path.join(ROOT, 'labs'),
      home: path.join(dir, 'labs'),
      version: 'test',
      publish: false,
      startWorker: (workerData) => new Worker(path.join(ROOT, 'src/engine/worker.ts'), { workerData }),
    });
    const troubles: string[] = [];
    worlds.listen({
      worlds: () => undefined,
      events: () => undefined,
      clock: () => undefined,
      trouble: (words) => void troubles.push(words),
    });
    const good = fs.readFileSync(path.join(ROOT, 'labs/relay-through-firewall.yaml'), 'utf8');
    const lines = good.split('\n');
    const word = fc.oneof(
      name,
      fc.constantFrom(
        '&a [*a]',
        '*x',
        '!!js/function x',
        '<<: {}',
        '{',
        '[',
        '- - -',
        '? ',
        '|',
        '__proto__: { address: 192.0.2.9 }',
        'constructor: x',
        '\t',
        '%YAML 9',
        '---',
        '...',
        'x: '.repeat(50),
        '['.repeat(2_000),
        '&a [1]',
        '1e999',
        '0x',
        '2026-99-99',
      ),
    );
    const text = fc.oneof(
      fc
        .tuple(fc.nat(lines.length - 1), word)
        .map(([at, put]) => [...lines.slice(0, at), put, ...lines.slice(at + 1)].join('\n')),
      fc
        .tuple(fc.nat(lines.length - 1), word)
        .map(([at, put]) =>
          lines.map((one, place) => (place === at ? one.replace(/:.*/, `: ${put}`) : one)).join('\n'),
        ),
      fc
        .tuple(fc.nat(lines.length - 1), word)
        .map(([at, put]) =>
          lines.map((one, place) => (place === at ? one.replace(/^(\s*)\S*?:/, `$1${put}:`) : one)).join('\n'),
        ),
      fc.nat(good.length).map((at) => good.slice(0, at)),
      fc.string({ unit: 'binary', maxLength: 200 }),
    );
    let opened = 0;
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        const world = await worlds.api
          .openText('any.yaml', given)
          .catch((error: Error) => void expect(error.message).toMatch(/\w/));
        if (world === undefined) return;
        opened += 1;
        expect(await worlds.api.ask(world.id, 'clock', [])).toMatchObject({ paused: true });
        await worlds.api.close(world.id);
      }),
      { numRuns: Math.ceil(ROUNDS / 3), seed: SEED },
    );
    expect(troubles).toEqual([]);
    expect(opened).toBeGreaterThan(0);
    const world = await worlds.api.openText('good.yaml', good);
    expect(await worlds.api.ask(world.id, 'checks', [null])).not.toEqual([]);
    await worlds.closeAll();
    fs.rmSync(dir, { recursive: true });
  });
});
