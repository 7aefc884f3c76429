/**
 * The transports of the contract, each with a living lab at its other end: in memory, the port of a worker thread, a page's
 * WebSocket, and the window's way through preload and main. Over the last two a lab is asked by PageApi; here it looks like any other.
 */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { connectChannel, type Channel } from '../../src/contract/channel.ts';
import type { LabEvent } from '../../src/contract/events.ts';
import type { ClockStatus, LabApi, LabNews } from '../../src/contract/lab-api.ts';
import type { PageApi, PageNews } from '../../src/contract/page-api.ts';
import { createRealPacer } from '../../src/engine/clock/index.ts';
import { serveLab } from '../../src/engine/service.ts';
import { portChannel, type WorkerOptions } from '../../src/engine/worker.ts';
import { createWorlds, type Worlds } from '../../src/server/index.ts';
import { LABS, labText, startLab, VERSION } from '../labs/play.ts';
import { createGone, openSocketPage, openWindowPage, type Gone, type Page } from './pages.ts';

export const LAB = 'relay-through-firewall';

/** What was heard from a lab so far. */
export interface Heard {
  events: LabEvent[];
  clock: ClockStatus[];
  trouble: string[];
  /** In which order they came: `e` for a batch of events, `c` for the clock. */
  order: string;
  /** Resolves when an event of this kind has come. */
  until(kind: LabEvent['kind']): Promise<void>;
}

export interface Joined {
  api: LabApi;
  heard: Heard;
  /** Folder of the lab. */
  dir: string;
  /** Whether this side was told that the other one is gone. */
  gone: Gone;
  /** The other side ends, without a word. */
  endOther(): Promise<void> | void;
  /** This side is closed. Resolves when the other one was told, with what is heard there. */
  leave(): Promise<Heard>;
  /** The end of everything, in good order. */
  end(): Promise<void>;
}

function listening(): { news: LabNews; heard: Heard } {
  const waiting: { kind: string; go(): void }[] = [];
  const heard: Heard = {
    events: [],
    clock: [],
    trouble: [],
    order: '',
    until(kind) {
      if (heard.events.some((event) => event.kind === kind)) return Promise.resolve();
      return new Promise((go) => waiting.push({ kind, go }));
    },
  };
  const news: LabNews = {
    events(batch) {
      heard.events.push(...batch);
      heard.order += 'e';
      for (const one of waiting) if (batch.some((event) => event.kind === one.kind)) one.go();
    },
    clock(status) {
      heard.clock.push(status);
      heard.order += 'c';
    },
    trouble: (message) => void heard.trouble.push(message),
  };
  return { news, heard };
}

interface Side {
  heard: ((message: unknown) => void)[];
  closed: (() => void)[];
}

/** Two ends in one process. What is posted is copied at once, and heard later. */
function memoryPair(): { ends: [Channel, Channel]; close(): void } {
  let open = true;
  const sides: [Side, Side] = [
    { heard: [], closed: [] },
    { heard: [], closed: [] },
  ];
  const channel = (mine: Side, other: Side): Channel => ({
    post(message) {
      const copy: unknown = structuredClone(message);
      queueMicrotask(() => {
        if (open) for (const hear of other.heard) hear(copy);
      });
    },
    on: (heard) => void mine.heard.push(heard),
    onClose: (closed) => void mine.closed.push(closed),
  });
  const close = (): void => {
    if (!open) return;
    open = false;
    queueMicrotask(() => {
      for (const tell of sides.flatMap(({ closed }) => closed)) tell();
    });
  };
  return { ends: [channel(sides[0], sides[1]), channel(sides[1], sides[0])], close };
}

async function joinInMemory(dir: string): Promise<Joined> {
  const { lab, clock } = await startLab({ scenario: labText(LAB), dir });
  const {
    ends: [here, there],
    close,
  } = memoryPair();
  serveLab(lab, there, createRealPacer().after);
  const behind = listening();
  lab.listen((event) => behind.news.events([event]));
  const { news, heard } = listening();
  const [gone, left] = [createGone(here.onClose), createGone(there.onClose)];
  const api = connectChannel<LabApi, LabNews>(here, news);
  return {
    api,
    heard,
    dir,
    gone,
    endOther: close,
    leave: async () => (close(), await left.told, behind.heard),
    end: async () => (await api.close().catch(() => lab.close()), await clock),
  };
}

