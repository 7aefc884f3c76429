/** A message is read beside the page, and given up when that takes too long. The thread is a stand-in here: the browser's tests have a real one. */
import { afterEach, expect, it, vi } from 'vitest';
import { openMail } from '../../src/renderer/inspector/mail/open-mail.ts';
import { readMail, type MailThread } from '../../src/renderer/inspector/mail/read-mail.ts';

type Ears = Record<string, ((event: never) => void) | undefined>;

/** Threads that do this with what they are given, and how many live. */
function threads(work: (raw: string, ears: Ears) => void): { start(): MailThread; living(): number } {
  let living = 0;
  return {
    living: () => living,
    start() {
      living += 1;
      const ears: Ears = {};
      return {
        addEventListener: (what: string, heard: (event: never) => void) => void (ears[what] = heard),
        postMessage: (raw) => work(raw, ears),
        terminate: () => void (living -= 1),
      };
    },
  };
}
const tell = (ears: Ears, what: string, event: unknown): void => ears[what]?.(event as never);
afterEach(() => vi.useRealTimers());

const RAW = 'Subject: one\r\n\r\ntext\r\n';

it('is what the thread makes of it, and the thread ends', async () => {
  const { start, living } = threads(
    (raw, ears) => void openMail(raw).then((mail) => tell(ears, 'message', { data: { mail } })),
  );
  expect(await readMail(RAW, start)).toMatchObject({
    raw: RAW,
    text: 'text\n',
    trouble: null,
    headers: [{ name: 'Subject', value: 'one' }],
  });
  expect(living()).toBe(0);
});

it('is given up after some seconds, in words, with its bytes', async () => {
  vi.useFakeTimers();
  const { start, living } = threads(() => undefined);
  const read = readMail(RAW, start);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await read).toMatchObject({
    raw: RAW,
    text: null,
    html: null,
    parts: [],
    trouble: 'This message can’t be parsed: reading it takes too long. Its bytes are under Raw.',
  });
  expect(living()).toBe(0);
});

it.each<[string, (raw: string, ears: Ears) => void]>([
  ['says what is wrong', (_raw, ears) => tell(ears, 'message', { data: { trouble: 'nested too deep' } })],
  ['fails', (_raw, ears) => tell(ears, 'error', { message: 'nested too deep' })],
])('has words where the thread %s', async (_what, work) => {
  const { start, living } = threads(work);
  expect((await readMail(RAW, start)).trouble).toBe(
    'This message can’t be parsed: nested too deep. Its bytes are under Raw.',
  );
  expect(living()).toBe(0);
});
