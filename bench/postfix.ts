/**
 * The competitor: two private Postfix instances in a row, and `smtp-sink` behind them.
 *
 *   smtp-source ──► first (relayhost: second) ──► second (relayhost: sink) ──► smtp-sink, counts
 *
 * Each is a private Postfix (scripts/postfix/instance.ts) under the folder it is given. Postfix is set
 * up as well as its manual says and is as durable as by default (a 250 after the queue file's fsync);
 * what is switched off is what this machine lacks or the comparison needs not: DNS, TLS, chroot, local
 * delivery. The sink keeps nothing, so mail is made durable twice here, not three times. It never runs
 * without root: Postfix's master refuses. RFC 5321 is spoken at all three hops.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkFolder, freePorts, startPostfix, type Postfix } from '../scripts/postfix/instance.ts';
import { findProgram } from '../scripts/postfix/program.ts';

export interface PostfixPair {
  /** Where the first instance hears SMTP on 127.0.0.1. */
  port: number;
  /** Messages that came to the end of DATA in smtp-sink since the start. */
  delivered(): number;
  /** Ends both instances and the sink; resolves when none of their processes is left. Queues and logs stay in the folder. */
  stop(): Promise<void>;
}

interface Sink {
  child: ChildProcess;
  messageCount: number;
}

const mainCf = (name: string, nextPort: number): string => `
# The two need different names: one that is greeted by its own name says "mail loops back to myself".
myhostname = ${name}.test
mydestination =
local_transport = error:no local delivery
local_recipient_maps =
relayhost = [127.0.0.1]:${nextPort}
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject

# The next hop gets all lines at once.
default_destination_concurrency_limit = 20
initial_destination_concurrency = 20

# A failure shows as mail that doesn't arrive; a bounce would go the same way and be counted.
soft_bounce = yes
notify_classes =
`;

/** smtp-sink -c prints `sess=1 quit=0 mesg=5\r` at each end of DATA: exact, and no log has to be read. */
async function startSink(port: number): Promise<Sink> {
  const child = spawn(
    findProgram('smtp-sink'),
    ['-c', '-u', 'nobody', '-h', 'sink.test', `inet:127.0.0.1:${port}`, '100'],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const sink: Sink = { child, messageCount: 0 };
  let rest = '';
  let said = '';
  child.on('error', (error) => {
    said += error.message;
  });
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  child.stdout.on('data', (chunk) => {
    const lines = (rest + String(chunk)).split('\r');
    rest = lines.pop() ?? '';
    const count = /mesg=(\d+)/.exec(lines.at(-1) ?? '')?.[1];
    if (count !== undefined) sink.messageCount = Number(count);
  });
  for (let look = 0; look < 100 && child.exitCode === null; look++) {
    if (await answers(port)) return sink;
    await sleep(50);
  }
  child.kill();
  throw new Error(`smtp-sink doesn't answer on 127.0.0.1:${port}: ${said.trim() || 'it said nothing'}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.on('error', () => done(false));
  });
}

function stopSink({ child }: Sink): Promise<void> {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) return done();
    child.once('exit', () => done());
    child.kill();
  });
}

/**
 * Starts the chain in `dir` (made if missing; take an empty one: what a former run left in its queues would be counted).
 * Also ends it when this process gets SIGINT or SIGTERM: Postfix's master is a daemon and would live on.
 * Throws with Postfix's own words and the end of its log if something does not start; nothing is left running then.
 */
export async function startPostfixPair(dir: string): Promise<PostfixPair> {
  const folder = resolve(dir);
  for (const name of ['postfix', 'smtp-sink', 'smtp-source']) findProgram(name);
  checkFolder(folder);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755); // mkdtemp's folders are closed to Postfix's daemons
  const [firstPort, secondPort, sinkPort] = (await freePorts(3)) as [number, number, number];
  const instances: Postfix[] = [];
  let sink: Sink | null = null;
  const start = async (): Promise<void> => {
    sink = await startSink(sinkPort);
    for (const [name, port, nextPort] of [
      ['second', secondPort, sinkPort],
      ['first', firstPort, secondPort],
    ] as const) {
      instances.push(await startPostfix({ name, root: join(folder, name), port, mainCf: mainCf(name, nextPort) }));
    }
  };

  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> =>
    (stopped ??= (async () => {
      await started.catch(() => {
        /* Told to the caller below. */
      }); // a master half started could not be found
      await Promise.all(instances.map((instance) => instance.stop()));
      if (sink !== null) await stopSink(sink);
      process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    })());
  const interrupted = (signal: NodeJS.Signals): void => {
    void stop().finally(() => process.kill(process.pid, signal));
  };
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  const started = start();
  try {
    await started;
  } catch (error) {
    await stop();
    throw error;
  }
  return { port: firstPort, delivered: () => sink?.messageCount ?? 0, stop };
}
