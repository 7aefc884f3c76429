/**
 * Random worlds in which persons act and programs from outside send, closed in the midst of it and opened again, with a checkpoint
 * every few events: from any event of them a branch goes on, and had until then the same story, byte for byte.
 * BRANCH_WORLDS and SEED change how many and which.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LabAct, LabEvent, SendRequest } from '../../src/contract/events.ts';
import { branchLab } from '../../src/engine/branch.ts';
import { openLab, type Lab, type LabOptions } from '../../src/engine/lab.ts';
import { isInput } from '../../src/engine/replay.ts';
import { RawSmtp, messageText, seeded } from '../durability/smtp-client.ts';
import { labText, worlds } from './worlds.ts';

const SEED = Number(process.env.SEED ?? 2026);
const WORLDS = Number(process.env.BRANCH_WORLDS ?? 40);
const BRANCHES = 6;
const VERSION = 'test';

let root = '';
beforeAll(() => void (root = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-branches-'))));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));

const freshDir = (): string => fs.mkdtempSync(path.join(root, 'lab-'));
const journalOf = (dir: string): Buffer => fs.readFileSync(path.join(dir, 'journal.log'));

type Chance = () => number;
const among = <T>(chance: Chance, list: readonly T[]): T => list[Math.floor(chance() * list.length)] as T;
const HOUR = 3_600_000;

/** Something that a person may do to this lab at this moment; it may be refused. */
function someAct(chance: Chance, lab: Lab): LabAct {
  const host = among(chance, Object.keys(lab.state.hosts));
  const now = lab.driver.now();
  const letter: SendRequest = {
    name: null,
    from: `u0@d${Math.floor(chance() * 3)}.test`,
    to: [`u0@d${Math.floor(chance() * 3)}.test`, 'u1@nowhere.test'],
    subject: 'By hand',
    body: '',
    raw: null,
    sizeBytes: null,
    spam: false,
    ret: null,
    envid: null,
    notify: null,
    via: host,
    network: null,
  };
  const queueIds = Object.keys(lab.state.hosts[host]!.queue).slice(0, 2);
  return among<() => LabAct>(chance, [
    () => ({
      do: 'send',
      messages: [letter, letter, letter],
      everyMs: among(chance, [0, 5_000, HOUR]),
      connections: 2,
    }),
    () => ({ do: 'host', host, power: among(chance, ['start', 'stop', 'crash', 'off']) }),
    () => ({
      do: 'line',
      host,
      line: among(chance, [
        { cut: true },
        { cut: false, loseReplies: false },
        { extraLatencyMs: 700, bytesPerSecond: 3_000 },
        { loseReplies: true },
      ]),
    }),
    () => ({ do: 'reset-sessions', host }),
    () => ({
      do: 'firewall',
      text: among(chance, [
        'default allow',
        `drop any -> ${host} port 25\ndefault allow`,
        `reject any -> ${host} port 25\ndefault allow`,
      ]),
    }),
    () => ({
      do: 'zone',
      name: `d${Math.floor(chance() * 3)}.test`,
      view: null,
      text: among(chance, ['@ 60 MX 1 a.hosts.test.\n', '@ 600 MX 1 b.hosts.test.\n', '@ 600 MX 0 .\n']),
    }),
    () => ({
      do: 'dns-fault',
      fault: { name: 'hosts.test', kind: among(chance, ['no-answer', 'servfail', 'slow', 'nxdomain']), delayMs: 2_000 },
    }),
    () => ({ do: 'dns-fault-clear', name: 'hosts.test' }),
    () => ({
      do: 'fault',
      fault: {
        id: 'f',
        host,
        when: among(chance, [{ at: 'final-dot' }, { at: 'command', verb: 'RCPT' }, { at: 'bytes', count: 400 }]),
        address: null,
        then: among(chance, [{ do: 'cut' }, { do: 'reset' }]),
        from: now,
        until: now + HOUR,
        left: 3,
      },
    }),
    () => ({
      do: 'fault',
      fault: {
        id: 'g',
        host,
        when: { at: 'final-dot' },
        address: null,
        then: { do: 'delay', ms: 11 * 60_000 },
        from: now,
        until: null,
        left: 2,
      },
    }),
    () => ({ do: among(chance, ['hold', 'release', 'retry', 'delete']), host, queueIds }),
    () => ({ do: 'flush', host, domain: null }),
    () => ({
      do: 'set',
      host,
      settings: { greetPauseMs: among(chance, [0, 3_000]), connectionCountMax: among(chance, [1, 5]) },
    }),
    () => ({ do: 'jump', to: now + among(chance, [1_000, HOUR, 30 * HOUR]) }),
  ])();
}

