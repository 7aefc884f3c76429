/** What random worlds and broken power found once, each as a small lab of its own. */
import { describe, expect, it } from 'vitest';
import type { LabEvent } from '../../src/contract/events.ts';
import { openLab, type Lab } from '../../src/engine/lab.ts';
import { statusBlocks } from './laws.ts';

const world = (script: string, extra = '') => ({
  file: 'found.yaml',
  text: `title: Found
shows: What went wrong once.
clock: { start: 2026-03-02T09:00Z, seed: 4 }
networks: { office: 192.0.2.0/24, internet: 203.0.113.0/24 }
hosts:
  a: { name: a.theorganisation.test, address: 192.0.2.10, final: theorganisation.test, mailboxes: [alice]${extra} }
  c: { name: c.elsewhere.test, address: 203.0.113.30, final: elsewhere.test, mailboxes: [carol], retry: { preset: article, warn: 1h } }
zones:
  theorganisation.test: |
    @ 3600 MX 1 a
    a 3600 A 192.0.2.10
  gone.test: |
    @ 3600 MX 1 gone
    gone 3600 A 203.0.113.99
  elsewhere.test: |
    @ 3600 MX 1 c
    c 3600 A 203.0.113.30
script:
${script}`,
});

async function play(script: string, extra = ''): Promise<{ lab: Lab; events: LabEvent[] }> {
  const lab = await openLab({ scenario: world(script, extra), dir: null, version: 'test' });
  const run = lab.driver.run();
  await Promise.race([lab.played(), run]);
  return { lab, events: lab.events() };
}

const of = <K extends LabEvent['kind']>(events: LabEvent[], kind: K) =>
  events.filter((event): event is Extract<LabEvent, { kind: K }> => event.kind === kind);
const step = (...lines: string[]): string => lines.map((line) => `  - ${line}\n`).join('');

describe('a warning of delay', () => {
  it('is one report, in which each recipient has a reason of its own', async () => {
    const { lab, events } = await play(
      step(
        'fault: { host: a, when: { command: RCPT }, then: { answer: 450 4.7.1 Not yet } }',
        'send: { name: late, from: carol@elsewhere.test, to: [alice@theorganisation.test, x@gone.test, y@nowhere.test], notify: [delay, failure] }',
        'pass: 3h',
      ),
    );
    const warnings = of(events, 'dsn-sent').filter((event) => event.action === 'delayed' && event.host === 'c');
    expect(warnings).toHaveLength(1);
    const report = of(events, 'message-accept').find((event) => event.queueId === warnings[0]?.queueId)!;
    const blocks = statusBlocks(lab.read(report.body).toString());
    const status = Object.fromEntries(
      blocks.map((block) => [
        block.get('final-recipient'),
        `${block.get('status')} ${block.get('remote-mta') ?? 'local'}`,
      ]),
    );
    expect(status['rfc822; alice@theorganisation.test']).toBe('4.7.1 dns; a.theorganisation.test');
    expect(status['rfc822; x@gone.test']).toBe('4.4.1 local');
    await lab.close();
  });
});

describe('a host that goes down while it thinks about a message', () => {
  it.each(['stop', 'crash', 'off'])('takes it no more (%s), and the sender has it still', async (power) => {
    const { lab, events } = await play(
      step(
        'fault: { host: a, when: final-dot, then: { delay: 2m }, times: 1 }',
        'send: { name: one, from: carol@elsewhere.test, to: alice@theorganisation.test }',
        'pass: 30s',
        `${power}: a`,
        'pass: 2h',
        'start: a',
        'pass: 2h',
      ),
    );
    expect(of(events, 'message-accept').filter((event) => event.host === 'a')).toHaveLength(1);
    expect(lab.state.hosts.a!.mailboxes.alice).toHaveLength(1);
    await lab.close();
  });
});

describe('a message that is deleted while it is being sent', () => {
  it.each(['when: { command: EHLO }, then: { delay: 1m }', 'when: final-dot, then: { delay: 1m }'])(
    'has one end at its host (%s)',
    async (fault) => {
      const { lab, events } = await play(
        step(
          `fault: { host: a, ${fault}, times: 1 }`,
          'send: { name: one, from: carol@elsewhere.test, to: alice@theorganisation.test }',
          'pass: 10s',
          'delete: { host: c, message: all }',
          'pass: 1h',
        ),
      );
      expect(of(events, 'queue-discard').map(({ host, reason }) => `${host} ${reason}`)).toEqual(['c deleted']);
      expect(of(events, 'queue-deliver').filter((event) => event.host === 'c')).toEqual([]);
      expect(lab.state.hosts.c!.queue).toEqual({});
      // What had left already arrives, what had not does not.
      expect(lab.state.hosts.a!.mailboxes.alice ?? []).toHaveLength(fault.includes('final-dot') ? 1 : 0);
      await lab.close();
    },
  );
});

describe('a report about an 8-bit message', () => {
  it('needs no more of its next hop than its own bytes do', async () => {
    const { lab, events } = await play(
      step(
        'set: { host: c, eight-bit: bounce }',
        'send: { name: umlaut, from: carol@elsewhere.test, to: alice@theorganisation.test, body: "Gr\u00fc\u00dfe", ret: hdrs }',
        'pass: 1h',
      ),
      ', extensions: { 8bitmime: false }',
    );
    expect(of(events, 'queue-fail')[0]).toMatchObject({ why: { kind: 'extension', extension: '8BITMIME' } });
    const report = of(events, 'message-accept').find((event) => event.origin === 'report')!;
    expect(report.envelope.eightBit).toBe(false);
    expect(lab.state.hosts.c!.mailboxes.carol).toHaveLength(1);
    await lab.close();
  });
});

describe('an act that is wrong', () => {
  it('changes nothing when one of several messages is not there', async () => {
    const { lab } = await play(
      step('off: a', 'send: { name: one, from: carol@elsewhere.test, to: alice@theorganisation.test }', 'pass: 10m'),
    );
    const [queueId] = Object.keys(lab.state.hosts.c!.queue) as [string];
    await expect(lab.act({ do: 'delete', host: 'c', queueIds: [queueId, 'NONE'] })).rejects.toThrow(
      /c has no message NONE in its queue/,
    );
    expect(Object.keys(lab.state.hosts.c!.queue)).toEqual([queueId]);
    await lab.close();
  });
});
