/**
 * The worlds that are open: each a living lab in a worker thread and a folder of its own.
 * Shared by the browser server and the window's main process. Knows no page and no socket.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Worker } from 'node:worker_threads';
import { connectChannel, noCall } from '../contract/channel.ts';
import type { LabApi, LabNews } from '../contract/lab-api.ts';
import type { KeptLab, LabCard, PageApi, PageNews, WorldInfo } from '../contract/page-api.ts';
import { lockFolder } from '../engine/folder.ts';
import { loadScenario } from '../engine/scenario/index.ts';
import { LAB_CALLS } from '../engine/service.ts';
import { portChannel, type WorkerOptions } from '../engine/worker.ts';
import { anyPort, DNS_OFFSET, openDoors, PORT_BASE, type PortWish } from './doors.ts';
import { clockIn, keptIn, memoryIn, writeNote, type Note } from './kept.ts';
import { readiness, whenItFails } from './ready.ts';

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
  /** What its folder is kept as. Of a lab opened on a page, how many events there were then: without another one, it isn't kept. */
  keeps: { dir: string; note: Note; count: number };
}

export interface Start {
  /** Id of the lab, or the name of its file. */
  lab: string;
  data: Omit<WorkerOptions, 'version'>;
  parent: WorldInfo['parent'];
  ports: PortWish | null;
}

export interface Started {
  info: WorldInfo;
  api: LabApi;
  reopened: boolean;
  /** Number of its last event when it was ready. */
  n: number;
}

export interface Worlds {
  api: PageApi;
  /** Start a world as its caller wants it. Rejects with what is wrong, and nothing is left running. */
  start(start: Start): Promise<Started>;
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

