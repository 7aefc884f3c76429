/**
 * Labs in a real browser, as a person has them: each test opens a page of its own, on worlds of its own in a folder of
 * its own. A page that complains fails its test: console errors, errors nobody caught, what the content security policy
 * forbids (Chromium says that on the console).
 */
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { PageApi } from '../../src/contract/page-api.ts';
import { createWorlds, servePage } from '../../src/server/index.ts';
import { missing } from '../programs.ts';
import { builtPage } from './build.ts';

export const ROOT = path.resolve(import.meta.dirname, '../..');
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** How long something may take to be seen. What is there at once is not waited for. */
export const patience = { timeout: 8_000, interval: 40 };

export interface Looks {
  width?: number;
  height?: number;
  theme?: 'light' | 'dark';
  /** May read and write the clipboard. */
  clipboard?: boolean;
  /** With motion; else things are where they go at once. */
  motion?: boolean;
}

export interface Bench {
  page: Page;
  /** What the page itself asks, for what no person sees. */
  api: PageApi;
  url: string;
  /** What the page complained of so far. */
  complaints: string[];
}

/** One lab after the other in one browser: call it once in a file. The function opens a page, on a lab if it is given one. */
export function useBrowser(): (lab?: string, looks?: Looks) => Promise<Bench> {
  let browser: Browser | undefined;
  let root: string;
  const open: { bench: Bench; close(): Promise<void> }[] = [];
  const note = process.env.CI ? null : missing('chromium', CHROMIUM);

  beforeAll(async () => {
    if (note !== null) return;
    [root, browser] = await Promise.all([builtPage(), chromium.launch({ executablePath: CHROMIUM, args: FLAGS })]);
  }, 90_000);
  beforeEach(({ skip }) => {
    if (note !== null) skip(`${note}, or name another one in CHROMIUM`);
  });
  afterEach(async () => {
    const all = open.splice(0);
    for (const { close } of all) await close();
    expect(
      all.flatMap(({ bench }) => bench.complaints),
      'what the page complained of',
    ).toEqual([]);
  });
  afterAll(() => browser?.close());

  return async (lab, looks = {}) => {
    const served = await serve(root);
    const { width = 1_280, height = 800, theme = 'light' } = looks;
    const context = await browser!.newContext({
      viewport: { width, height },
      colorScheme: theme,
      reducedMotion: looks.motion ? 'no-preference' : 'reduce',
      // An empty list would refuse all, downloads too.
      ...(looks.clipboard ? { permissions: ['clipboard-read', 'clipboard-write'] } : {}),
    });
    context.setDefaultTimeout(patience.timeout);
    const complaints = listen(context);
    const page = await context.newPage();
    const bench = { page, api: served.api, url: served.url, complaints };
    open.push({
      bench,
      async close() {
        await context.close();
        await served.close();
      },
    });
    if (lab !== undefined) await served.api.open(lab);
    await page.goto(served.url);
    if (lab !== undefined)
      await page
        .getByRole('region', { name: 'Events' })
        .getByRole('row', { name: /Lab opened/ })
        .waitFor();
    return bench;
  };
}

async function serve(root: string): Promise<{ api: PageApi; url: string; close(): Promise<void> }> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-browser-'));
  const worlds = createWorlds({
    labs: path.join(ROOT, 'labs'),
    home,
    version: 'test',
    publish: true,
    startWorker: (workerData) => new Worker(path.join(ROOT, 'src/engine/worker.ts'), { workerData }),
  });
  const server = await servePage(worlds, { root, port: 0 });
  return {
    api: worlds.api,
    url: server.url,
    async close() {
      await server.close();
      await worlds.closeAll();
      fs.rmSync(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function listen(context: BrowserContext): string[] {
  const complaints: string[] = [];
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  context.on('weberror', (webError) => complaints.push(`not caught: ${webError.error().message}`));
  return complaints;
}

/** Resolves when all of them are to be seen. */
export async function see(...what: Locator[]): Promise<void> {
  for (const one of what) await one.first().waitFor();
}

export async function gone(...what: Locator[]): Promise<void> {
  for (const one of what) await one.first().waitFor({ state: 'hidden' });
}

/** `expect.poll` with this suite's patience. */
export const soon = <Value>(look: () => Promise<Value> | Value) => expect.poll(look, patience);
