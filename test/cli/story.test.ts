/** The story in lines: words for every kind of event, and what is folded. */
import { describe, expect, it } from 'vitest';
import type { LabEvent } from '../../src/contract/events.ts';
import { createFolder } from '../../src/cli/fold.ts';
import { createTeller } from '../../src/cli/story.ts';
import { emptyState } from '../../src/engine/journal/fold.ts';
import { loadScenario } from '../../src/engine/scenario/index.ts';
import { SAMPLES } from '../contract/samples.ts';
import { labText, playLab } from '../labs/play.ts';

const all = (): ReturnType<typeof createTeller> => createTeller(emptyState(), { verbose: true, past: [] });

describe('when everything is told', () => {
  it.each(SAMPLES.map((event): [string, LabEvent] => [event.kind, event]))('%s has words', (kind, event) => {
    const [line] = all().tell(event);
    expect(line!.text.length).toBeGreaterThan(2);
    expect(line!.text).not.toMatch(/[{}]|undefined|\bnull\b(?! sender)|NaN|\[object/);
    expect(line!.text).not.toContain(kind);
  });

  it('a try of a message with two domains has its number', () => {
    const [line] = all().tell(SAMPLES.find(({ kind }) => kind === 'queue-try')!);
    expect(line!.text).toBe('C1FAB00001 try 3 for theorganisation.test');
  });

  it('a disk that is freed is not filled with 0 bytes', () => {
    const free = SAMPLES.filter(({ kind }) => kind === 'person-act' || kind === 'disk-fill').map((event) =>
      event.kind === 'person-act'
        ? { ...event, act: { do: 'fill-disk', host: 'b', bytes: 0 } }
        : { ...event, foreignBytes: 0 },
    ) as LabEvent[];
    expect(free.flatMap((event) => all().tell(event)).map(({ text }) => text)).toEqual([
      "removes other things from B's disk",
      'nothing else is on the disk any more',
    ]);
  });
});

it('folds the strikes of a fault, and does not let them break the folding of what they strike', async () => {
  const { text, file } = labText('one-mx-waits');
  const edited = text
    .replace(
      'guide:\n',
      "faults:\n  - { id: busy, host: a, when: { command: MAIL }, then: { answer: '421 4.7.0 Try later' } }\n\nguide:\n",
    )
    .replace('      - off: a\n', '      - start: a\n        may-fail: true\n');
  expect(loadScenario(edited, file)).toMatchObject({ ok: true });
  const { seen } = await playLab({ scenario: { text: edited, file } }, (lab) => {
    const [teller, folder] = [createTeller(lab.state, { verbose: false, past: [] }), createFolder()];
    return [
      ...lab
        .events()
        .flatMap((event) => teller.tell(event))
        .flatMap((line) => folder.take(line)),
      ...folder.rest(),
    ].map((line) => line.text);
  });
  const strikes = seen.filter((line) => line.includes('busy'));
  expect(strikes[0]).toBe('busy strikes at A');
  expect(strikes.slice(1).every((line) => /^… busy: \d+ more times, until/.test(line))).toBe(true);
  expect(seen.length).toBeLessThan(40);
  expect(seen.join('\n')).toMatch(/… minutes: \d\d+ more tries/);
});
