/**
 * The program under test, in a process of its own: a lab in its thread with all its ports, and the page's server, as `mail-lab serve` has
 * them. It tells of every message that reaches a mailbox and takes it out there, as a reader does, so that what it holds does not grow.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { PortInfo } from '../../src/contract/lab-api.ts';
import type { WorkerOptions } from '../../src/engine/worker.ts';
import { createWorlds, servePage } from '../../src/server/index.ts';

/** What it tells the program that started it. */
export type LabSays =
  | { ready: { ports: PortInfo[]; url: string } }
  | { delivered: string[] }
  | { measured: Measured }
  | { trouble: string };

export interface Measured {
  /** What the operating system gave it, and what of that is in use: the rest is its allocator's. */
  rssBytes: number;
  keptBytes: number;
  descriptors: number;
  /** Messages that wait in any queue. */
  queued: number;
  journalBytes: number;
}

const ROOT = path.resolve(import.meta.dirname, '../..');
/** A reader looks into the mailboxes every so often, real ms. */
const READ_EVERY_MS = 250;

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-soak-'));
const say = (what: LabSays): void => void process.send?.(what);
const labDir = path.join(dir, 'lab');
const pageDir = path.join(dir, 'page');
fs.mkdirSync(pageDir);
fs.writeFileSync(path.join(pageDir, 'index.html'), '<!doctype html>the page');

let thread: Worker | null = null;
const worlds = createWorlds({
  labs: path.join(ROOT, 'labs'),
  home: path.join(dir, 'worlds'),
  version: 'soak',
  publish: true,
  startWorker: (workerData: WorkerOptions) =>
    (thread = new Worker(path.join(import.meta.dirname, 'thread.ts'), { workerData })),
});

/** The relay lab, with a firewall that tells C no, so that nobody waits for its silence; who calls A from outside meets that. */
const file = path.join(ROOT, 'labs/relay-through-firewall.yaml');
const text = fs
  .readFileSync(file, 'utf8')
  .replace('  drop  any -> office port 25', '  reject c -> office port 25\n  drop  any -> office port 25');
const { info, api } = await worlds.start({
  lab: 'relay-through-firewall',
  data: { scenario: { text, file }, dir: labDir, script: false, pace: 1 },
  parent: null,
  ports: { base: 2_500, orAny: true },
});
const page = await servePage(worlds, { root: pageDir, port: 0 });

const arrived: { host: string; user: string; queueId: string }[] = [];
worlds.listen({
  worlds: (list) => list.length === 0 && say({ trouble: 'the lab has ended by itself' }),
  clock: () => undefined,
  trouble: (words) => say({ trouble: words }),
  events(_world, batch) {
    const found = batch.flatMap((event) => (event.kind === 'mailbox-deliver' ? [event] : []));
    for (const { host, user, message } of found) arrived.push({ host, user, queueId: message.queueId });
    if (found.length > 0) say({ delivered: found.map(({ message }) => message.messageId) });
  },
});
const reader = setInterval(() => {
  for (const { host, user, queueId } of arrived.splice(0))
    api.act({ do: 'mailbox-remove', host, user, queueId }).catch((error: Error) => say({ trouble: error.message }));
}, READ_EVERY_MS);

/** Returns what its heap keeps. */
function collectInThread(lab: Worker): Promise<NodeJS.MemoryUsage> {
  return new Promise((resolve) => {
    const hear = ({ collected }: { collected?: NodeJS.MemoryUsage }): void => {
      if (collected === undefined) return;
      lab.off('message', hear);
      resolve(collected);
    };
    lab.on('message', hear);
    lab.postMessage('collect');
  });
}

async function measure(): Promise<Measured> {
  for (let round = 0; round < 2; round += 1) {
    (globalThis as { gc?: (how: object) => void }).gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    await collectInThread(thread as Worker);
  }
  const heaps = [process.memoryUsage(), await collectInThread(thread as Worker)];
  const { count } = await api.queue(null, null);
  return {
    rssBytes: process.memoryUsage.rss(),
    keptBytes: heaps.reduce((sum, { heapUsed, external }) => sum + heapUsed + external, 0),
    descriptors: fs.readdirSync('/proc/self/fd').length,
    queued: count,
    journalBytes: fs.statSync(path.join(labDir, 'journal.log')).size,
  };
}

process.on('message', (asked: 'measure' | 'end') => {
  if (asked === 'measure')
    return void measure().then(
      (measured) => say({ measured }),
      (error: Error) => say({ trouble: error.message }),
    );
  clearInterval(reader);
  void (async () => {
    await page.close();
    await worlds.closeAll();
    fs.rmSync(dir, { recursive: true, force: true });
    process.disconnect();
  })();
});
say({ ready: { ports: info.ports, url: page.url } });
process.on('disconnect', () => process.exit());
