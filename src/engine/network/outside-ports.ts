/**
 * Real loopback ports by which programs from outside come in. A call is an input: it is taken at the end of an instant,
 * in the order in which it came.
 */
import net from 'node:net';
import { WORK, type Intake, type Source } from './intake.ts';
import { reset } from './reset.ts';
import type { Wires } from './wires.ts';

export interface OutsidePortsDeps {
  /** Real delays, for tests: see NetworkDeps. */
  rough(key: object, run: () => void): void;
  intake: Intake;
  wires: Pick<Wires, 'called'>;
  wake(): void;
}

export interface OutsidePorts {
  /**
   * Listen on 127.0.0.1 and there alone; 0 is any free port. `called` is given each call, its socket paused. Returns the port.
   * Rejects with words that name `whose` it was to be.
   */
  open(port: number, whose: string, called: (socket: net.Socket) => void): Promise<number>;
  /** Accept no more calls, and close those that are open. */
  close(): void;
}

/** Connections at one port; more are closed at once, as a machine does that has no descriptor left for them. */
const CONNECTIONS_MAX = 1_000;

export function createOutsidePorts({ rough, intake, wires, wake }: OutsidePortsDeps): OutsidePorts {
  const servers: net.Server[] = [];
  const sockets = new Set<net.Socket>();

  /** The calls at one port that were not taken yet. */
  const createCalls = (called: (socket: net.Socket) => void) => {
    const calls = new Set<net.Socket>();
    const source: Source = {
      pours: false,
      many: true,
      get waits() {
        return calls.size > 0;
      },
      ready: () => calls.size > 0,
      take(most) {
        let work = 0;
        for (const socket of calls) {
          if (work > 0 && work + WORK.call > most) break;
          work += WORK.call;
          calls.delete(socket);
          called(socket);
        }
        return work;
      },
    };
    return (socket: net.Socket): void => {
      wires.called();
      socket.on('error', () => undefined);
      if (socket.destroyed) return;
      socket.pause();
      calls.add(socket);
      sockets.add(socket);
      socket.once('close', () => {
        sockets.delete(socket);
        calls.delete(socket);
      });
      // It left without a word, before anybody heard of it.
      socket.once('end', () => calls.has(socket) && socket.destroy());
      intake.mark(source);
      wake();
    };
  };

  return {
    open: (port, whose, called) =>
      new Promise((resolve, reject) => {
        const call = createCalls(called);
        const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
          rough(server, () => call(socket)),
        );
        server.maxConnections = CONNECTIONS_MAX;
        // Later ones are of single calls that could not be accepted: the machine has no descriptor left for them.
        server.on('error', (error: NodeJS.ErrnoException) => {
          reject(
            new Error(
              error.code === 'EADDRINUSE'
                ? `port ${port} on 127.0.0.1 is in use by another program: choose another port for ${whose}, or 0 for any free one`
                : `can't listen on 127.0.0.1:${port} for ${whose}: ${error.message}`,
            ),
          );
        });
        server.listen(port, '127.0.0.1', () => {
          servers.push(server);
          resolve((server.address() as net.AddressInfo).port);
        });
      }),
    close() {
      for (const server of servers.splice(0)) server.close();
      for (const socket of sockets) reset(socket);
    },
  };
}
