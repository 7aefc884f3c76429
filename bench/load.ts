/**
 * The load that every system under test gets: one outside `smtp-source` (Postfix's own generator), so
 * that no code of the lab makes the mail it is measured by, and the stopwatch from the first dial to the
 * last delivery at the far end. It starts no mail system and knows none; it opens no socket itself, and
 * smtp-source is only ever pointed at 127.0.0.1.
 *
 * Limits: smtp-source speaks RFC 5321 without PIPELINING and ends at the first refusal, which is then an
 * error here: a system that refuses part of the load has no rate. One recipient a message, so messages,
 * recipients and deliveries are the same number.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from '../scripts/postfix/program.ts';

/**
 * Whether smtp-source ends its connection after each message and dials anew. `each-message` is its own
 * default and what many small senders look like; `kept` (-d) sends all of a session's mail over one
 * connection. Compare two systems in the same mode only.
 */
export type Connections = 'each-message' | 'kept';

export interface Load {
  /** TCP port on 127.0.0.1. */
  port: number;
  /** Messages in all, over all sessions. */
  messages: number;
  /** Parallel sessions. */
  sessions: number;
  /** Bytes of body; smtp-source puts some 200 bytes of header above them. */
  sizeBytes: number;
  from: string;
  to: string;
  connections?: Connections;
}

export interface Measurement {
  messages: number;
  /** From the start of smtp-source until the last message is delivered at the far end. */
  seconds: number;
  /** From the start of smtp-source until the last message is accepted at the near end. */
  acceptSeconds: number;
  deliveriesPerSecond: number;
}

/** Resolves with the exit of a program; what it said on stderr is part of the error if it fails. */
function exitOf(child: ChildProcess, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said = (said + String(chunk)).slice(-4000);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else
        reject(new Error(`${what} ended with ${signal ?? `exit code ${code}`}: ${said.trim() || 'it said nothing'}`));
    });
  });
}

/**
 * Hands `messages` to 127.0.0.1:`port` and resolves when the last one has its 250 (RFC 5321 §4.2.5).
 * Throws with smtp-source's own words if a command is refused or a connection is lost. `cancel` ends it early.
 */
export async function runSmtpSource(load: Load, cancel?: AbortSignal): Promise<{ seconds: number }> {
  const args = [
    '-s',
    String(load.sessions),
    '-m',
    String(load.messages),
    '-l',
    String(load.sizeBytes),
    '-f',
    load.from,
    '-t',
    load.to,
    '-M',
    'source.test',
  ];
  if (load.connections === 'kept') args.push('-d');
  args.push(`inet:127.0.0.1:${load.port}`);
  const startMs = performance.now();
  const child = spawn(findProgram('smtp-source'), args, { stdio: ['ignore', 'ignore', 'pipe'], signal: cancel });
  await exitOf(child, `smtp-source to 127.0.0.1:${load.port}`);
  return { seconds: (performance.now() - startMs) / 1000 };
}

export interface MeasureOptions extends Partial<Omit<Load, 'port' | 'messages'>> {
  port: number;
  messages: number;
  /** How many messages the far end has delivered so far; need not start at 0. */
  delivered: () => number | Promise<number>;
  /** Between two looks at `delivered`; also how exact the time is. */
  pollMs?: number;
  /** Without any new delivery for so long, the run is given up. */
  stallMs?: number;
}

/**
 * Deliveries per second of the chain behind `port`: from the start of smtp-source until `delivered` has
 * grown by `messages`. Defaults: 20 sessions, 4096 bytes, a connection for each message.
 * Throws if smtp-source fails, if more arrives than was sent, or if nothing arrives for `stallMs`.
 */
export async function measure(options: MeasureOptions): Promise<Measurement> {
  const { delivered, pollMs = 20, stallMs = 30_000, ...given } = options;
  const load: Load = { sessions: 20, sizeBytes: 4096, from: 'bench@source.test', to: 'alice@a.test', ...given };
  const before = await delivered();
  const cancel = new AbortController();
  const source: { seconds: number | null; error: unknown } = { seconds: null, error: null };
  const startMs = performance.now();
  runSmtpSource(load, cancel.signal).then(
    ({ seconds }) => {
      source.seconds = seconds;
    },
    (error: unknown) => {
      source.error = error;
    },
  );
  let count = 0;
  let grewMs = startMs;
  try {
    // The far end may be ready a moment before smtp-source has said QUIT and ended; the last growth is the time that counts.
    while (count < load.messages || source.seconds === null) {
      await sleep(pollMs);
      const seen = (await delivered()) - before;
      if (seen > count) grewMs = performance.now();
      count = seen;
      if (source.error !== null) throw source.error;
      if (count > load.messages) {
        throw new Error(
          `${load.messages} messages were sent, but ${count} were delivered: some arrived twice, or bounces are counted.`,
        );
      }
      if (performance.now() - grewMs > stallMs) {
        throw new Error(
          `Only ${count} of ${load.messages} messages were delivered, and none for ${stallMs / 1000} s: ` +
            'look at the mail log and the queue of each host on the way.',
        );
      }
    }
  } finally {
    cancel.abort();
  }
  const seconds = (grewMs - startMs) / 1000;
  return {
    messages: load.messages,
    seconds,
    acceptSeconds: source.seconds,
    deliveriesPerSecond: load.messages / seconds,
  };
}
