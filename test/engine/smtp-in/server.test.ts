/** A host's port, spoken to by hand: what is said, what is kept, and what the lab tells of it. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../../src/contract/model.ts';
import { mailLog } from '../../../src/engine/journal/maillog.ts';
import { openLab, type Lab } from '../../../src/engine/lab.ts';
import { RawSmtp } from '../../durability/smtp-client.ts';

const world = (settings: string) => ({
  file: 'door.yaml',
  text: `title: A door
shows: Who comes in
clock: { start: 2026-03-02T09:00Z, seed: 4 }
networks: { internet: { block: 203.0.113.0/24, latency: 0s } }
hosts:
  a: { name: a.here.test, address: 203.0.113.10, final: here.test, mailboxes: [alice]${settings} }
zones:
  here.test: |
    @ MX 1 a
    a A 203.0.113.10
`,
});

const open: { lab: Lab; clock: Promise<void> }[] = [];
afterEach(async () => {
  for (const { lab, clock } of open.splice(0)) {
    await lab.close();
    await clock;
  }
});

async function start(settings = ''): Promise<{ lab: Lab; call: () => RawSmtp }> {
  const lab = await openLab({ scenario: world(settings), dir: null, version: 'test' });
  open.push({ lab, clock: lab.driver.run() });
  const { port } = await lab.publish('a', 'internet', 0);
  return { lab, call: () => new RawSmtp(port) };
}

/** RawSmtp has bytes as Latin-1. */
const utf8 = (text: string | null): string => Buffer.from(text ?? '', 'latin1').toString();
const wire = (text: string): string => Buffer.from(text).toString('latin1');
const MAIL = 'MAIL FROM:<carol@elsewhere.test>';

async function ready(call: () => RawSmtp): Promise<RawSmtp> {
  const client = call();
  expect(await client.hello()).toBe(true);
  return client;
}

describe("a fault answers in a host's place", () => {
  const fault = (verb: string, reply: string): Fault => ({
    id: verb,
    host: 'a',
    when: verb === 'final-dot' ? { at: 'final-dot' } : { at: 'command', verb },
    address: null,
    from: 0,
    until: null,
    left: null,
    then: { do: 'answer', reply },
  });

  it.each(['550 blocked', '451 try later', '450 4.7.1 Greylisted', '550 Grüße', '550'])(
    'with %s, and nothing is put into it',
    async (answer) => {
      const { lab, call } = await start();
      await lab.act({ do: 'fault', fault: fault('RCPT', answer) });
      await lab.act({ do: 'fault', fault: fault('final-dot', answer) });
      const client = await ready(call);
      await client.say(MAIL);
      for (let i = 0; i < 25; i++) expect(utf8(await client.say('RCPT TO:<alice@here.test>'))).toBe(answer); // it is no error of the client's either
      await lab.act({ do: 'fault-clear', id: 'RCPT' });
      expect(await client.send('carol@elsewhere.test', [], '')).toMatch(/^503/);
      await client.say('RSET');
      expect(utf8(await client.send('carol@elsewhere.test', ['alice@here.test'], 'x'))).toBe(answer);
      await client.quit();
    },
  );

  it('with 421 Refused, and the session ends', async () => {
    const { lab, call } = await start();
    await lab.act({ do: 'fault', fault: fault('RCPT', '421 Refused') });
    const client = await ready(call);
    await client.say(MAIL);
    expect(await client.say('RCPT TO:<alice@here.test>')).toBe('421 Refused');
    expect(await client.reply()).toBeNull();
    await client.destroy();
  });
});

describe('a session ends', () => {
  it("with 421 4.3.2 and the host's name, when the host is stopped", async () => {
    const { lab, call } = await start();
    const client = await ready(call);
    await lab.act({ do: 'host', host: 'a', power: 'stop' });
    expect(await client.reply()).toBe('421 4.3.2 a.here.test Service shutting down and closing transmission channel');
    expect(await client.reply()).toBeNull();
    await client.destroy();
  });

  it("with 421 4.4.2 and the host's name, when its client is silent", async () => {
    const { call } = await start(', server-idle: 1s');
    const client = await ready(call);
    expect(await client.reply()).toBe('421 4.4.2 a.here.test Error: timeout exceeded');
    expect(await client.reply()).toBeNull();
    await client.destroy();
  });

  it("with 421 and the host's name, when its client talks before the pause is over", async () => {
    const { call } = await start(', greet-pause: 1s');
    const client = call();
    client.write('EHLO x\r\n');
    expect(await client.reply()).toBe('421 4.7.0 a.here.test You talk too soon');
    await client.destroy();
  });

  it('with the errors that the host allows, and the log says so', async () => {
    const { lab, call } = await start(', errors: 2');
    const client = await ready(call);
    expect(await client.say('WIBBLE')).toBe('500 5.5.2 Error: command not recognized');
    expect(await client.say(MAIL)).toMatch(/^250/);
    expect(await client.say('RCPT TO:<nobody@here.test>')).toMatch(/^550 5\.1\.1/);
    expect(await client.reply()).toBe('421 4.7.0 a.here.test Error: too many errors');
    expect(await client.reply()).toBeNull();
    await client.destroy();
    expect(
      mailLog(lab.events(), 'a', new Map())
        .map((line) => line.replace(/^.*\]: /, ''))
        .slice(-2),
    ).toEqual([
      'too many errors after RCPT from unknown[203.0.113.250]',
      'disconnect from unknown[203.0.113.250] ehlo=1 mail=1 rcpt=0/1 unknown=0/1 commands=2/4',
    ]);
  });

  it('behind all answers, when its client says all at once and ends', async () => {
    const { lab, call } = await start();
    const client = call();
    client.write(`EHLO x\r\n${MAIL}\r\nRCPT TO:<alice@here.test>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\nQUIT\r\n`);
    client.socket.end();
    const codes: string[] = [];
    for (let reply = await client.reply(); reply !== null; reply = await client.reply()) codes.push(reply.slice(0, 3));
    expect(codes).toEqual(['220', '250', '250', '250', '354', '250', '221']);
    await client.destroy();
    await lab.driver.idle();
    expect(lab.state.hosts.a?.mailboxes.alice).toHaveLength(1);
  });
});

