import { describe, expect, it } from 'vitest';
import type { LabAct } from '../../../src/contract/events.ts';
import type { LabState } from '../../../src/contract/model.ts';
import { actsOf, loadScenario } from '../../../src/engine/scenario/index.ts';
import { actKeys } from '../../../src/engine/scenario/schema-step.ts';
import { START, Story, WORLD } from './story.ts';

/** What a step, written in a lab file, comes to. */
function acted(step: string, story: { state: LabState } = new Story()): { acts: LabAct[]; passMs: number } {
  const loaded = loadScenario(
    `${WORLD}  - fault: { id: gap, host: a, when: final-dot, then: cut }\n  - ${step}\n`,
    'world.yaml',
  );
  if (!loaded.ok) throw new Error(loaded.errors.map((error) => error.message).join('\n'));
  return actsOf(loaded.scenario.script.at(-1)!, loaded.scenario, story.state);
}

const mended = { cut: false, extraLatencyMs: 0, bytesPerSecond: null, loseReplies: false };

/** C's queue has the minutes, and two of many. */
const queued = (): Story =>
  new Story().accept('c', 'C1', 'minutes').accept('c', 'C2', 'many-1').accept('c', 'C3', 'many-2');

const cases: [step: string, act: object][] = [
  ['start: a', { do: 'host', host: 'a', power: 'start' }],
  ['stop: a', { do: 'host', host: 'a', power: 'stop' }],
  ['crash: a', { do: 'host', host: 'a', power: 'crash' }],
  ['off: a', { do: 'host', host: 'a', power: 'off' }],
  ['cut: a', { do: 'line', host: 'a', line: { cut: true } }],
  ['mend: a', { do: 'line', host: 'a', line: mended }],
  ['slow: { host: a, rate: 10KB }', { do: 'line', host: 'a', line: { bytesPerSecond: 10_000 } }],
  ['slow: { host: a, latency: 2s }', { do: 'line', host: 'a', line: { extraLatencyMs: 2000 } }],
  ['lose-replies: a', { do: 'line', host: 'a', line: { loseReplies: true } }],
  ['reset: a', { do: 'reset-sessions', host: 'a' }],
  [
    'fault: { host: a, when: { command: rcpt }, address: alice, then: { answer: 450 4.7.1 Not yet }, after: 1m, for: 5m, times: 2 }',
    {
      do: 'fault',
      fault: {
        id: 'fault-2',
        host: 'a',
        when: { at: 'command', verb: 'RCPT' },
        address: 'alice',
        then: { do: 'answer', reply: '450 4.7.1 Not yet' },
        from: START + 60_000,
        until: START + 360_000,
        left: 2,
      },
    },
  ],
  [
    'fault: { host: a, when: { bytes: 2KB }, then: reset }',
    {
      do: 'fault',
      fault: {
        id: 'fault-2',
        host: 'a',
        when: { at: 'bytes', count: 2000 },
        address: null,
        then: { do: 'reset' },
        from: START,
        until: null,
        left: null,
      },
    },
  ],
  ['clear-fault: gap', { do: 'fault-clear', id: 'gap' }],
  ['fill-disk: { host: b, bytes: 900KB }', { do: 'fill-disk', host: 'b', bytes: 900_000 }],
  ['fill-disk: { host: b, leave: 100KB }', { do: 'fill-disk', host: 'b', bytes: 900_000 }],
  ['free-disk: b', { do: 'fill-disk', host: 'b', bytes: 0 }],
  [
    'zone: { name: elsewhere.test, text: "@ MX 1 c", view: office }',
    { do: 'zone', name: 'elsewhere.test', view: 'office', text: '@ MX 1 c' },
  ],
  [
    'dns-fault: { name: elsewhere.test, kind: slow, delay: 3s }',
    { do: 'dns-fault', fault: { name: 'elsewhere.test', kind: 'slow', delayMs: 3000 } },
  ],
  ['dns-fault: { name: ., kind: servfail }', { do: 'dns-fault', fault: { name: '.', kind: 'servfail', delayMs: 0 } }],
  ['dns-mend: elsewhere.test', { do: 'dns-fault-clear', name: 'elsewhere.test' }],
  ['firewall: drop any -> a port 25', { do: 'firewall', text: 'drop any -> a port 25' }],
  [
    'set: { host: b, disk: none, disk-full: permanent }',
    { do: 'set', host: 'b', settings: { diskBytes: null, diskFullReply: 'permanent' } },
  ],
  [
    'set: { host: a, address: 198.51.100.10 }',
    { do: 'set', host: 'a', settings: { addresses: ['198.51.100.10'], network: 'provider' } },
  ],
  ['flush: c', { do: 'flush', host: 'c', domain: null }],
  ['flush: { host: c, domain: theorganisation.test }', { do: 'flush', host: 'c', domain: 'theorganisation.test' }],
  ['jump: 2d', { do: 'jump', to: START + 172_800_000 }],
  ['jump: 2026-03-03T09:00Z', { do: 'jump', to: START + 86_400_000 }],
  ['hold: { host: c, message: minutes }', { do: 'hold', host: 'c', queueIds: ['C1'] }],
  ['release: { host: c, message: all }', { do: 'release', host: 'c', queueIds: ['C1', 'C2', 'C3'] }],
  ['retry: { host: c, message: many }', { do: 'retry', host: 'c', queueIds: ['C2', 'C3'] }],
  ['delete: { host: c, message: many-2 }', { do: 'delete', host: 'c', queueIds: ['C3'] }],
  [
    'send: { from: carol@elsewhere.test, to: alice@theorganisation.test, subject: Hello, notify: [success, failure], ret: hdrs, envid: e1, via: c, size: 5KB }',
    {
      do: 'send',
      everyMs: 0,
      connections: 1,
      messages: [
        {
          name: null,
          from: 'carol@elsewhere.test',
          to: ['alice@theorganisation.test'],
          subject: 'Hello',
          body: 'This is a message.\n',
          raw: null,
          sizeBytes: 5000,
          spam: false,
          ret: 'hdrs',
          envid: 'e1',
          notify: ['success', 'failure'],
          via: 'c',
          network: null,
        },
      ],
    },
  ],
  [
    'spam: { to: alice@theorganisation.test, via: c }',
    { do: 'send', messages: [{ from: 'offers@spammer.test', spam: true, via: 'c' }] },
  ],
];

