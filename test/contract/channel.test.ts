/** One suite over every transport of the contract: in memory, a worker thread's port, a page's WebSocket, the window's port. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { LONG_LENGTH } from '../../src/contract/frames.ts';
import type { LabAct, LabEvent, SendRequest } from '../../src/contract/events.ts';
import type { LabApi } from '../../src/contract/lab-api.ts';
import { labApi } from '../../src/engine/service.ts';
import { labText, playLab, startLab, tempDir } from '../labs/play.ts';
import { keepBusy, mail } from './busy.ts';
import { LAB, transports, type Joined } from './transports.ts';

type AnyApi = Record<string, (...args: unknown[]) => Promise<unknown>>;
const GONE = /^the lab is gone: its connection was closed$/;

/** Questions about a lab that was played, and their arguments. */
const QUESTIONS: [keyof LabApi, ...unknown[]][] = [
  ['state', 60],
  ['bench', 60],
  ['queue', 20, null],
  ['queue', 40, 'b'],
  ['mailbox', null, 'a', 'alice'],
  ['events', 1, 3],
  ['eventText', 1, 3],
  ['eventText', 1, 1_000],
  ['upcoming'],
  ['checks', null],
  ['checks', 30],
  ['lesson'],
  ['zoneNotes', 'theorganisation.test', '@ MX a\n'],
  ['firewallNotes', 'allow all'],
  ['mailLog', 'b'],
  ['preview', 'c', 'alice@theorganisation.test'],
  ['preview', 'a', 'alice@theorganisation.test'],
];
const ask = (api: LabApi, [name, ...args]: (typeof QUESTIONS)[number]): Promise<unknown> =>
  (api as unknown as AnyApi)[name]!(...args);

/** What the lab says of itself, asked without anything between. */
let story: { hash: string; n: number; answers: unknown[] };
beforeAll(async () => {
  const { hash } = await playLab({ scenario: labText(LAB) }, () => null);
  const { lab, clock } = await startLab({ scenario: labText(LAB) });
  await lab.played();
  const api = labApi(lab);
  story = { hash, n: lab.state.n, answers: [] };
  for (const question of QUESTIONS) story.answers.push(structuredClone(await ask(api, question))); // as it comes through a channel
  await lab.close();
  await clock;
});

let joined: Joined | null = null;
let dir = '';
afterEach(async () => {
  await joined?.end();
  joined = null;
  vi.unstubAllGlobals();
  fs.rmSync(dir, { recursive: true, force: true });
});
const join = async (name: string): Promise<Joined> => (joined = await transports[name]!.join((dir = tempDir())));

/** What must be refused: words of the refusal, the call, its arguments. */
const letterVia = (via: string): SendRequest => ({
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
  via,
  network: null,
});

