/**
 * A journal that a disk or a person damaged is not opened as if nothing were: what can't be read is said, and nothing is changed. With
 * `salvage` the lab goes on before the damage, and a copy of all is kept. A torn end is forgotten without a word, as ever.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stateAt } from '../../src/engine/branch.ts';
import { createJournal, openDisk } from '../../src/engine/journal/index.ts';
import { openLab, type Lab, type LabOptions } from '../../src/engine/lab.ts';
import { labText, startLab, VERSION } from '../labs/play.ts';

const SEED = Number(process.env.SEED ?? 1);
const FLIPS = Number(process.env.FLIPS ?? 250);

let root = '';
/** A lab that was played and closed: its folder, and where each record of its journal begins. */
let whole: { dir: string; bytes: Buffer; records: { at: number; end: number; kind: string; n: number }[] };
beforeAll(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-damage-'));
  const dir = path.join(root, 'whole');
  const { lab, clock } = await startLab({ scenario: labText('relay-through-firewall'), dir, checkpointEvery: 60 });
  await lab.played();
  await lab.close();
  await clock;
  const bytes = fs.readFileSync(path.join(dir, 'journal.log'));
  const records: typeof whole.records = [];
  for (let at = 0, n = 0; at < bytes.length;) {
    const [kind, end] = [
      String.fromCharCode(bytes[at]!),
      at + 21 + parseInt(bytes.toString('latin1', at + 2, at + 10), 16),
    ];
    records.push({ at, end, kind, n: (n += kind === 'E' ? 1 : 0) });
    at = end;
  }
  whole = { dir, bytes, records };
});
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

/** A copy of that lab's folder with another journal in it. */
function copyWith(bytes: Buffer): string {
  const dir = fs.mkdtempSync(path.join(root, 'copy-'));
  fs.cpSync(whole.dir, dir, { recursive: true });
  fs.writeFileSync(path.join(dir, 'journal.log'), bytes);
  return dir;
}
const open = (dir: string, more: Partial<LabOptions> = {}): Promise<Lab> =>
  openLab({ scenario: null, dir, version: VERSION, complain: () => undefined, ...more });
const tree = (dir: string): string[] =>
  fs
    .readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name !== 'lock')
    .sort();
const founding = (): number => whole.records.find(({ n }) => n === 12)!.end;

describe(`a bit that flipped (SEED=${SEED} FLIPS=${FLIPS})`, () => {
  it('anywhere is found, whatever it hits, and nothing is changed', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.bytes.length - 1), fc.nat(7), fc.boolean(), async (at, bit, checkpoints) => {
        const bytes = Buffer.from(whole.bytes);
        bytes[at]! ^= 1 << bit;
        const dir = copyWith(bytes);
        if (!checkpoints) fs.rmSync(path.join(dir, 'checkpoints'), { recursive: true });
        const before = tree(dir);
        const record = whole.records.find(({ end }) => at < end)!;
        await expect(open(dir)).rejects.toThrow(
          new RegExp(
            `the journal in .* is damaged at byte ${record.at}, behind event ${record.kind === 'E' ? record.n - 1 : record.n}[ :]`,
          ),
        );
        expect(fs.readFileSync(path.join(dir, 'journal.log')).equals(bytes)).toBe(true);
        expect(tree(dir)).toEqual(before);
        fs.rmSync(dir, { recursive: true });
      }),
      { seed: SEED, numRuns: FLIPS },
    );
  });

  it('is said with what lies behind it, and salvage keeps a copy of all', async () => {
    const records = whole.records.filter(({ kind, at }) => kind === 'E' && at > founding());
    const hit = records[Math.floor(records.length / 3)]!;
    const bytes = Buffer.from(whole.bytes);
    bytes[hit.at + 30]! ^= 4;
    const dir = copyWith(bytes);
    const later = whole.records.filter(({ kind, n }) => kind === 'E' && n > hit.n);
    const messages = later.filter(({ at, end }) =>
      whole.bytes.toString('utf8', at, end).includes('"kind":"message-accept"'),
    ).length;
    const words = new RegExp(
      `${later.length} later events, ${messages} messages? that w\\S+ taken among them, up to event ${later.at(-1)!.n} \\(2026-.*Z\\) can't be read behind it`,
    );
    await expect(open(dir)).rejects.toThrow(words);
    await expect(open(dir)).rejects.toThrow(
      /Nothing was changed\. To continue .*: `mail-lab serve --dir .* --salvage`/,
    );

    const said: string[] = [];
    const lab = await open(dir, { salvage: true, complain: (message) => said.push(message) });
    const copy = path.join(dir, 'salvaged-1');
    expect(said).toEqual([expect.stringMatching(words)]);
    expect(said[0]).toContain(`is in ${copy}`);
    expect(JSON.stringify(lab.history.at(hit.n - 1))).toBe(JSON.stringify(stateAt(whole.dir, hit.n - 1, VERSION)));
    expect(lab.state.n).toBeGreaterThanOrEqual(hit.n); // opened again
    expect(fs.readFileSync(path.join(copy, 'journal.log')).equals(bytes)).toBe(true);
    const mailOf = (folder: string): string[] => tree(folder).filter((name) => name.includes('.lab_'));
    expect(mailOf(path.join(copy, 'mail'))).toEqual(mailOf(path.join(whole.dir, 'mail')));
    expect(mailOf(path.join(dir, 'mail')).length).toBeLessThan(mailOf(path.join(copy, 'mail')).length);
    const run = lab.driver.run();
    await Promise.race([lab.played(), run]);
    expect(lab.state.hosts.a!.mailboxes.alice).toHaveLength(1);
    await lab.close();
    await (await open(dir)).close(); // it is whole again
  });

  it('in the first events leaves nothing to go on with, and salvage says so', async () => {
    const bytes = Buffer.from(whole.bytes);
    bytes[40]! ^= 1;
    const dir = copyWith(bytes);
    fs.rmSync(path.join(dir, 'checkpoints'), { recursive: true });
    for (const salvage of [false, true])
      await expect(open(dir, { salvage })).rejects.toThrow(
        /damaged at byte 0, .*The damage is in the lab's first events, so nothing can be recovered/,
      );
    expect(fs.readFileSync(path.join(dir, 'journal.log')).equals(bytes)).toBe(true);
  });
});

