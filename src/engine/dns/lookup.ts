/**
 * What mail asks of the DNS: where a domain's mail goes (RFC 5321 §5.1, null MX of RFC 7505), and what a
 * peer's address is called. Which answers wait and which bounce is decided elsewhere, from `problem`.
 */
import type { MxCandidate } from '../../contract/events.ts';
import type { RecordText } from '../../contract/model.ts';
import type { DnsProblem } from '../../contract/why.ts';
import { normalAddress, reverseName } from './address.ts';
import { normalName } from './names.ts';
import type { DnsResult, Resolver } from './resolver.ts';

/** A host to try. `problem`: why it has no address; null when it has one. */
export type MxHost = MxCandidate & { problem: DnsProblem | null };

export type MxAnswer =
  /** Sorted by preference, then by name; equal preferences are not shuffled yet. */
  | { kind: 'mx'; candidates: MxHost[] }
  | { kind: 'null-mx' }
  /** `name` and `type`: the question that failed; A stands for AAAA too. */
  | { kind: 'failed'; name: string; type: string; problem: DnsProblem };

type Asker = Pick<Resolver, 'ask'>;

const problems: Record<Exclude<DnsResult['rcode'], 'NOERROR'>, DnsProblem> = {
  NXDOMAIN: 'nxdomain',
  SERVFAIL: 'servfail',
  REFUSED: 'refused',
  TIMEOUT: 'timeout',
};

/**
 * Where the mail of a domain goes. `domain` is what stands behind the @ of an address, also `[192.0.2.1]` or
 * `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3), for which nothing is looked up. Questions are asked one after the
 * other, so that the story is the same each time.
 */
export async function lookupMx(resolver: Asker, domain: string): Promise<MxAnswer> {
  if (domain.startsWith('[')) return literalMx(domain);
  const name = normalName(domain);
  const answer = await resolver.ask(name, 'MX');
  // As Postfix: a name without MX may have an address, and one that does not exist is found to have none.
  if (answer.rcode === 'NXDOMAIN') return implicitMx(resolver, name);
  if (answer.rcode !== 'NOERROR') return { kind: 'failed', name, type: 'MX', problem: problems[answer.rcode] };
  const records = ofType(answer, 'MX').map(readMx);
  if (records.includes(null)) return { kind: 'failed', name, type: 'MX', problem: 'bad-answer' };
  const hosts = records.filter((record) => record !== null);
  const real = hosts.filter((host) => host.name !== '');
  if (hosts.length > 0 && real.length === 0) return { kind: 'null-mx' };
  if (hosts.length === 0) return implicitMx(resolver, name);
  real.sort((one, other) => one.preference - other.preference || compare(one.name, other.name));
  const candidates: MxHost[] = [];
  for (const host of real)
    candidates.push({ ...host, implicit: false, ...(await lookupAddresses(resolver, host.name)) });
  return { kind: 'mx', candidates };
}

/** No MX, but an address: the domain itself is its MX, of preference 0. */
async function implicitMx(resolver: Asker, name: string): Promise<MxAnswer> {
  const { addresses, problem } = await lookupAddresses(resolver, name);
  if (problem !== null) return { kind: 'failed', name, type: 'A', problem };
  return { kind: 'mx', candidates: [{ preference: 0, name, addresses, implicit: true, problem: null }] };
}

function literalMx(domain: string): MxAnswer {
  const text = /^\[(?:IPv6:)?([^\]]+)\]$/i.exec(domain)?.[1] ?? '';
  const address = normalAddress(text);
  if (address === null) return { kind: 'failed', name: domain, type: 'A', problem: 'no-address' };
  return {
    kind: 'mx',
    candidates: [{ preference: 0, name: `[${address}]`, addresses: [address], implicit: true, problem: null }],
  };
}

/**
 * The addresses of a host, IPv4 first. Without any, `problem` says why: a failure that may pass (servfail,
 * timeout, refused) counts before one that won't (nxdomain, no-address).
 */
export async function lookupAddresses(
  resolver: Asker,
  name: string,
): Promise<{ addresses: string[]; problem: DnsProblem | null }> {
  const addresses: string[] = [];
  const failures: DnsProblem[] = [];
  for (const type of ['A', 'AAAA'] as const) {
    const answer = await resolver.ask(name, type);
    if (answer.rcode !== 'NOERROR') failures.push(problems[answer.rcode]);
    else addresses.push(...ofType(answer, type).map((record) => record.data));
    if (answer.rcode === 'NXDOMAIN') break; // the name has no records of any type
  }
  if (addresses.length > 0) return { addresses, problem: null };
  return { addresses, problem: failures.find((failure) => failure !== 'nxdomain') ?? failures[0] ?? 'no-address' };
}

/**
 * The name of an address, if the name also leads back to the address (as Postfix judges a client's name,
 * since anybody can write any name into a reverse zone); null otherwise, also when a look-up fails.
 */
export async function lookupPtr(resolver: Asker, address: string): Promise<string | null> {
  const reverse = reverseName(address);
  const wanted = normalAddress(address);
  if (reverse === null || wanted === null) return null;
  const pointers = ofType(await resolver.ask(reverse, 'PTR'), 'PTR');
  const [first] = pointers;
  if (!first) return null;
  const name = normalName(first.data);
  const forward = await resolver.ask(name, wanted.includes(':') ? 'AAAA' : 'A');
  return forward.records.some((record) => record.data === wanted) ? name : null;
}

function ofType(answer: DnsResult, type: string): RecordText[] {
  return answer.rcode === 'NOERROR' ? answer.records.filter((record) => record.type === type) : [];
}

function readMx(record: RecordText): { preference: number; name: string } | null {
  const [preference = '', name = '', ...rest] = record.data.split(' ');
  if (!/^\d+$/.test(preference) || name === '' || rest.length > 0) return null;
  return { preference: Number(preference), name: normalName(name) };
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
