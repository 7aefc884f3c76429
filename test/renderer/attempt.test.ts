/** The why card of an attempt, from the events of labs that were really played. */
import { describe, expect, it } from 'vitest';
import type { LabEvent } from '../../src/contract/events.ts';
import { createAttempt } from '../../src/renderer/inspector/attempt/attempt.ts';
import { whyCard } from '../../src/renderer/inspector/attempt/why.ts';
import { labText, playLab } from '../labs/play.ts';

describe('an attempt that fails for good', () => {
  it('says whom its host tells, though the report is written before the failure is entered', async () => {
    const { seen: events } = await playLab({ scenario: labText('backup-disk-fills') }, (lab) => lab.events());
    const { host, queueId } = events.find((event): event is LabEvent<'message-accept'> => event.kind === 'message-accept' && event.subject === 'Agenda with the figures')!;
    const { attempt } = events.find((event): event is LabEvent<'queue-try'> => event.kind === 'queue-try' && event.host === host && event.queueId === queueId)!;
    const fold = createAttempt(attempt);
    for (const event of events) fold.take(event);
    const last = whyCard(fold.view()!, ({ name }) => name, events.at(-1)!.at).steps.at(-1)!;
    expect(last.words.join(' ')).toContain('C tells carol.');
    expect(last.leads.map(({ words }) => words)).toEqual(['The report to carol']);
  });
});
