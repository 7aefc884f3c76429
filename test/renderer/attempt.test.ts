/** The why card of an attempt, from the events of labs that were really played. */
import { describe, expect, it } from 'vitest';
import type { LabEvent } from '../../src/contract/events.ts';
import { createAttempt } from '../../src/renderer/inspector/attempt/attempt.ts';
import { whyCard } from '../../src/renderer/inspector/attempt/why.ts';
import { labText, playLab } from '../labs/play.ts';

describe('an attempt that fails for good', () => {
  it('says whom its host tells: that it will, then that it did', async () => {
    const { seen: events } = await playLab({ scenario: labText('backup-disk-fills') }, (lab) => lab.events());
    const { host, queueId } = events.find(
      (event): event is LabEvent<'message-accept'> =>
        event.kind === 'message-accept' && event.subject === 'Agenda with the figures',
    )!;
    const { attempt } = events.find(
      (event): event is LabEvent<'queue-try'> =>
        event.kind === 'queue-try' && event.host === host && event.queueId === queueId,
    )!;
    const fold = createAttempt(attempt);
    const lastStep = () => whyCard(fold.view()!, ({ name }) => name, events.at(-1)!.at).steps.at(-1)!;
    for (const event of events) {
      fold.take(event);
      if (event.kind === 'queue-fail' && event.attempt === attempt)
        expect(lastStep().words.join(' ')).toContain(
          'It is not tried again. Its sender is told when this round of tries is over.',
        );
    }
    const last = lastStep();
    expect(last.words.join(' ')).toContain('C tells carol.');
    expect(last.leads.map(({ words }) => words)).toEqual(['The report to carol']);
  });
});
