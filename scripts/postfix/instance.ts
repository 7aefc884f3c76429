/**
 * A private Postfix: configuration, queue, data and log in a folder of its own, nothing outside it is written
 * (/etc/postfix least of all), and nothing but 127.0.0.1 is listened on. Root only: Postfix's master refuses others.
 */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from './program.ts';

/** What an instance is started with. */
export interface PostfixSetup {
  /** In its log, and in errors. */
  name: string;
  /** Its folder; made if missing. */
  root: string;
  /** Where it hears SMTP on 127.0.0.1. */
  port: number;
  /** main.cf after what every private instance needs: names, domains, limits. */
  mainCf: string;
}

export interface Postfix {
  port: number;
  /** Ends it; resolves when none of its processes is left. Queue and log stay in the folder. */
  stop(): Promise<void>;
}

const commonCf = ({ name, root }: PostfixSetup): string => `
compatibility_level = 3.6
config_directory = ${root}/config
queue_directory = ${root}/queue
data_directory = ${root}/data
# There is no syslog: postlogd writes the log.
maillog_file = ${root}/maillog
maillog_file_prefixes = ${root}
syslog_name = ${name}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =

# No DNS: neither for the next hop nor for the client's name.
smtp_dns_support_level = disabled
smtp_host_lookup = native
smtpd_peername_lookup = no

# All load comes from one client.
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
`;

const masterCf = (port: number): string => `
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
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((done, fail) => {
          const server = createServer()
            .on('error', fail)
            .listen(0, '127.0.0.1', () => done(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** Postfix splits settings at spaces, and its daemons, which are not root, must be able to come to the folder. */
export function checkFolder(dir: string): void {
  if (process.getuid?.() !== 0) throw new Error('Postfix starts as root only: run this as root, or leave Postfix out.');
  if (/[\s,$:]/.test(dir)) {
    throw new Error(`Postfix can't be set up in "${dir}": choose a folder whose path has no space, comma, colon or $.`);
  }
  for (let folder = dirname(dir); folder !== dirname(folder); folder = dirname(folder)) {
    const mode = statSync(folder, { throwIfNoEntry: false })?.mode ?? 0o755; // what isn't there yet is made below
    if ((mode & 0o001) === 0) {
      const octal = (mode & 0o777).toString(8);
      throw new Error(
        `Postfix's daemons can't enter ${folder} (mode ${octal}): choose a folder that every user can reach.`,
      );
    }
  }
}

function postfix({ name, root }: PostfixSetup, command: 'check' | 'start' | 'stop'): Promise<void> {
  return new Promise((done, fail) => {
    execFile(findProgram('postfix'), ['-c', `${root}/config`, command], (error, _stdout, stderr) => {
      if (error === null) return done();
      fail(new Error(`postfix ${command} failed for ${name}: ${stderr.trim() || error.message}\n${logTail(root)}`));
    });
  });
}

function logTail(root: string): string {
  try {
    return `The end of ${root}/maillog:\n${readFileSync(`${root}/maillog`, 'utf8').trimEnd().split('\n').slice(-10).join('\n')}`;
  } catch {
    return `There is no ${root}/maillog yet.`;
  }
}

/**
 * Is any process of this group still at work? Postfix's master leads one with all its daemons. Dead ones that
 * init has yet to collect (state Z in /proc/PID/stat) don't count: kill(pid, 0) would still find them.
 */
function groupLives(leaderPid: number): boolean {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .some((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // after "pid (name) "
        return Number(group) === leaderPid && state !== 'Z' && state !== 'X';
      } catch {
        return false; // ended while we looked
      }
    });
}

async function stopInstance(setup: PostfixSetup, masterPid: number): Promise<void> {
  await postfix(setup, 'stop').catch(() => {
    /* Its master is gone already; what is left of it goes below. */
  });
  // postlogd outlives the master for a moment, so that it can write the others' last words.
  for (let look = 0; look < 100 && groupLives(masterPid); look++) await sleep(50);
  if (groupLives(masterPid)) process.kill(-masterPid, 'SIGKILL');
}

/**
 * Starts an instance, which ends with this process at the latest. Throws with Postfix's own words and the end of its log if it does
 * not start.
 */
export async function startPostfix(setup: PostfixSetup): Promise<Postfix> {
  const { root, port } = setup;
  checkFolder(root);
  for (const folder of [root, `${root}/config`, `${root}/queue`]) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755); // whatever the umask is; mkdtemp's folders are closed to Postfix's daemons
  }
  writeFileSync(`${root}/config/main.cf`, commonCf(setup) + setup.mainCf);
  writeFileSync(`${root}/config/master.cf`, masterCf(port));
  // "check" makes the other folders with the owners that Postfix wants; "start" needs the data folder to be there.
  await postfix(setup, 'check');
  await postfix(setup, 'start');
  const masterPid = Number.parseInt(readFileSync(`${root}/queue/pid/master.pid`, 'utf8'), 10);
  // The master is a daemon and would live on.
  const orphaned = (): void => {
    if (groupLives(masterPid)) process.kill(-masterPid, 'SIGKILL');
  };
  process.on('exit', orphaned);
  let stopped: Promise<void> | null = null;
  return {
    port,
    stop: () => (stopped ??= stopInstance(setup, masterPid).finally(() => process.off('exit', orphaned))),
  };
}
