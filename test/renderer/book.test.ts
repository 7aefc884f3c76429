/** What left the queues, folded from events. */
import { describe, expect, it } from 'vitest';
import type { LabEvent } from '../../src/contract/events.ts';
import { createBook, LEFT_MAX } from '../../src/renderer/queue/book.ts';
import { labText, playLab } from '../labs/play.ts';

describe('messages that left', () => {
  it('keeps those that failed, however many go well after them', async () => {
    const { seen: events } = await playLab({ scenario: labText('backup-disk-fills') }, (lab) => lab.events());
    const book = createBook();
    for (const event of events) book.take(event);
    const failed = book.view().left.filter(({ rcpts }) => rcpts.some(({ status }) => status.kind === 'failed'));
    expect(failed.length).toBeGreaterThan(10);
    // The same message, taken and delivered again and again under other queue ids.
    const accept = events.find((event): event is LabEvent<'message-accept'> => event.kind === 'message-accept')!;
    const remove = events.find((event): event is LabEvent<'queue-remove'> => event.kind === 'queue-remove')!;
    for (let count = 1; count <= 3 * LEFT_MAX; count += 1) {
      const n = events.length + 2 * count;
      book.take({ ...accept, n, queueId: `X${count}` });
      book.take({ ...remove, n: n + 1, host: accept.host, queueId: `X${count}` });
    }
    const { left, leftCount, failedCount } = book.view();
    expect(left.filter(({ rcpts }) => rcpts.some(({ status }) => status.kind === 'failed'))).toHaveLength(
      failed.length,
    );
    expect(failedCount).toBe(failed.length);
    expect(leftCount).toBeGreaterThan(3 * LEFT_MAX);
    expect(left.length).toBeLessThanOrEqual(2 * LEFT_MAX);
    expect(left.every(({ n }, index) => index === 0 || n < left[index - 1]!.n)).toBe(true);
  });
});