const WRONG: [RegExp, string, ...unknown[]][] = [
  [/^there is no call 'format'; there are: act, clock, /, 'format'],
  [/^there is no call 'toString'/, 'toString'],
  [/^there is no call 'constructor'/, 'constructor', 'x'],
  [/^setPace: argument 0: /, 'setPace', -1],
  [/^setPace: argument 0: /, 'setPace', 'fast'],
  [/^setPace: /, 'setPace'],
  [/^clock: /, 'clock', 'now'],
  [/^jump: argument 0: /, 'jump', 'tomorrow'],
  [/^state: argument 0: /, 'state', 1.5],
  [/^bench: argument 0: /, 'bench', -1],
  [/^events: /, 'events', 1],
  [/^events: /, 'events', 1, 2, 3],
  [/^mailbox: argument 1: /, 'mailbox', null, null, 'alice'],
  [/^message: argument 0\.offset: /, 'message', { offset: -1, size: 5 }],
  [/^publish: argument 2: /, 'publish', 'a', 'internet', 70_000],
  [/^act: argument 0: /, 'act', 'stop'],
  [/^act: argument 0\.do: /, 'act', { host: 'a' }],
  [
    /stays as it was.* line 1: /,
    'act',
    { do: 'zone', name: 'theorganisation.test', view: null, text: '@ MX a' } satisfies LabAct,
  ],
  [/keeps its rules.* line 2: /, 'act', { do: 'firewall', text: 'allow any\nallow everything' } satisfies LabAct],
  [
    /^no host 'nobody' in this lab; there are: a, b, c$/,
    'act',
    { do: 'host', host: 'nobody', power: 'stop' } satisfies LabAct,
  ],
  [
    /^no host 'nobody' in this lab; there are: a, b, c$/,
    'act',
    { do: 'line', host: 'nobody', line: { cut: true } } satisfies LabAct,
  ],
  [/^host a is up already/, 'act', { do: 'host', host: 'a', power: 'start' } satisfies LabAct],
  [/^a has no message X1 in its queue/, 'act', { do: 'retry', host: 'a', queueIds: ['X1'] } satisfies LabAct],
  [/this request is not valid.*do: /, 'act', { do: 'dance' }],
  [/this request is not valid.*power: /, 'act', { do: 'host', host: 'a', power: 'asleep' }],
  [/this request is not valid.*settings\.diskBytes: /, 'act', { do: 'set', host: 'a', settings: { diskBytes: -1 } }],
  [/this request is not valid.*fault\.(id|when)/, 'act', { do: 'fault', fault: { host: 'a' } }],
  [/this request is not valid.*fault: /, 'act', { do: 'dns-fault', fault: null }],
  [/^no network 'nowhere'/, 'act', { do: 'set', host: 'a', settings: { network: 'nowhere' } } satisfies LabAct],
  [
    /^no host 'nobody' in this lab; there are: a, b, c$/,
    'act',
    { do: 'send', messages: [letterVia('nobody')], everyMs: 0, connections: 1 } satisfies LabAct,
  ],
  [/./, 'jump', Infinity],
  [/./, 'state', NaN],
  [/^no host 'nobody'/, 'preview', 'nobody', 'alice@theorganisation.test'],
  [/^no network 'nowhere' in this lab; there are: office, provider, internet$/, 'publish', 'a', 'nowhere', 0],
  [/^the guide has no step 100/, 'doGuideStep', 99],
  [/^there is no event 100000: /, 'state', 100_000],
];

const journalHash = (folder: string): string =>
  createHash('sha256')
    .update(fs.readFileSync(path.join(folder, 'journal.log')))
    .digest('hex');

