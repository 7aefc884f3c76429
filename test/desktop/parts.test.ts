/** What the desktop program is put together from, each by itself: window state, recent labs, files, menu, the clean end. */
import { EventEmitter } from 'node:events';
import type { App } from 'electron';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { menuTemplate, type MenuDeps } from '../../src/main/menu.ts';
import { filesOf, openFile } from '../../src/main/open-file.ts';
import { closeWorlds, endCleanly } from '../../src/main/quit.ts';
import { createRecentLabs, type RecentLab } from '../../src/main/recent.ts';
import { fitState, readState, writeState } from '../../src/main/window-state.ts';
import { createPageLink } from '../../src/main/window-news.ts';
import { removeFolders, temporary } from './desktop.ts';

afterAll(removeFolders);
const SCREEN = { x: 0, y: 0, width: 1920, height: 1040 };

describe('window state', () => {
  it('is kept, and a file that nobody can read is none', () => {
    const file = path.join(temporary(), 'window.json');
    expect(readState(file)).toBeNull();
    const state = { x: 5, y: 6, width: 1100, height: 720, maximized: true };
    writeState(file, state);
    expect(readState(file)).toEqual(state);
    for (const text of ['{', '{"x":"left"}', '{"x":1e9,"y":0,"width":1,"height":1,"maximized":false}']) {
      fs.writeFileSync(file, text);
      expect(readState(file)).toBeNull();
    }
  });

  it('begins in the middle', () => {
    expect(fitState(null, [SCREEN])).toEqual({ x: 320, y: 120, width: 1280, height: 800, maximized: false });
  });

  it.each([
    [
      'where it stood',
      { x: 40, y: 50, width: 1100, height: 720 },
      [SCREEN],
      { x: 40, y: 50, width: 1100, height: 720 },
    ],
    [
      'on the second screen',
      { x: 2000, y: 50, width: 1100, height: 720 },
      [SCREEN, { ...SCREEN, x: 1920 }],
      { x: 2000, y: 50, width: 1100, height: 720 },
    ],
    [
      'in the middle when that screen is gone',
      { x: 2000, y: 50, width: 1100, height: 720 },
      [SCREEN],
      { x: 410, y: 160, width: 1100, height: 720 },
    ],
    [
      'not below the screen',
      { x: 0, y: 1035, width: 1280, height: 800 },
      [SCREEN],
      { x: 320, y: 120, width: 1280, height: 800 },
    ],
    [
      'not larger than the screen',
      { x: 0, y: 0, width: 5000, height: 3000 },
      [SCREEN],
      { x: 0, y: 0, width: 1920, height: 1040 },
    ],
    [
      'not too small',
      { x: 100, y: 100, width: 200, height: 200 },
      [SCREEN],
      { x: 100, y: 100, width: 1024, height: 700 },
    ],
  ])('%s', (_what, saved, screens, wanted) => {
    expect(fitState({ ...saved, maximized: true }, screens)).toEqual({ ...wanted, maximized: true });
  });
});

it('recent labs: the last one first, each once, ten of them, none whose file is gone', () => {
  const dir = temporary();
  const mine = path.join(dir, 'mine.yaml');
  fs.writeFileSync(mine, '');
  let changes = 0;
  const recent = createRecentLabs(path.join(dir, 'recent.json'), () => (changes += 1));
  for (let i = 0; i < 12; i += 1) recent.add({ kind: 'course', id: `lab-${i}`, title: `Lab ${i}` });
  recent.add({ kind: 'file', path: mine, title: 'Mine' });
  recent.add({ kind: 'course', id: 'lab-7', title: 'Lab 7' });
  const titles = (labs: RecentLab[]): string[] => labs.map(({ title }) => title);
  expect(titles(recent.list())).toEqual([
    'Lab 7',
    'Mine',
    'Lab 11',
    'Lab 10',
    'Lab 9',
    'Lab 8',
    'Lab 6',
    'Lab 5',
    'Lab 4',
    'Lab 3',
  ]);
  expect(changes).toBe(14);
  fs.rmSync(mine);
  expect(titles(createRecentLabs(path.join(dir, 'recent.json'), () => undefined).list())).not.toContain('Mine');
  recent.clear();
  expect(recent.list()).toEqual([]);
  fs.writeFileSync(path.join(dir, 'recent.json'), '[{"kind":"exe"}]');
  expect(createRecentLabs(path.join(dir, 'recent.json'), () => undefined).list()).toEqual([]);
});

