/**
 * The gate behind which two real loopback sockets become one line: it listens on 127.0.0.1, dials itself, and joins both ends.
 * A connection that the lab did not dial itself gets no answer and is dropped.
 */
import net from 'node:net';

export interface Pair {
  client: net.Socket;
  server: net.Socket;
}

export interface Gate {
  open(): Promise<void>;
  /** A new pair; or why there is none, as when the machine has no descriptor left. `done` is called once, later. */
  pair(done: (pair: Pair | Error) => void): void;
  close(): Promise<void>;
}

/** Accepted connections that may still turn out to be the lab's own; beyond this many, the oldest is taken for a stranger's. */
const UNPAIRED_MAX = 64;

/** `rough`: real delays, for tests: see NetworkDeps. */
export function createGate(rough: (key: object, run: () => void) => void): Gate {
  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    rough(socket, () => accepted(socket)),
  );
  /** By the port from which the lab dialled: whichever end comes second completes the pair. */
  const dialled = new Map<number, (accepted: net.Socket) => void>();
  const unpaired = new Map<number, { socket: net.Socket; forget(): void }>();
  let port = 0;

  const accepted = (socket: net.Socket): void => {
    const from = socket.remotePort ?? 0; // it may be gone already
    const complete = dialled.get(from);
    if (complete !== undefined) return complete(socket);
    const drop = (): void => void socket.destroy();
    const forget = (): void => {
      socket.removeListener('readable', drop);
      if (unpaired.get(from)?.socket === socket) unpaired.delete(from);
    };
    socket.on('error', () => undefined);
    socket.once('readable', drop); // a stranger spoke, or left
    socket.once('close', forget);
    unpaired.set(from, { socket, forget });
    const [oldest] = unpaired.values();
    if (unpaired.size > UNPAIRED_MAX) oldest?.socket.destroy();
  };

  return {
    async open() {
      await new Promise<void>((resolve, reject) => {
        // Later ones are of single calls that could not be accepted: their dials fail by themselves.
        server.on('error', reject);
        server.listen(0, '127.0.0.1', 512, resolve);
      });
      port = (server.address() as net.AddressInfo).port;
    },
    pair(done) {
      const client = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
      let from = 0;
      const end = (result: Pair | Error): void => {
        dialled.delete(from);
        client.removeListener('error', end).removeListener('end', closed).removeListener('close', closed);
        client.on('error', () => undefined);
        if (result instanceof Error) client.destroy();
        done(result);
      };
      // Accepted and closed at once: what a machine does that can't open another descriptor.
      const closed = (): void => end(new Error('it was closed at once'));
      const join = (own: net.Socket): void => {
        client.pause();
        end({ client, server: own });
      };
      client.once('error', end).once('end', closed).once('close', closed);
      client.once('connect', () => {
        from = client.localPort ?? 0;
        client.resume(); // nothing comes before the pair is joined, but its end
        const own = unpaired.get(from);
        own?.forget();
        if (own !== undefined && !own.socket.destroyed) join(own.socket);
        else dialled.set(from, join);
      });
    },
    close: () =>
      new Promise((resolve) => {
        for (const { socket } of unpaired.values()) socket.destroy();
        if (server.listening) server.close(() => resolve());
        else resolve();
      }),
  };
}