describe.each(Object.keys(transports))('the contract over %s', (name) => {
  it('plays a lab and tells its events in order, without a gap', async () => {
    const { api, heard } = await join(name);
    await heard.until('lab-end');
    const { events, clock, trouble } = heard;
    const first = events[0]?.n ?? 0;
    expect(events.map(({ n }) => n)).toEqual(Array.from({ length: story.n - first + 1 }, (_, i) => first + i));
    expect(await api.events(first, story.n)).toEqual(events);
    expect((await api.checks(null)).every((check) => check.passed)).toBe(true);
    expect((await api.bench(20)).n).toBe(20);
    expect(clock.at(-1)).toMatchObject({ paused: false });
    expect(heard.order).toMatch(/^(ec)+$/); // the clock is told behind each batch of events, short or long
    expect(trouble).toEqual([]);
  });

  it('tells the same story as elsewhere', async () => {
    const { heard, end, dir: folder } = await join(name);
    await heard.until('lab-end');
    joined = null;
    await end();
    expect(journalHash(folder)).toBe(story.hash);
  });

  it('gives the same answers as the lab itself, and plain data only', async () => {
    const { api, heard } = await join(name);
    await heard.until('lab-end');
    for (const [i, question] of QUESTIONS.entries()) {
      const answer = await ask(api, question);
      expect(answer, question.join(' ')).toStrictEqual(story.answers[i]);
      expect(JSON.parse(JSON.stringify(answer)), question.join(' ')).toStrictEqual(answer);
    }
  });

  it('carries long answers and long calls whole', async () => {
    const { api, heard } = await join(name);
    await heard.until('lab-end');
    // As text and as values.
    const text = await api.eventText(1, story.n);
    expect(text.length).toBeGreaterThan(LONG_LENGTH);
    expect(JSON.parse(text)).toEqual(await api.events(1, story.n));
    // A text with line feeds, and every byte that a line may hold.
    const bytes = [...Array(256).keys()].filter((byte) => byte >= 32 && byte !== 127);
    const line = `${String.fromCharCode(...bytes)}\r\n`;
    const raw = `From: carol@elsewhere.test\r\nSubject: all bytes\r\n\r\n${line.repeat(200)}`;
    await api.act({
      do: 'send',
      messages: [mail({ raw: Buffer.from(raw, 'latin1').toString('base64') })],
      everyMs: 0,
      connections: 1,
    });
    await api.jump((await api.clock()).now + 300_000);
    const [message] = (await api.state(null)).hosts['a']!.mailboxes['alice']!.slice(-1);
    expect((await api.message(message!.body)).endsWith(line.repeat(200))).toBe(true);
    const zone = `; ${'ä€😀'.repeat(20)}\n`.repeat(2_000);
    expect(await api.zoneNotes('theorganisation.test', `${zone}@ MX a\n`)).toMatchObject([{ line: 2_001 }]);
  });

  it('answers each of many calls at once with its own answer', async () => {
    const { api, heard } = await join(name);
    await heard.until('lab-end');
    const numbers = Array.from({ length: story.n }, (_, i) => i + 1);
    const [ones, texts, refused] = await Promise.all([
      Promise.all(numbers.map((n) => api.events(n, n))),
      Promise.all(numbers.map((n) => api.eventText(1, n))), // the first ones are short, the last ones long
      Promise.all(
        numbers.map((n) =>
          api.state(1_000 + n).then(
            () => 'an answer',
            (error: Error) => error.message,
          ),
        ),
      ),
    ]);
    expect(ones.map((events) => events.map(({ n }) => n))).toEqual(numbers.map((n) => [n]));
    expect(texts.map((text) => (JSON.parse(text) as LabEvent[]).length)).toEqual(numbers);
    expect(refused).toEqual(numbers.map((n) => `there is no event ${1_000 + n}: the last one is ${story.n}`));
  });

  it('refuses wrong calls with a text, changes nothing, and goes on', async () => {
    const { api, heard } = await join(name);
    await heard.until('lab-end');
    for (const [words, called, ...args] of WRONG) {
      const refusal = await (api as unknown as AnyApi)[called]!(...args).then(
        () => 'taken',
        (error: unknown) => error,
      );
      expect(refusal, JSON.stringify([called, ...args])).toBeInstanceOf(Error);
      expect((refusal as Error).message).toMatch(words);
      expect((refusal as Error).message).not.toMatch(/is not a function|cannot read|\n +at /i);
    }
    expect(await api.clock()).toMatchObject({ paused: false });
    expect((await api.state(null)).n).toBe(story.n);
  });

  it('tells of the end of the other side, and lets go of the calls that wait', async () => {
    const { api, gone, endOther } = await join(name);
    const lost = expect(api.jump(await keepBusy(api))).rejects.toThrow(GONE);
    expect((await api.clock()).paused).toBe(false); // a call that lasts holds up no other
    expect(gone.count).toBe(0);
    await endOther();
    await gone.told;
    await lost;
    await expect(api.clock()).rejects.toThrow(GONE);
    expect(gone.count).toBe(1);
  });
});

describe.each(Object.keys(transports).filter((name) => transports[name]!.outlives))('the lab behind %s', (name) => {
  it('hears that who asked has left, and tells its story to the end', async () => {
    const { api, leave, end, dir: folder } = await join(name);
    await api.clock();
    const behind = await leave();
    await expect(api.clock()).rejects.toThrow(GONE);
    await behind.until('lab-end');
    joined = null;
    await end();
    expect(journalHash(folder)).toBe(story.hash);
  });
});
