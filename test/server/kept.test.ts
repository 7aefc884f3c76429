/** Labs that were closed on a page: kept where they stood, gone on with, and deleted; none is kept in which nothing happened. */
import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createWorlds, type Worlds } from '../../src/server/index.ts';
import { LABS, tempDir, VERSION } from '../labs/play.ts';

const LAB = 'one-mx-waits';
let home: string;
let worlds: Worlds;

/** The program, started anew over the same folder. */
const startProgram = (): Worlds =>
  createWorlds({
    labs: LABS,
    home,
    version: VERSION,
    publish: false,
    startWorker: (workerData) =>
      new Worker(path.resolve(import.meta.dirname, '../../src/engine/worker.ts'), { workerData }),
  });
beforeEach(() => {
  home = tempDir();
  worlds = startProgram();
});
afterEach(async () => {
  await worlds.closeAll();
  fs.rmSync(home, { recursive: true, force: true });
});

/** A lab whose A is off, with a message of carol's that waits. Returns the world, and where its clock stands. */
async function waiting(): Promise<{ id: string; dir: string; now: number }> {
  const { id, dir } = await worlds.api.open(LAB);
  for (const step of [1, 2]) await worlds.api.ask(id, 'doGuideStep', [step]);
  const { face } = await worlds.api.ask(id, 'clock', []);
  await worlds.api.ask(id, 'jump', [face + 300_000]);
  const { now } = await worlds.api.ask(id, 'bench', [null]);
  return { id, dir, now };
}
const queueOf = async (id: string): Promise<unknown> =>
  (await worlds.api.ask(id, 'queue', [null, null])).rows.map(({ host, queueId, mail, rcpts, giveUpAt }) => ({
    host,
    queueId,
    mail,
    rcpts,
    giveUpAt,
  }));

