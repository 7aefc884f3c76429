/** Files that somebody names are regular ones, within their limits, and a lab's messages lie in its folder, wherever links lead. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LAB_FILE_BYTES_MAX, MAIL_FILE_BYTES_MAX } from '../../src/contract/sizes.ts';
import { openLab } from '../../src/engine/lab.ts';
import { loadScenario } from '../../src/engine/scenario/index.ts';
import { createWorlds } from '../../src/server/index.ts';
import { command, start, STACK } from '../cli/command.ts';
import { labText, LABS, tempDir, VERSION } from './play.ts';

const onUnix = process.platform !== 'win32';
let dir = '';
beforeAll(() => {
  dir = tempDir();
  fs.mkdirSync(path.join(dir, 'lab/mails'), { recursive: true });
  const inLab = (name: string): string => path.join(dir, 'lab', name);
  fs.writeFileSync(inLab('mails/good.eml'), 'Subject: Good\r\n\r\n');
  fs.writeFileSync(path.join(dir, 'secret.eml'), 'Subject: Secret\r\n\r\n');
  fs.writeFileSync(inLab('large.eml'), '');
  fs.truncateSync(inLab('large.eml'), MAIL_FILE_BYTES_MAX + 1);
  fs.truncateSync(path.join(dir, 'secret.eml'), 20);
  if (!onUnix) return;
  execFileSync('mkfifo', [inLab('pipe.eml')]);
  fs.symlinkSync('/dev/zero', inLab('endless.eml'));
  fs.symlinkSync('../secret.eml', inLab('outside.eml'));
  fs.symlinkSync('..', inLab('up'));
  fs.symlinkSync('mails/good.eml', inLab('link.eml'));
  fs.symlinkSync('circle.eml', inLab('circle.eml'));
});
afterAll(() => fs.rmSync(dir, { recursive: true, force: true }));

const withEml = (eml: string): string =>
  fs
    .readFileSync(path.join(LABS, 'one-mx-waits.yaml'), 'utf8')
    .replace(
      /\nguide:[^]*/,
      `\nscript:\n  - send: { from: carol@elsewhere.test, to: alice@theorganisation.test, eml: ${eml} }\n  - pass: 1h\n`,
    );
/** A lab file in the folder, which names this message. */
function labWith(eml: string): string {
  const file = path.join(dir, 'lab', 'lab.yaml');
  fs.writeFileSync(file, withEml(eml));
  return file;
}
const errorsOf = (eml: string): string[] => {
  const loaded = loadScenario(withEml(eml), path.join(dir, 'lab/lab.yaml'));
  return loaded.ok ? [] : loaded.errors.map(({ message }) => message);
};

