/**
 * Which hosts to try for a domain, and in what order: RFC 5321 §5.1, pure.
 *
 * Takes what the look-ups brought and makes a plan; asks no resolver and opens nothing. Chance is handed in.
 * The MX list of a domain with a null MX or without any candidate is judged before this (RFC 7505).
 */
import type { MxCandidate } from '../../contract/events.ts';
import type { DnsProblem, Peer, Why } from '../../contract/why.ts';

const SMTP_PORT = 25;

/** One address to dial, with the preference of the MX that named it. */
export type Target = Peer & { preference: number };

/** An MX as looked up; `problem` says why it has no addresses. */
export type RouteCandidate = MxCandidate & { problem?: DnsProblem | null };

export interface RouteInput {
  domain: string;
  /** Addresses that one try calls at the most. */
  addressCountMax: number;
  candidates: RouteCandidate[];
  /** This host's own names and addresses: with its greeting name and those behind its interfaces. */
  self: { names: string[]; addresses: string[] };
  /** A whole number from 0 to n - 1; `name` says what it is for. */
  chance: (n: number, name: string) => number;
}

export interface RoutePlan {
  /** In the order in which to try. */
  order: Target[];
  dropped: { name: string; reason: string }[];
  /**
   * This host is the best MX: mail would loop, 5.4.6. It is a backup, and no better one has an address: the mail waits, 4.4.4.
   * Null with an empty `order`: what the look-ups said decides.
   */
  dead: 'loop' | 'no-primary' | null;
}

const noAddressReason: Record<DnsProblem, string> = {
  nxdomain: 'no address: the name does not exist (NXDOMAIN)',
  servfail: 'no address: its name server failed (SERVFAIL)',
  timeout: 'no address: no answer from its name server',
  refused: 'no address: its name server refused to answer (REFUSED)',
  'null-mx': 'no address: null MX',
  'no-address': 'no address: the name has neither A nor AAAA',
  'no-primary': 'no address: no better MX has one',
  'bad-answer': 'no address: the answer makes no sense',
};

/** The plan for one message to one domain; equal preferences are shuffled anew at each call. RFC 5321 §5.1. */
export function planRoute({ domain, addressCountMax, candidates, self, chance }: RouteInput): RoutePlan {
  const dropped: RoutePlan['dropped'] = [];
  const drop = (candidate: RouteCandidate, reason: string): void => void dropped.push({ name: candidate.name, reason });

  const named = candidates.filter((candidate) => {
    // An implicit MX may be a literal: mail to user@[192.0.2.1] goes there, RFC 5321 §4.1.3.
    const isWrong = !candidate.implicit && isAddress(candidate.name);
    if (isWrong)
      drop(
        candidate,
        'an MX must name a host, not an address (RFC 2181 §10.3): give the address a name with an A record',
      );
    return !isWrong;
  });

  const isSelf = selfTest(self);
  const own = Math.min(...named.filter(isSelf).map((candidate) => candidate.preference));
  const better = named.filter((candidate) => {
    if (candidate.preference < own) return true;
    drop(
      candidate,
      isSelf(candidate)
        ? 'this host itself'
        : `preference ${candidate.preference} is not better than this host's own ${own}`,
    );
    return false;
  });

  const usable = better.filter((candidate) => {
    if (candidate.addresses.length > 0) return true;
    drop(candidate, noAddressReason[candidate.problem ?? 'no-address']);
    return false;
  });

  const targets = usable.flatMap(({ name, preference, addresses }) =>
    addresses.map((address) => ({ name, address, port: SMTP_PORT, preference })),
  );
  const order = sorted(targets, (n) => chance(n, `mx ${domain}`));
  for (const { name, address } of order.splice(addressCountMax)) {
    dropped.push({ name, reason: `${address} is one address more than a try calls (${addressCountMax})` });
  }
  const isBackup = own !== Infinity && usable.length === 0;
  return { order, dropped, dead: isBackup ? (better.length === 0 ? 'loop' : 'no-primary') : null };
}

/** By preference, and IPv4 first; equals in random order, whether they are addresses of one host or of several. The wire's order decides nothing. */
function sorted(targets: Target[], below: (n: number) => number): Target[] {
  const groups = Map.groupBy(targets, ({ preference, address }) => preference * 2 + (address.includes(':') ? 1 : 0));
  return [...groups.keys()].sort((a, b) => a - b).flatMap((rank) => shuffled(groups.get(rank) ?? [], below));
}

/** Fisher and Yates; one number drawn for each element but the last, none for a list of one. */
function shuffled<T>(list: T[], below: (n: number) => number): T[] {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = below(i + 1);
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

function selfTest(self: RouteInput['self']): (candidate: RouteCandidate) => boolean {
  const names = new Set(self.names.map(plainName));
  const addresses = new Set(self.addresses.map(plainAddress));
  return (candidate) =>
    names.has(plainName(candidate.name)) ||
    candidate.addresses.map(plainAddress).some((address) => addresses.has(address) || isLoopback(address));
}

/** Whoever calls there calls itself. */
const isLoopback = (address: string): boolean => /^127\.\d+\.\d+\.\d+$/.test(address) || address === '::1';

function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function isAddress(name: string): boolean {
  return /^\[.*\]$|^\d+(\.\d+){3}$|:/.test(plainName(name));
}

/** One spelling for an address: IPv6 has many (RFC 5952). */
function plainAddress(address: string): string {
  if (!address.includes(':')) return address;
  const url = `http://[${address}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : address.toLowerCase();
}

/** Why a plan is empty. One host that may be found later is reason enough to wait. */
export function noTarget(domain: string, { dead, dropped }: RoutePlan, candidates: readonly RouteCandidate[]): Why {
  if (dead === 'loop') return { kind: 'loop', domain, how: 'mx' };
  if (dead === 'no-primary')
    return { kind: 'dns', domain, name: dropped.at(-1)?.name ?? domain, type: 'A', problem: 'no-primary' };
  const named = candidates.find(({ problem }) => problem === 'servfail' || problem === 'timeout') ?? candidates[0];
  return { kind: 'dns', domain, name: named?.name ?? domain, type: 'A', problem: named?.problem ?? 'no-address' };
}
