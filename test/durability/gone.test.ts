/** A lab under which somebody takes its journal away, or whose disk is full, says so at once, confirms nothing any more, and stops. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createRealPacer, type Pacer } from '../../src/engine/clock/index.ts';
import { lockFolder } from '../../src/engine/folder.ts';
import { openDisk } from '../../src/engine/journal/index.ts';
import { openLab } from '../../src/engine/lab.ts';
import { createWorlds } from '../../src/server/index.ts';
import { LABS, labText, VERSION } from '../labs/play.ts';
import { RawSmtp, messageText } from './smtp-client.ts';

let root = '';
beforeAll(() => void (root = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-gone-'))));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

/** Real time, a hundred times as fast for what is done now and then. */
function hastyPacer(): Pacer {
  const pacer = createRealPacer();
  return { ...pacer, after: (ms, run) => pacer.after(ms / 100, run) };
}

const ills: [string, (dir: string) => void, RegExp][] = [
  ['its folder is deleted', (dir) => fs.rmSync(dir, { recursive: true }), /it was deleted, or its folder was/],
  ['its folder is renamed', (dir) => fs.renameSync(dir, `${dir}-elsewhere`), /it was deleted, or its folder was/],
  ['its journal is deleted', (dir) => fs.rmSync(path.join(dir, 'journal.log')), /it was deleted, or its folder was/],
  [
    'its journal is replaced',
    (dir) => {
      fs.copyFileSync(path.join(dir, 'journal.log'), path.join(dir, 'other'));
      fs.renameSync(path.join(dir, 'other'), path.join(dir, 'journal.log'));
    },
    /another file was put in its place/,
  ],
  [
    'its journal is cut short',
    (dir) => fs.truncateSync(path.join(dir, 'journal.log'), 100),
    /another program changed it: it has 100 bytes, of which \d+ are this lab's/,
  ],
  [
    'its journal is written to',
    (dir) => fs.appendFileSync(path.join(dir, 'journal.log'), 'x'),
    /another program changed it/,
  ],
];

describe('a lab stops when', () => {
  it.each(ills)('%s: it takes no message any more', async (what, strike, words) => {
    const dir = path.join(root, what.replaceAll(' ', '-'));
    const lab = await openLab({ scenario: labText('one-mx-waits'), dir, version: VERSION, script: false });
    const run = lab.driver.run();
    const ended = expect(run).rejects.toThrow(words);
    const { port } = await lab.publish('c', 'internet', 0);
    const client = new RawSmtp(port);
    await client.hello();
    expect(
      await client.send('carol@elsewhere.test', ['carol@elsewhere.test'], messageText('one@elsewhere.test')),
    ).toMatch(/^250/);
    strike(dir);
    const left = fs.existsSync(dir) ? fs.readdirSync(dir) : null;
    const reply = client.send('carol@elsewhere.test', ['carol@elsewhere.test'], messageText('two@elsewhere.test'));
    await ended;
    await expect(lab.close()).rejects.toThrow(/is no longer what it was: .*The lab stops here/);
    expect(await reply).toBe(null);
    // Nothing is made anew where it was.
    if (left === null) expect(fs.existsSync(dir)).toBe(false);
    else
      expect(fs.readdirSync(dir).filter((name) => name !== 'mail')).toEqual(
        left.filter((name) => name !== 'lock' && name !== 'mail'),
      );
  });

  it.each(ills)('%s while it rests', async (what, strike, words) => {
    const dir = path.join(root, `rest-${what.replaceAll(' ', '-')}`);
    const lab = await openLab({
      scenario: labText('one-mx-waits'),
      dir,
      version: VERSION,
      script: false,
      pacer: hastyPacer(),
    });
    const run = lab.driver.run();
    await lab.driver.idle();
    strike(dir);
    await expect(run).rejects.toThrow(words);
    await expect(lab.close()).rejects.toThrow(words);
    if (!fs.existsSync(dir)) return;
    lockFolder(dir)(); // it was given back
  });

  it('somebody who deleted its folder begun another lab there: that one keeps its lock', async () => {
    const dir = path.join(root, 'twice');
    const lab = await openLab({ scenario: labText('one-mx-waits'), dir, version: VERSION, script: false });
    fs.rmSync(dir, { recursive: true });
    fs.mkdirSync(dir);
    fs.writeFileSync(path.join(dir, 'lock'), '1 other\n');
    await lab.close();
    expect(fs.readFileSync(path.join(dir, 'lock'), 'utf8')).toBe('1 other\n');
  });

  it('the page hears why, and the folder can be opened again', async () => {
    const worlds = createWorlds({
      labs: LABS,
      home: path.join(root, 'home'),
      version: VERSION,
      publish: false,
      startWorker: (workerData) =>
        new Worker(path.resolve(import.meta.dirname, '../../src/engine/worker.ts'), { workerData }),
    });
    const { dir, id } = await worlds.api.open('one-mx-waits');
    await worlds.api.ask(id, 'act', [{ do: 'host', host: 'a', power: 'stop' }]);
    await worlds.api.ask(id, 'events', [1, 1]); // all of it is in the file
    const told = new Promise<string>((resolve) =>
      worlds.listen({ worlds: () => undefined, events: () => undefined, clock: () => undefined, trouble: resolve }),
    );
    fs.copyFileSync(path.join(dir, 'journal.log'), path.join(dir, 'copy'));
    fs.renameSync(path.join(dir, 'copy'), path.join(dir, 'journal.log'));
    expect(await told).toMatch(
      /^One MX waits has ended by itself: the lab's journal is no longer what it was: another file was put in its place/,
    );
    expect(await worlds.api.worlds()).toEqual([]);
    const again = await openLab({ scenario: null, dir, version: VERSION, script: false });
    expect(again.state.hosts.a!.power).toBe('stopped');
    await again.close();
    await worlds.closeAll();
  });
});

