/**
 * The competitor: two private Postfix instances in a row, and `smtp-sink` behind them.
 *
 *   smtp-source ──► first (relayhost: second) ──► second (relayhost: sink) ──► smtp-sink, counts
 *
 * Each has its own configuration, queue, data and log under the folder it is given; nothing outside it is
 * written, /etc/postfix least of all, and nothing but 127.0.0.1 is listened on or dialled. Postfix is set
 * up as well as its manual says and is as durable as by default (a 250 after the queue file's fsync);
 * what is switched off is what this machine lacks or the comparison needs not: DNS, TLS, chroot, local
 * delivery. The sink keeps nothing, so mail is made durable twice here, not three times. It never runs
 * without root: Postfix's master refuses. RFC 5321 is spoken at all three hops.
 */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from './load.ts';

export interface PostfixPair {
  /** Where the first instance hears SMTP on 127.0.0.1. */
  port: number;
  /** Messages that came to the end of DATA in smtp-sink since the start. */
  delivered(): number;
  /** Ends both instances and the sink; resolves when none of their processes is left. Queues and logs stay in the folder. */
  stop(): Promise<void>;
}

interface Instance { name: string; root: string; port: number; nextPort: number; masterPid: number | null }
interface Sink { child: ChildProcess; messageCount: number }

const mainCf = ({ name, root, nextPort }: Instance): string => `
compatibility_level = 3.6
config_directory = ${root}/config
queue_directory = ${root}/queue
data_directory = ${root}/data
# There is no syslog: postlogd writes the log.
maillog_file = ${root}/maillog
maillog_file_prefixes = ${root}
syslog_name = ${name}

# The two need different names: one that is greeted by its own name says "mail loops back to myself".
myhostname = ${name}.test
mydestination =
local_transport = error:no local delivery
local_recipient_maps =
alias_maps =
alias_database =
relayhost = [127.0.0.1]:${nextPort}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject

# No DNS: neither for the next hop nor for the client's name.
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no

# One client is the whole load: no limits for it, and the next hop gets all lines at once.
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
default_destination_concurrency_limit = 20
initial_destination_concurrency = 20

# A failure shows as mail that doesn't arrive; a bounce would go the same way and be counted.
soft_bounce = yes
notify_classes =
`;

const masterCf = ({ port }: Instance): string => `
# service type  private unpriv chroot wakeup maxproc command
127.0.0.1:${port} inet n - n - - smtpd
pickup  unix  n - n 60  1 pickup
cleanup unix  n - n -   0 cleanup
qmgr    unix  n - n 300 1 qmgr
rewrite unix  - - n -   - trivial-rewrite
bounce  unix  - - n -   0 bounce
defer   unix  - - n -   0 bounce
trace   unix  - - n -   0 bounce
verify  unix  - - n -   1 verify
flush   unix  n - n 1000? 0 flush
proxymap unix - - n -   - proxymap
smtp    unix  - - n -   - smtp
relay   unix  - - n -   - smtp
showq   unix  n - n -   - showq
error   unix  - - n -   - error
retry   unix  - - n -   - error
discard unix  - - n -   - discard
anvil   unix  - - n -   1 anvil
scache  unix  - - n -   1 scache
postlog unix-dgram n - n - 1 postlogd
`;

/** Ports of 127.0.0.1 that are free now, all different: they are held together until all are known. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise<ReturnType<typeof createServer>>((done, fail) => {
    const server = createServer().on('error', fail).listen(0, '127.0.0.1', () => done(server));
  })));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** Postfix splits settings at spaces, and its daemons, which are not root, must be able to come to the folder. */
function checkFolder(dir: string): void {
  if (process.getuid?.() !== 0) throw new Error('Postfix starts as root only: run the comparison with Postfix as root, or leave it out.');
  if (/[\s,$:]/.test(dir)) {
    throw new Error(`Postfix can't be set up in "${dir}": choose a folder whose path has no space, comma, colon or $.`);
  }
  for (let folder = dirname(dir); folder !== dirname(folder); folder = dirname(folder)) {
    const mode = statSync(folder, { throwIfNoEntry: false })?.mode ?? 0o755; // what isn't there yet is made below
    if ((mode & 0o001) === 0) {
      const octal = (mode & 0o777).toString(8);
      throw new Error(`Postfix's daemons can't enter ${folder} (mode ${octal}): choose a folder that every user can come to.`);
    }
  }
}

