/**
 * Is Electron's runtime there, and if not, can it be fetched? npm's package holds none; it comes by `install-electron`.
 * Never imports `electron` and never runs its command to find out: both begin a download at once.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const PROBE_MS = 4_000;
const FETCH_MS = 10 * 60_000;

export interface ElectronPackage {
  dir: string;
  version: string;
}

export function electronPackage(): ElectronPackage | null {
  try {
    const file = createRequire(import.meta.url).resolve('electron/package.json');
    return {
      dir: path.dirname(file),
      version: (JSON.parse(fs.readFileSync(file, 'utf8')) as { version: string }).version,
    };
  } catch {
    return null; // installed without what is for development
  }
}

/** The executable, or null where it is missing or of another version. */
export function findRuntime({ dir, version }: ElectronPackage): string | null {
  const read = (name: string): string => {
    try {
      return fs.readFileSync(path.join(dir, name), 'utf8').trim();
    } catch {
      return '';
    }
  };
  const name = read('path.txt');
  if (name === '' || read('dist/version').replace(/^v/, '') !== version) return null;
  const executable = path.join(dir, 'dist', name);
  return fs.existsSync(executable) ? executable : null;
}

/** Is there anything to show a window on? */
export function hasScreen(platform = process.platform, env: NodeJS.ProcessEnv = process.env): boolean {
  return platform !== 'linux' || Boolean(env.DISPLAY) || Boolean(env.WAYLAND_DISPLAY);
}

/** Where `install-electron` fetches it from; the same settings as it reads. */
export function sourceUrl({ version }: ElectronPackage, env: NodeJS.ProcessEnv = process.env): string {
  const mirror =
    env.npm_config_electron_mirror ??
    env.NPM_CONFIG_ELECTRON_MIRROR ??
    env.ELECTRON_MIRROR ??
    'https://github.com/electron/electron/releases/download/';
  return `${mirror}v${version}/electron-v${version}-${process.platform}-${process.arch}.zip`;
}

/** Null when the place answers, else why not, in a few words. */
export async function probe(url: string, limitMs = PROBE_MS): Promise<string | null> {
  try {
    const { status } = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(limitMs) });
    return status < 400 ? null : `it answers ${status}`;
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } };
    return name === 'TimeoutError' ? `no answer within ${limitMs / 1000} s` : (cause?.code ?? "it can't be reached");
  }
}

/** Fetches the runtime. Null when it is there, else why not. */
export async function fetchRuntime(electron: ElectronPackage, limitMs = FETCH_MS): Promise<string | null> {
  const child = spawn(process.execPath, [path.join(electron.dir, 'install.js')], {
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const timer = setTimeout(() => child.kill(), limitMs);
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null));
    child.once('close', resolve);
  });
  clearTimeout(timer);
  if (code === 0 && findRuntime(electron) !== null) return null;
  return said.trim().split('\n')[0] || `install-electron ended with ${code ?? 'a signal'}`;
}
