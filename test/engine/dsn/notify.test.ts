import { describe, expect, it } from 'vitest';
import type { Notify } from '../../../src/contract/model.ts';
import { groupReports, wantsReport, whyNoReport } from '../../../src/engine/dsn/index.ts';
import type { RcptOutcome, ReportAction } from '../../../src/engine/dsn/index.ts';
import { entryOf, failure, full, rcptOf, refused } from './cases.ts';

const { envelope } = entryOf();
const actions = ['failed', 'delayed', 'delivered', 'relayed'] as const;

describe('who hears of what, RFC 3461 §4.1', () => {
  const table: [Notify[] | null, string][] = [
    [null, 'failed delayed'],
    [['never'], ''],
    [['failure'], 'failed'],
    [['delay'], 'delayed'],
    [['success'], 'delivered relayed'],
    [['success', 'failure', 'delay'], 'failed delayed delivered relayed'],
  ];
  for (const [notify, wanted] of table) {
    it(`NOTIFY=${notify ?? '(not given)'}: ${wanted || 'nothing'}`, () => {
      const rcpt = rcptOf('alice@theorganisation.test', { notify });
      expect(actions.filter((action) => wantsReport(rcpt, envelope, action)).join(' ')).toBe(wanted);
      expect(actions.some((action) => wantsReport(rcpt, { ...envelope, sender: '' }, action))).toBe(false);
    });
  }

  it('says why not', () => {
    expect(whyNoReport(rcptOf('x@y.test', { notify: ['never'] }), envelope, 'failed')).toBe('notify');
    expect(whyNoReport(rcptOf('x@y.test'), { ...envelope, sender: '' }, 'failed')).toBe('null-sender');
    expect(whyNoReport(rcptOf('x@y.test'), envelope, 'failed')).toBe(null);
  });
});

describe('groups', () => {
  const outcome = (index: number, action: ReportAction, notify: Notify[] | null = null): RcptOutcome => ({
    ...failure(`r${index}@x.test`, action === 'failed' ? full : refused, { notify }),
    index,
    action,
  });

  it('makes one report for each action, and keeps apart who gets none', () => {
    const groups = groupReports(envelope, [
      outcome(0, 'delayed'),
      outcome(1, 'failed'),
      outcome(2, 'failed', ['never']),
      outcome(3, 'failed'),
      outcome(4, 'delivered'),
      outcome(5, 'delivered', ['success']),
    ]);
    expect(groups.map((g) => [g.action, g.none, g.rcpts.map((r) => r.index)])).toEqual([
      ['failed', null, [1, 3]],
      ['failed', 'notify', [2]],
      ['delayed', null, [0]],
      ['delivered', null, [5]],
      ['delivered', 'notify', [4]],
    ]);
  });

  it('never reports to the null sender', () => {
    expect(groupReports({ ...envelope, sender: '' }, [outcome(0, 'failed')])).toMatchObject([{ action: 'failed', none: 'null-sender' }]);
    expect(groupReports(envelope, [])).toEqual([]);
  });
});