/** A program from outside: says some of its dialogue, and leaves in one way or another. */
async function outsider(chance: Chance, client: RawSmtp, id: string): Promise<void> {
  const [wholes, manner] = [Math.floor(chance() * 3), chance()];
  if (await client.hello()) {
    for (let i = 0; i < wholes; i += 1)
      await client.send('u0@d0.test', ['u0@d1.test', 'u1@d0.test'], messageText(`${id}-${i}@elsewhere.test`));
    if (manner < 0.3) client.write('MAIL FROM:<u0@d0.test>\r\nRCPT TO:<u0@d1.test>\r\nDATA\r\nSubject: half');
    else if (manner < 0.6) return client.quit();
  }
  return client.destroy();
}

/** One life of a lab: opened, played with, and closed, perhaps in the midst of it. Returns whether its script came to its end. */
async function live(options: Partial<LabOptions> & { dir: string }, chance: Chance, serial: number): Promise<boolean> {
  const lab = await openLab({ scenario: null, version: VERSION, complain: () => undefined, ...options });
  const closeAt = lab.state.n + (chance() < 0.5 ? Infinity : 30 + Math.floor(chance() * 900));
  const port = (
    await lab.publish(among(chance, Object.keys(lab.state.hosts)), among(chance, lab.state.network.networks).key, 0)
  ).port;
  const outsiders: RawSmtp[] = [];
  let ended = false;
  const closing = new Promise<void>((resolve) =>
    lab.listen((event) => {
      if (event.n >= closeAt) resolve();
      const what = chance();
      if (what < 0.006) lab.act(someAct(chance, lab)).catch(() => undefined);
      else if (what < 0.01) {
        const client = new RawSmtp(port);
        outsiders.push(client);
        void outsider(chance, client, `o${serial}-${event.n}`);
      } else if (what < 0.02) lab.driver.setPace(among(chance, ['max', 'max', 1_000_000]));
    }),
  );
  for (let i = 0; i < 3; i += 1) lab.act(someAct(chance, lab)).catch(() => undefined);
  const run = lab.driver.run();
  const through = lab.state.scenario.scripted ? lab.played().then(() => (ended = true)) : lab.driver.idle();
  await Promise.race([
    through,
    closing,
    run.then(() => {
      throw new Error('the lab ended by itself');
    }),
  ]);
  await lab.close();
  await run;
  await Promise.all(outsiders.map((client) => client.destroy()));
  return ended;
}

const sessionsOpen = (events: LabEvent[]): Set<string> => {
  const open = new Set<string>();
  for (const event of events) {
    if (event.kind === 'lab-reopen') open.clear();
    else if (event.kind === 'link-connect' && event.outside !== undefined) open.add(event.session);
    else if (event.kind === 'link-close' || event.kind === 'link-reset') open.delete(event.session);
  }
  return open;
};

interface Seen {
  branches: number;
  rests: number;
  twice: number;
  events: number;
}

