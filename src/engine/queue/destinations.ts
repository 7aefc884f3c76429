/**
 * The destinations that one host's queue is busy with: who may be sent at once, and who is taken for dead.
 *
 * A destination begins with a small window of jobs at once, which grows with each success and shrinks with each failure (as
 * a queue manager feels its way). When jobs fail several times in a row because no host would talk, the destination is
 * taken for dead for some minutes: what waits is deferred without a try. Failures are only counted while
 * mail waits; a single message that comes in now and then is tried each time. Connections are kept open for the next
 * job while one follows on the heels of another, as with Postfix's `smtp_connection_cache_on_demand`: a lone message has one to itself.
 */
import type { Told } from '../../contract/events.ts';
import { after } from '../../contract/instant.ts';
import type { HostKey, HostState } from '../../contract/model.ts';
import type { Why } from '../../contract/why.ts';
import type { Job, Outcome, Reuse } from './job.ts';

interface Destination {
  jobs: Job[];
  running: number;
  window: number;
  failureCount: number;
  /** When a job ended last; null: none has yet. */
  endedAt: number | null;
  reuse: Reuse;
}

export interface DestinationDeps {
  host: HostKey;
  state(): HostState;
  now(): number;
  tell(event: Told): void;
  run(job: Job, reuse: Reuse): void;
  /** Defer without a try. */
  suspend(job: Job, last: Why): void;
}

/** Jobs at once before the first success. Postfix: `initial_destination_concurrency`. */
const WINDOW_AT_FIRST = 5;
/** A job that begins within a second of the end of another, in whole seconds, follows on its heels. */
const SECOND_MS = 1000;

export function createDestinations(deps: DestinationDeps) {
  const busy = new Map<string, Destination>();

  const deadWhy = (domain: string): Why | null => {
    const dead = deps.state().dead[domain];
    return dead !== undefined && dead.until !== null && dead.until > deps.now() ? dead.why : null;
  };

  const pump = (domain: string): void => {
    const destination = busy.get(domain);
    if (destination === undefined) return;
    const { connectionCountMax, deadAfterFailures } = deps.state().settings;
    while (destination.jobs.length > 0) {
      const why = deadWhy(domain);
      // Once jobs fail, no more are tried than it takes to hold the destination for dead.
      const leftToFail =
        destination.failureCount === 0 ? Infinity : Math.max(1, deadAfterFailures - destination.failureCount);
      if (why === null && destination.running >= Math.min(destination.window, connectionCountMax, leftToFail)) return;
      const job = destination.jobs.shift() as Job;
      if (why !== null) deps.suspend(job, why);
      else {
        destination.reuse = reuseNow(destination);
        destination.running += 1;
        deps.run(job, destination.reuse);
      }
    }
    if (destination.running === 0) busy.delete(domain);
  };

  /** What is kept is used up before new connections are made, also when nothing is kept any more. */
  const reuseNow = ({ running, endedAt, reuse }: Destination): Reuse => {
    const follows = endedAt !== null && Math.floor(deps.now() / SECOND_MS) - Math.floor(endedAt / SECOND_MS) <= 1;
    const keeps = follows || (reuse.keeps && running > 0);
    return { keeps, takes: keeps || reuse.takes };
  };

  return {
    pump,
    add(job: Job): void {
      let destination = busy.get(job.domain);
      if (destination === undefined) {
        destination = {
          jobs: [],
          running: 0,
          window: WINDOW_AT_FIRST,
          failureCount: 0,
          endedAt: null,
          reuse: { takes: false, keeps: false },
        };
        busy.set(job.domain, destination);
      }
      destination.jobs.push(job);
      pump(job.domain);
    },
    /** A job that ran has ended. */
    ended(job: Job, outcome: Outcome): void {
      const destination = busy.get(job.domain);
      if (destination === undefined) return;
      destination.running -= 1;
      destination.endedAt = deps.now();
      const { host } = deps;
      if (!outcome.unreachable) {
        destination.failureCount = 0;
        destination.window += 1;
        if (deps.state().dead[job.domain] !== undefined)
          deps.tell({ kind: 'destination-ok', host, domain: job.domain });
        return;
      }
      destination.failureCount += 1;
      destination.window = Math.max(1, destination.window - 1);
      const why = outcome.deferred[0]?.why;
      const { deadAfterFailures, deadForMs } = deps.state().settings;
      if (why === undefined || destination.failureCount < deadAfterFailures || deadWhy(job.domain) !== null) return;
      deps.tell({
        kind: 'destination-fail',
        host,
        domain: job.domain,
        failureCount: destination.failureCount,
        until: after(deps.now(), deadForMs),
        why,
      });
    },
    /** A person asks for a try: what is taken for dead is not any more. */
    forget(domain: string | null): void {
      for (const name of Object.keys(deps.state().dead).sort()) {
        if (domain === null || name === domain) deps.tell({ kind: 'destination-ok', host: deps.host, domain: name });
      }
    },
    clear: () => busy.clear(),
  };
}
