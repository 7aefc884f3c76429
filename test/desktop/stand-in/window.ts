/**
 * A window of the stand-in: a page of Debian's Chromium, with the preload in an isolated world. Chromium has no `app:`
 * scheme to give away, so its pages stand at an https name that leads to the program's protocol handler and nowhere else.
 */
import { chromium, type BrowserContext, type CDPSession, type Page, type Route } from 'playwright-core';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import { isolated, main } from './bridge.js';

const NAME = 'https://lab.app-scheme.test/';
const toHttps = (url: string): string => url.replace(/^app:\/\/lab\//, NAME);
const toApp = (url: string): string => (url.startsWith(NAME) ? `app://lab/${url.slice(NAME.length)}` : url);

export type Handler = (request: Request) => Promise<Response>;
export const handlers = new Map<string, Handler>();

let context: BrowserContext | null = null;
/** Starts Chromium. Its folder is of this process alone: a test finds the port of its pages there. */
export async function startBrowser(userData: string): Promise<BrowserContext> {
  context = await chromium.launchPersistentContext(`${userData}/chromium-${process.pid}`, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    viewport: null,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--remote-debugging-port=0',
      '--window-size=1280,800',
      '--host-resolver-rules=MAP * ~NOTFOUND',
    ],
  });
  return context;
}

class Port extends EventEmitter {
  open = true;
  started = false;
  early: unknown[] = [];
  deliver: (what: { data?: unknown; closed?: boolean }) => void;
  constructor(deliver: Port['deliver']) {
    super();
    this.deliver = deliver;
  }
  postMessage(data: unknown): void {
    if (this.open) this.deliver({ data });
  }
  start(): void {
    this.started = true;
    for (const data of this.early.splice(0)) this.emit('message', { data });
  }
  arrive(data: unknown): void {
    if (this.started) this.emit('message', { data });
    else this.early.push(data);
  }
  gone(): void {
    if (!this.open) return;
    this.open = false;
    this.emit('close');
  }
  close(): void {
    if (this.open) this.deliver({ closed: true });
    this.gone();
  }
}

export interface Preferences {
  preload?: string;
  sandbox?: boolean;
  contextIsolation?: boolean;
  nodeIntegration?: boolean;
}

export class WebContents extends EventEmitter {
  mainFrame = { url: 'about:blank' };
  page: Page | null = null;
  openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  ports = new Map<number, Port>();
  preferences: Preferences;
  ipcMain: EventEmitter;
  constructor(preferences: Preferences, ipcMain: EventEmitter) {
    super();
    this.preferences = preferences;
    this.ipcMain = ipcMain;
  }
  getURL(): string {
    return this.mainFrame.url;
  }
  setWindowOpenHandler(handler: WebContents['openHandler']): void {
    this.openHandler = handler;
  }

  async load(url: string): Promise<void> {
    if (context === null) throw new Error('a window before the program is ready');
    this.page = context.pages().find((page) => page.url() === 'about:blank') ?? (await context.newPage());
    const { page } = this;
    const cdp = await context.newCDPSession(page);
    await this.putPreload(cdp);
    await page.route('**', (route) => this.answer(route));
    page.on('popup', (popup) => void this.popup(popup));
    page.on('console', (message) => {
      if (message.type() === 'error') console.error(`page: ${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => console.error(`page: ${error.stack ?? error.message}`));
    await page.goto(toHttps(url));
  }

  async popup(popup: Page): Promise<void> {
    if (this.openHandler({ url: popup.url() }).action === 'deny') await popup.close();
    else this.emit('stand-in:window', popup);
  }

  /** Every request of the page: `app:` to the program's handler, another page only where nobody refuses it, the rest not at all. */
  async answer(route: Route): Promise<void> {
    const request = route.request();
    const url = toApp(request.url());
    if (request.isNavigationRequest() && this.mainFrame.url !== 'about:blank') {
      let refused = false;
      this.emit('will-frame-navigate', {
        url,
        isMainFrame: request.frame() === this.page?.mainFrame(),
        preventDefault: () => (refused = true),
      });
      if (refused) return route.abort('aborted');
    }
    const handler = handlers.get(new URL(url).protocol.slice(0, -1));
    if (handler === undefined) return route.fulfill({ status: 200, contentType: 'text/html', body: 'elsewhere' });
    const response = await handler(new Request(url));
    if (request.isNavigationRequest() && request.frame() === this.page?.mainFrame()) this.mainFrame.url = url;
    await route.fulfill({
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: Buffer.from(await response.arrayBuffer()),
    });
  }

  async putPreload(cdp: CDPSession): Promise<void> {
    const { preload, contextIsolation = true, sandbox = true, nodeIntegration = false } = this.preferences;
    await cdp.send('Page.enable'); // without it the scripts silently never run
    await cdp.send('Runtime.enable');
    cdp.on('Runtime.executionContextsCleared', () => this.closePorts());
    cdp.on('Runtime.exceptionThrown', ({ exceptionDetails }) =>
      console.error(`preload or page: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`),
    );
    cdp.on('Runtime.bindingCalled', ({ payload, executionContextId }) =>
      this.hear(JSON.parse(payload), (what) => {
        void cdp
          .send('Runtime.evaluate', {
            contextId: executionContextId,
            expression: `fromProgram(${JSON.stringify(what)})`,
          })
          .catch(() => undefined);
      }),
    );
    await cdp.send('Runtime.addBinding', { name: 'toProgram', executionContextName: 'preload' });
    const code = preload === undefined ? '' : fs.readFileSync(preload, 'utf8');
    // As in Electron: without isolation there is no bridge, and with Node in the page there is a `require`.
    const around = contextIsolation
      ? `(${isolated})((require) => {${code}\n})`
      : 'throw new Error("contextBridge API can only be used when contextIsolation is enabled")';
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: around, worldName: 'preload' });
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', {
      source: `(${main})();${nodeIntegration && !sandbox ? 'window.require = () => ({});' : ''}`,
    });
  }

  hear(
    message: { port?: number; data?: unknown; channel?: string; message?: unknown; ports?: number[] },
    deliver: (what: object) => void,
  ): void {
    if (message.port !== undefined) return this.ports.get(message.port)?.arrive(message.data);
    const ports = (message.ports ?? []).map((id) => {
      const port = new Port((what) => deliver({ port: id, ...what }));
      this.ports.set(id, port);
      return port;
    });
    this.ipcMain.emit(message.channel!, { sender: this, senderFrame: this.mainFrame, ports }, message.message);
  }

  closePorts(): void {
    for (const port of this.ports.values()) port.gone();
    this.ports.clear();
  }
}
