/** What a page asks of a lab beyond the lab itself: a jump to what happens next. */
import { afterEach, describe, expect, it } from 'vitest';
import type { SendRequest } from '../../src/contract/events.ts';
import type { Lab } from '../../src/engine/lab.ts';
import { labApi } from '../../src/engine/service.ts';
import { labText, startLab } from '../labs/play.ts';

const LETTER: SendRequest = {
  name: null,
  from: 'carol@elsewhere.test',
  to: ['alice@theorganisation.test'],
  subject: '',
  body: '',
  raw: null,
  sizeBytes: null,
  spam: false,
  ret: null,
  envid: null,
  notify: null,
  via: null,
  network: null,
};
const opened: { lab: Lab; clock: Promise<void> }[] = [];
afterEach(async () => {
  for (const { lab, clock } of opened.splice(0)) {
    await lab.close();
    await clock;
  }
});

/** A lab in which carol's letter is just handed in, and its clock stands. */
async function begun() {
  const one = await startLab({ scenario: labText('one-mx-waits'), script: false });
  opened.push(one);
  const api = labApi(one.lab);
  await api.pause();
  await api.act({ do: 'send', messages: [LETTER], everyMs: 0, connections: 1 });
  return { lab: one.lab, api };
}

describe('a jump to what happens next', () => {
  it('passes over what nobody sees: each tells an event, until nothing is due', async () => {
    const { lab, api } = await begun();
    const counts = [lab.state.n];
    do {
      await api.jump(null);
      counts.push(lab.state.n);
    } while (lab.upcoming().length > 0);
    const last = counts.pop()!;
    expect(counts.every((n, i) => i === 0 || n > counts[i - 1]!)).toBe(true);
    expect(counts.length).toBeGreaterThan(15);
    expect(last).toBeGreaterThanOrEqual(counts.at(-1)!);
    const before = lab.driver.now();
    await api.jump(null);
    expect(lab.driver.now()).toBe(before);
  });

  it('gives way to another jump', async () => {
    const { lab, api } = await begun();
    await api.act({ do: 'host', host: 'a', power: 'off' });
    const to = lab.driver.now() + 3_600_000;
    await Promise.all([api.jump(null), api.jump(to)]);
    expect(lab.driver.now()).toBe(to);
  });
});
