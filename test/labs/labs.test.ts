/**
 * Every file in labs/ is played: its checks hold, with its own seed and with another. And each of its checks can fail: for each
 * there is a planted fault (planted.ts) that turns it red, with words that tell of the fault.
 */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Lab } from '../../src/engine/lab.ts';
import { apply, emptyState } from '../../src/engine/journal/fold.ts';
import {
  createWitness,
  errorLine,
  evaluateChecks,
  loadScenario,
  type CheckResult,
  type Scenario,
} from '../../src/engine/scenario/index.ts';
import { planted, type Planted } from './planted.ts';
import { LABS, labText, playLab } from './play.ts';

const OTHER_SEED = 1989;
const names = fs
  .readdirSync(LABS)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -5));

const judged = (lab: Lab): CheckResult[] => evaluateChecks(lab.scenario, lab.events(), lab.state);

/** Looks of the checks at a run, from its first event to its last. */
const LOOKS = 400;
/** What was said to be missed on the way, and was not in the end; and the judgement at the end. */
function judgedOnTheWay(lab: Lab): { results: CheckResult[]; takenBack: string[] } {
  const [witness, state, events] = [createWitness(lab.scenario), emptyState(), lab.events()];
  const missedAt = new Map<string, string>();
  const every = Math.ceil(events.length / LOOKS);
  for (const event of events) {
    apply(state, event);
    witness.take(event);
    if (event.n % every !== 0) continue;
    for (const { name, missed, measured } of witness.judge(state))
      if (missed && !missedAt.has(name)) missedAt.set(name, `event ${event.n}: ${measured}`);
  }
  const results = judged(lab);
  const takenBack = results
    .filter(({ name, missed }) => !missed && missedAt.has(name))
    .map(({ name }) => `${name}: missed at ${missedAt.get(name)}`);
  return { results, takenBack };
}
const redOf = (results: CheckResult[]): string[] =>
  results
    .filter((check) => !check.passed)
    .map((check) => `${check.name}: expected ${check.expected}, measured ${check.measured}`);

function load(text: string, file: string): Scenario {
  const loaded = loadScenario(text, file);
  if (!loaded.ok) throw new Error(loaded.errors.map((error) => errorLine(file, error)).join('\n'));
  return loaded.scenario;
}

/** Names of a lab's checks: a judgement on an empty journal has them all. */
function checkNames(name: string): string[] {
  const { text, file } = labText(name);
  const state = { now: 0, hosts: {}, scenario: { names: {} } } as unknown as Lab['state'];
  return evaluateChecks(load(text, file), [], state).map((check) => check.name);
}

/** The lab's file with the fault in it. */
function plant(name: string, { fault, edits }: Planted): { text: string; file: string } {
  const lab = labText(name);
  for (const [from, to] of edits) {
    const parts = lab.text.split(from);
    if (parts.length !== 2)
      throw new Error(
        `planted.ts, ${name}, "${fault}": ${JSON.stringify(from)} stands ${parts.length - 1} times in the lab, and must stand once`,
      );
    lab.text = parts.join(to);
  }
  load(lab.text, lab.file);
  return lab;
}

const played = new Map<Planted, ReturnType<typeof playPlanted>>();
/** Plays a planted world once, however many checks it turns red. */
function playPlanted(name: string, one: Planted): Promise<ReturnType<typeof judgedOnTheWay>> {
  const known = played.get(one) ?? playLab({ scenario: plant(name, one) }, judgedOnTheWay).then(({ seen }) => seen);
  played.set(one, known);
  return known;
}

