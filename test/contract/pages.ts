/**
 * The two ways of a page to the program behind it, each with the page's own end (src/renderer/lab/connect.ts): a WebSocket to
 * the real server, and the window's port through the real preload and src/main/page-port.ts, in Electron's stand-in.
 */
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { vi } from 'vitest';
import { WebSocket } from 'ws';
import type { PageApi, PageNews } from '../../src/contract/page-api.ts';
import { servePorts } from '../../src/main/page-port.ts';
import { PAGE_URL } from '../../src/main/security.ts';
import { servePage, servePageOn, type PageServer, type Worlds } from '../../src/server/index.ts';
import { createPage, type StandInPage } from '../desktop/stand-in/ipc.ts';

/** Word of an end: a promise, and how often it was told. */
export interface Gone {
  told: Promise<void>;
  count: number;
}

export function createGone(onClose: (closed: () => void) => void): Gone {
  const { promise: told, resolve } = Promise.withResolvers<void>();
  const gone = { told, count: 0 };
  onClose(() => {
    gone.count += 1;
    resolve();
  });
  return gone;
}

export interface Page {
  api: PageApi;
  /** Whether the page was told that the program is gone. */
  gone: Gone;
  /** The program's side of the way ends, without a word. */
  endProgram(): Promise<void>;
  /** The page is closed. */
  leave(): void;
}

/** The page's end, as the page makes it. It is written for a browser, whose types are not known here: so it comes by its path. */
async function connect(news: Partial<PageNews>): Promise<Pick<Page, 'api' | 'gone'>> {
  const file = path.resolve(import.meta.dirname, '../../src/renderer/lab/connect.ts');
  const end = (await import(file)) as { connect(news: Partial<PageNews>, lost: () => void): PageApi };
  let lost = (): void => undefined;
  const gone = createGone((closed) => (lost = closed));
  return { api: end.connect(news, () => lost()), gone };
}

/** A browser's WebSocket: it says by itself where its page comes from. */
class PageSocket extends WebSocket {
  static last: PageSocket | null = null;
  /** Lengths of the frames that came. */
  frames: Record<'text' | 'bytes', number[]> = { text: [], bytes: [] };
  constructor(url: string) {
    super(url, { origin: `http://${new URL(url).host}` });
    PageSocket.last = this;
    this.on('error', () => undefined); // a browser tells it by `close`, and throws nothing
    this.on('message', (data: Buffer, isBinary) => void this.frames[isBinary ? 'bytes' : 'text'].push(data.byteLength));
  }
}

export type SocketPage = Page & Pick<PageSocket, 'frames'>;

/** A server for pages, in a folder of its own. */
function serve(worlds: Worlds, dir: string): Promise<PageServer> {
  const root = path.join(dir, 'page');
  fs.mkdirSync(root, { recursive: true });
  fs.writeFileSync(path.join(root, 'index.html'), '<!doctype html>');
  return servePage(worlds, { root, port: 0 });
}

export async function openSocketPage(
  worlds: Worlds,
  dir: string,
  news: Partial<PageNews>,
  search?: string,
): Promise<SocketPage> {
  const server = await serve(worlds, dir);
  const url = new URL(server.url);
  vi.stubGlobal('window', {});
  vi.stubGlobal('location', { host: url.host, search: search ?? url.search });
  vi.stubGlobal('WebSocket', PageSocket);
  const page = await connect(news);
  const socket = PageSocket.last as PageSocket;
  return { ...page, frames: socket.frames, endProgram: () => server.close(), leave: () => socket.close() };
}

/** The page whose preload is being run. */
let loading: StandInPage['electron'] | null = null;
let loadCount = 0;
const electron: StandInPage['electron'] = {
  ipcRenderer: { postMessage: (...args) => loading?.ipcRenderer.postMessage(...args) },
  contextBridge: { exposeInMainWorld: (...args) => loading?.contextBridge.exposeInMainWorld(...args) },
};

export async function openWindowPage(worlds: Worlds, _dir: string, news: Partial<PageNews>): Promise<Page> {
  const ipcMain = new EventEmitter();
  const page = createPage(ipcMain, PAGE_URL);
  servePorts(
    ipcMain as never,
    () => page.sender as never,
    (channel) => servePageOn(worlds, channel),
  );
  vi.doMock('electron', () => electron);
  loading = page.electron;
  loadCount += 1;
  // Run anew for each page, as in Electron.
  await import(`${path.resolve(import.meta.dirname, '../../src/preload/index.ts')}?page=${loadCount}`);
  vi.stubGlobal('window', page.window);
  return { ...(await connect(news)), endProgram: async () => page.end(), leave: page.end };
}
