/** `npm start` where there is no window to be had: what it says, what it opens instead, and that it ends cleanly. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { userData } from '../../scripts/start/browser.ts';
import { fetchRuntime, findRuntime, hasScreen, probe, sourceUrl } from '../../scripts/start/runtime.ts';
import { removeFolders, ROOT, temporary, until } from './desktop.ts';

afterAll(removeFolders);

/** Electron's package as npm installs it, with what `install-electron` would do in `install.js`. */
function fakePackage(install: string): { dir: string; version: string } {
  const dir = temporary();
  fs.writeFileSync(path.join(dir, 'package.json'), '{}');
  fs.writeFileSync(path.join(dir, 'install.js'), install);
  return { dir, version: '45.0.0' };
}
const BRINGS = `const fs = require('fs'); fs.mkdirSync(__dirname + '/dist'); fs.writeFileSync(__dirname + '/dist/electron', '');
fs.writeFileSync(__dirname + '/dist/version', 'v45.0.0'); fs.writeFileSync(__dirname + '/path.txt', 'electron');`;

describe("Electron's runtime", () => {
  it('is fetched once', async () => {
    const electron = fakePackage(BRINGS);
    expect(findRuntime(electron)).toBeNull();
    expect(await fetchRuntime(electron)).toBeNull();
    expect(findRuntime(electron)).toBe(path.join(electron.dir, 'dist/electron'));
    expect(findRuntime({ ...electron, version: '46.0.0' })).toBeNull();
    fs.rmSync(path.join(electron.dir, 'dist/electron'));
    expect(findRuntime(electron)).toBeNull();
  });

  it.each([
    [
      'that fails',
      "console.error('TypeError: fetch failed\\n  at x'); process.exit(1)",
      'TypeError: fetch failed',
      10_000,
    ],
    ['that hangs', 'setTimeout(() => {}, 60000)', 'install-electron ended with', 500],
    ['that brings nothing', '', 'install-electron ended with 0', 10_000],
  ])('a fetch %s is told in one line', async (_what, install, words, limitMs) => {
    const told = await fetchRuntime(fakePackage(install), limitMs);
    expect(told).toContain(words);
    expect(told).not.toContain('\n');
  });

  it('a place that is closed, or silent, is found out in time', async () => {
    const silent = net.createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as net.AddressInfo;
    expect(await probe(`http://127.0.0.1:${port}/`, 150)).toContain('no answer within');
    silent.close();
    expect(await probe('http://127.0.0.1:1/', 1_000)).toBeTruthy();
  });

  it('comes from where install-electron fetches it', () => {
    const one = { dir: '', version: '45.4.1' };
    expect(sourceUrl(one, {})).toMatch(
      /^https:\/\/github\.com\/electron\/electron\/releases\/download\/v45\.4\.1\/electron-v45\.4\.1-\w+-\w+\.zip$/,
    );
    expect(sourceUrl(one, { ELECTRON_MIRROR: 'https://mirror.test/' })).toMatch(/^https:\/\/mirror\.test\/v45/);
  });

  it('needs a screen on Linux', () => {
    expect([
      hasScreen('linux', {}),
      hasScreen('linux', { DISPLAY: ':0' }),
      hasScreen('linux', { WAYLAND_DISPLAY: 'wayland-0' }),
      hasScreen('darwin', {}),
    ]).toEqual([false, true, true, true]);
  });
});

it('keeps labs where the window does', () => {
  expect(userData('linux', { XDG_CONFIG_HOME: '/x' })).toBe(path.join('/x', 'mail-lab'));
  expect(userData('win32', { APPDATA: '/roaming' })).toBe(path.join('/roaming', 'mail-lab'));
  expect(userData('darwin', {})).toContain('Application Support');
});

describe('the browser instead', () => {
  const start = (args: string[], env: NodeJS.ProcessEnv = {}) => {
    const child = spawn(
      process.execPath,
      [path.join(ROOT, 'scripts/start.ts'), '--no-open', `--user-data-dir=${temporary()}`, ...args],
      { env: { ...process.env, ...env } },
    );
    const heard = { text: '', errors: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (heard.text += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (heard.errors += text));
    return { child, heard, ended: new Promise<number | null>((resolve) => void child.once('exit', resolve)) };
  };

  it.runIf(process.platform !== 'win32')(
    'ends cleanly too when only the npm above it is told to, whose shell passes nothing on',
    async () => {
      const npm = spawn(
        'sh',
        ['-c', `"${process.execPath}" scripts/start.ts --browser --no-open "--user-data-dir=${temporary()}"; true`],
        { cwd: ROOT, env: { ...process.env, npm_lifecycle_event: 'start' } },
      );
      let text = '';
      npm.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
      await until('the URL', () => /http:\S+/.test(text), 25_000);
      npm.kill('SIGTERM');
      await until('the goodbye', () => text.includes('Goodbye.'), 10_000);
      await expect(fetch(/http:\S+/.exec(text)![0])).rejects.toThrow();
    },
  );

  it('says why in one line, serves the lab, and leaves no port behind', async () => {
    const { child, heard, ended } = start([path.join(ROOT, 'labs/line-cut.yaml')], {
      DISPLAY: '',
      WAYLAND_DISPLAY: '',
      ...(process.platform === 'linux' ? {} : { ELECTRON_MIRROR: 'http://127.0.0.1:1/' }),
    });
    await until('the URL', () => /http:\S+/.test(heard.text) || child.exitCode !== null, 25_000);
    const url = /http:\S+/.exec(heard.text)?.[0] ?? heard.errors;
    expect(heard.text.split('\n')[0]).toMatch(/: Mail Lab runs in the browser instead\.$/);
    expect(await (await fetch(url)).text()).toContain('id="app"');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(heard.errors).toBe('');
    await expect(fetch(url)).rejects.toThrow();
  });

  it('says what is wrong with a lab file, without a stack', async () => {
    const file = path.join(temporary(), 'wrong.yaml');
    fs.writeFileSync(file, 'hosts: 5\n');
    const { heard, ended } = start(['--browser', file]);
    expect(await ended).toBe(1);
    expect(heard.errors).toContain('wrong.yaml:1:');
    expect(heard.errors).not.toMatch(/^\s+at /m);
  });
});
