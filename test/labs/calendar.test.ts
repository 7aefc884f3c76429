/** A lab's time has an end, the year 9999: nothing past it comes in, whoever says it, and a clock that gets there stands. */
import fs from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { CALENDAR_END, isPace, PACE_MAX, SPAN_MAX_MS } from '../../src/contract/instant.ts';
import type { LabAct, LabEvent, SendRequest } from '../../src/contract/events.ts';
import type { HostSettings } from '../../src/contract/settings.ts';
import { actTrouble } from '../../src/engine/act-schema.ts';
import { openLab } from '../../src/engine/lab.ts';
import { loadScenario } from '../../src/engine/scenario/index.ts';
import { checkCall } from '../../src/engine/service.ts';
import { command } from '../cli/command.ts';
import { startLab, tempDir, VERSION } from './play.ts';

const made: string[] = [];
afterAll(() => made.forEach((dir) => fs.rmSync(dir, { recursive: true, force: true })));
const fresh = (): string => {
  const dir = tempDir();
  made.push(dir);
  return dir;
};

const lab = (start: string, script: string, more = ''): string => `title: The end of time
shows: Its clock stands.
clock: { start: ${start} }
networks: { office: 192.0.2.0/24, internet: 203.0.113.0/24 }
hosts:
  a: { name: a.theorganisation.test, address: 192.0.2.10, final: theorganisation.test, mailboxes: alice, power: off }
  c: { name: c.elsewhere.test, address: 203.0.113.30, final: elsewhere.test, mailboxes: carol${more} }
zones:
  theorganisation.test: |
    @ 2147483647 MX 1 a
    a 2147483647 A 192.0.2.10
script:
${script}`;
const LETTER: SendRequest = {
  name: null,
  from: 'carol@elsewhere.test',
  to: ['alice@theorganisation.test'],
  subject: '',
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
const send = '  - send: { name: late, from: carol@elsewhere.test, to: alice@theorganisation.test }\n';

/** All instants in an event that are not within the calendar. */
function past(event: LabEvent): string[] {
  const found: string[] = [];
  const walk = (value: unknown, key: string): void => {
    if (
      typeof value === 'number' &&
      /^(at|retryAt|nextAt|nextStepAt|until|from|to|startAt|firstAt|passedAt)$/.test(key) &&
      !(value <= CALENDAR_END)
    )
      found.push(`${event.kind} ${key} ${value}`);
    if (typeof value === 'object' && value !== null) for (const [name, one] of Object.entries(value)) walk(one, name);
  };
  walk(event, '');
  return found;
}

describe('a clock that comes to the end of the calendar', () => {
  it('stands there, says so once, and its lab can be opened again', { timeout: 60_000 }, async () => {
    const said: string[] = [];
    const dir = fresh();
    const options = { dir, complain: (message: string) => said.push(message) };
    const { lab: one, clock } = await startLab({
      scenario: { text: lab('9999-12-31T20:00Z', `${send}  - pass: 1h\n`), file: 'end.yaml' },
      ...options,
    });
    await one.played();
    one.driver.setEnd(null);
    one.driver.play();
    await one.driver.jump(CALENDAR_END + 1e15);
    expect(one.driver.now()).toBe(CALENDAR_END - 1);
    for (const pace of ['max', 1, PACE_MAX] as const) {
      one.driver.setPace(pace);
      one.driver.play();
      await one.driver.idle();
      expect(one.driver.now()).toBe(CALENDAR_END - 1);
    }
    await one.act({ do: 'host', host: 'c', power: 'stop' }); // it can be acted upon still
    expect(said).toEqual([expect.stringMatching(/calendar ends with the year 9999: its clock has stopped/)]);
    expect(one.upcoming()).toEqual([]);
    expect(one.events().flatMap(past)).toEqual([]);
    const { n } = one.state;
    await one.close();
    await clock;
    const again = await openLab({ scenario: null, version: VERSION, ...options });
    expect([again.state.n, again.state.now]).toEqual([n + 1, CALENDAR_END - 1]);
    await again.close();
  });

  it('ends a run whose script can go no further', async () => {
    const { lab: one, clock } = await startLab({
      scenario: { text: lab('9999-12-31T23:00Z', `${send}  - pass: 30m\n`), file: 'end.yaml' },
      script: false,
      complain: () => undefined,
    });
    await one.act({ do: 'jump', to: CALENDAR_END });
    await one.played();
    await one.close();
    await clock;
  });

  it('has met no instant past it, whatever is asked', { timeout: 120_000 }, async () => {
    const span = fc.oneof(
      fc.constantFrom(1, 1_000, 86_400_000, SPAN_MAX_MS, SPAN_MAX_MS - 1),
      fc.integer({ min: 1, max: SPAN_MAX_MS }),
    );
    const curve = fc.oneof(
      fc.record({ kind: fc.constant('age' as const), minMs: span, maxMs: span, scanMs: span }),
      fc.record({
        kind: fc.constant('fixed' as const),
        everyMs: span,
        countedFrom: fc.constantFrom('start' as const, 'try' as const),
      }),
      fc.record({
        kind: fc.constant('rules' as const),
        rules: fc.array(fc.record({ untilAgeMs: span, waitMs: span, factor: fc.constantFrom(1, 2, 1_000) }), {
          minLength: 1,
          maxLength: 2,
        }),
      }),
      fc.record({ kind: fc.constant('square' as const), stepMs: span }),
      fc.record({ kind: fc.constant('root' as const), stepRootSeconds: fc.constantFrom(1, 100_000) }),
    );
    const settings = fc.record({
      retry: fc.record({
        preset: fc.constant('postfix' as const),
        curve,
        warnAfterMs: span,
        giveUpAfterMs: span,
        giveUpReportsAfterMs: span,
      }),
      deadForMs: span,
      deadAfterFailures: fc.constantFrom(1, 4),
      greylistMs: span,
      greetPauseMs: span,
    });
    await fc.assert(
      fc.asyncProperty(settings, span, fc.nat(4), async (set, ms, count) => {
        const { lab: one, clock } = await startLab({
          scenario: { text: lab('9990-01-01T00:00Z', '  - pass: 1s\n'), file: 'end.yaml' },
          script: false,
          complain: () => undefined,
        });
        const now = one.driver.now();
        const acts: LabAct[] = [
          { do: 'set', host: 'c', settings: set as Partial<HostSettings> },
          {
            do: 'fault',
            fault: {
              id: 'x',
              host: 'a',
              when: { at: 'final-dot' },
              address: null,
              then: { do: 'delay', ms },
              from: now,
              until: Math.min(CALENDAR_END, now + ms),
              left: null,
            },
          },
          { do: 'send', messages: Array.from({ length: count + 1 }, () => LETTER), everyMs: ms, connections: 2 },
          { do: 'line', host: 'c', line: { extraLatencyMs: ms } },
        ];
        for (const act of acts) await one.act(act);
        // A jump at a time, or a message that is tried each second would be tried till the end of time.
        for (let i = 0; i < 40 && one.driver.now() < CALENDAR_END - 1; i += 1) await one.driver.jump(null);
        await one.driver.jump(one.upcoming()[0]?.when ?? CALENDAR_END);
        expect(one.events().flatMap(past)).toEqual([]);
        for (const host of Object.values(one.state.hosts))
          for (const { until } of Object.values(host.dead)) expect(until ?? 0).toBeLessThanOrEqual(CALENDAR_END);
        for (const cache of Object.values(one.state.dns.caches))
          for (const { until } of Object.values(cache)) expect(until).toBeLessThanOrEqual(CALENDAR_END);
        await one.close();
        await clock;
      }),
      { seed: 3, numRuns: 60 },
    );
  });
});

describe('what comes in', () => {
  it('takes only paces: on the line, in a call, at the clock', async () => {
    for (const pace of [0, -1, 1e15, PACE_MAX * 1.01, 1e-9, NaN, Infinity, 'fast', '60']) {
      expect(isPace(pace)).toBe(false);
      expect(() => checkCall('setPace', [pace])).toThrow(
        /setPace: argument 0: is not a pace: write how many virtual seconds pass in a real one, from 0\.001 to 1000000, or max/,
      );
    }
    for (const pace of ['max', 0.001, 1, PACE_MAX]) checkCall('setPace', [pace]);
    const { lab: one, clock } = await startLab({
      scenario: { text: lab('2026-03-02T09:00Z', '  - pass: 1s\n'), file: 'x.yaml' },
      script: false,
    });
    expect(() => one.driver.setPace(1e15)).toThrow(/1000000000000000 is not a pace: write how many/);
    await one.close();
    await clock;
  });

  it('is no instant past the calendar and no wait of more than a thousand years', () => {
    expect(() => checkCall('jump', [CALENDAR_END + 1])).toThrow(/past the year 9999/);
    checkCall('jump', [CALENDAR_END]);
    const fault = {
      id: 'x',
      host: 'a',
      when: { at: 'final-dot' },
      address: null,
      then: { do: 'cut' },
      from: 0,
      until: null,
      left: null,
    };
    const acts: unknown[] = [
      { do: 'jump', to: CALENDAR_END + 1 },
      { do: 'jump', to: 8.64e15 },
      { do: 'fault', fault: { ...fault, from: CALENDAR_END + 1 } },
      { do: 'fault', fault: { ...fault, until: 1e18 } },
      { do: 'fault', fault: { ...fault, then: { do: 'delay', ms: SPAN_MAX_MS + 1 } } },
      { do: 'send', messages: [LETTER], everyMs: SPAN_MAX_MS + 1, connections: 1 },
      { do: 'line', host: 'a', line: { extraLatencyMs: Number.MAX_SAFE_INTEGER } },
      { do: 'dns-fault', fault: { name: 'x', kind: 'slow', delayMs: SPAN_MAX_MS + 1 } },
      ...['greetPauseMs', 'greylistMs', 'serverIdleMs', 'deadForMs'].map((key) => ({
        do: 'set',
        host: 'a',
        settings: { [key]: SPAN_MAX_MS + 1 },
      })),
    ];
    for (const act of acts)
      expect(actTrouble(act), JSON.stringify(act)).toMatch(/past the year 9999|longer than a thousand years/);
    expect(actTrouble({ do: 'jump', to: CALENDAR_END })).toBe(null);
  });

  it.each([
    ['  - pass: 9999999d\n', /`9999999d` is longer than a thousand years: write a shorter one/],
    ['  - pass: 365250d\n'.repeat(8), /the script would go past the year 9999/],
    ['  - jump: 9999999d\n', /`9999999d` is not a jump within a lab's calendar/],
    ['  - until: 9999-12-31T23:59-12:00\n', /is past the year 9999, where a lab's calendar ends/],
    ['  - jump: 9999-12-31T23:59-12:00\n', /is not a jump within a lab's calendar/],
    ['  - set: { host: a, greet-pause: 99999999999999d }\n', /is not a duration|longer than a thousand years/],
    ['  - set: { host: a, retry: { preset: postfix, max: 400000d } }\n', /longer than a thousand years/],
    [`  - fault: { host: a, when: final-dot, then: { delay: 400000d } }\n`, /longer than a thousand years|write then/],
  ])('is none in a lab file: %j', (script, words) => {
    const loaded = loadScenario(lab('2026-03-02T09:00Z', script), 'x.yaml');
    expect(loaded.ok ? ['it is taken'] : loaded.errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(words),
    ]);
  });

  it('is no start of a lab past it', () => {
    const loaded = loadScenario(lab('9999-12-31T23:59-12:00', '  - pass: 1s\n'), 'x.yaml');
    expect(loaded.ok ? [] : loaded.errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/past the year 9999/),
    ]);
  });

  it.each([
    [['run', 'one-mx-waits', '--pace', '1e15'], /--pace 1e15: write how many virtual seconds/],
    [['serve', 'one-mx-waits', '--pace', '1e15'], /--pace 1e15: write how many/],
    [['run', 'one-mx-waits', '--pace', '1e-9'], /--pace 1e-9: write/],
    [
      ['run', 'one-mx-waits', '--until', '9999-12-31T23:59-12:00'],
      /--until 9999-12-31T23:59-12:00: write an instant .* before the end of the year 9999/,
    ],
    [['run', 'one-mx-waits', '--until', '9999999d'], /--until 9999999d: write an instant/],
  ])('is none on the line: %j', async (args, words) => {
    const { code, stderr } = await command(...args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(words)]);
  });
});
