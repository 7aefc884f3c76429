/** The walls of the window that no page can be seen to run into: permissions, preferences, files of the page's own scheme. */
import type { Session, WebContents } from 'electron';
import { EventEmitter } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Channel } from '../../src/contract/channel.ts';
import { LICENSES_FILE } from '../../scripts/licenses.ts';
import { answerPage } from '../../src/main/app-protocol.ts';
import { PORT_NAME, servePorts } from '../../src/main/page-port.ts';
import { guardContents, guardSession, pagePreferences, PAGE_URL } from '../../src/main/security.ts';
import { removeFolders, ROOT, temporary } from './desktop.ts';

afterAll(removeFolders);

describe('permissions', () => {
  const handlers: Record<string, (...args: any[]) => any> = {};
  guardSession(
    new Proxy(
      {},
      { get: (_target, name) => (handler: () => unknown) => void (handlers[String(name)] = handler) },
    ) as Session,
  );
  const request = (permission: string, url: string): boolean => {
    let granted: boolean | null = null;
    handlers.setPermissionRequestHandler!({ getURL: () => url }, permission, (answer: boolean) => (granted = answer));
    if (granted === null) throw new Error('nobody answered');
    return granted;
  };

  it.each([
    'media',
    'geolocation',
    'notifications',
    'midi',
    'clipboard-read',
    'openExternal',
    'fileSystem',
    'fullscreen',
    'pointerLock',
  ])('%s is refused', (permission) => {
    expect(request(permission, PAGE_URL)).toBe(false);
    expect(handlers.setPermissionCheckHandler!(null, permission, 'app://lab')).toBe(false);
  });

  it('the page may copy, and nobody else', () => {
    expect(request('clipboard-sanitized-write', PAGE_URL)).toBe(true);
    expect(handlers.setPermissionCheckHandler!(null, 'clipboard-sanitized-write', 'app://lab')).toBe(true);
    expect(request('clipboard-sanitized-write', 'https://elsewhere.test/')).toBe(false);
    expect(handlers.setPermissionCheckHandler!(null, 'clipboard-sanitized-write', 'app://lab.evil')).toBe(false);
  });

  it('no device and no screen is given away', () => {
    expect(handlers.setDevicePermissionHandler!({})).toBe(false);
    let streams: unknown;
    handlers.setDisplayMediaRequestHandler!({}, (given: unknown) => (streams = given));
    expect(streams).toBeNull();
  });
});

describe('navigation', () => {
  const contents = Object.assign(new EventEmitter(), {
    setWindowOpenHandler: (handler: () => { action: string }) => (action = handler().action),
  });
  let action = '';
  guardContents(contents as unknown as WebContents);
  const refused = (name: string, details: object = {}): boolean => {
    let prevented = false;
    contents.emit(name, { ...details, preventDefault: () => (prevented = true) });
    return prevented;
  };

  it('opens no window, no webview, follows no redirect', () => {
    expect(action).toBe('deny');
    expect(refused('will-attach-webview')).toBe(true);
    expect(refused('will-redirect')).toBe(true);
  });

  it.each<[boolean, string, boolean]>([
    [true, PAGE_URL, false],
    [true, 'app://lab/other.html', true],
    [true, 'https://elsewhere.test/', true],
    [true, 'file:///etc/hostname', true],
    [false, 'about:srcdoc', false],
    [false, 'blob:app://lab/1', false],
    [false, 'https://elsewhere.test/', true],
    [false, PAGE_URL, true],
  ])('main frame %s to %s: refused %s', (isMainFrame, url, wanted) => {
    expect(refused('will-frame-navigate', { isMainFrame, url })).toBe(wanted);
  });
});

it('the page has a sandbox, a world of its own, and no Node', () => {
  expect(pagePreferences('/p')).toMatchObject({
    preload: '/p',
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
  });
});

