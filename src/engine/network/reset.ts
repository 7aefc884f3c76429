import type { Socket } from 'node:net';

/**
 * Close a socket at once, and without TIME_WAIT on loopback. While the end of its writing side is under way, libuv refuses a reset (EINVAL),
 * and Node then never closes the socket: it keeps its descriptor, and its thread can't end. Such a one is closed without a reset.
 */
export function reset(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
