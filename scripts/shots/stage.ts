/** A page with labs behind it, as a person would have it: built, served, opened in a browser, and pictured in each form. */
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createWorlds, servePage, type PageServer, type Worlds } from '../../src/server/index.ts';
import { startThread } from '../../src/server/thread.ts';
import { lookOver } from './look-over.ts';

export const ROOT = path.resolve(import.meta.dirname, '../..');
export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const SIZES = [
  { width: 1280, height: 800 },
  { width: 1024, height: 700 },
];
export const THEMES = ['light', 'dark'] as const;
/** Real ms that anything may take to be seen, on a busy machine. */
const SEEN_WITHIN_MS = 60_000;

/** Builds the page into a folder of its own; the caller removes it. */
export function buildPage(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-shots-'));
  execFileSync(
    path.join(ROOT, 'node_modules/.bin/vite'),
    ['build', path.join(ROOT, 'src/renderer'), '--outDir', path.join(folder, 'page'), '--logLevel', 'warn'],
    { stdio: 'inherit' },
  );
  return folder;
}

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--hide-scrollbars=false',
    ],
  });

export class Stage {
  readonly page: Page;
  /** What was wrong on the way, and in which pictures: words of the browser's console, and what a look at each found. */
  readonly complaints = new Map<string, string[]>();
  /** What the scene brings about itself: the browser is to complain of it. */
  expected: RegExp | null = null;
  private readonly worlds: Worlds;
  private readonly server: PageServer;
  private readonly home: string;
  private readonly out: string;

  private constructor(parts: { page: Page; worlds: Worlds; server: PageServer; home: string; out: string }) {
    this.page = parts.page;
    this.worlds = parts.worlds;
    this.server = parts.server;
    this.home = parts.home;
    this.out = parts.out;
  }

  static async open(browser: Browser, built: string, out: string): Promise<Stage> {
    const home = fs.mkdtempSync(path.join(built, 'home-'));
    const worlds = createWorlds({
      labs: path.join(ROOT, 'labs'),
      home,
      version: 'shots',
      publish: true,
      startWorker: startThread,
    });
    const server = await servePage(worlds, { root: path.join(built, 'page'), port: 0 });
    const context = await browser.newContext({
      viewport: SIZES[0]!,
      colorScheme: 'light',
      reducedMotion: 'no-preference',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(SEEN_WITHIN_MS);
    const stage = new Stage({ page, worlds, server, home, out });
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') stage.complain(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => stage.complain(`page: ${error.message}`));
    await page.goto(server.url);
    await page.getByRole('heading', { name: 'See what MX records really do' }).waitFor();
    return stage;
  }

  complain(what: string, picture = ''): void {
    if (this.expected?.test(what) !== true) this.complaints.set(what, [...(this.complaints.get(what) ?? []), picture]);
  }

  /** Pictures of what is to be seen now: NAME-light-1280.png, and so on. `ready` is waited for in each form. */
  async save(name: string, ready?: Locator): Promise<void> {
    for (const size of SIZES) {
      for (const theme of THEMES) {
        await this.page.setViewportSize(size);
        await this.page.emulateMedia({ colorScheme: theme });
        await this.still();
        if (ready !== undefined && size === SIZES[0]) await ready.waitFor();
        const picture = `${name}-${theme}-${size.width}.png`;
        await this.page.screenshot({ path: path.join(this.out, picture) });
        for (const one of await lookOver(this.page)) this.complain(one, picture);
      }
    }
    await this.page.setViewportSize(SIZES[0]!);
    await this.page.emulateMedia({ colorScheme: 'light' });
    await this.still();
  }

  /** Until what moves has come to rest, and letters are there. What goes round for ever is left out. */
  async still(): Promise<void> {
    await this.page.evaluate(async () => {
      await document.fonts.ready;
      const frame = (): Promise<unknown> => new Promise((resolve) => void requestAnimationFrame(resolve));
      const moving = (): Animation[] =>
        document
          .getAnimations()
          .filter(
            (one) => one.playState === 'running' && Number.isFinite(Number(one.effect?.getComputedTiming().endTime)),
          );
      do {
        await Promise.allSettled(moving().map((one) => one.finished));
        await frame();
        await frame();
      } while (moving().length > 0);
    });
  }

  /** The program behind the page ends. */
  async cutOff(): Promise<void> {
    await this.server.close();
  }

  async close(): Promise<void> {
    await this.page.context().close();
    await this.server.close().catch(() => {});
    await this.worlds.closeAll();
    fs.rmSync(this.home, { recursive: true, force: true, maxRetries: 3 });
  }
}
