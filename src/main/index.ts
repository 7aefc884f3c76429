/**
 * The desktop program: one window over the labs, which run in worker threads.
 *
 * It opens the window, serves the page's contract on the window's one channel, opens files that a person brings, and
 * ends cleanly. It decides nothing about labs (src/server/worlds.ts does, for the browser too), never lets the page
 * go anywhere, and is the only place that knows Electron beside the preload.
 */
import type { BrowserWindow } from 'electron';
import { app, dialog, ipcMain, Menu, protocol, session, shell } from 'electron';
import fs from 'node:fs';
import path from 'node:path';
import type { LabCard } from '../contract/page-api.ts';
import startWorker from '../engine/worker.ts?nodeWorker';
import { createWorlds, servePageOn, type Worlds } from '../server/index.ts';
import { answerPage, APP_SCHEME } from './app-protocol.ts';
import { menuTemplate } from './menu.ts';
import { filesOf, LAB_EXTENSIONS, MAIL_EXTENSIONS, openFile } from './open-file.ts';
import { servePorts } from './page-port.ts';
import { closeWorlds, endCleanly } from './quit.ts';
import { createRecentLabs, type RecentLab } from './recent.ts';
import { guardContents, guardSession } from './security.ts';
import { createPageLink, type PageLink } from './window-news.ts';
import { openWindow, raise } from './window.ts';

// All of this must be said before Electron is ready. Packaged or not, the labs are in the same folder, as in the browser's case.
const { commandLine } = app;
app.setPath(
  'userData',
  commandLine.hasSwitch('user-data-dir')
    ? path.resolve(commandLine.getSwitchValue('user-data-dir'))
    : path.join(app.getPath('appData'), 'mail-lab'),
);
protocol.registerSchemesAsPrivileged([APP_SCHEME]);
app.enableSandbox();
if (app.requestSingleInstanceLock()) begin();
else app.exit(0); // the one that runs hears `second-instance` and opens our files

function begin(): void {
  const early: string[] = [];
  let open = (file: string): void => void early.push(file);
  let window: BrowserWindow | null = null;
  app.on('web-contents-created', (_event, contents) => guardContents(contents));
  app.on('open-file', (event, file) => {
    event.preventDefault();
    open(file);
  });
  app.on('second-instance', (_event, argv, cwd) => {
    if (window !== null) raise(window);
    for (const file of filesOf(argv.slice(1), cwd)) open(file);
  });
  void app
    .whenReady()
    .then(async () => {
      const desk = await openDesk();
      window = desk.window;
      open = desk.open;
      for (const file of [...early, ...filesOf(process.argv.slice(1), process.cwd())]) open(file);
    })
    .catch((error: unknown) => {
      dialog.showErrorBox('Mail Lab could not start', error instanceof Error ? error.message : String(error));
      app.exit(1);
    });
}

/** The window with everything behind it. `open` takes a file that a person brought. */
async function openDesk(): Promise<{ window: BrowserWindow; open(file: string): void }> {
  const home = app.getPath('userData');
  fs.mkdirSync(home, { recursive: true });
  const worlds = createWorlds({
    labs: path.join(app.getAppPath(), 'labs'),
    home: path.join(home, 'labs'),
    version: app.getVersion(),
    publish: true,
    startWorker: (workerData) => startWorker({ workerData }),
  });
  endCleanly(app, () => closeWorlds(worlds.api));

  const page = createPageLink();
  const cards = await worlds.api.labs();
  const recent = createRecentLabs(path.join(home, 'recent.json'), () => setMenu());
  const opensLabs = remembering(worlds, (id, title) => recent.add({ kind: 'course', id, title }));
  const open = (file: string): void =>
    void openFile(file, {
      openText: worlds.api.openText,
      page,
      opened(path, title) {
        recent.add({ kind: 'file', path, title });
        app.addRecentDocument(path);
      },
    });
  const openLab = (id: string): void =>
    void opensLabs.api.open(id).then(
      (world) => page.tell('show', world.id),
      (error: Error) => page.tell('trouble', error.message),
    );

  guardSession(session.defaultSession);
  session.defaultSession.protocol.handle(APP_SCHEME.scheme, (request) =>
    answerPage(path.join(import.meta.dirname, '../renderer'), request),
  );
  const window = openWindow({
    preload: path.join(import.meta.dirname, '../preload/index.cjs'),
    state: path.join(home, 'window.json'),
  });
  servePorts(
    ipcMain,
    () => (window.isDestroyed() ? null : window.webContents),
    (channel) => {
      servePageOn(opensLabs, channel);
      page.connect(channel);
    },
  );
  const setMenu = (): void =>
    Menu.setApplicationMenu(
      menuOf(cards, recent.list(), {
        window,
        page,
        open,
        openLab,
        clearRecent: recent.clear,
        folder: path.join(home, 'labs'),
      }),
    );
  setMenu();
  return { window, open };
}

/** The same worlds, with a word when a lab of the course is opened. */
function remembering(worlds: Worlds, opened: (id: string, title: string) => void): Worlds {
  const open = async (lab: string): ReturnType<Worlds['api']['open']> => {
    const world = await worlds.api.open(lab);
    opened(lab, world.title);
    return world;
  };
  return { ...worlds, api: { ...worlds.api, open } };
}

interface MenuActs {
  window: BrowserWindow;
  page: PageLink;
  open(file: string): void;
  openLab(id: string): void;
  clearRecent(): void;
  folder: string;
}

function menuOf(
  labs: LabCard[],
  recent: RecentLab[],
  { window, page, open, openLab, clearRecent, folder }: MenuActs,
): Menu {
  const choose = async (): Promise<void> => {
    const filters = [
      { name: 'Labs and mails', extensions: [...LAB_EXTENSIONS, ...MAIL_EXTENSIONS] },
      { name: 'Labs', extensions: LAB_EXTENSIONS },
      { name: 'Mails', extensions: MAIL_EXTENSIONS },
    ];
    const { filePaths } = await dialog.showOpenDialog(window, { properties: ['openFile', 'multiSelections'], filters });
    for (const file of filePaths) open(file);
  };
  return Menu.buildFromTemplate(
    menuTemplate({
      mac: process.platform === 'darwin',
      developer: !app.isPackaged,
      labs,
      recent,
      openDialog: () => void choose(),
      openLab,
      openRecent: (lab) => (lab.kind === 'course' ? openLab(lab.id) : open(lab.path)),
      clearRecent,
      showFolder: () => void shell.openPath(folder),
      command: (name) => page.tell('command', name),
    }),
  );
}
