/** Sockets for datagrams, on loopback alone. */
import dgram from 'node:dgram';

export const udpSocket = (): dgram.Socket => dgram.createSocket('udp4');

/** Listen on 127.0.0.1; 0 is any free port. Returns the port. Rejects with words. */
export function bind(socket: dgram.Socket, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new Error(
          error.code === 'EADDRINUSE'
            ? `port ${port} on 127.0.0.1 is in use by another program: choose another port for the lab's name server, or 0 for any free one`
            : `the lab's name server can't listen on 127.0.0.1:${port}: ${error.message}`,
        ),
      );
    });
    socket.bind(port, '127.0.0.1', () => {
      socket.removeAllListeners('error');
      socket.on('error', () => undefined); // what can't be sent is lost, as datagrams are
      resolve(socket.address().port);
    });
  });
}

/** From now on the socket hears this port of 127.0.0.1 and no other: what others send there does not fill its buffer. */
export function hearOnly(socket: dgram.Socket, port: number): Promise<void> {
  return new Promise((resolve, reject) =>
    socket.connect(port, '127.0.0.1', (error?: Error) => (error === undefined ? resolve() : reject(error))),
  );
}

export function shut(socket: dgram.Socket): void {
  try {
    socket.close();
  } catch {
    // It is closed already: nothing left to do.
  }
}
