/** Hostile programs as loops that go on until they are stopped, and the sockets that they hold: when they stop, all of these are closed. */
import net from 'node:net';

export interface Crowd {
  /** Do this again and again, in so many loops at once. `did` counts each time by its name. */
  loop(name: string, count: number, once: (host: Visit) => Promise<void>): void;
  did(): Record<string, number>;
  /** Resolves when every loop has come to its end. */
  stop(): Promise<void>;
}

/** One go of a hostile program: what it does ends with it. */
export interface Visit {
  readonly goes: boolean;
  /** A connection; resolves when it is there, or can't be had. It is closed when the visit ends. */
  call(port: number): Promise<net.Socket>;
  /** Real ms, or until everything stops. */
  wait(ms: number): Promise<void>;
  /** Write this over and over, as fast as it is taken, for so long or until the other side closes. */
  pour(socket: net.Socket, block: Buffer, ms: number): Promise<void>;
}

export function createCrowd(): Crowd {
  const counts: Record<string, number> = {};
  const loops = new Set<Promise<void>>();
  const sleepers = new Set<() => void>();
  let goes = true;

  const wait = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (!goes) return resolve();
      const wake = (): void => {
        clearTimeout(timer);
        sleepers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      sleepers.add(wake);
    });

  const visit = (): Visit & { end(): void } => {
    const sockets: net.Socket[] = [];
    return {
      get goes() {
        return goes;
      },
      wait,
      call: (port) =>
        new Promise((resolve) => {
          const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
          sockets.push(socket);
          socket.on('error', () => undefined);
          socket.once('connect', () => resolve(socket)).once('close', () => resolve(socket));
        }),
      async pour(socket, block, ms) {
        const until = performance.now() + ms;
        let closed = socket.destroyed;
        const gone = new Promise<void>((resolve) => socket.once('close', resolve).once('end', resolve)).then(
          () => void (closed = true),
        );
        while (goes && !closed && performance.now() < until) {
          if (socket.write(block)) await wait(0);
          else
            await Promise.race([
              new Promise<void>((resolve) => socket.once('drain', resolve)),
              gone,
              wait(Math.max(0, until - performance.now())),
            ]);
        }
      },
      end: () => sockets.forEach((socket) => socket.destroy()),
    };
  };

  return {
    loop(name, count, once) {
      const run = async (): Promise<void> => {
        while (goes) {
          const mine = visit();
          await once(mine).catch(() => undefined); // a lab that hangs up on it does well
          mine.end();
          counts[name] = (counts[name] ?? 0) + 1;
          await wait(1);
        }
      };
      for (let i = 0; i < count; i += 1) loops.add(run());
    },
    did: () => counts,
    async stop() {
      goes = false;
      for (const wake of [...sleepers]) wake();
      await Promise.all(loops);
    },
  };
}