describe('a full disk', () => {
  it('is said in words, while a lab runs and when it is opened', async () => {
    const dir = path.join(root, 'full');
    const lab = await openLab({
      scenario: labText('one-mx-waits'),
      dir,
      version: VERSION,
      script: false,
      disk: (file) => fullAfter(openDisk(file), 1),
    });
    const run = lab.driver.run();
    await lab.driver.idle();
    void lab.act({ do: 'host', host: 'a', power: 'stop' }).catch(() => undefined);
    await expect(run).rejects.toThrow(
      /^the lab's journal can't be written: the disk is full\. What was confirmed until now is kept: free some space, then open the lab again$/,
    );
    await expect(lab.close()).rejects.toThrow('the disk is full');
    const again = await openLab({ scenario: null, dir, version: VERSION, script: false });
    await again.close();
    const none = openLab({
      scenario: labText('one-mx-waits'),
      dir: path.join(root, 'full-at-once'),
      version: VERSION,
      disk: (file) => fullAfter(openDisk(file), 0),
    });
    await expect(none.then(async (one) => one.driver.run())).rejects.toThrow('the disk is full');
  });

  it.each([1, 4_000])('is not taken for another program, when %i bytes of a write found room', async (room) => {
    const dir = path.join(root, `partly-full-${room}`);
    const lab = await openLab({ scenario: labText('one-mx-waits'), dir, version: VERSION, script: false });
    const run = lab.driver.run();
    await lab.driver.idle();
    await lab.act({ do: 'host', host: 'a', power: 'stop' });
    const journal = path.join(dir, 'journal.log');
    const { size } = fs.statSync(journal);
    const { writeSync } = fs;
    let left = room;
    const spy = vi.spyOn(fs, 'writeSync').mockImplementation(((
      fd: number,
      bytes: Buffer,
      from: number,
      length: number,
      at: number,
    ) => {
      if (left === 0) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      const written = writeSync(fd, bytes, from, Math.min(left, length), at);
      left -= written;
      return written;
    }) as typeof fs.writeSync);
    try {
      void lab
        .act({ do: 'send', messages: [letter('x'.repeat(10_000))], everyMs: 0, connections: 1 })
        .catch(() => undefined);
      await expect(run).rejects.toThrow(/^the lab's journal can't be written: the disk is full\./);
    } finally {
      spy.mockRestore();
    }
    await expect(lab.close()).rejects.toThrow('the disk is full');
    expect(fs.statSync(journal).size).toBe(size);
    await (await openLab({ scenario: null, dir, version: VERSION, script: false })).close();
  });

  it('keeps no lab from going on without checkpoints', async () => {
    const dir = path.join(root, 'no-checkpoints');
    fs.mkdirSync(dir);
    fs.writeFileSync(path.join(dir, 'checkpoints'), 'in the way');
    const said: string[] = [];
    const lab = await openLab({
      scenario: labText('one-mx-waits'),
      dir,
      version: VERSION,
      checkpointEvery: 50,
      complain: (message) => said.push(message),
    });
    const run = lab.driver.run();
    await Promise.race([lab.played(), run]);
    await lab.close();
    expect(new Set(said)).toEqual(
      new Set([
        expect.stringMatching(
          /^a checkpoint of the lab can't be written in .*checkpoints: something else is already there\. The lab goes on without it/,
        ),
      ]),
    );
  });
});

