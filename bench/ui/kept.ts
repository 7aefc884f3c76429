/** A lab with many events, kept in a folder: mail really went through the engine for each of them. */
import fs from 'node:fs';
import path from 'node:path';
import type { LabAct, SendRequest } from '../../src/contract/events.ts';
import { openLab } from '../../src/engine/lab.ts';
import { LABS, VERSION } from './stage.ts';

export const LAB = 'relay-through-firewall';
const ROUND_MESSAGES = 200;

/** carol writes to alice so many times; each message some seconds after the one before. */
export function letters(count: number, first: number): SendRequest[] {
  return Array.from({ length: count }, (_, index) => ({
    name: null,
    from: 'carol@elsewhere.test',
    to: ['alice@theorganisation.test'],
    subject: `Message ${first + index}`,
    body: 'Good morning.\n'.repeat(20),
    raw: null,
    sizeBytes: null,
    spam: false,
    ret: null,
    envid: null,
    notify: null,
    via: null,
    network: null,
  }));
}

/** Runs the lab at full speed until it has told `eventCount` events or more, and closes it. Returns how many there are. */
export async function makeKeptLab(dir: string, eventCount: number): Promise<number> {
  const file = path.join(LABS, `${LAB}.yaml`);
  const lab = await openLab({
    scenario: { text: fs.readFileSync(file, 'utf8'), file },
    dir,
    version: VERSION,
    script: false,
  });
  const clock = lab.driver.run();
  const run = async (...acts: LabAct[]): Promise<void> => {
    for (const act of acts) await lab.act(act);
    await lab.driver.idle();
  };
  for (let sent = 0; lab.state.n < eventCount; sent += ROUND_MESSAGES) {
    // Each fifth round finds A off for an hour: mail waits at B and is tried again.
    const waits = sent % (5 * ROUND_MESSAGES) === 0;
    if (waits) await lab.act({ do: 'host', host: 'a', power: 'off' });
    const sending: LabAct = { do: 'send', messages: letters(ROUND_MESSAGES, sent + 1), everyMs: 2_000, connections: 4 };
    if (!waits) {
      await run(sending);
      continue;
    }
    await lab.act(sending);
    await lab.driver.jump(lab.driver.now() + 3_600_000);
    await run({ do: 'host', host: 'a', power: 'start' });
  }
  await lab.close();
  await clock;
  return lab.state.n;
}