describe('other damage', () => {
  it.each([
    ['a hole of zeros', (bytes: Buffer, at: number) => bytes.fill(0, at, at + 500)],
    ['a sector of another file', (bytes: Buffer, at: number) => bytes.fill('All work and no play. ', at, at + 512)],
  ])('%s is found', async (_what, spoil) => {
    const bytes = Buffer.from(whole.bytes);
    spoil(bytes, Math.floor(bytes.length / 2));
    await expect(open(copyWith(bytes))).rejects.toThrow(/is damaged at byte \d+, behind event \d+ .* later events/);
  });

  it('a piece that was cut out is found', async () => {
    const [from, to] = [whole.records.at(-40)!.at, whole.records.at(-30)!.at];
    await expect(
      open(copyWith(Buffer.concat([whole.bytes.subarray(0, from), whole.bytes.subarray(to)]))),
    ).rejects.toThrow(new RegExp(`is damaged at byte ${from}, `));
  });
});

describe('a torn end', () => {
  it(
    'is forgotten without a word, wherever it is torn, and so are zeros that a loss of power left',
    { timeout: 60_000 },
    async () => {
      const said: string[] = [];
      for (let cut = founding() + 1; cut < whole.bytes.length; cut += 499) {
        for (const tail of [Buffer.alloc(0), Buffer.alloc(700)]) {
          const dir = copyWith(Buffer.concat([whole.bytes.subarray(0, cut), tail]));
          const lab = await open(dir, { complain: (message) => said.push(message) });
          const last = whole.records.findLast(({ end, kind }) => end <= cut && kind === 'E')!;
          expect(JSON.stringify(lab.history.at(last.n))).toBe(JSON.stringify(stateAt(whole.dir, last.n, VERSION)));
          await lab.close();
          fs.rmSync(dir, { recursive: true });
        }
      }
      expect(said).toEqual([]);
    },
  );

  it('is one too where a message was torn in which a journal was mailed', async () => {
    const dir = copyWith(whole.bytes);
    const state = stateAt(whole.dir, whole.records.at(-1)!.n, VERSION);
    const disk = openDisk(path.join(dir, 'journal.log'));
    const journal = createJournal({
      disk,
      state,
      now: () => state.now,
      wake: () => undefined,
      fatal: (message) => expect.fail(message),
    });
    journal.keep(Buffer.concat([Buffer.from('Subject: See the log\r\n\r\n'), whole.bytes]));
    journal.write();
    disk.truncate(disk.size - 50);
    journal.close();
    await (await open(dir)).close();
    expect(fs.statSync(path.join(dir, 'journal.log')).size).toBeGreaterThanOrEqual(whole.bytes.length);
  });
});

describe('a large journal', () => {
  it(
    'of a gigabyte is opened, looked at and found damaged without being read into memory',
    { timeout: 120_000 },
    async () => {
      const dir = path.join(root, 'large');
      const lab = await openLab({ scenario: labText('one-mx-waits'), dir, version: VERSION, script: false });
      await lab.close();
      const file = path.join(dir, 'journal.log');
      const disk = openDisk(file);
      const state = stateAt(dir, lab.state.n, VERSION);
      const journal = createJournal({
        disk,
        state,
        now: () => state.now,
        wake: () => undefined,
        fatal: (message) => expect.fail(message),
      });
      const message = Buffer.alloc(50_000_000, 'E 00000010 00000000\n');
      for (let i = 0; i < 20; i += 1) {
        journal.keep(message);
        journal.tell({ kind: 'clock-jump', from: 1, to: 2 });
        journal.write();
      }
      journal.close();
      expect(fs.statSync(file).size).toBeGreaterThan(1_000_000_000);
      const peak = peakMemory();
      await (await open(dir)).close();
      const fd = fs.openSync(file, 'r+');
      fs.writeSync(fd, 'X', 400_000_000);
      fs.closeSync(fd);
      await expect(open(dir)).rejects.toThrow(
        /is damaged at byte \d+, behind event \d+ .*: 1\d later events up to event/,
      );
      expect(peak()).toBeLessThan(400_000_000);
      fs.rmSync(dir, { recursive: true });
    },
  );
});

/** Bytes by which memory outside the heap grew at the most while it was looked at. */
function peakMemory(): () => number {
  const start = process.memoryUsage().rss;
  let most = start;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
  return () => {
    clearInterval(timer);
    return Math.max(most, process.memoryUsage().rss) - start;
  };
}