describe('files', () => {
  it('are found among the arguments', () => {
    expect(filesOf(['.', '--flag.yaml', 'a.yaml', '/b/c.EML', 'd.txt', 'main.js'], '/place')).toEqual([
      path.resolve('/place/a.yaml'),
      path.resolve('/b/c.EML'),
    ]);
  });

  it.each([
    ['none.yaml', null, "can't be read: there is no such file"],
    ['notes.txt', 'hello', 'neither a lab (.yaml) nor a mail (.eml)'],
    ['huge.yaml', '#'.repeat(1_000_001), "can't be read: it is larger than 1 MB"],
    ['wrong.yaml', 'x', 'not a lab at all'],
  ])('%s is refused in words', async (name, text, words) => {
    const file = path.join(temporary(), name);
    if (text !== null) fs.writeFileSync(file, text);
    const told: unknown[][] = [];
    await openFile(file, {
      openText: () => Promise.reject(new Error('not a lab at all')),
      page: { tell: (...what) => void told.push(what) },
      opened: () => expect.unreachable(),
    });
    expect(told).toEqual([['trouble', expect.stringContaining(words)]]);
  });

  it('wait for the page', () => {
    const link = createPageLink();
    link.tell('show', 'w1');
    const posted: unknown[] = [];
    let leave = (): void => undefined;
    link.connect({
      post: (message) => void posted.push(message),
      on: () => undefined,
      onClose: (closed) => void (leave = closed),
    });
    link.tell('command', 'send');
    leave();
    link.tell('show', 'w2');
    expect(posted).toEqual([
      { news: 'show', args: ['w1'] },
      { news: 'command', args: ['send'] },
    ]);
    link.connect({ post: (message) => void posted.push(message), on: () => undefined, onClose: () => undefined });
    expect(posted.at(-1)).toEqual({ news: 'show', args: ['w2'] });
  });
});

describe('the menu', () => {
  const deps = (over: Partial<MenuDeps> = {}): MenuDeps => ({
    mac: false,
    developer: false,
    labs: [],
    recent: [],
    openDialog: () => undefined,
    openLab: () => undefined,
    openRecent: () => undefined,
    clearRecent: () => undefined,
    showFolder: () => undefined,
    command: () => undefined,
    ...over,
  });
  const flat = (items: ReturnType<typeof menuTemplate>): ReturnType<typeof menuTemplate> =>
    items.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? flat(item.submenu) : [])]);

  it('has no shortcut twice', () => {
    const keys = flat(menuTemplate(deps())).flatMap(({ accelerator }) => accelerator ?? []);
    expect(keys.length).toBeGreaterThan(6);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('shows tools for developers to them alone', () => {
    const roles = (developer: boolean) => flat(menuTemplate(deps({ developer }))).map(({ role }) => role);
    expect(roles(true)).toContain('toggleDevTools');
    expect(roles(false)).not.toContain('toggleDevTools');
    expect(roles(false)).not.toContain('reload');
  });

  it('opens what is recent', () => {
    const opened: RecentLab[] = [];
    const lab: RecentLab = { kind: 'course', id: 'a', title: 'The A lab' };
    const item = flat(menuTemplate(deps({ recent: [lab], openRecent: (one) => void opened.push(one) }))).find(
      ({ label }) => label === 'The A lab',
    );
    (item!.click as () => void)();
    expect(opened).toEqual([lab]);
  });
});

describe('the end', () => {
  it('waits for the labs, and comes once', async () => {
    const app = new EventEmitter() as unknown as App & EventEmitter;
    let quits = 0;
    let closed = (): void => undefined;
    let ends = 0;
    app.quit = () => void (quits += 1);
    const before = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => [name, process.listeners(name)] as const);
    endCleanly(app, () => {
      ends += 1;
      return new Promise((resolve) => (closed = resolve));
    });
    for (const [name, listeners] of before)
      for (const one of process.listeners(name)) if (!listeners.includes(one)) process.off(name, one);
    const quit = (): boolean => {
      let prevented = false;
      app.emit('before-quit', { preventDefault: () => (prevented = true) });
      return !prevented;
    };
    expect([quit(), quit(), ends, quits]).toEqual([false, false, 1, 0]);
    closed();
    await new Promise((resolve) => setImmediate(resolve));
    expect([quits, quit()]).toEqual([1, true]);
  });

  it('closes every lab, also when one of them is lost', async () => {
    const closed: string[] = [];
    const worlds = ['w1', 'w2', 'w3'].map((id) => ({ id })) as never;
    const error = console.error;
    console.error = () => undefined;
    await closeWorlds({
      worlds: () => Promise.resolve(worlds),
      close: async (id) => {
        if (id === 'w2') throw new Error('the lab is gone');
        closed.push(id);
      },
    });
    console.error = error;
    expect(closed).toEqual(['w1', 'w3']);
  });
});