  const start = async ({ lab, data, parent, ports }: Start, branch = parent !== null): Promise<Started> => {
    count += 1;
    const id = `w${count}`;
    const worker = options.startWorker({ ...data, version: options.version });
    const ready = await readiness(worker, (message) => tell((to) => to.trouble(message)));
    const news: LabNews = {
      events: (batch) => tell((to) => to.events(id, batch)),
      clock: (status) => tell((to) => to.clock(id, status)),
      trouble: (message) => tell((to) => to.trouble(message)),
    };
    const api = connectChannel<LabApi, LabNews>(portChannel(worker), news);
    const info: WorldInfo = {
      id,
      lab,
      title: ready.title,
      dir: ready.dir,
      parent,
      ports: [],
      memory: ready.reopened ? memoryIn(ready.dir) : null,
    };
    const note: Note = { lab, title: info.title, branch, at: null, memory: info.memory };
    let died = null as string | null;
    whenItFails(worker, (why) => {
      died ??= why;
      void worker.terminate();
      if (!worlds.delete(id)) return;
      tell((to) => to.trouble(`${info.title} has ended by itself: ${why}`));
      tell((to) => to.worlds(list()));
    });
    try {
      if (ports !== null) info.ports = await openDoors(api, ports);
      const at = ready.reopened ? clockIn(ready.dir) : null;
      if (at !== null && at > (await api.clock()).now) await api.jump(at);
      writeNote(ready.dir, note);
    } catch (error) {
      if (died === null) {
        await end(api, worker);
        throw error;
      }
    }
    if (died !== null) throw new Error(`the lab did not start: ${died}`);
    worlds.set(id, { info, api, worker, keeps: { dir: ready.dir, note, count: 0 } });
    tell((to) => to.worlds(list()));
    return { info, api, reopened: ready.reopened, n: ready.n };
  };
  const startForPage = async (
    lab: string,
    dir: string,
    data: Omit<Start['data'], 'dir'>,
    parent: Start['parent'] = null,
    kept?: KeptLab,
  ): Promise<WorldInfo> => {
    try {
      const { info, n } = await start(
        {
          lab,
          data: { pace: FIRST_PACE, paused: true, dir, ...data, ...(options.publish ? FRIENDLY_DNS : {}) },
          parent,
          ports: options.publish ? anyPort : null,
        },
        kept?.branch,
      );
      if (kept === undefined) worldOf(info.id).keeps.count = n;
      return info;
    } catch (error) {
      if (kept === undefined) fs.rmSync(dir, { recursive: true, force: true }); // nobody will ask for it again
      throw error;
    }
  };
  const keptNow = (): KeptLab[] => {
    const open = new Set(list().map(({ dir }) => dir));
    return keptIn(options.home).filter(({ id }) => !open.has(path.join(options.home, id)));
  };
  const keptAs = (id: string): KeptLab => {
    const found = keptNow().find((one) => one.id === id);
    if (found === undefined) throw new Error(`there is no kept lab '${id}': it was deleted, or is open`);
    return found;
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
      if (!fs.existsSync(file))
        throw new Error(
          `there is no lab '${lab}'; there are: ${labCards(options.labs)
            .map(({ id }) => id)
            .join(', ')}`,
        );
      return startForPage(lab, freshDir(lab), {
        scenario: { text: fs.readFileSync(file, 'utf8'), file },
        script: false,
      });
    },
    async openText(given, text) {
      const file = path.basename(given); // a path would say where to look for messages: this came without its folder
      const loaded = loadScenario(text, file);
      if (!loaded.ok)
        throw new Error(
          loaded.errors.map((error) => `${file}:${error.line}:${error.column}: ${error.message}`).join('\n'),
        );
      return startForPage(loaded.scenario.id, freshDir('lab'), { scenario: { text, file }, script: false });
    },
    async branch(id, n) {
      const { info, api: parent } = worldOf(id);
      const { n: last } = await parent.bench(null);
      if (n < 1 || n > last) throw new Error(`${info.title} has no event ${n}: the last one is ${last}`);
      await parent.pause();
      await parent.events(n, n); // then all up to there is in its file
      return startForPage(
        info.lab,
        freshDir(`${info.lab}-branch`),
        { scenario: null, branchOf: { dir: info.dir, n } },
        { world: id, n },
      );
    },
    async close(id) {
      const { api: lab, worker, keeps } = worldOf(id);
      worlds.delete(id);
      const stood = await lab.bench(null);
      await end(lab, worker);
      if (stood.n > keeps.count) writeNote(keeps.dir, { ...keeps.note, at: stood.now });
      else fs.rmSync(keeps.dir, { recursive: true, force: true });
      tell((to) => to.worlds(list()));
    },
    async remember(id, memory) {
      const { info, keeps } = worldOf(id);
      info.memory = memory;
      keeps.note.memory = memory;
      writeNote(keeps.dir, keeps.note);
    },
    kept: async () => keptNow(),
    async reopen(id) {
      const kept = keptAs(id);
      return startForPage(kept.lab, path.join(options.home, id), { scenario: null, script: false }, null, kept);
    },
    async forget(id) {
      const dir = path.join(options.home, keptAs(id).id);
      lockFolder(dir); // another program may have it open: the window and the browser's share this home
      fs.rmSync(dir, { recursive: true, force: true });
      tell((to) => to.worlds(list()));
    },
    ask: async (id, name, args) => {
      const { api: lab } = worldOf(id);
      if (!LAB_CALLS.has(name)) throw new Error(noCall(name, LAB_CALLS));
      return (lab[name] as (...given: unknown[]) => Promise<never>)(...args);
    },
  };

  return {
    api,
    start,
    listen(news) {
      listeners.add(news);
      return () => listeners.delete(news);
    },
    async closeAll() {
      for (const id of [...worlds.keys()]) await api.close(id);
    },
  };
}

/** A minute each second, from when somebody starts the clock: fast enough to wait for a time-out, slow enough to see an envelope on its way. */
const FIRST_PACE = 60;
const FRIENDLY_DNS = { dnsPort: PORT_BASE + DNS_OFFSET, dnsPortOrAny: true };

async function end(api: LabApi, worker: Worker): Promise<void> {
  const gone = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  await api.close();
  await gone;
}

function labCards(folder: string): LabCard[] {
  return fs
    .readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) => {
      const loaded = loadScenario(fs.readFileSync(path.join(folder, file), 'utf8'), path.join(folder, file));
      if (!loaded.ok) return [];
      const { id, title, shows, variantOf } = loaded.scenario;
      return [{ id, title, shows, variantOf }];
    });
}
