/**
 * A stand-in for Electron's runtime, as far as src/main uses it, for machines that can't fetch the real one. It runs the built
 * program unmodified: Node for main, Chromium for the window. It is to be as strict as Electron, never kinder.
 */
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { handlers, startBrowser, WebContents, type Handler, type Preferences } from './window.ts';

const option = (name: string): string | undefined =>
  process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const root = path.resolve(path.dirname(process.argv[1]!), '..');
let userData = path.join(root, 'user-data');

/** An event as Electron hands it to listeners. */
function ask(emitter: EventEmitter, name: string): boolean {
  let prevented = false;
  emitter.emit(name, { preventDefault: () => (prevented = true) });
  return !prevented;
}

const lockFile = (): string => path.join(userData, 'single-instance');
let ready: Promise<void> | null = null;
let isReady = false;
let closeBrowser: () => Promise<void> = async () => undefined;

class App extends EventEmitter {
  isPackaged = false;
  sandboxed = false;
  getAppPath = (): string => root;
  commandLine = {
    hasSwitch: (name: string): boolean => option(name) !== undefined,
    getSwitchValue: (name: string): string => option(name) ?? '',
  };
  getPath = (name: string): string => (name === 'userData' ? userData : path.join(root, name));
  setPath(name: string, folder: string): void {
    if (name !== 'userData' || !path.isAbsolute(folder)) throw new Error(`no such path: ${name} ${folder}`);
    userData = folder;
  }
  getVersion = (): string => '0.0.0-test';
  addRecentDocument = (): void => undefined;
  enableSandbox(): void {
    if (isReady) throw new Error('app.enableSandbox() can only be called before app is ready');
    this.sandboxed = true;
  }
  /** A file with our number, and a file for each one that came later, which the first one watches for. */
  requestSingleInstanceLock(): boolean {
    fs.mkdirSync(userData, { recursive: true });
    const lock = lockFile();
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
    } catch {
      fs.writeFileSync(`${lock}.${process.pid}`, JSON.stringify([process.argv, process.cwd()]));
      return false;
    }
    fs.watch(userData, (_event, name) => {
      const file = path.join(userData, name ?? '');
      if (!file.startsWith(`${lock}.`) || !fs.existsSync(file)) return;
      const text = fs.readFileSync(file, 'utf8');
      if (text === '') return; // not written yet: another event follows
      fs.rmSync(file);
      const [argv, cwd] = JSON.parse(text) as [string[], string];
      this.emit('second-instance', {}, argv, cwd);
    });
    return true;
  }
  whenReady(): Promise<void> {
    ready ??= startBrowser(userData).then((context) => {
      isReady = true;
      closeBrowser = () => context.close();
      context.on('close', () => void this.exit(0));
      this.emit('ready');
    });
    return ready;
  }
  quit(): void {
    if (!ask(this, 'before-quit')) return;
    for (const window of [...windows]) window.close();
    this.emit('will-quit', {});
    this.exit(0);
  }
  exit(code: number): void {
    if (fs.existsSync(lockFile()) && fs.readFileSync(lockFile(), 'utf8') === String(process.pid)) fs.rmSync(lockFile());
    void closeBrowser().finally(() => process.exit(code));
  }
}
export const app = new App();
export const ipcMain = new EventEmitter();

const windows: BrowserWindow[] = [];

