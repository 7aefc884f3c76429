/** What can't be placed is not told; what was told can be folded, whatever it is. */
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { LabEvent } from '../../../src/contract/events.ts';
import { apply, createJournal, emptyState, openDisk } from '../../../src/engine/journal/index.ts';
import { labText, playLab, tempDir } from '../../labs/play.ts';

let events: LabEvent[] = [];
beforeAll(
  async () => void ({ seen: events } = await playLab({ scenario: labText('one-mx-expires') }, (lab) => lab.events())),
);

describe('an event', () => {
  it('that comes at any time, with any names in it, is folded without an error', () => {
    const strange = fc.constantFrom('constructor', '__proto__', 'a', 'c', '0', 'nobody');
    const one = fc.record({
      place: fc.nat(),
      host: strange,
      queueId: fc.option(strange),
      index: fc.integer({ min: -1, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 60 }), (picks) => {
        const state = emptyState();
        for (const { place, host, queueId, index } of picks) {
          const event = structuredClone(events[place % events.length]!);
          // Half of them stay as they were, and come out of their order.
          const bent =
            place % 2 === 0
              ? {}
              : {
                  host,
                  ...(queueId === null ? {} : { queueId }),
                  ...('rcpts' in event && Array.isArray(event.rcpts) && event.kind !== 'message-accept'
                    ? { rcpts: [index] }
                    : {}),
                };
          expect(() => apply(state, { ...event, ...bent, n: state.n + 1 } as LabEvent)).not.toThrow();
        }
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it('that the state speaks against is refused before anything is changed or written', () => {
    const file = path.join(tempDir(), 'journal.log');
    const disk = openDisk(file);
    const state = emptyState();
    const journal = createJournal({
      disk,
      state,
      now: () => 5,
      wake: () => undefined,
      fatal: (message) => expect.fail(message),
    });
    for (const { n: _n, at: _at, ...told } of events.slice(
      0,
      events.findIndex(({ kind }) => kind === 'queue-remove'),
    ))
      journal.tell(told);
    journal.write();
    const before = [JSON.stringify(state), fs.readFileSync(file, 'latin1')];
    const deliver = events.find(
      (event): event is LabEvent<'queue-deliver'> => event.kind === 'queue-deliver' || event.kind === 'queue-fail',
    )!;
    const again = {
      kind: 'queue-defer',
      host: deliver.host,
      queueId: deliver.queueId,
      attempt: null,
      why: { kind: 'person' },
      retryAt: 0,
    } as const;
    expect(() => journal.tell({ ...again, rcpts: [0] } as never)).toThrow(
      /recipient .* is (delivered|failed) and can't become deferred/,
    );
    expect(() => journal.tell({ ...again, rcpts: [7] } as never)).toThrow('has no recipient number 7');
    expect(() => journal.tell({ ...again, queueId: 'constructor', rcpts: [0] } as never)).toThrow(
      'no message constructor in its queue',
    );
    journal.write();
    expect([JSON.stringify(state), fs.readFileSync(file, 'latin1')]).toEqual(before);
    journal.close();
  });
});
