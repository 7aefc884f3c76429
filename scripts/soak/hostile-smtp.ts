/** What a mail server's port hears from the Internet, and worse. */
import { randomBytes } from 'node:crypto';
import { messageText, RawSmtp } from '../../test/durability/smtp-client.ts';
import type { Crowd } from './crowd.ts';

const FROM = 'MAIL FROM:<carol@elsewhere.test>\r\n';
const RCPT = 'RCPT TO:<alice@theorganisation.test>\r\n';
const BEGIN = `EHLO hostile.elsewhere.test\r\n${FROM}${RCPT}DATA\r\n`;
const MB = 1024 * 1024;

let serial = 0;

/** `accepted` hears the Message-ID of what got a 250. */
export function smtpHostiles(crowd: Crowd, port: number, accepted: (id: string) => void): void {
  crowd.loop('garbage', 1, async ({ call, pour }) => {
    const socket = await call(port);
    socket.resume();
    await pour(socket, randomBytes(64 * 1024), 1_000);
  });
  for (const [name, words] of [
    ['NOOP', 'NOOP\r\n'],
    ['EHLO', 'EHLO x\r\n'],
    ['RSET', 'RSET\r\n'],
    ['recipients', `${RCPT}`],
    ['unknown commands', 'XYZZY\r\n'],
    ['transactions', `${FROM}${RCPT}RSET\r\n`],
  ] as const) {
    crowd.loop(`flood of ${name}`, 1, async ({ call, pour }) => {
      const socket = await call(port);
      socket.resume();
      socket.write(`EHLO hostile.elsewhere.test\r\n${name === 'recipients' ? FROM : ''}`);
      await pour(socket, Buffer.from(words.repeat(5_000)), 5_000);
    });
  }
  crowd.loop('flood that reads no answers', 1, async ({ call, pour }) => {
    const socket = await call(port);
    await pour(socket, Buffer.from('EHLO x\r\n'.repeat(8_000)), 5_000);
  });
  crowd.loop('endless line', 1, async ({ call, pour }) => {
    const socket = await call(port);
    socket.resume();
    await pour(socket, Buffer.alloc(MB, 'x'), 3_000);
  });
  crowd.loop('endless message', 1, async ({ call, pour, wait }) => {
    const socket = await call(port);
    socket.resume().write(BEGIN);
    await wait(100);
    await pour(socket, Buffer.alloc(MB, 'a line of a message that does not end\r\n..\r\n'), 10_000);
  });
  crowd.loop('huge message, left in its midst', 1, async ({ call, wait }) => {
    const socket = await call(port);
    socket.resume().write(`EHLO x\r\n${FROM.trim()} SIZE=10000000\r\n${RCPT}DATA\r\n`);
    await wait(100);
    socket.write(Buffer.alloc(9 * MB, 'a line of a large message, of many\r\n'));
    await wait(4_000);
    socket.resetAndDestroy();
  });
  crowd.loop('slow words', 5, async ({ call, wait }) => {
    const socket = await call(port);
    socket.resume();
    for (const sign of `EHLO slow.elsewhere.test\r\n${FROM}`) {
      if (socket.destroyed) return;
      socket.write(sign);
      await wait(250);
    }
  });
  crowd.loop('silence', 5, async ({ call, wait }) => {
    const socket = await call(port);
    socket.resume();
    await wait(8_000);
    if (serial++ % 2 === 0) socket.end();
    await wait(1_000);
  });
  crowd.loop('reset', 1, async ({ call, wait }) => {
    const socket = await call(port);
    socket.resume().write(BEGIN);
    await wait(20);
    socket.resetAndDestroy();
  });
  crowd.loop('reconnect storm', 1, async ({ call, wait }) => {
    for (const socket of await Promise.all(Array.from({ length: 20 }, () => call(port)))) socket.destroy();
    await wait(100);
  });
  crowd.loop('large mail, kept to the rules', 1, async ({ goes, wait }) => {
    const client = new RawSmtp(port);
    const id = `hostile-${process.pid}-${(serial += 1)}@elsewhere.test`;
    const gone = client.closed.then(() => null);
    const work = (async (): Promise<string | null> =>
      (await client.hello()) && goes
        ? client.send(
            'carol@elsewhere.test',
            ['alice@theorganisation.test'],
            messageText(id, 'one of very many lines of a large letter\r\n'.repeat(50_000)),
          )
        : null)();
    const reply = await Promise.race([work, gone, wait(30_000).then(() => null)]);
    if (reply?.startsWith('250') === true) accepted(`<${id}>`);
    await client.destroy();
    await wait(1_000);
  });
}
