/** A message over the limit: what is said, and that the refusal is told with the words that were said (RFC 1870 §6). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLab, type Lab } from '../../../src/engine/lab.ts';
import { RawSmtp } from '../../durability/smtp-client.ts';

const TEXT = `title: Sizes
shows: What is too big is refused
clock: { start: 2026-03-02T09:00Z, seed: 4 }
networks: { internet: 203.0.113.0/24 }
hosts:
  c: { name: c.elsewhere.test, address: 203.0.113.30, final: elsewhere.test, mailboxes: [carol], message-size: 2000, disk: 1MB }
  d: { name: d.elsewhere.test, address: 203.0.113.31, extensions: { size: false } }
`;

let lab: Lab;
let ran: Promise<void>;

beforeAll(async () => {
  lab = await openLab({ scenario: { text: TEXT, file: 'sizes.yaml' }, dir: null, version: 'test' });
  ran = lab.driver.run();
});
afterAll(async () => {
  await lab.close();
  await ran;
});

const refusals = () =>
  lab
    .events()
    .flatMap((event) =>
      event.kind === 'message-refuse'
        ? [`${event.stage} ${event.reply.code} ${event.reply.enhanced} ${event.reason}`]
        : [],
    );

test('the limit and VRFY are offered, in the usual order', async () => {
  const client = new RawSmtp((await lab.publish('c', 'internet', 0)).port);
  await client.reply();
  expect((await client.say('EHLO x.elsewhere.test'))?.split('\n')).toEqual([
    '250-c.elsewhere.test',
    '250-PIPELINING',
    '250-SIZE 2000',
    '250-VRFY',
    '250-ETRN',
    '250-ENHANCEDSTATUSCODES',
    '250-8BITMIME',
    '250-DSN',
    '250 SMTPUTF8',
  ]);
  expect(await client.say('VRFY carol')).toMatch(/^252 2\./); // RFC 5321 §3.5.3
  await client.quit();
});

test('a host without SIZE does not speak of it', async () => {
  const client = new RawSmtp((await lab.publish('d', 'internet', 0)).port);
  await client.reply();
  expect(await client.say('EHLO x.elsewhere.test')).not.toContain('SIZE');
  await client.quit();
});

test('SIZE= over the limit is refused for good, on a full disk too', async () => {
  await lab.act({ do: 'fill-disk', host: 'c', bytes: 1_000_000 });
  const client = new RawSmtp((await lab.publish('c', 'internet', 0)).port);
  await client.hello();
  expect(await client.say('MAIL FROM:<eve@elsewhere.test> SIZE=1000')).toBe('452 4.3.1 Insufficient system storage');
  expect(await client.say('MAIL FROM:<eve@elsewhere.test> SIZE=2001')).toBe(
    '552 5.3.4 Message size exceeds fixed limit',
  );
  await client.quit();
  expect(refusals()).toEqual(['mail 452 4.3.1 disk full', 'mail 552 5.3.4 larger than the limit']);
});

test('a message that is bigger than its client said is refused at its end, in the words that are told', async () => {
  await lab.act({ do: 'fill-disk', host: 'c', bytes: 0 });
  const client = new RawSmtp((await lab.publish('c', 'internet', 0)).port);
  await client.hello();
  expect(
    await client.send(
      'eve@elsewhere.test',
      ['carol@elsewhere.test'],
      `Subject: x\r\n\r\n${'x'.repeat(70)}\r\n`.padEnd(2100, 'y'),
    ),
  ).toBe('552 5.3.4 Error: message file too big');
  expect(await client.say('NOOP')).toBe('250 2.0.0 Ok'); // the session goes on
  await client.quit();
  expect(refusals().at(-1)).toBe('final-dot 552 5.3.4 larger than the limit');
});
