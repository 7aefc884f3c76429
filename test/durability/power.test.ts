/** A loss of power takes what was not synced; what got its 250 is there all the same. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCheckpoint, openDisk, saveCheckpoint } from '../../src/engine/journal/index.ts';
import { openLab } from '../../src/engine/lab.ts';
import { foldDisk, judgeDelivery, judgeReopened } from './judge.ts';
import { PowerDisk } from './power-disk.ts';
import { handIn, seeded } from './smtp-client.ts';
import { RELAY_SCENARIO } from './world.ts';

const SEED = Number(process.env.SEED ?? 1);
const CUTS = Number(process.env.CUTS ?? 200);
const BATCH = 20;

let root = '';
beforeAll(() => void (root = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-power-'))));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const steady = (bytes: Buffer) => new PowerDisk(bytes, { afterOperations: null, chance: () => 0 });

/** One lab whose power goes at a chance moment (or at the end), opened again on what is left. */
async function cutOnce(seed: number): Promise<{ confirmed: number; torn: boolean; twice: number }> {
  const chance = seeded(seed);
  const dir = path.join(root, String(seed));
  const count = 20 + Math.floor(chance() * 41);
  const wanted = Array.from({ length: count }, (_, i) => `power-${seed}-${i}@elsewhere.test`);
  const disk = new PowerDisk(Buffer.alloc(0), {
    afterOperations: 2 + Math.floor(chance() * chance() * 6 * count),
    chance,
  });
  const lab = await openLab({
    scenario: RELAY_SCENARIO,
    dir,
    version: 'test',
    disk: () => disk,
    complain: () => undefined,
  });
  const { port } = await lab.publish('c', 'internet', 0);
  const run = lab.driver.run().catch((error: Error) => expect(error.message).toContain('no power'));
  const confirmed = new Set<string>();
  const handedIn = handIn(port, wanted, 1 + Math.floor(chance() * 8), (id) => confirmed.add(id));
  await Promise.race([disk.onCut, run, handedIn.then(() => Promise.race([lab.driver.idle(), disk.onCut, run]))]);
  disk.pull();
  await lab.close().catch((error: Error) => expect(error.message).toContain('no power'));
  await handedIn;

  const left = disk.survived as Buffer;
  const before = foldDisk(steady(left));
  const complaints: string[] = [];
  const again = await openLab({
    scenario: RELAY_SCENARIO,
    dir,
    version: 'test',
    disk: () => steady(left),
    complain: (message) => complaints.push(message),
  });
  try {
    expect(again.reopened).toBe(before.founded);
    await Promise.race([again.driver.run(), again.driver.idle()]);
    if (again.reopened) judgeReopened(again, before);
    expect(complaints).toEqual([]);
    return { confirmed: confirmed.size, torn: before.end < left.length, twice: judgeDelivery(again, confirmed) };
  } finally {
    await again.close();
  }
}

