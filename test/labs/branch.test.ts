/**
 * Looking back and branching: from seeded moments of a long lab, the fold of the journal equals the live state of that
 * moment, and a branch that is left alone tells the same rest of the story.
 */
import fs from 'node:fs';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import { describe, expect, it } from 'vitest';
import { branchLab, stateAt } from '../../src/engine/branch.ts';
import { createChance } from '../../src/engine/clock/index.ts';
import { labText, startLab, tempDir, VERSION } from './play.ts';

const MOMENTS = 200;

describe('lab 7', () => {
  it(`can be looked at, and gone on from, at ${MOMENTS} moments`, { timeout: 600_000 }, async () => {
    const scenario = labText('backup-disk-fills');
    const { below } = createChance(Number(process.env['SEED'] ?? 7));
    const dir = tempDir();
    const { lab } = await startLab({ scenario, dir });
    const eventCount = 12_500;
    const picked = new Set<number>();
    for (let i = 0; picked.size < MOMENTS; i += 1) picked.add(20 + below(eventCount, `moment ${i}`));
    const live = new Map<number, string>();
    lab.listen((event) => {
      if (picked.has(event.n)) live.set(event.n, JSON.stringify(lab.state));
    });
    await lab.played();
    await lab.close();
    const story = fs.readFileSync(path.join(dir, 'journal.log'));
    const worst = { foldMs: 0, branchMs: 0 };
    for (const [n, state] of live) {
      const begun = performance.now();
      expect(JSON.stringify(stateAt(dir, n, VERSION)) === state, `the fold at event ${n} is not the state as it was`).toBe(true);
      const folded = performance.now();
      const to = tempDir();
      const branch = await branchLab({ from: dir, n, to }, { version: VERSION });
      worst.foldMs = Math.max(worst.foldMs, folded - begun);
      worst.branchMs = Math.max(worst.branchMs, performance.now() - folded);
      branch.driver.play();
      await branch.played();
      await branch.close();
      expect(fs.readFileSync(path.join(to, 'journal.log')).equals(story), `the branch from event ${n} told another story`).toBe(true);
      fs.rmSync(to, { recursive: true });
    }
    console.log(`${live.size} moments: looking back took ${worst.foldMs.toFixed(0)} ms at worst, going on from there ${worst.branchMs.toFixed(0)} ms at worst`);
    expect(live.size).toBe(MOMENTS);
  });

  it('goes another way where a person acts', async () => {
    const dir = tempDir();
    const { lab } = await startLab({ scenario: labText('one-mx-waits'), dir });
    await lab.played();
    const deferred = lab.events().find((event) => event.kind === 'queue-defer');
    const end = lab.state.n;
    await lab.close();
    const to = tempDir();
    const branch = await branchLab({ from: dir, n: deferred?.n ?? 0, to }, { version: VERSION });
    const [queueId] = Object.keys(branch.state.hosts['c']?.queue ?? {});
    await branch.act({ do: 'delete', host: 'c', queueIds: [queueId as string] });
    branch.driver.play();
    await branch.played();
    expect(branch.state.hosts['a']?.mailboxes['alice'] ?? []).toEqual([]);
    await branch.close();
    expect(stateAt(dir, end, VERSION).hosts['a']?.mailboxes['alice']).toHaveLength(1);
  });
});

describe('a lab with programs from outside', () => {
  it('can be gone on from at any moment: what they sent is played again', { timeout: 120_000 }, async () => {
    const dir = tempDir();
    const { lab } = await startLab({ scenario: labText('relay-through-firewall'), dir, script: false });
    lab.driver.setPace('max');
    const { port } = await lab.publish('c', 'internet', 0);
    const send = (n: number) => createTransport({ host: '127.0.0.1', port, ignoreTLS: true }).sendMail({
      from: 'carol@elsewhere.test', to: 'alice@theorganisation.test', subject: `Number ${n}`, text: 'Hello\n.\n..dots\n'.repeat(50 * n), messageId: `<${n}@elsewhere.test>`,
    });
    const delivered = new Promise<void>((go) => lab.listen(() => {
      if (lab.state.hosts['a']?.mailboxes['alice']?.length === 6) go();
    }));
    await Promise.all([1, 2, 3].map(send));
    await lab.act({ do: 'host', host: 'a', power: 'stop' });
    await Promise.all([4, 5, 6].map(send));
    await lab.act({ do: 'host', host: 'a', power: 'start' });
    await delivered;
    const end = lab.state.n;
    await lab.close();
    const { below } = createChance(11);
    for (const n of Array.from({ length: 12 }, (_, i) => 20 + below(end - 20, `moment ${i}`))) {
      const to = tempDir();
      const branch = await branchLab({ from: dir, n, to }, { version: VERSION });
      expect(branch.state.n).toBeGreaterThanOrEqual(n);
      await branch.close();
    }
  });
});
