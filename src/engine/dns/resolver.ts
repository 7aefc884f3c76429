/**
 * The resolver of one host: its cache first, then the lab's name server over UDP, and over TCP when the
 * answer was cut short (RFC 1035 §4.2, RFC 7766 §5). It tells what happened; `applyDns` fills the cache from that.
 */
import dnsPacket from 'dns-packet';
import type { Told } from '../../contract/events.ts';
import type { CacheEntry, HostKey, Instant, RecordText } from '../../contract/model.ts';
import type { Table } from '../../contract/table.ts';
import { askableName, cacheKey } from './names.ts';
import { wireType } from './record.ts';
import type { RecordType } from './record.ts';
import { readReply } from './reply.ts';
import type { ReadReply } from './reply.ts';

export interface DnsResult {
  rcode: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED' | 'TIMEOUT';
  /** The CNAMEs that were followed, in order, then the records asked for. */
  records: RecordText[];
}

export interface ResolverDeps {
  host: HostKey;
  /** Sends one query and waits for what comes back; the time-out is the exchange's own. */
  exchange(query: Buffer, tcp: boolean): Promise<Buffer | 'timeout' | 'refused'>;
  /** The host's cache in the live state; it is only read here. */
  cache(): Table<CacheEntry> | undefined;
  tell(event: Told): void;
  now(): Instant;
  /** Number for a query; its low 16 bits are used. */
  nextId(): number;
}

export interface Resolver {
  /** Looks a name up, with or without a dot at its end. Never throws for a bad name: such a one doesn't exist (NXDOMAIN). */
  ask(name: string, type: RecordType): Promise<DnsResult>;
}

const udpTryCountMax = 2;
const recursionDesired = 0x0100;

export function createResolver(deps: ResolverDeps): Resolver {
  const inFlight = new Map<string, Promise<DnsResult>>();
  return {
    ask(name, type) {
      const asked = askableName(name);
      if (asked === null) return Promise.resolve({ rcode: 'NXDOMAIN', records: [] });
      const key = cacheKey(asked, type);
      const entry = deps.cache()?.[key];
      if (entry && entry.until > deps.now()) return Promise.resolve({ rcode: entry.rcode, records: entry.records });
      const begun = inFlight.get(key);
      if (begun) return begun;
      const result = askServer(deps, asked, type).finally(() => inFlight.delete(key));
      inFlight.set(key, result);
      return result;
    },
  };
}

async function askServer(deps: ResolverDeps, name: string, type: RecordType): Promise<DnsResult> {
  const { host } = deps;
  const reply = await replyFor(deps, name, type);
  if (reply === 'timeout') {
    deps.tell({ kind: 'dns-timeout', host, name, type });
    return { rcode: 'TIMEOUT', records: [] };
  }
  const { rcode, records, ttl } = reply;
  deps.tell({ kind: 'dns-answer', host, name, type, rcode, records, ttl });
  return { rcode, records };
}

/** An answer that isn't to this question counts as none: it may be forged, and the next try may bring the true one. */
async function replyFor(deps: ResolverDeps, name: string, type: RecordType): Promise<Answered | 'timeout'> {
  for (let tryCount = 0; tryCount < udpTryCountMax; tryCount++) {
    const byUdp = await exchangeOnce(deps, name, type, false);
    const reply = byUdp !== 'none' && byUdp.kind === 'truncated' ? await exchangeOnce(deps, name, type, true) : byUdp;
    if (reply !== 'none' && reply.kind === 'answer') return reply;
  }
  return 'timeout';
}

type Answered = Extract<ReadReply, { kind: 'answer' }>;

async function exchangeOnce(
  deps: ResolverDeps,
  name: string,
  type: RecordType,
  tcp: boolean,
): Promise<Exclude<ReadReply, { kind: 'bad' }> | 'none'> {
  const id = deps.nextId() & 0xffff;
  const query = dnsPacket.encode({
    type: 'query',
    id,
    flags: recursionDesired,
    questions: [{ name: name || '.', type: wireType(type), class: 'IN' }],
  });
  deps.tell({ kind: 'dns-ask', host: deps.host, name, type, tcp });
  const bytes = await deps.exchange(query, tcp);
  if (bytes === 'refused') return { kind: 'answer', rcode: 'REFUSED', records: [], ttl: 0 };
  if (bytes === 'timeout') return 'none';
  const reply = readReply(bytes, { id, name, type, tcp });
  return reply.kind === 'bad' ? 'none' : reply;
}