function postfix(instance: Instance, command: 'check' | 'start' | 'stop'): Promise<void> {
  return new Promise((done, fail) => {
    execFile(findProgram('postfix'), ['-c', `${instance.root}/config`, command], (error, _stdout, stderr) => {
      if (error === null) return done();
      fail(new Error(`postfix ${command} failed for ${instance.name}: ${stderr.trim() || error.message}\n${logTail(instance)}`));
    });
  });
}

function logTail({ root }: Instance): string {
  try {
    return `The end of ${root}/maillog:\n${readFileSync(`${root}/maillog`, 'utf8').trimEnd().split('\n').slice(-10).join('\n')}`;
  } catch {
    return `There is no ${root}/maillog yet.`;
  }
}

async function startInstance(instance: Instance): Promise<void> {
  const { root } = instance;
  for (const folder of [root, `${root}/config`, `${root}/queue`]) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755); // whatever the umask is
  }
  writeFileSync(`${root}/config/main.cf`, mainCf(instance));
  writeFileSync(`${root}/config/master.cf`, masterCf(instance));
  // "check" makes the other folders with the owners that Postfix wants; "start" needs the data folder to be there.
  await postfix(instance, 'check');
  await postfix(instance, 'start');
  instance.masterPid = Number.parseInt(readFileSync(`${root}/queue/pid/master.pid`, 'utf8'), 10);
}

/**
 * Is any process of this group still at work? Postfix's master leads one with all its daemons. Dead ones that
 * init has yet to collect (state Z in /proc/PID/stat) don't count: kill(pid, 0) would still find them.
 */
function groupLives(leaderPid: number): boolean {
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).some((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // after "pid (name) "
      return Number(group) === leaderPid && state !== 'Z' && state !== 'X';
    } catch {
      return false; // ended while we looked
    }
  });
}

async function stopInstance(instance: Instance): Promise<void> {
  const { masterPid } = instance;
  if (masterPid === null) return;
  instance.masterPid = null;
  await postfix(instance, 'stop').catch(() => { /* Its master is gone already; what is left of it goes below. */ });
  // postlogd outlives the master for a moment, so that it can write the others' last words.
  for (let look = 0; look < 100 && groupLives(masterPid); look++) await sleep(50);
  if (groupLives(masterPid)) process.kill(-masterPid, 'SIGKILL');
}

/** smtp-sink -c prints `sess=1 quit=0 mesg=5\r` at each end of DATA: exact, and no log has to be read. */
async function startSink(port: number): Promise<Sink> {
  const child = spawn(findProgram('smtp-sink'), ['-c', '-u', 'nobody', '-h', 'sink.test', `inet:127.0.0.1:${port}`, '100'],
    { stdio: ['ignore', 'pipe', 'pipe'] });
  const sink: Sink = { child, messageCount: 0 };
  let rest = '';
  let said = '';
  child.on('error', (error) => { said += error.message; });
  child.stderr.on('data', (chunk) => { said += String(chunk); });
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
    socket.on('connect', () => { socket.destroy(); done(true); });
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
  const [firstPort, secondPort, sinkPort] = await freePorts(3) as [number, number, number];
  const first: Instance = { name: 'first', root: join(folder, 'first'), port: firstPort, nextPort: secondPort, masterPid: null };
  const second: Instance = { name: 'second', root: join(folder, 'second'), port: secondPort, nextPort: sinkPort, masterPid: null };
  let sink: Sink | null = null;
  const start = async (): Promise<void> => {
    sink = await startSink(sinkPort);
    await startInstance(second);
    await startInstance(first);
  };

  let stopped: Promise<void> | null = null;
  const stop = (): Promise<void> => stopped ??= (async () => {
    await started.catch(() => { /* Told to the caller below. */ }); // a master half started could not be found
    await Promise.all([stopInstance(first), stopInstance(second)]);
    if (sink !== null) await stopSink(sink);
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
  })();
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
