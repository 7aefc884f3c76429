/** Sockets that are closed at once are closed in whatever state they are: one that is not keeps its thread from ending. */
import { once } from 'node:events';
import net from 'node:net';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { reset } from '../../../src/engine/network/reset.ts';
import { createWorlds } from '../../../src/server/index.ts';
import { LABS, tempDir, VERSION } from '../../labs/play.ts';

const server = net.createServer({ allowHalfOpen: true });
server.listen(0, '127.0.0.1');
afterAll(() => void server.close());

async function pair(): Promise<{ here: net.Socket; there: net.Socket }> {
  if (!server.listening) await once(server, 'listening');
  const there = net.connect({
    port: (server.address() as net.AddressInfo).port,
    host: '127.0.0.1',
    allowHalfOpen: true,
  });
  const [here] = (await once(server, 'connection')) as [net.Socket];
  for (const socket of [here, there]) socket.on('error', () => undefined);
  return { here, there };
}

describe('a socket that is reset', () => {
  it.each<[string, (here: net.Socket, there: net.Socket) => unknown]>([
    ['while nobody speaks', () => undefined],
    ['with words unsaid', (here) => here.write(Buffer.alloc(20_000_000))],
    ['in the moment in which it ends', (here) => here.end()],
    ['that ended with words unsaid', (here) => here.end(Buffer.alloc(20_000_000))],
    ['that has ended', (here) => once(here.end(), 'finish')],
    ['whose other side has ended', (here, there) => once((there.end(), here.resume()), 'end')],
    ['for the second time', (here) => reset(here)],
  ])('%s is closed', async (_when, before) => {
    const { here, there } = await pair();
    await before(here, there);
    const closed = here.closed ? null : once(here, 'close');
    reset(here);
    await closed;
    there.destroy();
  });
});

describe('a lab', () => {
  it('that is closed while a program hangs up on it ends', async () => {
    const threads: Worker[] = [];
    const worlds = createWorlds({
      labs: LABS,
      home: tempDir(),
      version: VERSION,
      publish: true,
      startWorker(workerData) {
        threads.push(new Worker(path.resolve(import.meta.dirname, '../../../src/engine/worker.ts'), { workerData }));
        return threads.at(-1)!;
      },
    });
    for (let i = 0; i < 20; i += 1) {
      const { id, ports } = await worlds.api.open('relay-through-firewall');
      await worlds.api.ask(id, 'play', []);
      const ended = once(threads.at(-1)!, 'exit');
      for (const { port } of ports) {
        const program = net.connect(port, '127.0.0.1');
        await once(program, 'connect');
        program.destroy();
      }
      await worlds.api.close(id);
      expect(await ended).toEqual([0]);
    }
  });
});
