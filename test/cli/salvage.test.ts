/** A folder whose journal is damaged, as somebody at a terminal meets it. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { command, start, STACK, temporary } from './command.ts';

const made: string[] = [];
afterAll(() => made.forEach((dir) => fs.rmSync(dir, { recursive: true, force: true })));

/** A folder that holds a played lab, in whose journal one bit flipped. */
async function damaged(): Promise<string> {
  const dir = temporary();
  made.push(dir);
  expect((await command('run', 'one-mx-waits', '--dir', dir)).code).toBe(0);
  const file = path.join(dir, 'journal.log');
  const bytes = fs.readFileSync(file);
  bytes[Math.floor(bytes.length * 0.8)]! ^= 16;
  fs.writeFileSync(file, bytes);
  return dir;
}

describe('a damaged journal', () => {
  it('is not opened, and run --salvage goes on before the damage', async () => {
    const dir = await damaged();
    const before = fs.readFileSync(path.join(dir, 'journal.log'));
    const { code, stderr } = await command('run', '--dir', dir);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^mail-lab: the journal in .* is damaged at byte \d+, behind event \d+ \(2026-03-.*Z\): \d+ later events.* up to event \d+ \(2026-.*Z\) can't be read behind it\. Nothing was changed\./,
    );
    expect(stderr).toContain(`mail-lab serve --dir ${dir} --salvage`);
    expect(stderr).not.toMatch(STACK);
    expect(fs.readFileSync(path.join(dir, 'journal.log')).equals(before)).toBe(true);

    const again = await command('run', '--dir', dir, '--salvage');
    expect(again.stderr).toMatch(
      /is damaged at byte \d+, .*The journal is cut off at byte \d+; a copy of it as it was, with the mailboxes, is in .*salvaged-1/,
    );
    expect(again.stderr).toContain('holds a lab already');
    expect(again.code).toBe(0); // the rest of the lab was played again
    expect(fs.readFileSync(path.join(dir, 'salvaged-1/journal.log')).equals(before)).toBe(true);
  }, 60_000);

  it('is salvaged by serve too', async () => {
    const dir = await damaged();
    const refused = await command('serve', '--dir', dir, '--no-page');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/is damaged at byte \d+/)]);
    const { child, said, ended } = start(['serve', '--dir', dir, '--no-page', '--salvage']);
    await said(/Ready\. Ctrl-C ends it/);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/a copy of it as it was, with the mailboxes, is in .*salvaged-1/);
  }, 60_000);

  it('--salvage wants the folder', async () => {
    for (const name of ['run', 'serve']) {
      const { code, stderr } = await command(name, 'one-mx-waits', '--salvage');
      expect([code, stderr]).toEqual([2, 'mail-lab: --salvage needs --dir with the folder of the damaged lab\n']);
    }
  });
});
