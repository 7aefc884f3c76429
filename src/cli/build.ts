/** The page, and for the window the desktop program: built when they are missing or older than their source; it takes a second or two. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');
const SETTINGS = ['electron.vite.config.ts', 'scripts/licenses.ts', 'package.json', 'package-lock.json'];

/** `page`: what a browser shows; `all`: the desktop program too. Throws with what to do when it can't be built. */
export function buildIfNeeded(what: 'page' | 'all', say: (line: string) => void): void {
  const made =
    what === 'page'
      ? ['out/renderer/index.html']
      : ['out/main/index.js', 'out/preload/index.cjs', 'out/renderer/index.html'];
  const sources = what === 'page' ? ['src/renderer', 'src/contract'] : ['src'];
  const newest = Math.max(...[...SETTINGS, ...sources].map((name) => newestMs(path.join(ROOT, name))));
  if (made.every((name) => newestMs(path.join(ROOT, name)) >= newest)) return;
  say('Building the page ...');
  if (what === 'all') return build('electron-vite/bin/electron-vite.js', ['build', '--logLevel', 'error']);
  // Beside the old one, which another program may be showing, and put in its place whole.
  const fresh = path.join(ROOT, `out/page-${process.pid}`);
  build('vite/bin/vite.js', ['build', 'src/renderer', '--outDir', fresh, '--logLevel', 'error']);
  fs.rmSync(path.join(ROOT, 'out/renderer'), { recursive: true, force: true });
  fs.renameSync(fresh, path.join(ROOT, 'out/renderer'));
}

function build(bin: string, args: string[]): void {
  const { status } = spawnSync(process.execPath, [path.join(ROOT, 'node_modules', bin), ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (status !== 0) throw new Error('The page could not be built, see above. After a change of packages, run: npm ci');
}

/** When the file, or the newest file in the folder, was written; 0 when there is none. */
function newestMs(file: string): number {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...fs.readdirSync(file).map((name) => newestMs(path.join(file, name))));
}