describe('a lab that was closed', () => {
  it('is kept where it stood, also when the program ended, and goes on from there', async () => {
    const { id, dir, now } = await waiting();
    const queue = await queueOf(id);
    expect(queue).toHaveLength(1);
    expect(await worlds.api.kept()).toEqual([]); // it is open
    await worlds.api.remember(id, 'at step 3');
    const events = await worlds.api.ask(id, 'events', [1, 10_000]);
    expect(events.at(-1)!.at).toBeLessThan(now); // its clock went on since
    await worlds.closeAll();
    worlds = startProgram();
    const [kept, ...others] = await worlds.api.kept();
    expect(others).toEqual([]);
    expect(kept).toMatchObject({ id: path.basename(dir), lab: LAB, title: 'One MX waits', branch: false, at: now });
    expect(Math.abs(Date.now() - kept!.leftAt)).toBeLessThan(60_000);
    const again = await worlds.api.reopen(kept!.id);
    expect(again).toMatchObject({ lab: LAB, dir, parent: null, memory: 'at step 3' });
    expect((await worlds.api.ask(again.id, 'bench', [null])).now).toBe(now);
    expect((await worlds.api.ask(again.id, 'events', [1, 10_000])).slice(0, -1)).toEqual(events);
    expect(await queueOf(again.id)).toEqual(queue);
    expect(await worlds.api.ask(again.id, 'clock', [])).toMatchObject({ paused: true });
    expect(await worlds.api.kept()).toEqual([]);
    await expect(worlds.api.reopen(kept!.id)).rejects.toThrow('it was deleted, or is open');
    await expect(worlds.api.forget(kept!.id)).rejects.toThrow('it was deleted, or is open');
  });

  it('goes on where its clock stood in a folder of its own too, also after something else was played there', async () => {
    const dir = path.join(home, 'served');
    const scenario = {
      text: fs.readFileSync(path.join(LABS, `${LAB}.yaml`), 'utf8'),
      file: path.join(LABS, `${LAB}.yaml`),
    };
    const serve = () =>
      worlds.start({ lab: LAB, data: { scenario, dir, script: false, paused: true }, parent: null, ports: null });
    const first = await serve();
    const stood = (await first.api.clock()).now + 5 * 3_600_000;
    await first.api.jump(stood);
    await worlds.closeAll();
    const second = await serve();
    expect([second.reopened, (await second.api.clock()).now]).toEqual([true, stood]);
    await worlds.closeAll();
    const note = path.join(dir, 'kept.json');
    fs.writeFileSync(
      note,
      JSON.stringify({ ...(JSON.parse(fs.readFileSync(note, 'utf8')) as object), at: stood - 10 * 3_600_000 }),
    ); // as run leaves it, which goes on past it
    expect((await (await serve()).api.clock()).now).toBeGreaterThan(stood - 5 * 3_600_001);
  });

  it('is not kept when nothing had happened in it, but its branch is when something had', async () => {
    const { id, dir } = await worlds.api.open(LAB);
    await worlds.api.close(id);
    expect(fs.existsSync(dir)).toBe(false);
    const first = await waiting();
    const { n } = await worlds.api.ask(first.id, 'bench', [null]);
    const idle = await worlds.api.branch(first.id, n);
    const busy = await worlds.api.branch(first.id, n);
    await worlds.api.ask(busy.id, 'act', [{ do: 'host', host: 'a', power: 'start' }]);
    for (const one of [idle, busy]) await worlds.api.close(one.id);
    expect(await worlds.api.kept()).toMatchObject([{ id: path.basename(busy.dir), branch: true }]);
    const again = await worlds.api.reopen(path.basename(busy.dir));
    await worlds.api.close(again.id);
    expect(await worlds.api.kept()).toMatchObject([{ id: path.basename(busy.dir), branch: true }]);
  });

  it('is listed without its hour when its program was killed, and is deleted when asked', async () => {
    const { id, dir } = await waiting();
    const copy = path.join(home, 'killed');
    await worlds.api.ask(id, 'pause', []);
    fs.cpSync(dir, copy, { recursive: true });
    expect(await worlds.api.kept()).toMatchObject([{ id: 'killed', at: null }]);
    fs.writeFileSync(path.join(copy, 'lock'), String(process.ppid)); // another program, and it is alive
    await expect(worlds.api.forget('killed')).rejects.toThrow(`is open already, in process ${process.ppid}`);
    await expect(worlds.api.reopen('killed')).rejects.toThrow(`is open already, in process ${process.ppid}`);
    expect(fs.existsSync(path.join(copy, 'journal.log'))).toBe(true);
    fs.rmSync(path.join(copy, 'lock'));
    const told: number[] = [];
    worlds.listen({
      worlds: (list) => told.push(list.length),
      events: () => undefined,
      clock: () => undefined,
      trouble: () => undefined,
    });
    await worlds.api.forget('killed');
    expect(fs.existsSync(copy)).toBe(false);
    expect(told).toEqual([1]); // pages ask anew
    expect(await worlds.api.kept()).toEqual([]);
  });

  it('leaves alone what is no lab, and says what is wrong with one that can’t be opened', async () => {
    fs.mkdirSync(path.join(home, 'mine'));
    fs.writeFileSync(path.join(home, 'mine/kept.json'), '{}');
    fs.writeFileSync(path.join(home, 'note.txt'), 'mine');
    const { id, dir } = await waiting();
    await worlds.api.close(id);
    expect((await worlds.api.kept()).map((kept) => kept.id)).toEqual([path.basename(dir)]);
    fs.writeFileSync(path.join(dir, 'journal.log'), 'nothing of the kind\n');
    fs.rmSync(path.join(dir, 'checkpoints'), { recursive: true, force: true });
    await expect(worlds.api.reopen(path.basename(dir))).rejects.toThrow("is not a lab's journal");
    expect(fs.existsSync(dir)).toBe(true);
    for (const name of ['..', '.', 'mine', 'note.txt'])
      await expect(worlds.api.forget(name)).rejects.toThrow('there is no kept lab');
    expect(fs.existsSync(path.join(home, 'mine/kept.json'))).toBe(true);
  });
});
