import * as nodeFs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LabState, MailboxMessage } from '../../../src/contract/model.ts';
import {
  createMaildirWriter,
  isLabFileName,
  maildirFileName,
  maildirPath,
} from '../../../src/engine/mailbox/maildir.ts';
import type { MaildirDeps, MaildirFs } from '../../../src/engine/mailbox/maildir.ts';

const AT = Date.UTC(2026, 0, 5, 8);
const BODY = 'Subject: hello\r\n\r\nfirst\r\nlast\r\n';
const bodies = new Map<number, Buffer>();
let root: string;
let errors: string[];

beforeEach(async () => {
  root = await nodeFs.mkdtemp(join(tmpdir(), 'mail-lab-maildir-'));
  errors = [];
  bodies.clear();
});
afterEach(() => nodeFs.rm(root, { recursive: true, force: true }));

function writer(more: Partial<MaildirDeps> = {}) {
  return createMaildirWriter({
    root,
    fs: nodeFs,
    readBody: ({ offset }) => bodies.get(offset) ?? Buffer.from(BODY),
    onError: (message) => errors.push(message),
    ...more,
  });
}

function message(n: number, offset = n): MailboxMessage {
  const queueId = `4F2A9${n}`;
  return {
    mail: `m${n}`,
    queueId,
    at: AT,
    sender: 'carol@c.test',
    rcpt: 'alice@a.test',
    messageId: `<${n}@c.test>`,
    subject: 'hello',
    body: { offset, size: BODY.length },
    prefix: 'Return-Path: <carol@c.test>\r\n',
    sizeBytes: BODY.length,
    file: maildirFileName({ at: AT, queueId, rcpt: 0, hostName: 'a.test' }),
  };
}

/** Only what mending looks at. */
function stateWith(mailboxes: Record<string, MailboxMessage[]>, names: string[] | null = null): LabState {
  return { hosts: { a: { mailboxes, settings: { mailboxes: names } } } } as unknown as LabState;
}

const names = (...parts: string[]): Promise<string[]> =>
  nodeFs.readdir(join(root, ...parts)).then((list) => list.sort());
const text = (...parts: string[]): Promise<string> => nodeFs.readFile(join(root, ...parts), 'latin1');

describe('delivering', () => {
  test('a file in new, with LF line ends and the prefix on top; nothing left in tmp', async () => {
    const maildir = writer();
    maildir.deliver('a', 'alice', message(1));
    await maildir.settled();
    expect(await names('a', 'alice')).toEqual(['cur', 'new', 'tmp']);
    expect(await names('a', 'alice', 'new')).toEqual(['1767600000.lab_4F2A91_0.a.test']);
    expect(await names('a', 'alice', 'tmp')).toEqual([]);
    expect(await text('a', 'alice', 'new', message(1).file)).toBe(
      'Return-Path: <carol@c.test>\nSubject: hello\n\nfirst\nlast\n',
    );
    expect(errors).toEqual([]);
  });

  test('bytes that are no text come through, a lone CR too', async () => {
    const bytes = Buffer.from([0xff, 0x00, 0x0d, 0x41, 0xc3, 0xa9, 0x0d, 0x0a]);
    bodies.set(1, bytes);
    const maildir = writer();
    maildir.deliver('a', 'alice', { ...message(1), prefix: 'X: é\r\n' });
    await maildir.settled();
    const expected = Buffer.concat([Buffer.from('X: é\n'), bytes.subarray(0, 6), Buffer.from('\n')]);
    expect(await nodeFs.readFile(join(root, 'a', 'alice', 'new', message(1).file))).toEqual(expected);
  });

  test('many, some at a time', async () => {
    let open = 0;
    let openMost = 0;
    const writeFile: MaildirFs['writeFile'] = async (...args) => {
      openMost = Math.max(openMost, (open += 1));
      await nodeFs.writeFile(...args);
      open -= 1;
    };
    const maildir = writer({ fs: { ...nodeFs, writeFile } });
    for (let n = 0; n < 200; n += 1) maildir.deliver('a', n % 2 === 0 ? 'alice' : 'bob', message(n));
    await maildir.settled();
    expect([(await names('a', 'alice', 'new')).length, (await names('a', 'bob', 'new')).length]).toEqual([100, 100]);
    expect(openMost).toBeGreaterThan(1);
    expect(openMost).toBeLessThanOrEqual(8);
  });

  test('no local part leads out of the root', async () => {
    const maildir = writer();
    for (const user of ['..', '.', '../../etc', 'a/b', 'ü', '', '%2E.']) maildir.deliver('a', user, message(1));
    await maildir.settled();
    expect(errors).toEqual([]);
    expect(await names()).toEqual(['a']);
    expect(await names('a')).toEqual(['%', '%252E.', '%2E', '%2E.', '%2E.%2F..%2Fetc', '%C3%BC', 'a%2Fb']);
  });

  test('each user has a folder, also when names are longer than a file system takes', async () => {
    const maildir = writer();
    const users = ['x'.repeat(3_000), `${'x'.repeat(3_000)}y`, 'ü'.repeat(80)];
    for (const user of users) maildir.deliver('a', user, message(1));
    await maildir.settled();
    expect(errors).toEqual([]);
    expect(await names('a')).toHaveLength(3);
  });
});

