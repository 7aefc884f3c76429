/** DNS over a connection, RFC 1035 §4.2.2: two bytes of length before each message. Both ends of it. */
import type { End } from './end.ts';

export interface DnsTcpServer {
  answer(query: Buffer): { reply: Buffer | null; delayMs: number };
  /** Run after so many virtual ms. */
  later(delayMs: number, run: () => void): void;
}

/** A connection on which nothing is asked is closed after so long: RFC 7766 §6.2.3, and BIND's `tcp-idle-timeout`. */
const IDLE_MS = 30_000;
/** Slow answers under way on one connection; what is asked beyond stays unanswered. */
const SLOW_MAX = 100;

/** The name server's end: answers every question that comes on it. */
export function serveDns(end: End, server: DnsTcpServer): void {
  const messages = createFrames();
  let slow = 0;
  end.on('error', () => undefined);
  end.setTimeout(IDLE_MS, () => end.destroy());
  end.on('data', (chunk: Buffer) => {
    for (const query of messages(chunk)) {
      const { reply, delayMs } = server.answer(query);
      if (reply === null || slow >= SLOW_MAX) continue;
      const send = () => {
        if (!end.destroyed) end.write(frame(reply));
      };
      if (delayMs === 0) {
        send();
        continue;
      }
      slow += 1;
      server.later(delayMs, () => {
        slow -= 1;
        send();
      });
    }
  });
}

/** The resolver's end: asks one question, and leaves. */
export function askDns(end: End, query: Buffer, timeoutMs: number): Promise<Buffer | 'timeout'> {
  return new Promise((resolve) => {
    const messages = createFrames();
    const leave = (answer: Buffer | 'timeout') => {
      end.destroy();
      resolve(answer);
    };
    end.on('error', () => leave('timeout'));
    end.setTimeout(timeoutMs, () => leave('timeout'));
    end.on('data', (chunk: Buffer) => {
      const [answer] = messages(chunk);
      if (answer !== undefined) leave(answer);
    });
    end.write(frame(query));
  });
}

const frame = (message: Buffer): Buffer =>
  Buffer.concat([Buffer.from([message.length >> 8, message.length & 255]), message]);

/** Whole messages out of bytes that come in any pieces; no more than one unfinished message (64 KiB) is kept, each byte copied once or twice. */
function createFrames(): (chunk: Buffer) => Buffer[] {
  let parts: Buffer[] = [];
  let size = 0;
  return (chunk) => {
    parts.push(chunk);
    size += chunk.length;
    if (size < wantedBytes(parts)) return [];
    const bytes = parts.length === 1 ? chunk : Buffer.concat(parts);
    const messages: Buffer[] = [];
    let at = 0;
    while (bytes.length >= at + 2 && bytes.length >= at + 2 + bytes.readUInt16BE(at)) {
      const next = at + 2 + bytes.readUInt16BE(at);
      messages.push(bytes.subarray(at + 2, next));
      at = next;
    }
    const rest = Buffer.from(bytes.subarray(at));
    parts = rest.length === 0 ? [] : [rest];
    size = rest.length;
    return messages;
  };
}

/** Bytes that the first message takes, as far as its length is here. */
function wantedBytes([first, second]: Buffer[]): number {
  const head =
    first === undefined || first.length >= 2 || second === undefined ? first : Buffer.concat([first, second]);
  return head === undefined || head.length < 2 ? 2 : 2 + head.readUInt16BE(0);
}