it('who talks before the greeting, where no pause is set, is heard when it is out', async () => {
  const { lab, call } = await start(', filters: { blocklist: bl.test }');
  await lab.act({ do: 'dns-fault', fault: { name: '250.113.0.203.bl.test', kind: 'slow', delayMs: 300 } });
  const client = call();
  client.write('EHLO x\r\n');
  expect(await client.reply()).toMatch(/^220 /);
  expect(await client.reply()).toMatch(/^250-a\.here\.test/);
  await client.quit();
});

it('a quoted name is the same mailbox, and a text without a header stays a text', async () => {
  const { lab, call } = await start();
  const client = await ready(call);
  expect(await client.send('"a b"@elsewhere.test', ['"alice"@here.test'], 'Dear Alice: hello\r\nyours')).toMatch(
    /^250 2\.0\.0/,
  );
  await client.quit();
  await lab.driver.idle();
  const [message] = lab.state.hosts.a?.mailboxes.alice ?? [];
  expect(message).toMatchObject({ sender: '"a b"@elsewhere.test', rcpt: 'alice@here.test', subject: '' });
  const text = lab.read(message!.body).toString();
  expect(text).toMatch(
    /^Received: from client\.elsewhere\.test .*\r\n\tby .*\r\n\tfor <alice@here\.test>; .*\r\n\r\nDear Alice: hello\r\nyours\r\n$/,
  );
});

it('what is said beyond ASCII is UTF-8, in and out', async () => {
  const { lab, call } = await start();
  const client = await ready(call);
  await client.say(`${MAIL} SMTPUTF8`);
  expect(utf8(await client.say(wire('RCPT TO:<åsa@here.test>')))).toBe(
    '550 5.1.1 <åsa@here.test>: Recipient address rejected: User unknown in local recipient table',
  );
  expect(await client.say('NOOP \xe5')).toBe('500 5.5.2 Error: bad UTF-8 syntax');
  await client.quit();
  expect(
    lab
      .events()
      .flatMap((event) => (event.kind === 'smtp-say' ? event.lines : []))
      .filter((line) => line.includes('åsa')),
  ).toHaveLength(2);
  expect(lab.events().flatMap((event) => (event.kind === 'message-refuse' ? [event.address] : []))).toEqual([
    'åsa@here.test',
  ]);
});

describe('a message that is made to be hard to read', () => {
  const words = '=?utf-8?b?' + 'YWFh'.repeat(15) + '?= ';
  it.each<[string, string, RegExp]>([
    ['9 MB of encoded words in Subject', `Subject: ${words.repeat(128_000)}\r\n\r\nx`, /^250 /],
    [
      '200,000 Received lines',
      `${'Received: from x by y; Mon, 2 Mar 2026\r\n'.repeat(200_000)}\r\nx`,
      /^554 5\.4\.0 Error: too many hops$/,
    ],
    ['headers of 10 MB', `${'X-Some: thing that is not read by anybody here\r\n'.repeat(200_000)}\r\nx`, /^250 /],
    ['8 MB of lines of two dots', '..\r\n'.repeat(2_000_000), /^250 /],
    [
      '10 MB that a content filter almost knows',
      `Subject: x\r\n\r\n${'cheap cheap cheap\r\n'.repeat(500_000)}`,
      /^250 /,
    ],
  ])(
    'is answered, and others are served behind it: %s',
    async (_what, message, answer) => {
      const { call } = await start(', filters: { content: [cheap pills] }');
      const client = await ready(call);
      await client.say(MAIL);
      await client.say('RCPT TO:<alice@here.test>');
      await client.say('DATA');
      expect(await client.say(`${message}\r\n.`)).toMatch(answer);
      expect(await client.say('NOOP')).toBe('250 2.0.0 Ok');
      await client.quit();
    },
    60_000,
  );
});
