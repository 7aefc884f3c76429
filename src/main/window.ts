/** The one window: where it stands, what its page may do, and that it shows itself only when it has something to show. */
import { BrowserWindow, nativeTheme, screen } from 'electron';
import { pagePreferences, PAGE_URL } from './security.ts';
import { fitState, MIN_SIZE, readState, writeState } from './window-state.ts';

/** `--surface-housing` of the page's tokens.css, so that nothing flashes before it is painted. */
const HOUSING = { light: '#e9ecef', dark: '#0b0e11' };

export function openWindow(paths: { preload: string; state: string }): BrowserWindow {
  const main = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter(({ id }) => id !== main.id);
  const { maximized, ...box } = fitState(
    readState(paths.state),
    [main, ...others].map(({ workArea }) => workArea),
  );
  const window = new BrowserWindow({
    ...box,
    minWidth: MIN_SIZE.width,
    minHeight: MIN_SIZE.height,
    title: 'Mail Lab',
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? HOUSING.dark : HOUSING.light,
    webPreferences: pagePreferences(paths.preload),
  });
  if (maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => writeState(paths.state, { ...window.getNormalBounds(), maximized: window.isMaximized() }));
  void window.loadURL(PAGE_URL);
  return window;
}

export function raise(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
