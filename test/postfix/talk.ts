/**
 * Says a dialogue to a server's port and notes what it hears, reply by reply. Nothing here waits for a time: each step waits
 * for its reply, and the last words end any session, in the midst of a message or not.
 */
import { RawSmtp } from '../durability/smtp-client.ts';

/**
 * A line (CR LF is put behind it) and its reply; a message, said only where DATA got its 354, and its reply; or bytes as they are,
 * with how many replies they get. Where a 354 is followed by a line, an empty message comes before it.
 */
export type Step = string | Buffer | { message: string | Buffer } | { bytes: string | Buffer; replies: number };

export interface Dialogue {
  name: string;
  steps: Step[];
  /** The client says all at once, and ends before it hears a word. */
  atOnce?: true;
  /** In words of `differences.ts`: what is different here, and must be. */
  differs?: string;
}

/** Ends a message, if one is under way; then a line that no mail program says. Both end a session everywhere. */
const LAST_WORDS = Buffer.from('\r\n.\r\nQUIT\r\n');

const bytesOf = (text: string | Buffer): Buffer => (typeof text === 'string' ? Buffer.from(text) : text);

/** A reply, and what it answers: `250 2.1.0` (with the extensions, for EHLO), or `closed` where the session had ended instead. */
export interface Exchange {
  /** '' for the greeting, for what the last words brought, and where all was said at once. */
  said: string;
  heard: string;
}

/** The greeting comes first, and what the last words brought last. */
export async function hear(port: number, { steps, atOnce }: Dialogue): Promise<Exchange[]> {
  const client = new RawSmtp(port);
  const exchanges: Exchange[] = [];
  const listen = async (said = ''): Promise<void> =>
    void exchanges.push({ said, heard: shortOf(await client.reply()) });
  const say = async (step: Step): Promise<void> => {
    const bytes = allOf(step);
    client.write(bytes);
    const replies = !isLine(step) && 'replies' in step ? step.replies : 1;
    for (let i = 0; i < replies; i++) await listen(bytes.toString());
  };
  try {
    if (atOnce) {
      client.write(Buffer.concat(steps.map(allOf)));
      client.socket.end();
    } else {
      await listen();
      for (const step of steps) {
        const asked = exchanges.at(-1)?.heard === '354';
        if (isLine(step) && asked) await say({ message: '' });
        if (asked || isLine(step) || 'bytes' in step) await say(step);
      }
      client.write(LAST_WORDS);
    }
    for (let reply = await client.reply(); reply !== null; reply = await client.reply())
      exchanges.push({ said: '', heard: shortOf(reply) });
    return exchanges;
  } finally {
    await client.destroy();
  }
}

const isLine = (step: Step): step is string | Buffer => typeof step === 'string' || Buffer.isBuffer(step);

/** What a step puts on the wire. */
export function allOf(step: Step): Buffer {
  if (isLine(step)) return Buffer.concat([bytesOf(step), Buffer.from('\r\n')]);
  return 'bytes' in step ? bytesOf(step.bytes) : Buffer.concat([bytesOf(step.message), Buffer.from('\r\n.\r\n')]);
}

function shortOf(reply: string | null): string {
  if (reply === null) return 'closed';
  const [first = '', ...more] = reply.split('\n');
  const [, code = '', enhanced = ''] = /^(\d{3})(?:[- ]([245]\.\d{1,3}\.\d{1,3})(?= |$))?/.exec(first) ?? [];
  return [code, enhanced, ...more.map((line) => line.slice(4))].filter((part) => part !== '').join(' ');
}
