/** The lab in a browser: the same page and the same worlds as in the window, over the browser server. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createWorlds, servePage } from '../../src/server/index.ts';
import { startThread } from '../../src/server/thread.ts';
import { whenToldToEnd } from './told-to-end.ts';
import { buildIfNeeded, ROOT } from '../../src/cli/build.ts';

export interface BrowserOptions {
  /** Folder of the user's data; the window's own by default, so that both find the same labs. */
  home: string;
  /** Lab files to open at once. */
  files: string[];
  open: boolean;
}

/** Runs until it is told to end. Returns the exit code. */
export async function runInBrowser(
  { home, files, open }: BrowserOptions,
  say: (line: string) => void,
): Promise<number> {
  buildIfNeeded('page', say);
  const ended = new Promise<void>((resolve) => whenToldToEnd(() => resolve()));
  const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const worlds = createWorlds({
    labs: path.join(ROOT, 'labs'),
    home: path.join(home, 'labs'),
    version,
    publish: true,
    startWorker: startThread,
  });
  try {
    for (const file of files) {
      if (file.toLowerCase().endsWith('.eml')) say(`${path.basename(file)} is a mail: drop it on the page to send it.`);
      else await worlds.api.openText(path.basename(file), fs.readFileSync(file, 'utf8'));
    }
    const page = await servePage(worlds, { root: path.join(ROOT, 'out/renderer'), port: 0 });
    say(`Mail Lab is at ${page.url}`);
    say('Ctrl-C ends it.');
    if (open) openQuietly(page.url);
    await ended;
    await page.close();
  } finally {
    await worlds.closeAll();
  }
  say(`Goodbye. The labs are kept in ${path.join(home, 'labs')}`);
  return 0;
}

/** Where Electron keeps the user data of a program with our name. */
export function userData(platform = process.platform, env: NodeJS.ProcessEnv = process.env): string {
  const home = os.homedir();
  if (platform === 'darwin') return path.join(home, 'Library/Application Support/mail-lab');
  if (platform === 'win32') return path.join(env.APPDATA ?? path.join(home, 'AppData/Roaming'), 'mail-lab');
  return path.join(env.XDG_CONFIG_HOME ?? path.join(home, '.config'), 'mail-lab');
}

/** The browser of the desktop. Where there is none, the URL has been printed. */
function openQuietly(url: string): void {
  const [program, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['explorer', [url]]
        : ['xdg-open', [url]];
  spawn(program, args, { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}
