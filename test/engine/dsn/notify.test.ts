import { describe, expect, it } from 'vitest';
import type { Notify } from '../../../src/contract/model.ts';
import { whyNoReport } from '../../../src/engine/dsn/index.ts';
import { entryOf, rcptOf } from './cases.ts';

const { envelope } = entryOf();
const kinds = ['failed', 'delayed', 'success'] as const;

describe('who hears of what, RFC 3461 §4.1', () => {
  const table: [Notify[] | null, string][] = [
    [null, 'failed delayed'],
    [['never'], ''],
    [['failure'], 'failed'],
    [['delay'], 'delayed'],
    [['success'], 'success'],
    [['success', 'failure', 'delay'], 'failed delayed success'],
  ];
  for (const [notify, wanted] of table) {
    it(`NOTIFY=${notify ?? '(not given)'}: ${wanted || 'nothing'}`, () => {
      const rcpt = rcptOf('alice@theorganisation.test', { notify });
      expect(kinds.filter((kind) => whyNoReport(rcpt, envelope, kind) === null).join(' ')).toBe(wanted);
      expect(kinds.map((kind) => whyNoReport(rcpt, { ...envelope, sender: '' }, kind))).toEqual([
        'null-sender',
        'null-sender',
        'null-sender',
      ]);
    });
  }

  it('says why not', () => {
    expect(whyNoReport(rcptOf('x@y.test', { notify: ['never'] }), envelope, 'failed')).toBe('notify');
    expect(whyNoReport(rcptOf('x@y.test'), { ...envelope, sender: '' }, 'failed')).toBe('null-sender');
    expect(whyNoReport(rcptOf('x@y.test'), envelope, 'failed')).toBe(null);
  });
});
