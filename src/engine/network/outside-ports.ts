/**
 * Real loopback ports by which programs from outside come in. A call is an input: it is taken at the end of an instant,
 * in the order in which it came.
 */
import net from 'node:net';
import type { Wires } from './wires.ts';

export interface OutsidePortsDeps {
  /** Real delays, for tests: see NetworkDeps. */
  rough(key: object, run: () => void): void;
  wires: Wires;
  wake(): void;
}

export interface OutsidePorts {
  /**
   * Listen on 127.0.0.1 and there alone; 0 is any free port. `called` is given each call, its socket paused. Returns the port.
   * Rejects with words that name `whose` it was to be.
   */
  open(port: number, whose: string, called: (socket: net.Socket) => void): Promise<number>;
  close(): void;
}

export function createOutsidePorts({ rough, wires, wake }: OutsidePortsDeps): OutsidePorts {
  const servers: net.Server[] = [];
  const calls: (() => void)[] = [];
  const wire = { order: -2, outside: true, flush: () => undefined, release: () => calls.splice(0).forEach((call) => call()) };

  const take = (socket: net.Socket, called: (socket: net.Socket) => void): void => {
    socket.on('error', () => undefined);
    socket.pause();
    calls.push(() => called(socket));
    wires.markIn(wire, 'server');
    wake();
  };

  return {
    open: (port, whose, called) => new Promise((resolve, reject) => {
      const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => rough(server, () => take(socket, called)));
      server.once('error', (error: NodeJS.ErrnoException) => {
        reject(new Error(error.code === 'EADDRINUSE'
          ? `port ${port} on 127.0.0.1 is in use by another program: choose another port for ${whose}, or 0 for any free one`
          : `can't listen on 127.0.0.1:${port} for ${whose}: ${error.message}`));
      });
      server.listen(port, '127.0.0.1', () => {
        servers.push(server);
        resolve((server.address() as net.AddressInfo).port);
      });
    }),
    close() {
      for (const server of servers.splice(0)) server.close();
    },
  };
}
