/**
 * `npm start`: opens Mail Lab. In its window, for which Electron's runtime is fetched when it is missing; where that can't
 * be had, or there is no screen, the same lab in the browser.
 *
 *   npm start [-- [--browser] [--no-open] [--user-data-dir=FOLDER] [FILE.yaml ...]]
 */
import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { runInBrowser, userData } from './start/browser.ts';
import { whenToldToEnd } from './start/told-to-end.ts';
import { buildIfNeeded, ROOT } from '../src/cli/build.ts';
import { electronPackage, fetchRuntime, findRuntime, hasScreen, probe, sourceUrl } from './start/runtime.ts';

const say = (line: string): void => console.log(line);

/** Electron's executable, or in a few words why there is no window. */
async function windowProgram(): Promise<{ executable: string } | { without: string }> {
  if (!hasScreen()) return { without: 'There is no screen here to open a window on' };
  const electron = electronPackage();
  if (electron === null) return { without: 'Electron is not among the installed packages (npm ci brings it)' };
  const there = findRuntime(electron);
  if (there !== null) return { executable: there };
  const url = sourceUrl(electron);
  const { host } = new URL(url);
  const unreachable = await probe(url);
  if (unreachable !== null)
    return { without: `Electron's runtime is not installed, and ${host} can't be reached (${unreachable})` };
  say(`Fetching Electron ${electron.version}'s runtime from ${host}, once; some 110 MB ...`);
  const failed = await fetchRuntime(electron);
  const executable = findRuntime(electron);
  return executable === null
    ? { without: `Electron's runtime could not be fetched (${failed ?? 'it is incomplete'})` }
    : { executable };
}

/** Runs the window until it is closed. Returns its exit code. */
async function runInWindow(executable: string, args: string[]): Promise<number> {
  buildIfNeeded('all', say);
  // As root Chromium's sandbox can't work, and it refuses to start; nobody else goes without.
  const root = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const env: NodeJS.ProcessEnv = { ...process.env };
  delete env.ELECTRON_RUN_AS_NODE;
  const child = spawn(executable, [...root, ROOT, ...args], { stdio: 'inherit', env });
  whenToldToEnd((signal) => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 1 : os.constants.signals[signal])));
  });
}

async function start(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { browser: { type: 'boolean' }, 'no-open': { type: 'boolean' }, 'user-data-dir': { type: 'string' } },
  });
  const files = positionals.map((file) => path.resolve(process.env.INIT_CWD ?? process.cwd(), file));
  const home = values['user-data-dir'];
  if (values.browser !== true) {
    const found = await windowProgram();
    if ('executable' in found)
      return runInWindow(found.executable, [
        ...(home === undefined ? [] : [`--user-data-dir=${path.resolve(home)}`]),
        ...files,
      ]);
    say(`${found.without}: Mail Lab runs in the browser instead.`);
  }
  return runInBrowser(
    { home: home === undefined ? userData() : path.resolve(home), files, open: values['no-open'] !== true },
    say,
  );
}

try {
  process.exitCode = await start();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
