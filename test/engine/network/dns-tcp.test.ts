/** DNS over a connection, RFC 1035 §4.2.2, whatever the pieces in which the bytes come. */
import { duplexPair, type Duplex } from 'node:stream';
import { expect, it, vi } from 'vitest';
import { askDns, serveDns } from '../../../src/engine/network/dns-tcp.ts';
import type { End } from '../../../src/engine/network/end.ts';

function pair(): { client: End; server: End } {
  const [client, server] = duplexPair();
  const asEnd = (stream: Duplex): End => Object.assign(stream, { setTimeout: vi.fn() }) as unknown as End;
  return { client: asEnd(client), server: asEnd(server) };
}

const frame = (text: string) => Buffer.concat([Buffer.from([0, text.length]), Buffer.from(text)]);
const shout = (query: Buffer) => ({ reply: Buffer.from(query.toString().toUpperCase()), delayMs: 0 });

it('asks and is answered', async () => {
  const { client, server } = pair();
  serveDns(server, { answer: shout, later: () => undefined });
  expect((await askDns(client, Buffer.from('where?'), 5000)).toString()).toBe('WHERE?');
  expect(client.destroyed).toBe(true);
});

it('answers several questions, in any pieces, but not what it can make nothing of', async () => {
  const { client, server } = pair();
  serveDns(server, {
    answer: (query) => (query.toString() === 'rubbish' ? { reply: null, delayMs: 0 } : shout(query)),
    later: () => undefined,
  });
  const bytes = Buffer.concat([frame('one'), frame('rubbish'), frame('two')]);
  const got: Buffer[] = [];
  client.on('data', (chunk: Buffer) => got.push(chunk));
  for (const byte of bytes) client.write(Buffer.from([byte]));
  await vi.waitFor(() => expect(Buffer.concat(got).toString('latin1')).toBe('\0\x03ONE\0\x03TWO'));
});

it('answers late when it is told to', async () => {
  const { client, server } = pair();
  const later = vi.fn((_ms: number, run: () => void) => run());
  serveDns(server, { answer: (query) => ({ ...shout(query), delayMs: 700 }), later });
  expect((await askDns(client, Buffer.from('slow'), 5000)).toString()).toBe('SLOW');
  expect(later).toHaveBeenCalledWith(700, expect.any(Function));
});

it('gives up at its time-out, and when the connection breaks', async () => {
  const { client } = pair();
  client.setTimeout = vi.fn((_ms: number, heard: () => void) => (heard(), client)) as never;
  expect(await askDns(client, Buffer.from('x'), 5000)).toBe('timeout');
  const other = pair().client;
  const answer = askDns(other, Buffer.from('x'), 5000);
  other.destroy(new Error('reset'));
  expect(await answer).toBe('timeout');
});
