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
  /** This host is the best MX: permanent, 5.4.6. Empty `order` without it: what the look-ups said decides. */
  loop: boolean;
}

const noAddressReason: Record<DnsProblem, string> = {
  nxdomain: 'no address: the name does not exist (NXDOMAIN)',
  servfail: 'no address: its name server failed (SERVFAIL)',
  timeout: 'no address: no answer from its name server',
  refused: 'no address: its name server refused to answer (REFUSED)',
  'null-mx': 'no address: null MX',
  'no-address': 'no address: the name has neither A nor AAAA',
  'bad-answer': 'no address: the answer makes no sense',
};

/** The plan for one message to one domain; equal preferences are shuffled anew at each call. RFC 5321 §5.1. */
export function planRoute({ domain, candidates, self, chance }: RouteInput): RoutePlan {
  const dropped: RoutePlan['dropped'] = [];
  const drop = (candidate: RouteCandidate, reason: string): void => void dropped.push({ name: candidate.name, reason });

  const named = candidates.filter((candidate) => {
    // An implicit MX may be a literal: mail to user@[192.0.2.1] goes there, RFC 5321 §4.1.3.
    const isWrong = !candidate.implicit && isAddress(candidate.name);
    if (isWrong) drop(candidate, 'an MX must name a host, not an address (RFC 2181 §10.3): give the address a name with an A record');
    return !isWrong;
  });

  const isSelf = selfTest(self);
  const own = Math.min(...named.filter(isSelf).map((candidate) => candidate.preference));
  const better = named.filter((candidate) => {
    if (candidate.preference < own) return true;
    drop(
      candidate,
      isSelf(candidate) ? 'this host itself' : `preference ${candidate.preference} is not better than this host's own ${own}`,
    );
    return false;
  });

  const usable = better.filter((candidate) => {
    if (candidate.addresses.length > 0) return true;
    drop(candidate, noAddressReason[candidate.problem ?? 'no-address']);
    return false;
  });

  const order = sorted(usable, (n) => chance(n, `mx ${domain}`)).flatMap(({ name, preference, addresses }) =>
    addresses.map((address) => ({ name, address, port: SMTP_PORT, preference })),
  );
  // As Postfix: a better host whose address can't be found just now makes the mail wait, not bounce.
  return { order, dropped, loop: own !== Infinity && better.length === 0 };
}

/** By preference, those of one preference in random order. The wire's order decides nothing: equals are equal. */
function sorted(candidates: RouteCandidate[], below: (n: number) => number): RouteCandidate[] {
  const preferences = [...new Set(candidates.map((candidate) => candidate.preference))].sort((a, b) => a - b);
  return preferences.flatMap((preference) =>
    shuffled(
      candidates.filter((candidate) => candidate.preference === preference),
      below,
    ),
  );
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
  return (candidate) => names.has(plainName(candidate.name)) || candidate.addresses.some((address) => addresses.has(plainAddress(address)));
}

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

/** Why a plan is empty that is no loop: one host that may be found later is reason enough to wait. */
export function noTarget(domain: string, candidates: readonly RouteCandidate[]): Why {
  const named = candidates.find(({ problem }) => problem === 'servfail' || problem === 'timeout') ?? candidates[0];
  return { kind: 'dns', domain, name: named?.name ?? domain, type: 'A', problem: named?.problem ?? 'no-address' };
}
