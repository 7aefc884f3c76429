/**
 * What the window's benchmark stands on: the page as it is shipped, its program with worlds in worker threads, and a real
 * Chromium without a graphics card. All of it lives in one temporary folder and ends with it.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { chromium, type Page } from 'playwright-core';
import type { WorkerOptions } from '../../src/engine/worker.ts';
import { createWorlds, servePage, type Worlds } from '../../src/server/index.ts';

const here = (file: string): string => path.resolve(import.meta.dirname, '../..', file);

export const LABS = here('labs');
/** Checkpoints are of one version: what makes a lab and what opens it again agree on this one. */
export const VERSION = 'bench';

export interface Stage {
  home: string;
  worlds: Worlds;
  url: string;
  /** A page of its own, in a browser of its own: what one measurement leaves behind disturbs no other. */
  newPage(): Promise<Page>;
  /** Worlds that are opened from now on live in this folder, which holds a lab already; null: in new ones. */
  openFrom(dir: string | null): void;
  /** Close all pages, and then the worlds that they showed. */
  closeWorlds(): Promise<void>;
  close(): Promise<void>;
}

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function openStage(): Promise<Stage> {
  const home = fs.mkdtempSync(path.join(process.env['BENCH_DIR'] ?? os.tmpdir(), 'mail-lab-bench-ui-'));
  const root = path.join(home, 'page');
  execFileSync(
    here('node_modules/.bin/vite'),
    ['build', here('src/renderer'), '--outDir', root, '--logLevel', 'error'],
    { stdio: 'inherit' },
  );
  let kept: string | null = null;
  // A worker may be profiled: WORKER_FLAGS='--cpu-prof --cpu-prof-dir=/some/folder'.
  const execArgv = process.env['WORKER_FLAGS']?.split(' ');
  const worlds = createWorlds({
    labs: LABS,
    home: path.join(home, 'worlds'),
    version: VERSION,
    publish: true,
    startWorker(asked) {
      const workerData: WorkerOptions = kept === null ? asked : { ...asked, scenario: null, dir: kept };
      return new Worker(here('src/engine/worker.ts'), { workerData, ...(execArgv === undefined ? {} : { execArgv }) });
    },
  });
  const server = await servePage(worlds, { root, port: 0 });
  const browsers: { close(): Promise<void> }[] = [];
  const closePages = async (): Promise<void> => {
    for (const browser of browsers.splice(0)) await browser.close();
  };
  return {
    home,
    worlds,
    url: server.url,
    async newPage() {
      await closePages();
      const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
      browsers.push(browser);
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      page.on('pageerror', (error) => console.error(`the page fails: ${error.message}`));
      page.on('console', (message) => message.type() === 'error' && console.error(`the page says: ${message.text()}`));
      await page.addInitScript({ path: here('bench/ui/in-page.js') });
      return page;
    },
    openFrom: (dir) => void (kept = dir),
    async closeWorlds() {
      await closePages();
      for (const { id } of await worlds.api.worlds()) await worlds.api.close(id);
    },
    async close() {
      await closePages();
      await server.close();
      await worlds.closeAll();
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}
