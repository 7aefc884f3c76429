/** The three programs of the soak, each in a process of its own: the lab, ordinary mail, and whoever means it no good. */
import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import path from 'node:path';
import type { HostileSays, Targets } from './hostile.ts';
import type { LabSays, Measured } from './lab.ts';
import type { Ledger } from './ledger.ts';
import type { OrdinarySays } from './ordinary.ts';

export interface Cast {
  ordinary(what: 'begin' | 'stop'): void;
  /** Resolves, when they are to stop, when they have. */
  hostile(what: 'begin' | 'stop'): Promise<void>;
  measure(): Promise<Measured>;
  /** How often each hostile program did what it does. */
  did(): Record<string, number>;
  troubles(): string[];
  end(): Promise<void>;
}

const start = (file: string, args: string[] = [], options: Pick<ForkOptions, 'env' | 'execArgv'> = {}): ChildProcess =>
  fork(path.join(import.meta.dirname, file), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], ...options });
/** What is freed is given back to the system, and not kept by the C library for later: so memory that grows is the program's. */
const FRUGAL = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '65536', MALLOC_TRIM_THRESHOLD_: '131072' };
const exited = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) =>
    child.exitCode !== null || child.signalCode !== null ? resolve() : child.once('exit', () => resolve()),
  );

export async function startCast(ledger: Ledger): Promise<Cast> {
  const troubles: string[] = [];
  const did: Record<string, number> = {};
  let measured: (now: Measured) => void = () => undefined;
  let ready: (at: { ports: { host: string; port: number }[]; url: string }) => void = () => undefined;
  const isReady = new Promise<{ ports: { host: string; port: number }[]; url: string }>((resolve) => (ready = resolve));

  const lab = start('lab.ts', [], { env: { ...process.env, ...FRUGAL }, execArgv: ['--expose-gc'] });
  lab.on('message', (said: LabSays) => {
    if ('ready' in said) ready(said.ready);
    else if ('delivered' in said) ledger.arrive(said.delivered);
    else if ('measured' in said) measured(said.measured);
    else troubles.push(said.trouble);
  });
  let ends = false;
  const labEnded = new Promise<never>((_, reject) =>
    lab.once(
      'exit',
      (code, signal) => ends || reject(new Error(`the lab's program ended by itself: ${signal ?? code}`)),
    ),
  );
  labEnded.catch(() => undefined);

  const { ports, url } = await Promise.race([isReady, labEnded]);
  const portOf = (host: string): number => ports.find((one) => one.host === host)?.port as number;
  const hosts = ports.map(({ host }) => host).filter((host) => host !== 'dns');
  const targets: Targets = {
    smtp: Object.fromEntries(hosts.map((host) => [host, portOf(host)])),
    dns: portOf('dns'),
    url,
  };

  const ordinary = start('ordinary.ts', [String(portOf('c'))]);
  ordinary.on('message', (said: OrdinarySays) => {
    if ('accepted' in said) ledger.accept(said.accepted);
    else if ('refused' in said) ledger.refuse(said.refused);
    else ledger.reply(said.replies);
  });
  let crowd: ChildProcess | null = null;
  const startCrowd = (): ChildProcess => {
    const child = start('hostile.ts', [JSON.stringify(targets)]);
    child.on('message', (said: HostileSays) => {
      if ('accepted' in said) ledger.promise(said.accepted);
      else if ('did' in said)
        for (const [name, count] of Object.entries(said.did)) did[name] = (did[name] ?? 0) + count;
      else child.disconnect();
    });
    child.send('begin');
    return child;
  };

  return {
    ordinary: (what) => void ordinary.send(what),
    async hostile(what) {
      if (what === 'begin') crowd = startCrowd();
      else if (crowd !== null) {
        crowd.send('stop');
        await exited(crowd);
      }
    },
    measure: () =>
      Promise.race([
        labEnded,
        new Promise<Measured>((resolve) => {
          measured = resolve;
          lab.send('measure');
        }),
      ]),
    did: () => did,
    troubles: () => troubles,
    async end() {
      ends = true;
      ordinary.disconnect();
      if (crowd?.connected === true) crowd.disconnect();
      if (lab.connected) lab.send('end');
      await Promise.all([exited(ordinary), exited(lab), ...(crowd === null ? [] : [exited(crowd)])]);
    },
  };
}
