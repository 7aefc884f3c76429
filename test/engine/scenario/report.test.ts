import { describe, expect, it } from 'vitest';
import { hostsOf, messagesOf } from '../../../src/engine/scenario/index.ts';
import { fullAtB, noAnswer, oneMxWaits, Story } from './story.ts';

describe('the report of a run', () => {
  it('tells of messages that were handed in, and not of reports', () => {
    const { events, state } = oneMxWaits();
    expect(messagesOf(events, state)).toEqual([
      {
        id: 'minutes',
        from: 'carol@elsewhere.test',
        size: 1000,
        recipients: [{ address: 'alice@theorganisation.test', fate: 'delivered', host: 'a', at: '2026-03-05T09:11:00.000Z', copies: 1 }],
      },
    ]);
  });

  it.each([
    ['waiting', 'c', new Story().accept('c', 'C1', 'minutes').at('1h').defer('c', 'C1', noAnswer), '2026-03-02T10:00:00.000Z'],
    ['bounced', 'c', new Story().accept('c', 'C1', 'minutes').at('2h').fail('c', 'C1', fullAtB), '2026-03-02T11:00:00.000Z'],
    [
      'waiting',
      'b',
      new Story().accept('c', 'C1', 'minutes').at('1m').accept('b', 'B1', 'minutes').relay('c', 'C1'),
      '2026-03-02T09:01:00.000Z',
    ],
    [
      'bounced',
      'b',
      new Story().accept('c', 'C1', 'minutes').accept('b', 'B1', 'minutes').relay('c', 'C1').at('5d').fail('b', 'B1', noAnswer),
      '2026-03-07T09:00:00.000Z',
    ],
    [
      'discarded',
      'c',
      new Story().accept('c', 'C1', 'minutes').tell({ kind: 'queue-discard', host: 'c', queueId: 'C1', rcpts: [0], reason: 'deleted' }),
      '2026-03-02T09:00:00.000Z',
    ],
  ])('%s at %s', (fate, host, { events, state }, at) => {
    expect(messagesOf(events, state)[0]?.recipients).toEqual([{ address: 'alice@theorganisation.test', fate, host, at, copies: 0 }]);
  });

  it('counts copies', () => {
    const { events, state } = oneMxWaits().accept('a', 'A2', 'minutes').deliver('a', 'A2', 'alice');
    expect(messagesOf(events, state)[0]?.recipients[0]?.copies).toBe(2);
  });

  it('tells of hosts', () => {
    const { state } = oneMxWaits();
    expect(hostsOf(state)).toEqual([
      { name: 'a.theorganisation.test', queue: 0, mailboxes: { alice: 1 }, diskBytes: 0 },
      { name: 'b.theorganisation.test', queue: 0, mailboxes: {}, diskBytes: 0 },
      { name: 'c.elsewhere.test', queue: 0, mailboxes: { carol: 1 }, diskBytes: 0 },
    ]);
  });
});
