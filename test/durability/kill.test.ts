/** kill -9 in the midst of a flood: what got its 250 is there when the lab is opened again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { openDisk } from '../../src/engine/journal/index.ts';
import { openLab } from '../../src/engine/lab.ts';
import { foldDisk, judgeDelivery, judgeReopened } from './judge.ts';
import { handIn, seeded } from './smtp-client.ts';

const SEED = Number(process.env.SEED ?? 1);
const KILLS = Number(process.env.KILLS ?? 20);
const MESSAGES = 1000;
const childFile = fileURLToPath(new URL('child.ts', import.meta.url));
const chance = seeded(SEED);
// Spread evenly over the flood, each at a chance place of its share.
const instants = Array.from({ length: KILLS }, (_, i) => 1 + Math.floor(((i + chance()) / KILLS) * (MESSAGES - 1)));

let child: ChildProcess | null = null;
let dir: string | null = null;
afterEach(() => {
  child?.kill('SIGKILL');
  child = null;
  if (dir !== null) fs.rmSync(dir, { recursive: true, force: true });
});

async function startChild(folder: string): Promise<{ process: ChildProcess; port: number }> {
  child = spawn(process.execPath, [childFile, folder], { stdio: ['pipe', 'pipe', 'pipe'] });
  const started = child;
  let errors = '';
  started.stderr?.on('data', (text) => (errors += String(text)));
  const line = await Promise.race([
    once(started.stdout!, 'data').then(([text]) => String(text)),
    once(started, 'exit').then(() => {
      throw new Error(`the child ended: ${errors}`);
    }),
  ]);
  return { process: started, port: Number(line) };
}

describe(`SIGKILL (SEED=${SEED})`, () => {
  it.each(instants)(
    'after %i 250s',
    async (killAfter) => {
      dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-kill-'));
      const { process: running, port } = await startChild(dir);
      const exited = once(running, 'exit');
      const confirmed = new Set<string>();
      const wanted = Array.from({ length: MESSAGES }, (_, i) => `kill-${killAfter}-${i}@elsewhere.test`);
      await handIn(port, wanted, 20, (id) => {
        confirmed.add(id);
        if (confirmed.size === killAfter) running.kill('SIGKILL');
      });
      const [, signal] = (await exited) as [number | null, string | null];
      expect(signal).toBe('SIGKILL');
      expect(confirmed.size).toBeGreaterThanOrEqual(killAfter);

      const disk = openDisk(path.join(dir, 'journal.log'));
      const before = foldDisk(disk);
      disk.close();
      const lab = await openLab({ scenario: null, dir, version: 'test' });
      try {
        expect(lab.reopened).toBe(true);
        expect(lab.driver.now()).toBe(before.state.now);
        const run = lab.driver.run();
        await Promise.race([lab.driver.idle(), run]);
        judgeReopened(lab, before);
        judgeDelivery(lab, confirmed);
      } finally {
        await lab.close();
      }
      // The files that a mail reader finds are those of the mailbox.
      const files = fs.readdirSync(path.join(dir, 'mail', 'a', 'alice', 'new'));
      expect(files.sort()).toEqual((lab.state.hosts.a!.mailboxes.alice ?? []).map(({ file }) => file).sort());
    },
    30_000,
  );
});
