/**
 * Looking back and branching: from seeded moments of a long lab, the fold of the journal equals the live state of that
 * moment, and a branch that is left alone tells the same rest of the story.
 */
import fs from 'node:fs';
import path from 'node:path';
import { createTransport } from 'nodemailer';
import dgram from 'node:dgram';
import { once } from 'node:events';
import dnsPacket from 'dns-packet';
import { describe, expect, it, vi } from 'vitest';
import type { SendRequest } from '../../src/contract/events.ts';
import { branchLab, stateAt } from '../../src/engine/branch.ts';
import { createChance } from '../../src/engine/clock/index.ts';
import type { Lab } from '../../src/engine/lab.ts';
import { RawSmtp } from '../durability/smtp-client.ts';
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
      expect(
        JSON.stringify(stateAt(dir, n, VERSION)) === state,
        `the fold at event ${n} is not the state as it was`,
      ).toBe(true);
      const folded = performance.now();
      const to = tempDir();
      const branch = await branchLab({ from: dir, n, to }, { version: VERSION });
      worst.foldMs = Math.max(worst.foldMs, folded - begun);
      worst.branchMs = Math.max(worst.branchMs, performance.now() - folded);
      branch.driver.play();
      await branch.played();
      await branch.close();
      expect(
        fs.readFileSync(path.join(to, 'journal.log')).equals(story),
        `the branch from event ${n} told another story`,
      ).toBe(true);
      fs.rmSync(to, { recursive: true });
    }
    console.log(
      `${live.size} moments: looking back took ${worst.foldMs.toFixed(0)} ms at worst, going on from there ${worst.branchMs.toFixed(0)} ms at worst`,
    );
    expect(live.size).toBe(MOMENTS);
  });

  it('is not gone on from where its journal is cut short meanwhile', async () => {
    const { dir, end } = await played(() => Promise.resolve(), { name: 'one-mx-waits' });
    const { mkdirSync } = fs;
    const to = path.join(tempDir(), 'branch');
    const made = vi.spyOn(fs, 'mkdirSync').mockImplementation((...given) => {
      if (given[0] === to) fs.truncateSync(path.join(dir, 'journal.log'), 100);
      return mkdirSync(...given);
    });
    await expect(branchLab({ from: dir, n: end, to }, { version: VERSION })).rejects.toThrow(
      /^the journal in .* was cut short while it was copied: 100 bytes are left of \d+$/,
    );
    made.mockRestore();
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

const LETTER: SendRequest = {
  name: null,
  from: 'carol@elsewhere.test',
  to: ['alice@theorganisation.test'],
  subject: 'Hello',
  body: '',
  raw: null,
  sizeBytes: null,
  spam: false,
  ret: null,
  envid: null,
  notify: null,
  via: null,
  network: null,
};
const letters = (count: number): SendRequest[] => Array.from({ length: count }, () => LETTER);
const HOUR = 3_600_000;

/** A lab for a person alone, as `serve` has it. Its journal lies in `dir`. */
async function played(
  what: (lab: Lab) => Promise<void>,
  options: { name?: string; dir?: string; checkpointEvery?: number } = {},
): Promise<{ dir: string; end: number }> {
  const { name = 'relay-through-firewall', dir = tempDir(), checkpointEvery } = options;
  const { lab, clock } = await startLab({
    scenario: labText(name),
    dir,
    script: false,
    ...(checkpointEvery === undefined ? {} : { checkpointEvery }),
  });
  await what(lab);
  const end = lab.state.n;
  await lab.close();
  await clock;
  return { dir, end };
}

/** The first event of a kind, by number. */
const eventOf = (dir: string, kind: string, host?: string): number => {
  const found = [...fs.readFileSync(path.join(dir, 'journal.log'), 'utf8').matchAll(/^\{"n":(\d+),.*$/gm)].map(
    ([line, n]) => ({ n: Number(n), event: JSON.parse(line) as { kind: string; host?: string } }),
  );
  return found.find(({ event }) => event.kind === kind && (host === undefined || event.host === host))!.n;
};

async function branchOf(dir: string, n: number, look: (branch: Lab) => Promise<void> | void): Promise<void> {
  const to = tempDir();
  const branch = await branchLab({ from: dir, n, to }, { version: VERSION });
  try {
    expect(branch.state.n).toBeGreaterThanOrEqual(n);
    await look(branch);
  } finally {
    await branch.close();
    fs.rmSync(to, { recursive: true });
  }
}

describe('a lab that a person played with', () => {
  it('can be gone on from where B stopped, though a checkpoint lies between', { timeout: 60_000 }, async () => {
    const { dir } = await played(async (lab) => {
      await lab.act({ do: 'send', messages: letters(60), everyMs: 0, connections: 1 });
      await lab.driver.jump(lab.driver.now() + HOUR);
      await lab.act({ do: 'host', host: 'b', power: 'stop' });
      await lab.act({ do: 'host', host: 'b', power: 'start' });
    });
    expect(fs.readdirSync(path.join(dir, 'checkpoints')).length).toBeGreaterThan(0);
    await branchOf(dir, eventOf(dir, 'host-stop', 'b'), (branch) =>
      expect(branch.state.hosts['b']?.power).toBe('stopped'),
    );
  });

  it(
    'can be gone on from after it was opened again, with its checkpoints or without',
    { timeout: 60_000 },
    async () => {
      const { dir } = await played(async (lab) => {
        await lab.act({ do: 'host', host: 'a', power: 'off' });
        await lab.act({ do: 'send', messages: letters(5), everyMs: 60_000, connections: 2 });
        await lab.driver.jump(lab.driver.now() + 150_000); // two of them are under way, two will never be sent
      });
      await played(
        async (lab) => {
          await lab.driver.jump(lab.driver.now() + HOUR);
          await lab.act({ do: 'host', host: 'a', power: 'start' });
          await lab.driver.jump(lab.driver.now() + 5 * HOUR);
        },
        { dir },
      );
      const moments = [
        eventOf(dir, 'host-off', 'a'),
        eventOf(dir, 'lab-reopen'),
        eventOf(dir, 'host-start', 'a'),
        eventOf(dir, 'mailbox-deliver'),
      ];
      for (const checkpoints of [true, false]) {
        if (!checkpoints) fs.rmSync(path.join(dir, 'checkpoints'), { recursive: true });
        for (const n of moments) await branchOf(dir, n, (branch) => expect(branch.state.scenario.scripted).toBe(false));
      }
    },
  );

  it('stands still in a branch from the midst of a jump', async () => {
    const { dir } = await played(async (lab) => {
      await lab.act({ do: 'host', host: 'a', power: 'off' });
      await lab.act({ do: 'send', messages: letters(1), everyMs: 0, connections: 1 });
      await lab.act({ do: 'jump', to: lab.driver.now() + 50 * HOUR });
      await lab.driver.idle();
    });
    await branchOf(dir, eventOf(dir, 'queue-defer'), async (branch) => {
      const { n, now } = branch.state;
      await branch.act({ do: 'host', host: 'b', power: 'stop' });
      await branch.driver.idle();
      expect([branch.state.n, branch.driver.now()]).toEqual([n + 2, now]);
      expect(branch.driver.paused()).toBe(true);
    });
  });

  it('tells nothing when it is closed: what was under way dies as with a process', async () => {
    let under = 0;
    const { dir, end } = await played(async (lab) => {
      await lab.act({ do: 'send', messages: letters(3), everyMs: 0, connections: 3 });
      await new Promise<void>((go) => lab.listen((event) => void (event.kind === 'smtp-say' && go())));
      under = Object.keys(lab.state.network.open).length;
    });
    expect(under).toBeGreaterThan(0);
    const state = stateAt(dir, end, VERSION);
    expect(Object.keys(state.network.open)).toHaveLength(under);
    expect(() => stateAt(dir, end + 1, VERSION)).toThrow(`has no event ${end + 1}: its last one is ${end}`);
  });
});

describe('a lab with programs from outside', () => {
  it('can be gone on from though the name server was slow to answer dig, of which nothing is told', async () => {
    const { dir } = await played(async (lab) => {
      await lab.act({ do: 'dns-fault', fault: { name: 'elsewhere.test', kind: 'slow', delayMs: 400 } });
      const dig = dgram.createSocket('udp4');
      const query = dnsPacket.encode({
        type: 'query',
        id: 7,
        flags: 256,
        questions: [{ type: 'MX', name: 'elsewhere.test' }],
      });
      for (let i = 0; i < 3; i += 1) {
        dig.send(query, lab.network.dnsPort, '127.0.0.1');
        await once(dig, 'message');
        await lab.act({ do: 'send', messages: letters(1), everyMs: 0, connections: 1 });
      }
      dig.close();
      await lab.driver.idle();
    });
    await branchOf(dir, eventOf(dir, 'mailbox-deliver'), () => undefined);
  });

  it('goes on without those that were connected then: they leave', async () => {
    const { dir } = await played(async (lab) => {
      const { port } = await lab.publish('c', 'internet', 0);
      const client = new RawSmtp(port);
      await client.hello();
      await client.say('MAIL FROM:<carol@elsewhere.test>');
      await client.destroy();
    });
    const said = eventOf(dir, 'client-data');
    const to = tempDir();
    const branch = await branchLab({ from: dir, n: said, to }, { version: VERSION });
    expect(branch.state.network.open).toEqual({});
    const left = branch.state.n;
    await branch.close();
    await branchOf(to, left, (again) => expect(again.state.network.open).toEqual({}));
  });

  it('can be gone on from at any moment: what they sent is played again', { timeout: 120_000 }, async () => {
    const dir = tempDir();
    const { lab } = await startLab({ scenario: labText('relay-through-firewall'), dir, script: false });
    lab.driver.setPace('max');
    const { port } = await lab.publish('c', 'internet', 0);
    const send = (n: number) =>
      createTransport({ host: '127.0.0.1', port, ignoreTLS: true }).sendMail({
        from: 'carol@elsewhere.test',
        to: 'alice@theorganisation.test',
        subject: `Number ${n}`,
        text: 'Hello\n.\n..dots\n'.repeat(50 * n),
        messageId: `<${n}@elsewhere.test>`,
      });
    const delivered = new Promise<void>((go) =>
      lab.listen(() => {
        if (lab.state.hosts['a']?.mailboxes['alice']?.length === 6) go();
      }),
    );
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
