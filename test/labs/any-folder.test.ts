/** A lab needs nothing but its own folder: where its file came from is nowhere in the journal, and the messages that it named are. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { branchLab } from '../../src/engine/branch.ts';
import { openLab } from '../../src/engine/lab.ts';
import { playLab, startLab, tempDir, VERSION } from './play.ts';

const MAIL =
  'From: <carol@elsewhere.test>\r\nTo: <alice@theorganisation.test>\r\nSubject: Minutes\r\n\r\nSee below.\r\n';
const LAB = `title: A message in a file
shows: What a lab file names comes with it.
clock: { start: 2026-03-02T09:00Z, seed: 4 }
networks: { office: 192.0.2.0/24, internet: 203.0.113.0/24 }
hosts:
  a: { name: a.theorganisation.test, address: 192.0.2.10, final: theorganisation.test, mailboxes: alice }
  c: { name: c.elsewhere.test, address: 203.0.113.30, final: elsewhere.test, mailboxes: carol, power: stopped }
zones:
  theorganisation.test: |
    @ 3600 MX 1 a
    a 3600 A 192.0.2.10
script:
  - pass: 1h
  - start: c
  - send: { name: one, from: carol@elsewhere.test, to: alice@theorganisation.test, eml: mails/minutes.eml }
  - pass: 2h
  - send: { name: two, from: carol@elsewhere.test, to: alice@theorganisation.test, eml: mails/minutes.eml }
  - pass: 1h
checks:
  - lost: 0
`;

const made: string[] = [];
afterAll(() => made.forEach((dir) => fs.rmSync(dir, { recursive: true, force: true })));

/** A lab file in a folder of its own, so deep, with its message beside it. */
function labIn(...below: string[]): { dir: string; file: string } {
  const dir = tempDir();
  made.push(dir);
  const home = path.join(dir, ...below);
  fs.mkdirSync(path.join(home, 'mails'), { recursive: true });
  fs.writeFileSync(path.join(home, 'mails/minutes.eml'), MAIL);
  const file = path.join(home, 'minutes.yaml');
  fs.writeFileSync(file, LAB);
  return { dir, file };
}
const fresh = (): string => {
  const dir = tempDir();
  made.push(dir);
  return dir;
};
const journalOf = (dir: string): string => fs.readFileSync(path.join(dir, 'journal.log'), 'latin1');

describe('the same lab in two folders', () => {
  it('gives the same journal, byte for byte', async () => {
    const [near, far] = [labIn(), labIn('a folder', 'whose path', 'is longer')];
    const [one, other] = [fresh(), fresh()];
    await playLab({ scenario: { text: LAB, file: near.file }, dir: one }, () => undefined);
    await playLab({ scenario: { text: LAB, file: far.file }, dir: other }, () => undefined);
    expect(journalOf(one)).toBe(journalOf(other));
    expect(journalOf(one)).not.toContain(near.dir);
    expect(journalOf(one)).toContain(MAIL);
  });
});

describe('a lab whose file is gone', () => {
  it('is opened again, and gone on from, with all that its file named', async () => {
    const { dir, file } = labIn();
    const home = fresh();
    const { lab, clock } = await startLab({ scenario: { text: LAB, file }, dir: home });
    lab.driver.setEnd(lab.state.startedAt + 2 * 3_600_000);
    await lab.driver.idle();
    await lab.close();
    await clock;
    expect(lab.state.hosts.a!.mailboxes.alice).toHaveLength(1);
    fs.rmSync(dir, { recursive: true });

    const to = fresh();
    const branch = await branchLab({ from: home, n: lab.state.n, to }, { version: VERSION });
    const again = await openLab({ scenario: null, dir: home, version: VERSION });
    for (const one of [branch, again]) {
      const run = one.driver.run();
      one.driver.play();
      await one.played();
      const box = one.state.hosts.a!.mailboxes.alice!;
      expect(box.map(({ subject }) => subject)).toEqual(['Minutes', 'Minutes']);
      expect(one.scenario.id).toBe('minutes');
      await one.close();
      await run;
    }
  });

  it('that was torn while it was founded begins anew with them', async () => {
    const { dir, file } = labIn();
    const home = fresh();
    await (await openLab({ scenario: { text: LAB, file }, dir: home, version: VERSION })).close();
    const whole = journalOf(home);
    fs.rmSync(dir, { recursive: true });
    fs.truncateSync(path.join(home, 'journal.log'), whole.length - 5);
    const again = await openLab({ scenario: null, dir: home, version: VERSION });
    expect(again.reopened).toBe(false);
    await again.close();
    expect(journalOf(home)).toBe(whole);
  });
});
