/** DNS over a connection, RFC 1035 §4.2.2: two bytes of length before each message. Both ends of it. */
import type { End } from './end.ts';

export interface DnsTcpServer {
  answer(query: Buffer): { reply: Buffer | null; delayMs: number };
  /** Run after so many virtual ms. */
  later(delayMs: number, run: () => void): void;
}

/** The name server's end: answers every question that comes on it. */
export function serveDns(end: End, server: DnsTcpServer): void {
  let buffered = Buffer.alloc(0);
  end.on('error', () => undefined);
  end.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    for (let size = framed(buffered); size !== null; size = framed(buffered)) {
      const query = buffered.subarray(2, 2 + size);
      buffered = buffered.subarray(2 + size);
      const { reply, delayMs } = server.answer(query);
      if (reply === null) continue;
      const send = () => {
        if (!end.destroyed) end.write(frame(reply));
      };
      if (delayMs === 0) send();
      else server.later(delayMs, send);
    }
  });
}

/** The resolver's end: asks one question, and leaves. */
export function askDns(end: End, query: Buffer, timeoutMs: number): Promise<Buffer | 'timeout'> {
  return new Promise((resolve) => {
    let got = Buffer.alloc(0);
    const leave = (answer: Buffer | 'timeout') => {
      end.destroy();
      resolve(answer);
    };
    end.on('error', () => leave('timeout'));
    end.setTimeout(timeoutMs, () => leave('timeout'));
    end.on('data', (chunk: Buffer) => {
      got = Buffer.concat([got, chunk]);
      const size = framed(got);
      if (size !== null) leave(got.subarray(2, 2 + size));
    });
    end.write(frame(query));
  });
}

const frame = (message: Buffer): Buffer => Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message]);

/** Size of the first whole message, or null when it isn't here yet. */
function framed(bytes: Buffer): number | null {
  if (bytes.length < 2) return null;
  const size = bytes.readUInt16BE(0);
  return bytes.length >= 2 + size ? size : null;
}