describe('removing', () => {
  test('from new, at once after delivering it', async () => {
    const maildir = writer();
    maildir.deliver('a', 'alice', message(1));
    maildir.deliver('a', 'alice', message(2));
    maildir.remove('a', 'alice', message(1));
    await maildir.settled();
    expect(await names('a', 'alice', 'new')).toEqual([message(2).file]);
  });

  test('from cur, where a mail reader moved it; what is gone already is no error', async () => {
    const maildir = writer();
    maildir.deliver('a', 'alice', message(1));
    await maildir.settled();
    await nodeFs.rename(
      join(root, 'a', 'alice', 'new', message(1).file),
      join(root, 'a', 'alice', 'cur', `${message(1).file}:2,S`),
    );
    maildir.remove('a', 'alice', message(1));
    maildir.remove('a', 'alice', message(7));
    maildir.remove('a', 'nobody', message(7));
    await maildir.settled();
    expect(await names('a', 'alice', 'cur')).toEqual([]);
    expect(errors).toEqual([]);
  });
});

describe('mending', () => {
  const path = (...parts: string[]): string => join(root, 'a', 'alice', ...parts);
  beforeEach(async () => {
    const maildir = writer();
    for (const n of [1, 2, 3]) maildir.deliver('a', 'alice', message(n));
    await maildir.settled();
  });

  test('adds what is missing, removes what the state no longer has, leaves the files of others alone', async () => {
    await nodeFs.unlink(path('new', message(1).file));
    await nodeFs.writeFile(path('new', '1767600000.R1.desk'), 'saved here by a person');
    await nodeFs.writeFile(path('tmp', message(9).file), 'half');
    await writer().mend(stateWith({ alice: [message(1), message(2)] }, ['bob']));
    expect(await names('a', 'alice', 'new')).toEqual(['1767600000.R1.desk', message(1).file, message(2).file]);
    expect(await names('a', 'alice', 'tmp')).toEqual([]);
    expect(await names('a', 'bob')).toEqual(['cur', 'new', 'tmp']);
    expect(errors).toEqual([]);
  });

  test('keeps what a mail reader did: place and flags', async () => {
    await nodeFs.rename(path('new', message(1).file), path('cur', `${message(1).file}:2,FRS`));
    await nodeFs.rename(path('new', message(3).file), path('cur', `${message(3).file}:2,S`));
    const state = stateWith({ alice: [message(1), message(2)] });
    await writer().mend(state);
    await writer().mend(state);
    expect(await names('a', 'alice', 'cur')).toEqual([`${message(1).file}:2,FRS`]);
    expect(await names('a', 'alice', 'new')).toEqual([message(2).file]);
  });

  test('a mail reader that moves a file while we mend is no error', async () => {
    const stat: MaildirFs['stat'] = async (file) => {
      await nodeFs.rename(path('new', message(1).file), path('cur', `${message(1).file}:2,S`));
      return nodeFs.stat(file);
    };
    await writer({ fs: { ...nodeFs, stat } }).mend(stateWith({ alice: [message(1)] }));
    expect(await names('a', 'alice', 'cur')).toEqual([`${message(1).file}:2,S`]);
    expect(await names('a', 'alice', 'new')).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('of two copies, the one with flags stays', async () => {
    await nodeFs.copyFile(path('new', message(1).file), path('cur', `${message(1).file}:2,S`));
    await writer().mend(stateWith({ alice: [message(1)] }));
    expect(await names('a', 'alice', 'cur')).toEqual([`${message(1).file}:2,S`]);
    expect(await names('a', 'alice', 'new')).toEqual([]);
  });

  test('fills a file that a loss of power left empty, under its name', async () => {
    await nodeFs.rename(path('new', message(1).file), path('cur', `${message(1).file}:2,S`));
    await nodeFs.truncate(path('cur', `${message(1).file}:2,S`));
    await writer().mend(stateWith({ alice: [message(1)] }));
    expect(await text('a', 'alice', 'cur', `${message(1).file}:2,S`)).toMatch(/^Return-Path: .*\n[^]*last\n$/);
    expect(await names('a', 'alice', 'new')).toEqual([]);
  });

  test('empties a mailbox that the state does not know, and makes folders that were deleted', async () => {
    await writer().mend(stateWith({}));
    expect(await names('a', 'alice', 'new')).toEqual([]);
    await nodeFs.rm(join(root, 'a'), { recursive: true });
    await writer().mend(stateWith({ alice: [message(1)] }));
    expect(await names('a', 'alice', 'new')).toEqual([message(1).file]);
  });

  test('what is delivered meanwhile stays, and the state is taken as it was when asked', async () => {
    const maildir = writer();
    const list = [message(1)];
    const mending = maildir.mend(stateWith({ alice: list }));
    list.push(message(4));
    maildir.deliver('a', 'alice', message(4));
    await mending;
    await maildir.settled();
    expect(await names('a', 'alice', 'new')).toEqual([message(1).file, message(4).file]);
  });
});

describe('errors say what, where, and what to do; the rest goes on', () => {
  test('a disk without room', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const writeFile: MaildirFs['writeFile'] = async (file, ...rest) => {
      if (file.includes('4F2A91_')) throw full;
      await nodeFs.writeFile(file, ...rest);
    };
    const maildir = writer({ fs: { ...nodeFs, writeFile } });
    maildir.deliver('a', 'alice', message(1));
    maildir.deliver('a', 'alice', message(2));
    await maildir.settled();
    expect(errors).toEqual([
      `message ${message(1).file} could not be written to the mailbox a/alice in ${join(root, 'a', 'alice', 'new')}: ` +
        'the disk is full. ' +
        'Make room on that disk and open the lab again: the mail itself is safe in the journal, and its mailbox files are made from there.',
    ]);
    expect(await names('a', 'alice', 'new')).toEqual([message(2).file]);
    expect(await names('a', 'alice', 'tmp')).toEqual([]);
  });

  test('a file in the place of a folder, for delivering and mending', async () => {
    await nodeFs.writeFile(join(root, 'a'), '');
    const maildir = writer();
    maildir.deliver('a', 'alice', message(1));
    await maildir.mend(stateWith({ alice: [message(1)] }));
    expect(errors.map((error) => error.split(':')[0])).toEqual([
      expect.stringContaining('could not be written to the mailbox a/alice'),
      expect.stringContaining('the mailbox a/alice could not be mended in'),
    ]);
    await nodeFs.unlink(join(root, 'a'));
    maildir.deliver('a', 'alice', message(1));
    await maildir.settled();
    expect(await names('a', 'alice', 'new')).toEqual([message(1).file]);
  });

  test('a file name that leads elsewhere', async () => {
    const maildir = writer();
    maildir.deliver('a', 'alice', { ...message(1), file: '../../x' });
    await maildir.settled();
    expect(errors[0]).toContain('"../../x" is no name for a Maildir file');
  });
});

test('names', () => {
  const file = maildirFileName({ at: AT + 999, queueId: '4F2A91C', rcpt: 2, hostName: 'a.test' });
  expect(file).toBe('1767600000.lab_4F2A91C_2.a.test');
  expect(isLabFileName(file)).toBe(true);
  for (const other of ['1767600000.R1.desk', `${file}:2,S`, '1767600000.M1P2.a.test', ''])
    expect(isLabFileName(other)).toBe(false);
  expect(maildirPath('/r', 'a', 'alice')).toBe(join('/r', 'a', 'alice'));
});
