import { expect, test } from 'vitest';
import { presetPolicy, PRESET_NAMES } from '../../../src/engine/queue/presets.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

test('warning and giving up, as the programs are set by default', () => {
  const table = PRESET_NAMES.map((name) => {
    const policy = presetPolicy(name);
    return [policy.preset, policy.warnAfterMs, policy.giveUpAfterMs / DAY, policy.giveUpReportsAfterMs / DAY];
  });
  expect(table).toEqual([
    ['postfix', null, 5, 5],
    ['sendmail', 4 * HOUR, 5, 5],
    ['exim', 24 * HOUR, 4, 4],
    ['opensmtpd', 4 * HOUR, 4, 4],
    ['qmail', null, 7, 7],
    ['article', 4 * HOUR, 7, 7],
  ]);
});

test('each host gets numbers of its own', () => {
  const mine = presetPolicy('exim');
  if (mine.curve.kind === 'rules') mine.curve.rules.length = 0;
  mine.giveUpAfterMs = 1;
  expect(presetPolicy('exim').giveUpAfterMs).toBe(4 * DAY);
  expect(presetPolicy('exim').curve).toMatchObject({ rules: [{}, {}, {}] });
});
