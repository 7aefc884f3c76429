/**
 * Each lab by its guide, as the window plays it: the clock stands, *do it for me* carries out one step after the other, and lets pass
 * only the time that the step names. All checks must hold, as they do when the script is played.
 */
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { labApi } from '../../src/engine/service.ts';
import { LABS, labText, startLab } from './play.ts';

const labs = fs
  .readdirSync(LABS)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.slice(0, -5));

describe.each(labs)('%s, by its guide', (name) => {
  it('meets all its checks, and a step done by hand before is not done twice', async () => {
    const { lab, clock } = await startLab({ scenario: labText(name), script: false });
    lab.driver.pause();
    const api = labApi(lab);
    const { guide } = await api.lesson();
    for (const index of guide.keys()) await api.doGuideStep(index);
    const wrong = (await api.checks(null)).filter(({ passed }) => !passed);
    expect(wrong).toEqual([]);
    const sends = (): number =>
      lab.events().filter((event) => event.kind === 'person-act' && event.act.do === 'send').length;
    const before = sends();
    await api.doGuideStep(guide.findLastIndex((step) => step.sends.length > 0));
    expect(sends()).toBe(before);
    await lab.close();
    await clock;
  });
});

it('an act of a step waits until what the one before it set going is over: the line is cut when the fault has struck', async () => {
  const { lab, clock } = await startLab({ scenario: labText('line-cut'), script: false });
  lab.driver.pause();
  const api = labApi(lab);
  await api.doGuideStep(0);
  expect((await api.checks(null))[0]).toMatchObject({
    name: expect.stringMatching(/timed out while sending/),
    passed: true,
  });
  // A gave up before, and said so into the cut line.
  expect((await api.mailLog('a')).join('\n')).toMatch(
    /09:05:00 .*: timeout after DATA \(199847 bytes\) from .*\n.*09:05:00 .*: disconnect from/,
  );
  await lab.close();
  await clock;
});