export class BrowserWindow extends EventEmitter {
  static getAllWindows = (): BrowserWindow[] => windows;
  webContents: WebContents;
  bounds: { x: number; y: number; width: number; height: number };
  state = { visible: false, maximized: false, destroyed: false };
  constructor(options: BrowserWindow['bounds'] & { webPreferences?: Preferences }) {
    super();
    if (!isReady) throw new Error('Cannot create BrowserWindow before app is ready');
    const { x, y, width, height } = options;
    this.bounds = { x, y, width, height };
    this.webContents = new WebContents(
      { ...options.webPreferences, sandbox: app.sandboxed || options.webPreferences?.sandbox !== false },
      ipcMain,
    );
    this.webContents.on('stand-in:window', (page) => windows.push(page));
    windows.push(this);
    app.emit('web-contents-created', {}, this.webContents);
  }
  async loadURL(url: string): Promise<void> {
    await this.webContents.load(url);
    this.webContents.page!.on('close', () => this.close());
    this.emit('ready-to-show');
  }
  getNormalBounds = (): BrowserWindow['bounds'] => this.bounds;
  getBounds = (): BrowserWindow['bounds'] => this.bounds;
  setBounds = (bounds: Partial<BrowserWindow['bounds']>): void => void (this.bounds = { ...this.bounds, ...bounds });
  maximize = (): void => void (this.state.maximized = true);
  isMaximized = (): boolean => this.state.maximized;
  isMinimized = (): boolean => false;
  restore = (): void => undefined;
  show = (): void => void (this.state.visible = true);
  focus = (): void => undefined;
  isVisible = (): boolean => this.state.visible;
  isDestroyed = (): boolean => this.state.destroyed;
  close(): void {
    if (this.state.destroyed || !ask(this, 'close')) return;
    this.state.destroyed = true;
    windows.splice(windows.indexOf(this), 1);
    this.webContents.closePorts();
    this.emit('closed');
    if (windows.length === 0) setImmediate(() => app.emit('window-all-closed'));
  }
}

interface Item {
  id?: string;
  role?: string;
  label?: string;
  click?(): void;
  submenu?: Item[] | Menu;
}
const ROLES = new Set([
  'appMenu',
  'editMenu',
  'windowMenu',
  'help',
  'quit',
  'about',
  'reload',
  'toggleDevTools',
  'zoomIn',
  'zoomOut',
  'resetZoom',
  'togglefullscreen',
]);

export class Menu {
  static shown: Menu | null = null;
  static setApplicationMenu = (menu: Menu): void => void (Menu.shown = menu);
  static getApplicationMenu = (): Menu | null => Menu.shown;
  static buildFromTemplate(template: Item[]): Menu {
    return new Menu(
      template.map((item) => {
        if (item.role !== undefined && !ROLES.has(item.role)) throw new Error(`no such role: ${item.role}`);
        return Array.isArray(item.submenu) ? { ...item, submenu: Menu.buildFromTemplate(item.submenu) } : item;
      }),
    );
  }
  items: Item[];
  constructor(items: Item[]) {
    this.items = items;
  }
  getMenuItemById(id: string): Item | null {
    for (const item of this.items) {
      const found = item.id === id ? item : (item.submenu as Menu | undefined)?.getMenuItemById(id);
      if (found) return found;
    }
    return null;
  }
}

export const dialog = {
  showOpenDialog: (): never => {
    throw new Error('nobody is there to choose a file: put another function in the place of this one');
  },
  showErrorBox: (title: string, text: string): void => console.error(`${title}: ${text}`),
};
export const shell = { openPath: async (): Promise<string> => '' };
export const nativeTheme = { shouldUseDarkColors: false };
const display = { id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1080 } };
export const screen = { getPrimaryDisplay: () => display, getAllDisplays: () => [display] };

const schemes = new Set<string>();
export const protocol = {
  registerSchemesAsPrivileged(list: { scheme: string; privileges: { standard?: boolean; secure?: boolean } }[]): void {
    if (isReady) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    for (const { scheme, privileges } of list)
      if (privileges.standard === true && privileges.secure === true) schemes.add(scheme);
  },
  handle(scheme: string, handler: Handler): void {
    if (!schemes.has(scheme))
      throw new Error(
        `the page at ${scheme}: would have no origin: its scheme was not registered as standard and secure`,
      );
    handlers.set(scheme, handler);
  },
};
const guard = (): void => undefined;
export const session = {
  defaultSession: {
    protocol,
    setPermissionRequestHandler: guard,
    setPermissionCheckHandler: guard,
    setDevicePermissionHandler: guard,
    setDisplayMediaRequestHandler: guard,
  },
};

// The test drives the program as Playwright drives Electron: it sends a function, which is run here with the module.
const electron = { app, BrowserWindow, dialog, ipcMain, Menu, protocol, session, shell };
process.on('message', async ({ id, text, arg }: { id: number; text: string; arg: unknown }) => {
  try {
    const run = (0, eval)(`(${text})`) as (module: typeof electron, arg: unknown) => unknown;
    process.send?.({ id, value: await run(electron, arg) });
  } catch (error) {
    process.send?.({ id, error: (error as Error).stack });
  }
});
process.on('disconnect', () => app.exit(1)); // whoever ran the test is gone