/** Branches from events of a closed lab; and from events of a branch. */
async function judgeBranches(
  from: string,
  chance: Chance,
  checkpointEvery: number,
  seen: Seen,
  deep: boolean,
): Promise<void> {
  const story = journalOf(from);
  const events = await eventsOf(from);
  seen.events += events.length;
  const lastInput = events.findLastIndex((event) => isInput(event) || event.kind === 'lab-reopen');
  for (let i = 0; i < (deep ? BRANCHES : 1); i += 1) {
    const n = i === 0 ? events.length : 1 + Math.floor(chance() * events.length);
    const to = freshDir();
    const lab = await branchLab({ from, n, to }, { version: VERSION, checkpointEvery, complain: () => undefined });
    const open = sessionsOpen(events.slice(0, n)).size > 0;
    seen.branches += 1;
    const until = endOfEvent(story, n);
    lab.write();
    expect(
      journalOf(to).subarray(0, until).equals(story.subarray(0, until)),
      `the branch at event ${n} has another past`,
    ).toBe(true);
    // Nobody acts any more: what follows is the rest of the old story, as far as that was told.
    if (n > lastInput && !open) {
      seen.rests += 1;
      lab.driver.play();
      await lab.driver.idle();
      lab.write();
      expect(
        journalOf(to).subarray(0, story.length).equals(story),
        `the branch at event ${n} goes on in another way`,
      ).toBe(true);
    } else if (deep && i % 3 === 1) {
      seen.twice += 1;
      for (let k = 0; k < 3; k += 1) await lab.act(someAct(chance, lab)).catch(() => undefined);
      await lab.driver.jump(lab.driver.now() + HOUR);
      await lab.close();
      await judgeBranches(to, chance, checkpointEvery, seen, false);
    }
    await lab.close();
    fs.rmSync(to, { recursive: true });
  }
}

/** Without opening it, which would be an event. */
async function eventsOf(dir: string): Promise<LabEvent[]> {
  const events: LabEvent[] = [];
  const text = journalOf(dir);
  for (let at = 0; at < text.length;) {
    const size = parseInt(text.toString('latin1', at + 2, at + 10), 16);
    if (text[at] === 69) events.push(JSON.parse(text.toString('utf8', at + 20, at + 20 + size)) as LabEvent);
    at += 20 + size + 1;
  }
  return events;
}

function endOfEvent(text: Buffer, n: number): number {
  let seen = 0;
  for (let at = 0; at < text.length;) {
    const end = at + 21 + parseInt(text.toString('latin1', at + 2, at + 10), 16);
    if (text[at] === 69 && (seen += 1) === n) return end;
    at = end;
  }
  throw new Error(`there is no event ${n}`);
}

describe(`branches of random worlds (SEED=${SEED} BRANCH_WORLDS=${WORLDS})`, () => {
  it('have the same past, byte for byte, and the same rest where nobody acts', { timeout: 20 * 60_000 }, async () => {
    const seen: Seen = { branches: 0, rests: 0, twice: 0, events: 0 };
    const property = fc.asyncProperty(
      worlds,
      fc.nat(),
      fc.integer({ min: 1, max: 60 }),
      async (world, seed, checkpointEvery) => {
        const chance = seeded(seed);
        const dir = freshDir();
        const begun = {
          scenario: { text: labText(world), file: 'world.yaml' },
          checkpointEvery,
          dir,
          script: chance() < 0.8,
        };
        let ended = await live(begun, chance, 0);
        for (let life = 1; life < 3 && (!ended || chance() < 0.3); life += 1) {
          if (chance() < 0.2) fs.rmSync(path.join(dir, 'checkpoints'), { recursive: true, force: true });
          ended = await live({ dir, checkpointEvery, script: chance() < 0.8 }, chance, life);
        }
        await judgeBranches(dir, chance, checkpointEvery, seen, true);
        fs.rmSync(dir, { recursive: true });
      },
    );
    await fc.assert(property, { seed: SEED, numRuns: WORLDS, endOnFailure: process.env.SHRINK === undefined });
    console.log(
      `${WORLDS} worlds of ${seen.events} events: ${seen.branches} branches, ${seen.rests} of them played to their end, ${seen.twice} branched again`,
    );
    expect(seen.rests).toBeGreaterThan(0);
    expect(seen.twice).toBeGreaterThan(0);
  });
});
