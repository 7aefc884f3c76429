/** What moves on the map, folded from events. */
import { describe, expect, it } from 'vitest';
import type { LabEvent, Told } from '../../src/contract/events.ts';
import { createMotion } from '../../src/renderer/bench/motion.ts';
import { labText, playLab } from '../labs/play.ts';

const inFlight = (motion: ReturnType<typeof createMotion>): number =>
  motion.view().flights.filter(({ end }) => end === null).length +
  motion.view().wires.filter(({ state, overAt }) => (state === 'stopped' || state === 'waiting') && overAt === null)
    .length;

describe('nothing is in flight', () => {
  const calls: [string, Told][] = [
    [
      'that the firewall drops',
      {
        kind: 'firewall-drop',
        session: 's900',
        outside: 'internet',
        source: null,
        sourceAddress: '203.0.113.250',
        targetAddress: '192.0.2.10',
        targetPort: 25,
        rule: 3,
      },
    ],
    [
      'that nobody answers',
      {
        kind: 'link-silence',
        session: 's900',
        outside: 'internet',
        source: null,
        targetAddress: '192.0.2.10',
        targetPort: 25,
      },
    ],
  ];
  it.each(calls)('after a call from outside %s', async (_what, told) => {
    const { seen: events } = await playLab({ scenario: labText('relay-through-firewall') }, (lab) => lab.events());
    const motion = createMotion();
    for (const event of events) motion.take(event);
    expect(inFlight(motion)).toBe(0);
    const last = events.at(-1)!;
    motion.take({ n: last.n + 1, at: last.at, ...told } as LabEvent);
    expect(inFlight(motion)).toBe(0);
  });

  it('after a program of the lab gave a call up', async () => {
    const steps =
      '\nscript:\n  - stop: c\n  - send: { from: carol@elsewhere.test, to: alice@theorganisation.test, via: a, network: internet, name: barred }\n  - pass: 1h\nchecks:\n  - lost: 0\n';
    const scenario = labText('relay-through-firewall');
    const { seen: events } = await playLab(
      { scenario: { ...scenario, text: scenario.text.replace(/\nguide:[^]*/, steps) } },
      (lab) => lab.events(),
    );
    expect(events.map(({ kind }) => kind)).toContain('submit-fail');
    const motion = createMotion();
    let most = 0;
    for (const event of events) {
      motion.take(event);
      most = Math.max(most, inFlight(motion));
    }
    expect([most, inFlight(motion)]).toEqual([1, 0]);
  });
});