const letter = (body: string) => ({
  name: null,
  from: 'carol@elsewhere.test',
  to: ['alice@theorganisation.test'],
  subject: '',
  body,
  raw: null,
  sizeBytes: null,
  spam: false,
  ret: null,
  envid: null,
  notify: null,
  via: null,
  network: null,
});

/** A disk on which so many writes find room. */
function fullAfter(disk: ReturnType<typeof openDisk>, writes: number): ReturnType<typeof openDisk> {
  let count = 0;
  return {
    get size() {
      return disk.size;
    },
    append(bytes) {
      count += 1;
      if (count <= writes) return disk.append(bytes);
      disk.append(bytes.subarray(0, 10)); // some of it is there
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    },
    read: disk.read,
    sync: disk.sync,
    truncate: disk.truncate,
    close: disk.close,
  };
}

describe('a lock', () => {
  const locked = (text: string): string => {
    const dir = fs.mkdtempSync(path.join(root, 'lock-'));
    fs.writeFileSync(path.join(dir, 'lock'), text);
    return dir;
  };

  it('whose process is gone, or that is half written, is nobody’s', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    for (const text of [String(pid), `${pid} x\n`, '', 'no number', '0', '-1']) lockFolder(locked(text))();
  });

  it('whose number was given to another program is nobody’s', async () => {
    const [dir, holder] = await held();
    const text = fs.readFileSync(path.join(dir, 'lock'), 'utf8');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const [, other] = await held();
    // As if it had got the number of the one that was killed.
    lockFolder(locked(text.replace(String(holder.pid), String(other.pid))))();
    // Where nothing is known of its start, the number alone counts.
    expect(() => lockFolder(locked(String(other.pid)))).toThrow(`is open already, in process ${other.pid}`);
    other.kill('SIGKILL');
    await once(other, 'exit');
  });

  /** A folder, and a process that holds it. */
  async function held(): Promise<[string, ChildProcess]> {
    const dir = fs.mkdtempSync(path.join(root, 'held-'));
    const source = JSON.stringify(path.resolve(import.meta.dirname, '../../src/engine/folder.ts'));
    const holder = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { lockFolder } from ${source}; lockFolder(process.argv[1]); console.log('held'); setInterval(() => {}, 1000);`,
        dir,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(holder.stdout!, 'data');
    return [dir, holder];
  }

  it('of a program that runs keeps others out, by its number and its start', async () => {
    const [dir, holder] = await held();
    expect(fs.readFileSync(path.join(dir, 'lock'), 'utf8')).toMatch(new RegExp(`^${holder.pid} \\S`));
    expect(() => lockFolder(dir)).toThrow(`is open already, in process ${holder.pid}: stop it first`);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    lockFolder(dir)();
    expect(fs.existsSync(path.join(dir, 'lock'))).toBe(false);
  });

  it.each<[string, (file: string) => void]>([
    ['a folder', (file) => fs.mkdirSync(file)],
    ['a pipe, not a regular file', (file) => execFileSync('mkfifo', [file])],
    ['a device, not a regular file', (file) => fs.symlinkSync('/dev/zero', file)],
  ])('that is %s is said', (what, make) => {
    const dir = fs.mkdtempSync(path.join(root, 'lock-'));
    make(path.join(dir, 'lock'));
    expect(() => lockFolder(dir)).toThrow(
      new RegExp(`can't use .*: its lock can't be read: it is ${what}\\. Choose another folder`),
    );
  });
});