const WORKER = path.resolve(import.meta.dirname, '../../src/engine/worker.ts');

async function joinWorker(dir: string): Promise<Joined> {
  const workerData: WorkerOptions = { scenario: labText(LAB), dir, version: VERSION };
  const worker = new Worker(WORKER, { workerData });
  const ended = new Promise<void>((resolve) => void worker.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', ({ failed }: { failed?: string }) =>
      failed === undefined ? resolve() : reject(new Error(failed)),
    );
  });
  const { news, heard } = listening();
  const channel = portChannel(worker);
  const gone = createGone(channel.onClose);
  const api = connectChannel<LabApi, LabNews>(channel, news);
  return {
    api,
    heard,
    dir,
    gone,
    endOther: async () => void (await worker.terminate()),
    leave: () => Promise.reject(new Error('a worker thread never outlives the one who started it')),
    end: async () => (await api.close().catch(() => undefined), await ended),
  };
}

/** A world of a page, as the lab that it is. */
function labOf(page: PageApi, world: string): LabApi {
  return new Proxy(
    {},
    {
      get(_target, name) {
        if (name === 'then') return undefined; // an api is no promise
        if (name === 'close') return () => page.close(world);
        return (...args: unknown[]) => page.ask(world, name as keyof LabApi, args as []);
      },
    },
  ) as LabApi;
}

export interface JoinedPage<P extends Page = Page> extends Joined {
  page: P;
  world: string;
  /** Workers of the worlds, by their folders. */
  workers: Map<string, Worker>;
}

/** The program behind a page: worlds that play their labs' scripts as fast as they can. `left` resolves when a page was heard no more. */
export function program(home: string): { worlds: Worlds; workers: JoinedPage['workers']; left: Promise<void> } {
  const workers: JoinedPage['workers'] = new Map();
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const worlds = createWorlds({
    labs: LABS,
    home,
    version: VERSION,
    publish: false,
    startWorker(workerData) {
      const worker = new Worker(WORKER, {
        workerData: { ...workerData, script: true, pace: 'max', paused: false } satisfies WorkerOptions,
      });
      workers.set(workerData.dir as string, worker);
      return worker;
    },
  });
  const listen: Worlds['listen'] = (news) => {
    const end = worlds.listen(news);
    return () => (end(), leave());
  };
  return { worlds: { ...worlds, listen }, workers, left };
}

/** News of all worlds, of which there is one. */
const pageNews = (news: LabNews): PageNews => ({
  worlds: () => undefined,
  events: (_world, batch) => news.events(batch),
  clock: (_world, status) => news.clock(status),
  trouble: news.trouble,
});

/** Opens a page on the worlds of a program. */
type Open<P> = (worlds: Worlds, dir: string, news: Partial<PageNews>) => Promise<P>;

export async function joinPage<P extends Page>(open: Open<P>, dir: string): Promise<JoinedPage<P>> {
  const { worlds, workers, left } = program(path.join(dir, 'labs'));
  const [here, behind] = [listening(), listening()];
  worlds.listen(pageNews(behind.news));
  const page = await open(worlds, dir, pageNews(here.news));
  const world = await page.api.open(LAB);
  const api = labOf(page.api, world.id);
  return {
    api,
    page,
    world: world.id,
    workers,
    heard: here.heard,
    dir: world.dir,
    gone: page.gone,
    endOther: page.endProgram,
    leave: async () => (page.leave(), await left, behind.heard),
    async end() {
      await api.close().catch(() => undefined); // not where the way is closed, or the world has ended
      await worlds.closeAll();
      await page.endProgram();
    },
  };
}

export interface Transport {
  join(dir: string): Promise<Joined>;
  /** The lab's side can outlive the one who asks. */
  outlives: boolean;
}

export const transports: Record<string, Transport> = {
  'a channel in memory': { join: joinInMemory, outlives: true },
  'the port of a worker thread': { join: joinWorker, outlives: false },
  "a page's WebSocket": { join: (dir) => joinPage(openSocketPage, dir), outlives: true },
  "the window's port": { join: (dir) => joinPage(openWindowPage, dir), outlives: true },
};
