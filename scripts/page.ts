/** Builds the page and serves it with a lab, for whoever works on it: `node scripts/page.ts [LAB]` prints the URL. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createWorlds, servePage } from '../src/server/index.ts';
import { startThread } from '../src/server/thread.ts';

const here = (file: string): string => path.resolve(import.meta.dirname, '..', file);
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-page-'));
// A folder of its own: several may look at the page at a time.
const root = path.join(home, 'page');
execFileSync(here('node_modules/.bin/vite'), ['build', here('src/renderer'), '--outDir', root, '--logLevel', 'warn'], {
  stdio: 'inherit',
});
const worlds = createWorlds({
  labs: here('labs'),
  home,
  version: 'page',
  publish: true,
  startWorker: startThread,
});
const lab = process.argv[2];
if (lab !== undefined) await worlds.api.open(lab);
const page = await servePage(worlds, { root, port: 0 });
console.log(page.url);
process.on('SIGTERM', () => void worlds.closeAll().then(() => process.exit(0)));
process.on('SIGINT', () => void worlds.closeAll().then(() => process.exit(0)));