describe.each(names)('%s', (name) => {
  it('keeps its promises, with its own seed and with another, which tells another story', async () => {
    const scenario = labText(name);
    const own = await playLab({ scenario }, judgedOnTheWay);
    expect(redOf(own.seen.results)).toEqual([]);
    expect(own.seen.takenBack).toEqual([]);
    const other = await playLab({ scenario, seed: OTHER_SEED }, judged);
    expect(redOf(other.seen), `repeat with: mail-lab run labs/${name}.yaml --seed ${OTHER_SEED}`).toEqual([]);
    expect(other.hash).not.toBe(own.hash);
  });

  const checks = checkNames(name);
  const faults = planted[name] ?? [];

  it('calls each check by a name of its own, and plants no fault for a check that is gone', () => {
    expect(checks.filter((check, i) => checks.indexOf(check) !== i)).toEqual([]);
    expect(faults.flatMap((one) => Object.keys(one.red)).filter((check) => !checks.includes(check))).toEqual([]);
  });

  describe.each(checks)('"%s"', (check) => {
    const mine = faults.filter((one) => one.red[check] !== undefined);
    if (mine.length === 0) {
      it('has a planted fault', () => {
        expect.fail(
          `no fault in test/labs/planted.ts turns "${check}" of ${name} red: write one down, or take the check away if there is none`,
        );
      });
    }
    for (const one of mine) {
      it(`is red when ${one.fault}`, async () => {
        const { results, takenBack } = await playPlanted(name, one);
        const result = results.find((found) => found.name === check);
        expect(result).toMatchObject({
          passed: false,
          measured: expect.stringMatching(one.red[check] as RegExp) as string,
        });
        expect(takenBack).toEqual([]);
      });
    }
  });
});

it('plants faults only in labs that there are', () => {
  expect(Object.keys(planted).filter((name) => !names.includes(name))).toEqual([]);
});

describe('lab 4', () => {
  it("has three Received lines in the bytes of alice's copy, from below: C, B, A", async () => {
    const { seen } = await playLab({ scenario: labText('relay-through-firewall') }, (lab) => {
      const [message] = lab.state.hosts['a']?.mailboxes['alice'] ?? [];
      return lab
        .read(message!.body)
        .toString('latin1')
        .split('\r\n\r\n')[0]!
        .replace(/\r\n[ \t]+/g, ' ');
    });
    const by = [...seen.matchAll(/^Received: from (\S+).* by (\S+)/gm)].map(([, from, host]) => `${from} > ${host}`);
    expect(by).toEqual([
      'b.theorganisation.test > a.theorganisation.test',
      'c.elsewhere.test > b.theorganisation.test',
      expect.stringMatching(/> c\.elsewhere\.test$/),
    ]);
  });
});

describe('lab 6', () => {
  /** When each host had the message in its queue, and when carol heard, in minutes after the start; the same outage three times. */
  async function whoKnew(name: string): Promise<{ carol: string[]; cKeptMin: number; aliceDay: number }> {
    const { seen } = await playLab({ scenario: labText(name) }, (lab) => {
      const since = (at: number) => Math.floor((at - lab.scenario.startAt) / 60_000);
      const events = lab.events();
      const heard = events.filter((event) => event.kind === 'mailbox-deliver' && event.user === 'carol');
      const gone = events.find((event) => event.kind === 'queue-remove' && event.host === 'c');
      const there = events.find((event) => event.kind === 'mailbox-deliver' && event.user === 'alice');
      const reporter = events.find((event) => event.kind === 'dsn-sent');
      return {
        carol: heard.map(
          (event) =>
            `${reporter?.kind === 'dsn-sent' ? reporter.host : 'nobody'}, after ${Math.floor(since(event.at) / 60)} h`,
        ),
        cKeptMin: since(gone!.at),
        aliceDay: Math.floor(since(there!.at) / 1440),
      };
    });
    return seen;
  }

  it('tells carol by her own server, by nobody, or by a server that she does not know; alice has the mail on the same day', async () => {
    expect(await whoKnew('backup-hides-delay')).toEqual({ carol: [], cKeptMin: 0, aliceDay: 2 });
    expect(await whoKnew('backup-hides-delay-warned')).toEqual({ carol: ['b, after 4 h'], cKeptMin: 0, aliceDay: 2 });
    const none = await whoKnew('backup-hides-delay-none');
    expect(none).toMatchObject({ carol: ['c, after 4 h'], aliceDay: 2 });
    expect((await whoKnew('one-mx-waits')).carol).toEqual(none.carol);
  });
});
