/** One suite over every transport of the contract that there is so far: in memory, and a MessagePort to a worker thread. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { connectChannel, type Channel } from '../../src/contract/channel.ts';
import type { LabEvent } from '../../src/contract/events.ts';
import type { LabApi, LabNews } from '../../src/contract/lab-api.ts';
import { createRealPacer } from '../../src/engine/clock/index.ts';
import { serveLab } from '../../src/engine/service.ts';
import { portChannel, type WorkerOptions } from '../../src/engine/worker.ts';
import { labText, playLab, startLab, tempDir, VERSION } from '../labs/play.ts';

interface Joined {
  api: LabApi;
  events: LabEvent[];
  /** Resolves when an event of this kind has come by news. */
  until(kind: LabEvent['kind']): Promise<void>;
  end(): Promise<void>;
}

function memoryPair(): [Channel, Channel] {
  const ends = [0, 1].map(() => ({ heard: [] as ((m: unknown) => void)[], closed: [] as (() => void)[] }));
  const channel = (mine: number): Channel => ({
    post: (message) => queueMicrotask(() => ends[1 - mine]?.heard.forEach((hear) => hear(structuredClone(message)))),
    on: (heard) => void ends[mine]?.heard.push(heard),
    onClose: (closed) => void ends[mine]?.closed.push(closed),
  });
  return [channel(0), channel(1)];
}

function listening(): { news: Partial<LabNews>; events: LabEvent[]; until: Joined['until'] } {
  const events: LabEvent[] = [];
  const waiting: { kind: string; go(): void }[] = [];
  return {
    events,
    news: {
      events(batch) {
        events.push(...batch);
        for (const one of waiting) if (batch.some((event) => event.kind === one.kind)) one.go();
      },
    },
    until: (kind) => (events.some((event) => event.kind === kind) ? Promise.resolve() : new Promise((go) => waiting.push({ kind, go }))),
  };
}

const transports: Record<string, (dir: string) => Promise<Joined>> = {
  async 'in memory'(dir) {
    const { lab, clock } = await startLab({ scenario: labText('relay-through-firewall'), dir });
    const [here, there] = memoryPair();
    serveLab(lab, there, createRealPacer().after);
    const { news, events, until } = listening();
    const api = connectChannel<LabApi, LabNews>(here, news);
    return { api, events, until, end: async () => (await api.close(), await clock) };
  },
  async 'a worker thread'(dir) {
    const workerData: WorkerOptions = { scenario: labText('relay-through-firewall'), dir, version: VERSION };
    const worker = new Worker(path.resolve(import.meta.dirname, '../../src/engine/worker.ts'), { workerData });
    await new Promise<void>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('message', (message: { failed?: string }) => (message.failed === undefined ? resolve() : reject(new Error(message.failed))));
    });
    const { news, events, until } = listening();
    const api = connectChannel<LabApi, LabNews>(portChannel(worker), news);
    return {
      api, events, until,
      async end() {
        const gone = new Promise((resolve) => worker.once('exit', resolve));
        await api.close();
        await gone;
      },
    };
  },
};

describe.each(Object.keys(transports))('the contract over %s', (name) => {
  let joined: Joined | null = null;
  let dir = '';
  const join = async (): Promise<Joined> => (joined = await (transports[name] as (dir: string) => Promise<Joined>)((dir = tempDir())));
  afterEach(async () => {
    await joined?.end();
    joined = null;
    fs.rmSync(dir, { recursive: true, force: true });
  });

  it('plays a lab and tells its events in order', async () => {
    const { api, events, until } = await join();
    await until('lab-end');
    expect(events.map((event) => event.n)).toEqual([...events.map((_, i) => (events[0]?.n ?? 0) + i)]);
    expect((await api.checks(null)).every((check) => check.passed)).toBe(true);
    const state = await api.state(null);
    expect(state.hosts['a']?.mailboxes['alice']).toHaveLength(1);
    expect((await api.bench(20)).n).toBe(20);
    expect((await api.events(1, 3)).map((event) => event.n)).toEqual([1, 2, 3]);
    expect(await api.preview('c', 'alice@theorganisation.test')).toMatchObject({ final: false, problem: null });
  });

  it('tells the same story as elsewhere', async () => {
    const { until, end } = await join();
    await until('lab-end');
    await end();
    joined = null;
    const journal = fs.readFileSync(path.join(dir, 'journal.log'));
    const { hash } = await playLab({ scenario: labText('relay-through-firewall') }, () => null);
    expect(createHash('sha256').update(journal).digest('hex')).toBe(hash);
  });

  it('refuses wrong calls with a text, and goes on', async () => {
    const { api } = await join();
    const wrong = api as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
    await expect(wrong['setPace']?.(-1)).rejects.toThrow(/setPace/);
    await expect(wrong['format']?.()).rejects.toThrow(/there is no call 'format'/);
    await expect(api.act({ do: 'zone', name: 'theorganisation.test', view: null, text: '@ MX a' })).rejects.toThrow(/line 1/);
    await expect(api.act({ do: 'host', host: 'nobody', power: 'stop' })).rejects.toThrow(/no host 'nobody'/);
    expect((await api.clock()).paused).toBe(false);
  });
});
