/** The end of a conversation, with a server that reads its part from a list. */
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { End } from '../../../src/engine/network/index.ts';
import { Dialogue } from '../../../src/engine/smtp-out/index.ts';

const MINUTE = 60_000;
const TIMEOUTS = {
  connectMs: MINUTE,
  greetingMs: MINUTE,
  commandMs: MINUTE,
  dataMs: MINUTE,
  dataBlockMs: MINUTE,
  finalDotMs: MINUTE,
};
const TX = {
  envelope: { sender: 'carol@outside.test', ret: null, envid: null, eightBit: false, smtpUtf8: false },
  rcpts: [{ address: 'alice@theorganisation.test', notify: null, orcpt: null }],
  message: Buffer.from('Subject: x\r\n\r\ny\r\n'),
  downgrades: true,
};

/** Speaks the greeting, then for each command its verb's reply; `pipelining` is offered or not. */
async function converse(answers: Record<string, string>, pipelining: boolean): Promise<string[]> {
  const replies: Record<string, string> = {
    EHLO: pipelining ? '250-b\r\n250 PIPELINING' : '250 b',
    MAIL: '250 ok',
    RCPT: '250 ok',
    DATA: '354 go on',
    RSET: '250 ok',
    QUIT: '221 bye',
    '.': '250 ok',
    ...answers,
  };
  const said: string[] = [];
  const end = Object.assign(new EventEmitter(), {
    destroyed: false,
    end: () => undefined,
    destroy() {
      end.destroyed = true;
    },
    write(bytes: Buffer) {
      const text = bytes.toString();
      const words = text.endsWith('\r\n.\r\n')
        ? ['.']
        : text
            .trim()
            .split('\r\n')
            .map((line) => line.split(' ')[0]!);
      said.push(...words);
      queueMicrotask(() => words.forEach((word) => end.emit('data', Buffer.from(`${replies[word]}\r\n`))));
    },
  });
  const dialogue = new Dialogue(end as unknown as End, {
    host: 'c',
    name: 'c.outside.test',
    peer: { name: 'b', address: '192.0.2.2', port: 25 },
    session: 's1',
    timeouts: TIMEOUTS,
    now: () => 0,
    at: () => () => undefined,
    tell: () => undefined,
  });
  queueMicrotask(() => end.emit('data', Buffer.from('220 b\r\n')));
  expect(await dialogue.open()).toBeNull();
  await dialogue.transact(TX);
  await dialogue.quit();
  return said;
}

test.each([
  ['MAIL is refused', { MAIL: '452 4.3.1 full', RCPT: '503 5.5.1 MAIL first', DATA: '503 5.5.1 RCPT first' }],
  ['RCPT is refused', { RCPT: '550 5.1.1 unknown', DATA: '503 5.5.1 RCPT first' }],
  ['DATA is refused', { DATA: '451 4.3.0 not now' }],
])('%s: the transaction is ended before the goodbye', async (_what, answers) => {
  expect(await converse(answers, true)).toEqual(['EHLO', 'MAIL', 'RCPT', 'DATA', 'RSET', 'QUIT']);
  expect((await converse(answers, false)).slice(-2)).toEqual(['RSET', 'QUIT']);
});

test('after a message, taken or not, there is nothing to end', async () => {
  expect(await converse({}, true)).toEqual(['EHLO', 'MAIL', 'RCPT', 'DATA', '.', 'QUIT']);
  expect(await converse({ '.': '552 5.3.4 too big' }, true)).toEqual(['EHLO', 'MAIL', 'RCPT', 'DATA', '.', 'QUIT']);
});

test('421 ends it all: not a word more', async () => {
  expect(await converse({ MAIL: '421 4.3.2 closing' }, false)).toEqual(['EHLO', 'MAIL']);
});

test.each([
  [0, 5, 'mail'],
  [1, 1 + 5, 'rcpt'],
  [2, 2 + 2, 'data'],
])(
  'of a group of commands, with %i answers a minute apart and then none, time is up after %i minutes, at %s',
  async (answers, minutes, stage) => {
    let now = 0;
    const timers = new Set<{ when: number; run(): void }>();
    const end = Object.assign(new EventEmitter(), {
      destroyed: false,
      end: () => undefined,
      destroy: () => void (end.destroyed = true),
      write: () => undefined,
    });
    const hear = (words: string): boolean => end.emit('data', Buffer.from(`${words}\r\n`));
    const dialogue = new Dialogue(end as unknown as End, {
      host: 'c',
      name: 'c.outside.test',
      peer: { name: 'b', address: '192.0.2.2', port: 25 },
      session: 's1',
      timeouts: { ...TIMEOUTS, commandMs: 5 * MINUTE, dataMs: 2 * MINUTE },
      now: () => now,
      tell: () => undefined,
      at(when, _name, run) {
        const timer = { when, run };
        timers.add(timer);
        return () => timers.delete(timer);
      },
    });
    queueMicrotask(() => hear('220 b'));
    const opened = dialogue.open();
    await Promise.resolve();
    await Promise.resolve();
    hear('250-b\r\n250 PIPELINING');
    expect(await opened).toBeNull();
    const sent = dialogue.transact(TX);
    for (let count = 0; count < answers; count += 1) {
      now += MINUTE;
      hear('250 ok');
    }
    const [next] = [...timers].sort((a, b) => a.when - b.when);
    now = next!.when;
    next!.run();
    expect(now).toBe(minutes * MINUTE);
    expect((await sent).rcpts).toEqual([
      { ok: false, why: expect.objectContaining({ kind: 'lost', stage, problem: 'timeout' }) },
    ]);
    expect(timers.size).toBe(0);
  },
);
