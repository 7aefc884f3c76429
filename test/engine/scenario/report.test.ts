import { describe, expect, it } from 'vitest';
import type { Why } from '../../../src/contract/why.ts';
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
        recipients: [
          {
            address: 'alice@theorganisation.test',
            fate: 'delivered',
            host: 'a',
            at: '2026-03-05T09:11:00.000Z',
            copies: 1,
            reason: null,
            status: null,
            code: null,
          },
        ],
      },
    ]);
  });

  const silence = {
    reason: 'connect to a.theorganisation.test[192.0.2.10]:25: Connection timed out',
    status: '4.4.1',
    code: null,
  };
  const full = {
    reason:
      'host b.theorganisation.test[198.51.100.20] said: 552 5.3.1 Mail system full (in reply to MAIL FROM command)',
    status: '5.3.1',
    code: 552,
  };
  const none = { reason: null, status: null, code: null };
  it.each([
    [
      'waiting',
      'c',
      new Story().accept('c', 'C1', 'minutes').at('1h').defer('c', 'C1', noAnswer),
      '2026-03-02T10:00:00.000Z',
      silence,
    ],
    [
      'bounced',
      'c',
      new Story().accept('c', 'C1', 'minutes').at('2h').fail('c', 'C1', fullAtB),
      '2026-03-02T11:00:00.000Z',
      full,
    ],
    ['refused', 'b', new Story().refusedAtTheDoor('minutes', 'b', fullAtB), '2026-03-02T09:00:00.000Z', full],
    [
      'waiting',
      'b',
      new Story().accept('c', 'C1', 'minutes').at('1m').accept('b', 'B1', 'minutes').relay('c', 'C1'),
      '2026-03-02T09:01:00.000Z',
      none,
    ],
    [
      'bounced',
      'b',
      new Story()
        .accept('c', 'C1', 'minutes')
        .accept('b', 'B1', 'minutes')
        .relay('c', 'C1')
        .at('5d')
        .fail('b', 'B1', noAnswer),
      '2026-03-07T09:00:00.000Z',
      silence,
    ],
    [
      'discarded',
      'c',
      new Story()
        .accept('c', 'C1', 'minutes')
        .tell({ kind: 'queue-discard', host: 'c', queueId: 'C1', rcpts: [0], reason: 'deleted' }),
      '2026-03-02T09:00:00.000Z',
      none,
    ],
  ])('%s at %s', (fate, host, { events, state }, at, why) => {
    expect(messagesOf(events, state)[0]?.recipients).toEqual([
      { address: 'alice@theorganisation.test', fate, host, at, copies: 0, ...why },
    ]);
  });

  it('tells of recipients that were refused at the door beside those that were taken, each with its reply', () => {
    const story = new Story().accept('c', 'C1', 'minutes');
    for (const [code, to] of [
      [550, ['x@b.test']],
      [450, ['y@b.test', 'z@b.test']],
    ] as const) {
      const why: Why = { ...fullAtB, reply: { code, enhanced: null, lines: ['No'] } } as Why;
      story.tell({
        kind: 'submit-fail',
        name: 'minutes',
        messageId: '<minutes.4@elsewhere.test>',
        host: 'c',
        session: 's1',
        from: '',
        to: [...to],
        why,
      });
    }
    const [message, ...more] = messagesOf(story.events, story.state);
    expect(more).toEqual([]);
    expect(message?.recipients.map(({ address, fate, code }) => [address, fate, code])).toEqual([
      ['alice@theorganisation.test', 'waiting', null],
      ['x@b.test', 'refused', 550],
      ['y@b.test', 'refused', 450],
      ['z@b.test', 'refused', 450],
    ]);
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