describe('a message that a lab file names', () => {
  it.each(['mails/good.eml', './mails/good.eml', ...(onUnix ? ['link.eml', 'up/lab/mails/good.eml'] : [])])(
    'is read: %s',
    (eml) => expect(errorsOf(eml)).toEqual([]),
  );

  it.each<[string, string]>([
    ['mails', 'it is a folder'],
    ['none.eml', 'there is no such file or folder'],
    ['large.eml', 'it is larger than 25 MB'],
    ...(onUnix
      ? ([
          ['pipe.eml', 'it is a pipe, not a regular file'],
          ['endless.eml', 'it is outside '],
          ['outside.eml', 'it is outside '],
          ['up/secret.eml', 'it is outside '],
          ['circle.eml', 'its symbolic links form a loop'],
          ['up', 'it is outside '],
        ] as [string, string][])
      : []),
  ])('is not, where it is none: %s', (eml, why) =>
    expect(errorsOf(eml)).toEqual([expect.stringContaining(`${eml} can't be read: ${why}`)]),
  );

  it('is not read where nobody may', () => {
    if (!onUnix || process.getuid?.() === 0) return; // root may
    fs.writeFileSync(path.join(dir, 'lab/mine.eml'), 'Subject: x\r\n\r\n', { mode: 0 });
    expect(errorsOf('mine.eml')).toEqual([expect.stringContaining('permission is denied')]);
  });

  it.runIf(onUnix)('holds nobody up who checks the lab', async () => {
    for (const eml of ['pipe.eml', 'endless.eml', 'outside.eml']) {
      const { code, stderr } = await command('check', labWith(eml));
      expect(stderr).toMatch(new RegExp(`lab\\.yaml:\\d+:\\d+: script\\.0\\.send\\.eml: ${eml} can't be read: it `));
      expect(code).toBe(2);
    }
  });

  it('is not looked for when the lab was dropped on the page; a dropped message is sent', async () => {
    const worlds = createWorlds({
      labs: LABS,
      home: path.join(dir, 'home'),
      version: VERSION,
      publish: false,
      startWorker: (workerData) =>
        new Worker(path.resolve(import.meta.dirname, '../../src/engine/worker.ts'), { workerData }),
    });
    const cwd = process.cwd();
    process.chdir(path.join(dir, 'lab')); // where the message is
    try {
      const words =
        /dropped\.yaml:\d+:\d+: mails\/good\.eml can't be read: this lab came without its folder\. Play it with `mail-lab run` or `mail-lab serve`, or write subject and body instead/;
      for (const name of ['dropped.yaml', path.join(dir, 'lab', 'dropped.yaml')])
        await expect(worlds.api.openText(name, withEml('mails/good.eml'))).rejects.toThrow(words);
    } finally {
      process.chdir(cwd);
    }
    const { id } = await worlds.api.openText('dropped.yaml', withEml('mails/good.eml').replace(/, eml: [^ ]*/, ''));
    const raw = Buffer.from('Subject: Dropped\r\n\r\n').toString('base64');
    await worlds.api.ask(id, 'act', [
      {
        do: 'send',
        messages: [
          {
            name: null,
            from: 'carol@elsewhere.test',
            to: ['carol@elsewhere.test'],
            subject: '',
            body: '',
            raw,
            sizeBytes: null,
            spam: false,
            ret: null,
            envid: null,
            notify: null,
            via: null,
            network: null,
          },
        ],
        everyMs: 0,
        connections: 1,
      },
    ]);
    await worlds.api.ask(id, 'jump', [(await worlds.api.ask(id, 'clock', [])).now + 60_000]);
    expect((await worlds.api.ask(id, 'mailbox', [null, 'c', 'carol'])).rows.map(({ subject }) => subject)).toEqual([
      'Dropped',
    ]);
    await worlds.closeAll();
  });

  it('that is handed in many times over is refused before it fills the memory', () => {
    fs.writeFileSync(path.join(dir, 'lab/big.eml'), `Subject: x\r\n\r\n${'x'.repeat(2_000_000)}\r\n`);
    expect(errorsOf('big.eml, count: 10, name: x')).toEqual([]);
    expect(errorsOf('big.eml, count: 100000, name: x')).toEqual([
      expect.stringMatching(/100000 messages of 2\.7 MB are 266\.\d GB in one step: the limit is 64\.0 MB/),
    ]);
  });

  it('nor is so much taken from a page at once', async () => {
    const lab = await openLab({ scenario: labText('one-mx-waits'), dir: null, version: VERSION, script: false });
    const run = lab.driver.run();
    const raw = Buffer.alloc(24_000_000, 'x').toString('base64');
    const letter = {
      name: null,
      from: 'carol@elsewhere.test',
      to: ['carol@elsewhere.test'],
      subject: '',
      body: '',
      raw,
      sizeBytes: null,
      spam: false,
      ret: null,
      envid: null,
      notify: null,
      via: null,
      network: null,
    };
    const { n } = lab.state;
    await expect(
      lab.act({ do: 'send', messages: [letter, letter, letter], everyMs: 0, connections: 1 }),
    ).rejects.toThrow(
      /^these messages are 97 MB together, and 64 MB is the limit for one act: send fewer, or smaller ones$/,
    );
    expect(lab.state.n).toBe(n);
    await lab.close();
    await run;
  });
});

