/**
 * Law 7: same seed, same story. A lab gives the same journal, byte for byte, at full speed, at a pace, and with random real
 * delays put into accept, read, write and fsync; another seed gives another story.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createChance, type Pacer } from '../../src/engine/clock/index.ts';
import { LABS, labText, playLab, roughness, startLab } from './play.ts';

const RUNS = 20;
const labs = fs
  .readdirSync(LABS)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -5));
/** Labs with thousands of dialogues: fewer of their steps are delayed, so that the test is no longer than it must be. */
const isLarge = (name: string) => name.startsWith('backup-disk-fills');

const LOAD = `
title: Load
shows: A thousand messages over twenty connections.
clock: { start: 2026-03-02T09:00Z, seed: 4 }
networks: { office: 192.0.2.0/24, internet: 203.0.113.0/24 }
hosts:
  a: { name: a.theorganisation.test, address: 192.0.2.10, final: [theorganisation.test], mailboxes: [alice] }
  b: { name: b.theorganisation.test, address: 203.0.113.20, relay: [theorganisation.test] }
  c: { name: c.elsewhere.test, address: 203.0.113.30, final: [elsewhere.test], mailboxes: [carol] }
zones:
  theorganisation.test: |
    @   MX 1 a
    @   MX 2 b
    a   A    192.0.2.10
    b   A    203.0.113.20
  elsewhere.test: |
    @   MX 1 c
    c   A    203.0.113.30
firewall:
  rules: |
    allow b -> a port 25
    reject internet -> office port 25
  default: allow
script:
  - send: { name: load, from: carol@elsewhere.test, to: alice@theorganisation.test, count: 1000, connections: 20, size: 4000 }
  - pass: 1h
checks:
  - lost: 0
`;

/** Real time that passes in an instant: waits are over as soon as nothing else is to be done. */
function quickPacer(): Pacer {
  let now = 0;
  return {
    now: () => now,
    sleep(ms) {
      now += ms ?? 0;
      return new Promise((resolve) => setImmediate(resolve));
    },
    wake: () => undefined,
    after: () => () => undefined,
  };
}

/** The same, but real time goes on with each look at it, as it does for a busy program. */
function restlessPacer(): Pacer {
  const quick = quickPacer();
  let looks = 0;
  return { ...quick, now: () => quick.now() + (looks += 7) };
}

describe.each(labs)('%s', (name) => {
  const scenario = labText(name);
  const count = (lab: { state: { n: number } }) => lab.state.n;

  it(`tells the same story ${RUNS} times, with random real delays`, { timeout: 300_000 }, async () => {
    const { hash, seen } = await playLab({ scenario }, count);
    for (let run = 1; run <= RUNS; run += 1) {
      const rough = await playLab({ scenario, ...roughness(run, isLarge(name) ? 0.004 : 0.1) }, count);
      expect(rough, `run ${run} differs`).toEqual({ hash, seen });
    }
  });

  it.each([1, 600, 10_000])('tells it at a pace of %i×', { timeout: 60_000 }, async (pace) => {
    const { hash } = await playLab({ scenario }, count);
    expect((await playLab({ scenario, pacer: quickPacer() }, count, pace)).hash).toBe(hash);
  });

  it('tells it while somebody plays with the pace all the time', { timeout: 60_000 }, async () => {
    const { hash } = await playLab({ scenario }, count);
    const { below } = createChance(9);
    const { lab, clock } = await startLab({ scenario, pacer: restlessPacer() });
    lab.driver.setPace(60);
    let draws = 0;
    lab.listen(() => {
      const what = below(isLarge(name) ? 100 : 8, `control ${(draws += 1)}`);
      if (what === 0) lab.driver.setPace(below(2, `pace ${draws}`) === 0 ? 'max' : 10 + below(600, `pace ${draws} is`));
      if (what !== 1) return;
      lab.driver.pause();
      lab.driver.play();
    });
    await lab.played();
    expect(
      createHash('sha256')
        .update(fs.readFileSync(path.join(lab.dir, 'journal.log')))
        .digest('hex'),
    ).toBe(hash);
    await lab.close();
    await clock;
  });

  it('tells another story with another seed', async () => {
    const { hash } = await playLab({ scenario }, count);
    expect((await playLab({ scenario, seed: 90_125 }, count)).hash).not.toBe(hash);
  });
});

describe('1,000 messages over 20 connections', () => {
  it(`make the same journal ${RUNS} times, with random real delays`, { timeout: 400_000 }, async () => {
    const scenario = { text: LOAD, file: 'load.yaml' };
    const delivered = (lab: { state: { hosts: Record<string, { mailboxes: Record<string, unknown[]> }> } }) =>
      lab.state.hosts['a']?.mailboxes['alice']?.length;
    const first = await playLab({ scenario }, delivered);
    expect(first.seen).toBe(1000);
    for (let run = 1; run <= RUNS; run += 1) {
      expect(await playLab({ scenario, ...roughness(run, 0.004) }, delivered), `run ${run} differs`).toEqual(first);
    }
  });
});
