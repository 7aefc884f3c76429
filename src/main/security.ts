/**
 * What the window's page may do: show itself, and talk to this program over its one channel. No navigation, no other
 * window, no permission but to copy a text. Knows Electron by its types alone, so that a test can hold it.
 * The list is Electron's own: https://www.electronjs.org/docs/latest/tutorial/security
 */
import type { Session, WebContents, WebPreferences } from 'electron';
import { contentSecurityPolicy } from '../server/index.ts';

/** The page's address; `app:` is served by app-protocol.ts and leads nowhere else. */
export const PAGE_URL = 'app://lab/';

/** For the page's window. The preload is all that is between the page and this program. */
export function pagePreferences(preload: string): WebPreferences {
  return {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
  };
}

/** The policy of the browser server; but the window's page opens no socket, its channel is a port. */
export function windowPolicy(nonce: string): string {
  return contentSecurityPolicy(0, nonce).replace(/ wss?:[^ ;]+/g, '');
}

/** `copy` buttons write to the clipboard; that needs a permission, and it is the only one. */
const ALLOWED = 'clipboard-sanitized-write';

export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((contents, permission, answer) =>
    answer(permission === ALLOWED && isPage(contents.getURL())),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => permission === ALLOWED && isPage(origin));
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));
}

/** For every page that comes to be, whoever made it. */
export function guardContents(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => {
    // The page may load itself anew, and fill a frame of its own with a mail's HTML; a link in that mail leads nowhere.
    const allowed = event.isMainFrame ? event.url === PAGE_URL : /^(about:|blob:|data:)/.test(event.url);
    if (!allowed) event.preventDefault();
  });
}

export function isPage(url: string): boolean {
  return url === PAGE_URL.slice(0, -1) || url.startsWith(PAGE_URL);
}
