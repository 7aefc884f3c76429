/**
 * The built desktop program, running: in Electron where its runtime is there, else in the stand-in. Both are driven alike:
 * the window is a page of Playwright's, and `evaluate` runs a function in the main process.
 */
import { _electron, chromium, type Page } from 'playwright-core';
import { execFileSync, fork } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { electronPackage, findRuntime, hasScreen } from '../../scripts/start/runtime.ts';

export const ROOT = path.resolve(import.meta.dirname, '../..');

type Module = typeof import('electron');

export interface Desktop {
  page: Page;
  /** Folder of its user data. */
  home: string;
  evaluate<Arg, Value>(run: (electron: Module, arg: Arg) => Value, arg?: Arg): Promise<Awaited<Value>>;
  /** What the program said on stderr, and the page on its console. */
  complaints(): string;
  /** Resolves with the exit code. */
  ended: Promise<number | null>;
  /** End it at once, whatever it is doing. */
  kill(): Promise<void>;
}

const electron = electronPackage();
/** Electron's own, where it is there and has a screen to show itself on. */
const runtime = electron === null || !hasScreen() ? null : findRuntime(electron);
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Why no window can be opened here, or null. */
export const missing =
  runtime === null && !fs.existsSync(CHROMIUM)
    ? `neither Electron's runtime nor ${CHROMIUM} is there: apt-get install chromium`
    : null;

const folders: string[] = [];
function programFolder(): string {
  fs.mkdirSync(path.join(ROOT, 'out'), { recursive: true });
  const folder = fs.mkdtempSync(path.join(ROOT, 'out', 'desktop-test-'));
  folders.push(folder);
  return folder;
}
export function temporary(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-desktop-'));
  folders.push(folder);
  return folder;
}
export function removeFolders(): void {
  for (const folder of folders.splice(0)) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Builds the program into a folder of its own below out/, so that it finds its packages and disturbs nobody. */
export function buildProgram(): string {
  const app = programFolder();
  const bin = path.join(ROOT, 'node_modules/electron-vite/bin/electron-vite.js');
  execFileSync(process.execPath, [bin, 'build', '--logLevel', 'error', '--outDir', app], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  fs.writeFileSync(
    path.join(app, 'package.json'),
    JSON.stringify({ name: 'mail-lab-test', version: '0.0.0-test', type: 'module', main: 'main/index.js' }),
  );
  fs.symlinkSync(path.join(ROOT, 'labs'), path.join(app, 'labs'), 'junction');
  return app;
}

/** A copy of the built program with a defect in it. */
export function planted(app: string, file: string, from: RegExp, to: string): string {
  const copy = programFolder();
  fs.cpSync(app, copy, { recursive: true, verbatimSymlinks: true });
  const text = fs.readFileSync(path.join(copy, file), 'utf8');
  const spoilt = text.replace(from, to);
  if (spoilt === text) throw new Error(`${file} does not hold ${from}: this defect can't be planted any more`);
  fs.writeFileSync(path.join(copy, file), spoilt);
  return copy;
}

export const openDesktop = (app: string, args: string[] = [], home = temporary()): Promise<Desktop> =>
  runtime === null ? openStandIn(app, args, home) : openElectron(runtime, app, args, home);

async function openElectron(executablePath: string, app: string, args: string[], home: string): Promise<Desktop> {
  const root = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const program = await _electron.launch({
    executablePath,
    args: [...root, `--user-data-dir=${home}`, app, ...args],
    cwd: ROOT,
  });
  const child = program.process();
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => void child.once('exit', resolve));
  const page = await program.firstWindow();
  // Chromium itself says much on stderr that is nobody's fault here; of the page every error counts.
  page.on('console', (message) => void (message.type() === 'error' && (said += `page: ${message.text()}\n`)));
  page.on('pageerror', (error) => (said += `page: ${error.message}\n`));
  return {
    page,
    home,
    ended,
    evaluate: (run, arg) => program.evaluate(run as never, arg as never),
    complaints: () =>
      said
        .split('\n')
        .filter((line) => /^(page|preload)|\b\w*Error:/.test(line))
        .join('\n'),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function openStandIn(app: string, args: string[], home: string): Promise<Desktop> {
  const child = fork(path.join(app, 'main/index.js'), [`--user-data-dir=${home}`, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    execArgv: ['--import', path.join(import.meta.dirname, 'stand-in/register.ts')],
  });
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<number | null>((resolve) => void child.once('exit', resolve));
  let count = 0;
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  child.on('message', ({ id, value, error }: { id: number; value?: unknown; error?: string }) => {
    if (error === undefined) waiting.get(id)?.resolve(value);
    else waiting.get(id)?.reject(new Error(error));
  });
  const evaluate = ((run: unknown, arg: unknown) =>
    new Promise((resolve, reject) => {
      count += 1;
      waiting.set(count, { resolve, reject });
      void ended.then(() => reject(new Error(`the program has ended: ${said}`)));
      child.send({ id: count, text: String(run), arg });
    })) as Desktop['evaluate'];
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  const page = await windowOf(path.join(home, `chromium-${child.pid}/DevToolsActivePort`), ended, () => said).catch(
    async (error: unknown) => {
      await kill();
      throw error;
    },
  );
  return { page, home, ended, evaluate, complaints: () => said, kill };
}

/** The window of the stand-in, when it has been loaded. */
async function windowOf(file: string, ended: Promise<number | null>, said: () => string): Promise<Page> {
  let gone = false;
  void ended.then(() => (gone = true));
  await until('Chromium', () => gone || (fs.existsSync(file) && fs.readFileSync(file, 'utf8').includes('\n')));
  if (gone) throw new Error(`the program ended before it had a window: ${said()}`);
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${fs.readFileSync(file, 'utf8').split('\n')[0]}`);
  const find = (): Page | undefined =>
    browser
      .contexts()[0]
      ?.pages()
      .find((page) => page.url().includes('app-scheme'));
  await until('a window', () => gone || find() !== undefined);
  if (gone) throw new Error(`the program ended before it had a window: ${said()}`);
  return find()!;
}

/** Waits for real programs, which have no virtual time. */
export async function until(what: string, holds: () => unknown, limitMs = 15_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${limitMs / 1000} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