describe('a lab file', () => {
  const odd: [string, () => string, RegExp][] = [
    ['a folder', () => path.join(dir, 'lab'), /lab can't be read: it is a folder/],
    [
      'a binary file',
      () => write('binary.yaml', Buffer.from([0x74, 0, 0x65, 0])),
      /binary\.yaml can't be read: it is not a text file/,
    ],
    [
      'text in another encoding',
      () => write('latin.yaml', Buffer.from('title: Grüße', 'latin1')),
      /latin\.yaml can't be read: it is not UTF-8 text: save it as UTF-8/,
    ],
    [
      'a file of a gigabyte',
      () => {
        const file = write('giant.yaml', Buffer.alloc(0));
        fs.truncateSync(file, 1_000_000_000);
        return file;
      },
      /giant\.yaml can't be read: it is larger than 1 MB/,
    ],
    ['an empty file', () => write('empty.yaml', Buffer.alloc(0)), /empty\.yaml:1:1: the file is empty: write a lab/],
    ...(onUnix
      ? ([
          ['a pipe', () => path.join(dir, 'lab/pipe.eml'), /pipe\.eml can't be read: it is a pipe, not a regular file/],
          ['a device', () => '/dev/zero', /\/dev\/zero can't be read: it is a device, not a regular file/],
          ['links in a circle', () => path.join(dir, 'lab/circle.eml'), /there is no file/],
        ] as [string, () => string, RegExp][])
      : []),
  ];
  const write = (name: string, bytes: Buffer): string => {
    fs.writeFileSync(path.join(dir, name), bytes);
    return path.join(dir, name);
  };

  it.each(odd)('is none: %s', async (_what, fileOf, words) => {
    const file = fileOf();
    for (const name of ['check', 'run', 'serve']) {
      const { code, stderr } = await command(name, file);
      expect(stderr).toMatch(words);
      expect(stderr).not.toMatch(STACK);
      expect(code).toBe(2);
    }
  });

  it('that can’t be read keeps no other from being checked', async () => {
    const { code, stdout, stderr } = await command('check', path.join(dir, 'none.yaml'), 'one-mx-waits', dir);
    expect([code, stdout]).toEqual([2, expect.stringContaining('one-mx-waits.yaml: valid')]);
    expect(stderr).toMatch(/there is no file .*none\.yaml[^]*can't be read: it is a folder/);
  });

  it('may be as large as that, and no larger, on the page too', async () => {
    const text = fs.readFileSync(path.join(LABS, 'one-mx-waits.yaml'), 'utf8');
    const padded = Buffer.from(`${text}${`# ${'x'.repeat(97)}\n`.repeat(10_000)}`).subarray(0, LAB_FILE_BYTES_MAX);
    fs.writeFileSync(path.join(dir, 'full.yaml'), padded);
    expect((await command('check', path.join(dir, 'full.yaml'))).code).toBe(0);
    fs.appendFileSync(path.join(dir, 'full.yaml'), '#');
    expect((await command('check', path.join(dir, 'full.yaml'))).stderr).toContain('it is larger than 1 MB');
  });
});

describe('a file that a run writes', () => {
  it('is none that the run needs itself', async () => {
    const lab = labWith('mails/good.eml');
    const before = fs.readFileSync(lab, 'utf8');
    const home = path.join(dir, 'home-of-run');
    expect((await command('run', lab, '--dir', home)).code).toBe(0);
    const journal = fs.readFileSync(path.join(home, 'journal.log'));
    const cases: [string[], RegExp][] = [
      [['run', lab, '--journal', lab], /--journal .*lab\.yaml: that is the lab file itself\. Choose another file/],
      [['run', lab, '--junit', path.join(dir, 'lab/../lab/lab.yaml')], /that is the lab file itself/],
      [
        ['run', '--dir', home, '--journal', path.join(home, 'journal.log')],
        /--journal .*journal\.log: that is one of the lab's own files/,
      ],
      [['run', '--dir', home, '--junit', path.join(home, 'mail/x')], /that is one of the lab's own files/],
      [
        ['run', lab, '--dir', path.join(dir, 'fresh'), '--journal', path.join(dir, 'fresh/journal.log')],
        /that is one of the lab's own files/,
      ],
      [
        ['run', lab, '--journal', path.join(dir, 'same'), '--junit', path.join(dir, 'lab/../same')],
        /--junit .*same: --journal writes there already/,
      ],
      [['run', lab, '--journal', path.join(dir, 'no/where')], /can't be written: there is no such file or folder/],
      ...(onUnix
        ? ([
            [
              ['run', lab, '--journal', path.join(dir, 'lab/pipe.eml')],
              /pipe\.eml can't be written: it is a pipe or a socket with nobody at the other end/,
            ],
            [['run', lab, '--journal', '/dev/full'], /\/dev\/full can't be written: the disk is full/],
          ] as [string[], RegExp][])
        : []),
    ];
    for (const [args, words] of cases) {
      const { code, stderr } = await command(...args);
      expect(stderr).toMatch(words);
      expect(stderr).not.toMatch(STACK);
      expect(code).toBe(2);
    }
    expect(fs.readFileSync(lab, 'utf8')).toBe(before);
    expect(fs.readFileSync(path.join(home, 'journal.log')).equals(journal)).toBe(true);
  }, 60_000);

  it.runIf(onUnix)('may be a pipe that somebody reads', async () => {
    const reader = start(['check', '--schema'], {}); // any program will do to wait for
    await reader.ended;
    const pipe = path.join(dir, 'read.pipe');
    execFileSync('mkfifo', [pipe]);
    const lines = new Promise<string>((resolve) => {
      let text = '';
      fs.createReadStream(pipe, 'utf8')
        .on('data', (part) => (text += String(part)))
        .on('end', () => resolve(text));
    });
    expect((await command('run', 'one-mx-waits', '--journal', pipe)).code).toBe(0);
    const events = (await lines)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { n: number; kind: string });
    expect(events.at(-1)).toMatchObject({ n: events.length, kind: 'lab-end' });
  });
});

describe('a folder of a lab', () => {
  it('whose journal is not a file is refused in words', async () => {
    const odd: [string, (file: string) => void, RegExp][] = [
      ['folder', (file) => fs.mkdirSync(file), /journal\.log can't be used as a lab's journal: it is a folder/],
    ];
    if (onUnix)
      odd.push(
        [
          'pipe',
          (file) => execFileSync('mkfifo', [file]),
          /journal\.log can't be used as a lab's journal: it is a pipe, not a regular file/,
        ],
        [
          'device',
          (file) => fs.symlinkSync('/dev/zero', file),
          /it is a device, not a regular file\. Choose another folder/,
        ],
      );
    for (const [name, make, words] of odd) {
      const home = path.join(dir, `odd-${name}`);
      fs.mkdirSync(home);
      make(path.join(home, 'journal.log'));
      await expect(openLab({ scenario: labText('one-mx-waits'), dir: home, version: VERSION })).rejects.toThrow(words);
      expect(fs.readdirSync(home)).toEqual(['journal.log']);
    }
  });
});
