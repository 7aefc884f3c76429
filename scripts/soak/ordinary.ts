/**
 * Ordinary mail: mail programs that hand a message in at C every now and then, wait for each reply, and remember what was promised. In a
 * process of its own, so that what it measures is the lab and not the company it keeps.
 */
import { messageText, RawSmtp } from '../../test/durability/smtp-client.ts';

/** What it tells the program that started it. `ms`: of each reply, from the last word to the reply. */
export type OrdinarySays = { accepted: string } | { refused: string } | { replies: number[] };

const CLIENTS = 8;
/** A program sends so many messages over one connection, and then another one comes. */
const MESSAGES_MAX = 4;
/** Between two messages, real ms. */
const PAUSE_MS = 100;
const REPLIES_EVERY_MS = 500;

const port = Number(process.argv[2]);
const say = (what: OrdinarySays): void => void process.send?.(what);
let goes = false;
let serial = 0;
let replies: number[] = [];
setInterval(() => {
  if (replies.length > 0) say({ replies });
  replies = [];
}, REPLIES_EVERY_MS).unref();

async function timed(reply: Promise<string | null>): Promise<string | null> {
  const begun = performance.now();
  const heard = await reply;
  replies.push(performance.now() - begun);
  return heard;
}
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One connection with some messages on it. Every reply that is none of what it should be is told. */
async function visit(client: RawSmtp): Promise<void> {
  const expects = async (wanted: RegExp, reply: Promise<string | null>): Promise<boolean> => {
    const heard = await timed(reply);
    if (heard !== null && wanted.test(heard)) return true;
    say({ refused: heard ?? 'the connection was lost' });
    return false;
  };
  if (!(await expects(/^220 /, client.reply())) || !(await expects(/^250/, client.say('EHLO ordinary.elsewhere.test'))))
    return;
  for (let message = 0; message < MESSAGES_MAX && goes; message += 1) {
    const id = `ordinary-${process.pid}-${(serial += 1)}@elsewhere.test`;
    for (const [line, wanted] of [
      ['MAIL FROM:<carol@elsewhere.test>', /^250/],
      ['RCPT TO:<alice@theorganisation.test>', /^250/],
      ['DATA', /^354/],
    ] as const) {
      if (!(await expects(wanted, client.say(line)))) return;
    }
    const body = messageText(
      id,
      'A line of an ordinary letter, of which there are some.\r\n'.repeat(1 + (serial % 80)),
    );
    if (!(await expects(/^250/, client.say(`${body.replace(/^\./gm, '..')}\r\n.`)))) return;
    say({ accepted: `<${id}>` });
    await pause(PAUSE_MS);
  }
  await expects(/^221/, client.say('QUIT'));
}

async function sender(): Promise<void> {
  while (goes) {
    const client = new RawSmtp(port);
    await visit(client);
    await client.destroy();
    await pause(PAUSE_MS);
  }
}

process.on('message', (asked: 'begin' | 'stop') => {
  if (asked === 'stop') return void (goes = false);
  if (goes) return;
  goes = true;
  for (let i = 0; i < CLIENTS; i += 1) void sender();
});
process.on('disconnect', () => process.exit());
