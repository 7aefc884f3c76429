/** What checks look at: odd evidence that a stranger's mail, a moved address or a terse fault leaves. */
import { describe, expect, it } from 'vitest';
import type { LabEvent } from '../../../src/contract/events.ts';
import { tableOf } from '../../../src/contract/table.ts';
import { evidenceOf } from '../../../src/engine/scenario/checks/evidence.ts';
import { isEvidence } from '../../../src/engine/scenario/checks/kind.ts';
import { reportsOf, type Report, type Track } from '../../../src/engine/scenario/messages.ts';
import { START, Story } from './story.ts';

describe('evidence', () => {
  it('of a message that carries the Message-ID of its own report comes to an end', () => {
    const track = { reports: [] as Report[] } as Track;
    const [own, other] = [{ track } as Report, { track: null } as Report];
    track.reports.push(own, other);
    expect(reportsOf(track)).toEqual([own, other]);
  });

  it('knows whose an address is that one host gets before the other gives it up', () => {
    const { events, state } = new Story()
      .at('1h')
      .tell({ kind: 'host-set', host: 'b', settings: { addresses: ['192.0.2.10'] } })
      .at('2h')
      .tell({ kind: 'host-set', host: 'a', settings: { addresses: ['192.0.2.11'] } });
    const hosts = tableOf(Object.entries(state.hosts).map(([key, { settings }]) => [key, settings]));
    const { ownerOf } = evidenceOf(hosts, events, state);
    const hour = 3_600_000;
    expect([0, 1, 2].map((hours) => ownerOf('192.0.2.10', START + hours * hour))).toEqual(['a', 'b', 'b']);
  });

  it.each(['451', '550 5.1.1 No', '421-Wait'])('has the refusal %s', (line) => {
    const said = { kind: 'smtp-say', side: 'smtp-in', lines: [line] } as unknown as LabEvent;
    expect(isEvidence(said)).toBe(true);
  });

  it.each(['250 Ok', '4510', '354 Go on'])('has no refusal %s', (line) => {
    const said = { kind: 'smtp-say', side: 'smtp-in', lines: [line] } as unknown as LabEvent;
    expect(isEvidence(said)).toBe(false);
  });
});
