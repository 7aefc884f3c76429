/**
 * The page that the browser's tests look at, built once for all of them: the first file that needs it builds it, the
 * others wait. A run without any of them builds nothing.
 */
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder for the built page; empty until somebody needs it. */
    pageFolder: string;
  }
}

const ROOT = path.resolve(import.meta.dirname, '../..');
const BUILD_REAL_MS = 60_000;
const LOOK_EVERY_MS = 50;

/** For the whole run, before any file. Returns what cleans up behind it. */
export default function setup(project: TestProject): () => void {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-browser-page-'));
  project.provide('pageFolder', folder);
  return () => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Resolves with the folder of the built page. Rejects with what the build said, in each file that wanted it. */
export async function builtPage(): Promise<string> {
  const folder = inject('pageFolder');
  const [page, failed] = [path.join(folder, 'page'), path.join(folder, 'failed')];
  if (isFirst(path.join(folder, 'begun')))
    await build(folder).catch((error: unknown) => fs.writeFileSync(failed, String(error)));
  const end = performance.now() + BUILD_REAL_MS;
  while (!fs.existsSync(page)) {
    if (fs.existsSync(failed)) throw new Error(`the page can't be built: ${fs.readFileSync(failed, 'utf8')}`);
    if (performance.now() > end) throw new Error(`the page was not built within ${BUILD_REAL_MS / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return page;
}

async function build(folder: string): Promise<void> {
  const vite = path.join(ROOT, 'node_modules/vite/bin/vite.js');
  const out = path.join(folder, 'building');
  await promisify(execFile)(
    process.execPath,
    [vite, 'build', path.join(ROOT, 'src/renderer'), '--outDir', out, '--logLevel', 'error'],
    {
      // As it is delivered; the runner's own `test` would build Vue's slow and talkative form.
      cwd: ROOT,
      env: { ...process.env, NODE_ENV: 'production' },
    },
  );
  // It is there at once, and whole.
  fs.renameSync(out, path.join(folder, 'page'));
}

function isFirst(folder: string): boolean {
  try {
    fs.mkdirSync(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