describe('app://lab/', () => {
  const root = path.join(temporary(), 'page');
  fs.mkdirSync(path.join(root, 'assets'), { recursive: true });
  fs.writeFileSync(path.join(root, 'index.html'), '<script nonce="NONCE"></script>');
  fs.writeFileSync(path.join(root, 'assets/a.js'), '1;');
  fs.writeFileSync(path.join(root, '../secret.js'), 'secret');
  const get = (url: string, method = 'GET'): Promise<Response> => answerPage(root, { method, url });

  it('gives the page with a policy and a nonce of its own', async () => {
    const [one, two] = [await get(PAGE_URL), await get('app://lab/index.html?x')];
    const policy = one.headers.get('content-security-policy')!;
    const nonce = /'nonce-([^']+)'/.exec(policy)![1];
    expect(await one.text()).toBe(`<script nonce="${nonce}"></script>`);
    expect(two.headers.get('content-security-policy')).not.toContain(nonce);
    expect(policy).toContain("connect-src 'self';");
    expect(policy).not.toMatch(/ws:|unsafe|\*/);
  });

  it('gives the files of the page by their type', async () => {
    const answer = await get('app://lab/assets/a.js');
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('x-content-type-options')]).toEqual([
      200,
      'text/javascript; charset=utf-8',
      'nosniff',
    ]);
  });

  it('gives the licences as text', async () => {
    fs.writeFileSync(path.join(root, LICENSES_FILE), 'MIT ©');
    const answer = await get(`app://lab/${LICENSES_FILE}`);
    expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
      200,
      'text/plain; charset=utf-8',
      'MIT ©',
    ]);
  });

  it.each([
    'app://lab/../secret.js',
    'app://lab/..%2fsecret.js',
    'app://lab/%2e%2e/secret.js',
    'app://lab/assets',
    'app://lab/none.js',
    'app://other/index.html',
    'app://lab/a%00.js',
    'app://lab/%ff.js',
  ])('does not give %s', async (url) => {
    const answer = await get(url);
    expect(answer.status).toBe(404);
    expect(await answer.text()).not.toContain('secret');
  });

  it('is only read', async () => {
    expect((await get(PAGE_URL, 'POST')).status).toBe(405);
  });
});

describe('the one channel', () => {
  const ipc = new EventEmitter();
  const mainFrame = { url: PAGE_URL };
  const sender = { mainFrame };
  const channels: Channel[] = [];
  servePorts(
    ipc as never,
    () => sender as never,
    (channel) => void channels.push(channel),
  );
  const port = () =>
    Object.assign(new EventEmitter(), {
      closed: false,
      close() {
        this.closed = true;
      },
    });

  it.each<[string, object]>([
    ['another window', { sender: { mainFrame }, senderFrame: mainFrame }],
    ['a frame in the page', { sender, senderFrame: { url: PAGE_URL } }],
    ['a frame that is gone', { sender, senderFrame: null }],
    [
      'another page',
      { sender: { mainFrame: { url: 'https://elsewhere.test/' } }, senderFrame: { url: 'https://elsewhere.test/' } },
    ],
  ])('is closed to %s', (_who, event) => {
    const given = port();
    ipc.emit(PORT_NAME, { ...event, ports: [given] });
    expect(given.closed).toBe(true);
    expect(channels).toEqual([]);
  });

  it('is one at a time', () => {
    const [one, two] = [port(), port()];
    ipc.emit(PORT_NAME, { sender, senderFrame: mainFrame, ports: [] });
    for (const given of [one, two]) ipc.emit(PORT_NAME, { sender, senderFrame: mainFrame, ports: [given] });
    expect(channels).toHaveLength(2);
    expect([one.closed, two.closed]).toEqual([true, false]);
  });

  it('has the same name on both sides', () => {
    expect(fs.readFileSync(path.join(ROOT, 'src/preload/index.ts'), 'utf8')).toContain(`'${PORT_NAME}'`);
  });
});