describe('a journal that is not whole', () => {
  const open = (dir: string, bytes: Buffer, scenario: typeof RELAY_SCENARIO | null) =>
    openLab({ scenario, dir, version: 'test', disk: () => steady(bytes) });

  it('was torn at any byte of its founding: the lab begins anew', async () => {
    const disk = steady(Buffer.alloc(0));
    const dir = path.join(root, 'founding');
    const lab = await openLab({ scenario: RELAY_SCENARIO, dir, version: 'test', disk: () => disk });
    const whole = lab.events();
    await lab.close();
    const bytes = disk.read(0, disk.size);
    for (let cut = 1; cut < bytes.length; cut += 97) {
      const again = await open(dir, bytes.subarray(0, cut), RELAY_SCENARIO);
      expect(again.reopened, `cut at ${cut}`).toBe(false);
      expect(again.events(), `cut at ${cut}`).toEqual(whole);
      await again.close();
    }
  });

  it('is not a journal at all: a clear error, and the file is left as it is', async () => {
    for (const text of ['', 'x', 'E 0000', 'This is a diary.\n', `E 00000004 00000000\nabcd\nand more\n`]) {
      const dir = fs.mkdtempSync(path.join(root, 'foreign-'));
      fs.writeFileSync(path.join(dir, 'journal.log'), text);
      const opened = openLab({ scenario: null, dir, version: 'test' });
      await expect(opened).rejects.toThrow(
        text.length > 6 || text === 'x'
          ? /journal\.log is not a lab's journal: choose another folder/
          : /there is no lab in .* yet/,
      );
      expect(fs.readFileSync(path.join(dir, 'journal.log'), 'utf8')).toBe(text);
    }
  });

  it('lost more than a checkpoint has: the checkpoint is forgotten', async () => {
    const dir = fs.mkdtempSync(path.join(root, 'checkpoint-'));
    const lab = await openLab({ scenario: RELAY_SCENARIO, dir, version: 'test' });
    await lab.close();
    const file = path.join(dir, 'journal.log');
    const size = fs.statSync(file).size;
    // A checkpoint of a life that a loss of power took back.
    const lost = structuredClone(lab.state);
    lost.n += 5;
    lost.hosts.a!.foreignBytes = 1;
    saveCheckpoint(dir, { version: 'test', offset: size + 10, turn: 0, state: lost });
    const again = await openLab({ scenario: null, dir, version: 'test' });
    const run = again.driver.run();
    for (let i = 0; i < 10; i++) await again.act({ do: 'flush', host: 'a', domain: null });
    await again.close();
    await run;
    expect(fs.statSync(file).size).toBeGreaterThan(size + 10);
    expect(loadCheckpoint(dir, 'test', fs.statSync(file).size)?.state.hosts.a?.foreignBytes ?? 0).toBe(0);
    const third = await openLab({ scenario: null, dir, version: 'test' });
    expect(third.state.hosts.a?.foreignBytes).toBe(0);
    await third.close();
    const disk = openDisk(file);
    expect(foldDisk(disk).state).toEqual(third.state);
    disk.close();
  });

  it('can be written no more: the lab ends with a clear error, and gives its folder back', async () => {
    const dir = fs.mkdtempSync(path.join(root, 'full-'));
    const disk = steady(Buffer.alloc(0));
    const complaints: string[] = [];
    const lab = await openLab({
      scenario: RELAY_SCENARIO,
      dir,
      version: 'test',
      disk: () => disk,
      complain: (message) => complaints.push(message),
    });
    disk.append = () => {
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    };
    await expect(lab.driver.run()).rejects.toThrow(
      /the lab's journal can't be written: the disk is full\..*free some space/,
    );
    await expect(lab.close()).rejects.toThrow('the disk is full');
    expect(complaints).toEqual([]);
    expect(fs.existsSync(path.join(dir, 'lock'))).toBe(false);
  });
});

describe(`loss of power (SEED=${SEED})`, () => {
  const seen = { confirmed: 0, torn: 0, twice: 0 };
  const batches = Array.from({ length: Math.ceil(CUTS / BATCH) }, (_, i) => i * BATCH);
  it.each(batches)(
    'cuts from %i on',
    async (first) => {
      for (let i = first; i < Math.min(first + BATCH, CUTS); i++) {
        const seed = SEED * 100_000 + i;
        try {
          const { confirmed, torn, twice } = await cutOnce(seed);
          seen.confirmed += confirmed;
          seen.torn += torn ? 1 : 0;
          seen.twice += twice;
        } catch (error) {
          throw new Error(`cut ${i} of SEED=${SEED} (CUTS=${CUTS}): ${(error as Error).message}`, { cause: error });
        }
      }
    },
    60_000,
  );

  it('tore records, and met mail that was accepted', () => {
    console.log(
      `${CUTS} cuts: ${seen.confirmed} confirmed messages, ${seen.torn} torn records, ${seen.twice} messages twice`,
    );
    expect(seen.torn).toBeGreaterThan(CUTS / 10);
    expect(seen.confirmed).toBeGreaterThan(CUTS);
  });
});
