/** A fault that strikes at a byte: so many come, and not one more, whoever speaks. */
import { afterEach, expect, it } from 'vitest';
import type { LabEvent } from '../../../src/contract/events.ts';
import type { Fault } from '../../../src/contract/model.ts';
import type { Lab } from '../../../src/engine/lab.ts';
import { RawSmtp } from '../../durability/smtp-client.ts';
import { mail } from '../../contract/busy.ts';
import { labText, startLab } from '../../labs/play.ts';

const open: { lab: Lab; clock: Promise<void> }[] = [];
afterEach(async () => {
  for (const { lab, clock } of open.splice(0)) {
    await lab.close();
    await clock;
  }
});

/** A lab with C and A, and a fault at A. */
async function faulty(fault: Pick<Fault, 'when' | 'then'>): Promise<Lab> {
  const started = await startLab({ scenario: labText('line-cut'), script: false });
  open.push(started);
  const { lab } = started;
  await lab.act({
    do: 'fault',
    fault: { id: 'f', host: 'a', address: null, from: lab.driver.now(), until: null, left: 1, ...fault },
  });
  return lab;
}

const ofKind = <Kind extends LabEvent['kind']>(lab: Lab, kind: Kind): LabEvent<Kind>[] =>
  lab.events().flatMap((event) => (event.kind === kind ? [event as LabEvent<Kind>] : []));
const send = (lab: Lab): Promise<void> =>
  lab.act({
    do: 'send',
    everyMs: 0,
    connections: 1,
    messages: [mail({ sizeBytes: 50_000 })],
  });

it.each(['cut', 'reset'] as const)(
  'then %s: so many bytes have come, the rest is lost, and the message comes once with a later try',
  async (what) => {
    const lab = await faulty({ when: { at: 'bytes', count: 20_000 }, then: { do: what } });
    await send(lab);
    await lab.driver.jump(lab.driver.now() + 3_600_000);
    const [struck] = ofKind(lab, 'fault-strike');
    const sent = ofKind(lab, 'smtp-say')
      .filter(({ session, side }) => session === struck?.session && side === 'smtp-out')
      .flatMap(({ lines }) => lines);
    const sentBytes = sent.reduce(
      (sum, line) => sum + Number(/^<message of (\d+) bytes>$/.exec(line)?.[1] ?? line.length + 2),
      0,
    );
    const lost = ofKind(lab, 'link-lost').filter(
      ({ session, from }) => session === struck?.session && from === 'client',
    );
    expect(lost.map(({ bytes }) => bytes)).toEqual([sentBytes - 20_000]);
    expect(ofKind(lab, 'link-reset')).toHaveLength(what === 'reset' ? 1 : 0);
    expect(ofKind(lab, 'mailbox-deliver').map(({ user }) => user)).toEqual(['alice']);
  },
);

it('strikes a program from outside too', async () => {
  const lab = await faulty({ when: { at: 'bytes', count: 40 }, then: { do: 'reset' } });
  const client = new RawSmtp((await lab.publish('a', 'internet', 0)).port);
  expect(await client.hello()).toBe(true);
  client.write(`MAIL FROM:<carol@elsewhere.test>\r\n${'NOOP\r\n'.repeat(20)}`);
  await client.closed;
  expect(ofKind(lab, 'link-reset')).toMatchObject([{ cause: 'fault f' }]);
});
