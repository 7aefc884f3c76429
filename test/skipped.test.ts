/** Whoever runs the tests on a machine without some programs is told which tests that cost, and what to install. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { skippedText } from './skipped.ts';

const ROOT = path.resolve(import.meta.dirname, '..');

it('names every test that was skipped, below what it lacked', () => {
  const note = 'dig is missing: apt-get install bind9-dnsutils';
  expect(skippedText([])).toBe('');
  expect(skippedText([{ file: 'test/a.test.ts', name: 'dig asks', note }])).toBe(
    `\n1 test was skipped:\n  ${note}\n    test/a.test.ts: dig asks\n`,
  );
  expect(
    skippedText([
      { file: 'a', name: 'one', note },
      { file: 'b', name: 'two', note: 'later' },
      { file: 'c', name: 'three', note },
    ]).split('\n'),
  ).toEqual(['', '3 tests were skipped:', `  ${note}`, '    a: one', '    c: three', '  later', '    b: two', '']);
});

it('does so at the end of a run on a machine without a browser, and is quiet about tests that were not asked for', () => {
  const run = (...args: string[]): string => {
    const vitest = path.join(ROOT, 'node_modules/vitest/vitest.mjs');
    return spawnSync(process.execPath, [vitest, 'run', ...args], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, CI: '', CHROMIUM: '/nowhere/chromium', NO_COLOR: '1' },
    }).stdout;
  };
  expect(run('test/browser/past.test.ts')).toMatch(
    /tests? (was|were) skipped:\n {2}\/nowhere\/chromium is missing: apt-get install chromium.*\n {4}test\/browser\/past\.test\.ts: /,
  );
  expect(run('test/tidy.test.ts', '-t', 'no such test')).not.toContain('skipped:');
}, 120_000);