describe('steps', () => {
  it.each(cases)('%s', (step, act) => {
    const { acts, passMs } = acted(step, queued());
    expect(passMs).toBe(0);
    expect(acts).toHaveLength(1);
    expect(acts[0]).toMatchObject(act);
    if (!step.startsWith('spam')) expect(acts[0]).toEqual(act);
  });

  it('shows every step', () => {
    const shown = [...cases.map(([step]) => step.split(':')[0]), 'pass', 'until'];
    expect(actKeys.filter((key) => !shown.includes(key))).toEqual([]);
  });

  it('lets time pass', () => {
    expect(acted('pass: 3d')).toEqual({ acts: [], passMs: 259_200_000 });
    expect(acted('until: 2026-03-02T10:00Z', new Story().at('20m'))).toEqual({ acts: [], passMs: 2_400_000 });
    expect(acted('until: 2026-03-02T10:00Z', new Story().at('2h'))).toEqual({ acts: [], passMs: 0 });
  });

  it('numbers the messages of a series', () => {
    const { acts } = acted(
      'send: { name: flood, count: 3, every: 10m, connections: 2, from: carol@elsewhere.test, to: [alice@theorganisation.test, bob@theorganisation.test] }',
    );
    expect(acts[0]).toMatchObject({
      everyMs: 600_000,
      connections: 2,
      messages: [
        { name: 'flood-1' },
        { name: 'flood-2' },
        { name: 'flood-3', to: ['alice@theorganisation.test', 'bob@theorganisation.test'] },
      ],
    });
  });

  it('finds the queue ids of a name, a group and all', () => {
    const story = queued().accept('b', 'B1', 'many-1');
    expect(acted('hold: { host: c, message: minutes }', story).acts).toEqual([
      { do: 'hold', host: 'c', queueIds: ['C1'] },
    ]);
    expect(acted('retry: { host: c, message: many }', story).acts).toEqual([
      { do: 'retry', host: 'c', queueIds: ['C2', 'C3'] },
    ]);
    expect(acted('delete: { host: c, message: all }', story).acts).toEqual([
      { do: 'delete', host: 'c', queueIds: ['C1', 'C2', 'C3'] },
    ]);
  });

  it('asks for nothing where nothing waits, and throws for a message by its name that is not there', () => {
    expect(acted('flush: c').acts).toHaveLength(1);
    expect(acted('hold: { host: c, message: all }').acts).toEqual([]);
    expect(() => acted('hold: { host: c, message: minutes }')).toThrow('c has no message minutes in its queue');
  });

  it('leaves as much of a disk free as it says, whatever lies there', () => {
    const { state } = new Story();
    const hosts = { ...state.hosts, b: { ...state.hosts.b!, usedBytes: 300_000 } };
    expect(acted('fill-disk: { host: b, leave: 100KB }', { state: { ...state, hosts } }).acts).toEqual([
      { do: 'fill-disk', host: 'b', bytes: 600_000 },
    ]);
  });
});
