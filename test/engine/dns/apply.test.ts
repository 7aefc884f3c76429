import { describe, expect, it } from 'vitest';
import type { LabEvent, Told } from '../../../src/contract/events.ts';
import { applyDns, emptyDnsState } from '../../../src/engine/dns/index.ts';

function applied(...events: Told[]) {
  const state = emptyDnsState();
  for (const [index, event] of events.entries()) applyDns(state, { ...event, n: index + 1, at: 1000 } as LabEvent);
  return state;
}

const answer = (host: string, ttl: number, name = 'Elsewhere.test'): Told => ({
  kind: 'dns-answer',
  host,
  name,
  type: 'MX',
  rcode: 'NOERROR',
  records: [{ name: 'elsewhere.test.', ttl, type: 'MX', data: '1 a.elsewhere.test.' }],
  ttl,
});
const zone = (name: string, view: string | null, text: string): Told => ({
  kind: 'zone-set',
  zone: { name, view, text },
});

describe('applyDns', () => {
  it('replaces a zone of the same name and view, in its place', () => {
    const state = applied(
      zone('a.test', null, '1'),
      zone('b.test', null, '2'),
      zone('a.test', 'office', '3'),
      zone('A.test.', null, '4'),
    );
    expect(state.zones.map(({ view, text, serial }) => [view, text, serial])).toEqual([
      [null, '4', 2],
      [null, '2', 1],
      ['office', '3', 1],
    ]);
  });

  it('sets, replaces and clears faults by name', () => {
    const set = (name: string, kind: 'servfail' | 'nxdomain'): Told => ({
      kind: 'dns-fault-set',
      fault: { name, kind, delayMs: 0 },
    });
    expect(applied(set('a.test', 'servfail'), set('.', 'servfail'), set('A.test', 'nxdomain')).faults).toEqual([
      { name: 'A.test', kind: 'nxdomain', delayMs: 0 },
      { name: '.', kind: 'servfail', delayMs: 0 },
    ]);
    expect(applied(set('a.test', 'servfail'), { kind: 'dns-fault-clear', name: 'a.test.' }).faults).toEqual([]);
  });

  it('keeps an answer until its TTL is over, and one without TTL not at all', () => {
    expect(applied(answer('c', 60)).caches).toEqual({
      c: { 'elsewhere.test MX': expect.objectContaining({ until: 61_000, rcode: 'NOERROR' }) },
    });
    expect(applied(answer('c', 0)).caches).toEqual({});
  });

  it('forgets what has run out, the same when it is read back from the middle on', () => {
    const asked = Array.from(
      { length: 5_000 },
      (_, i) => ({ ...answer('c', i % 100 === 0 ? 90_000 : 60, `d${i}.test`), n: i + 1, at: i * 1_000 }) as LabEvent,
    );
    const [state, half] = [emptyDnsState(), emptyDnsState()];
    for (const event of asked) applyDns(state, event);
    for (const event of asked.slice(0, 2_500)) applyDns(half, event);
    const readBack = JSON.parse(JSON.stringify(half)) as typeof half;
    for (const event of asked.slice(2_500)) applyDns(readBack, event);
    expect(JSON.stringify(readBack)).toBe(JSON.stringify(state));
    const names = Object.values(state.caches['c']!).map(({ name }) => name);
    expect(names.length).toBeLessThan(450);
    expect(names).toEqual(
      expect.arrayContaining([
        ...Array.from({ length: 50 }, (_, i) => `d${100 * i}.test`),
        ...Array.from({ length: 60 }, (_, i) => `d${4_940 + i}.test`),
      ]),
    );
  });

  it('empties the cache with the machine, not with its daemon', () => {
    expect(Object.keys(applied(answer('c', 60), answer('b', 60), { kind: 'host-stop', host: 'c' }).caches)).toEqual([
      'c',
      'b',
    ]);
    expect(Object.keys(applied(answer('c', 60), answer('b', 60), { kind: 'host-crash', host: 'c' }).caches)).toEqual([
      'b',
    ]);
    expect(Object.keys(applied(answer('c', 60), answer('b', 60), { kind: 'host-off', host: 'b' }).caches)).toEqual([
      'c',
    ]);
    expect(applied(answer('c', 60), { kind: 'lab-reopen', version: '1', scripted: true }).caches).toEqual({});
  });
});
