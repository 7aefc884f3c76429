/**
 * The worlds that are open: each a living lab in a worker thread and a folder of its own.
 * Shared by the browser server and the window's main process. Knows no page and no socket.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { connectChannel } from '../contract/channel.ts';
import type { LabApi, LabNews } from '../contract/lab-api.ts';
import type { LabCard, PageApi, PageNews, WorldInfo } from '../contract/page-api.ts';
import { loadScenario } from '../engine/scenario/index.ts';
import { portChannel, type WorkerOptions } from '../engine/worker.ts';

export interface WorldsOptions {
  /** Folder of the course's lab files. */
  labs: string;
  /** Folder in which worlds live, each in one of its own. */
  home: string;
  version: string;
  /** Makes a worker that runs engine/worker.ts; built and unbuilt programs find it in different places. */
  startWorker(workerData: WorkerOptions): Worker;
  /** Publish ports of each world's hosts. */
  publish: boolean;
}

interface World {
  info: WorldInfo;
  api: LabApi;
  worker: Worker;
}

export interface Worlds {
  api: PageApi;
  /** Hear the news of all worlds. Returns a function that ends it. */
  listen(news: PageNews): () => void;
  closeAll(): Promise<void>;
}

export function createWorlds(options: WorldsOptions): Worlds {
  const worlds = new Map<string, World>();
  const listeners = new Set<PageNews>();
  let count = 0;

  const list = (): WorldInfo[] => [...worlds.values()].map(({ info }) => info);
  const tell = (run: (news: PageNews) => void): void => {
    for (const news of listeners) run(news);
  };
  const worldOf = (id: string): World => {
    const world = worlds.get(id);
    if (world === undefined) throw new Error(`there is no world '${id}' any more: it was closed`);
    return world;
  };

  const start = async (lab: string, data: Omit<WorkerOptions, 'version'>, parent: WorldInfo['parent']): Promise<WorldInfo> => {
    count += 1;
    const id = `w${count}`;
    const worker = options.startWorker({ ...data, version: options.version });
    const ready = await new Promise<{ dir: string; title: string }>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', (message: { ready?: { dir: string; title: string }; failed?: string }) => {
        if (message.ready !== undefined) resolve(message.ready);
        else reject(new Error(message.failed ?? 'the lab did not start'));
      });
    });
    const news: LabNews = {
      events: (batch) => tell((to) => to.events(id, batch)),
      clock: (status) => tell((to) => to.clock(id, status)),
      trouble: (message) => tell((to) => to.trouble(message)),
    };
    const api = connectChannel<LabApi, LabNews>(portChannel(worker), news);
    const info: WorldInfo = { id, lab, title: ready.title, dir: ready.dir, parent, ports: [] };
    worlds.set(id, { info, api, worker });
    // A minute each second: fast enough to wait for a time-out, slow enough to see an envelope on its way.
    if (parent === null) await api.setPace(60);
    if (options.publish) info.ports = await publishAll(api);
    tell((to) => to.worlds(list()));
    return info;
  };

  const freshDir = (name: string): string => {
    fs.mkdirSync(options.home, { recursive: true });
    return fs.mkdtempSync(path.join(options.home, `${name}-`));
  };

  const api: PageApi = {
    labs: async () => labCards(options.labs),
    worlds: async () => list(),
    async open(lab) {
      const file = path.join(options.labs, `${path.basename(lab)}.yaml`);
      if (!fs.existsSync(file)) throw new Error(`there is no lab '${lab}'; there are: ${labCards(options.labs).map(({ id }) => id).join(', ')}`);
      return start(lab, { scenario: { text: fs.readFileSync(file, 'utf8'), file }, dir: freshDir(lab), script: false }, null);
    },
    async openText(file, text) {
      const loaded = loadScenario(text, file);
      if (!loaded.ok) throw new Error(loaded.errors.map((error) => `${file}:${error.line}:${error.column}: ${error.message}`).join('\n'));
      return start(loaded.scenario.id, { scenario: { text, file }, dir: freshDir('lab'), script: false }, null);
    },
    async branch(id, n) {
      const { info } = worldOf(id);
      await worldOf(id).api.pause();
      return start(info.lab, { scenario: null, dir: freshDir(`${info.lab}-branch`), branchOf: { dir: info.dir, n } }, { world: id, n });
    },
    async close(id) {
      const world = worldOf(id);
      worlds.delete(id);
      const gone = new Promise<void>((resolve) => world.worker.once('exit', () => resolve()));
      await world.api.close();
      await gone;
      tell((to) => to.worlds(list()));
    },
    ask: async (id, name, args) => {
      const call = worldOf(id).api[name] as (...given: unknown[]) => Promise<never>;
      return call(...args);
    },
  };

  return {
    api,
    listen(news) {
      listeners.add(news);
      return () => listeners.delete(news);
    },
    async closeAll() {
      for (const id of [...worlds.keys()]) await api.close(id);
    },
  };
}

/** Ports for one's own clients: each host from the network it stands in, and the name server. */
async function publishAll(api: LabApi): Promise<WorldInfo['ports']> {
  const { hosts } = await api.bench(null);
  const ports = [];
  for (const { key } of hosts) ports.push(await api.publish(key, 'internet', 0));
  ports.push(await api.publish('dns', 'internet', 0));
  return ports;
}

function labCards(folder: string): LabCard[] {
  return fs.readdirSync(folder).filter((file) => file.endsWith('.yaml')).sort().flatMap((file) => {
    const loaded = loadScenario(fs.readFileSync(path.join(folder, file), 'utf8'), path.join(folder, file));
    if (!loaded.ok) return [];
    const { id, title, shows, variantOf } = loaded.scenario;
    return [{ id, title, shows, variantOf }];
  });
}
