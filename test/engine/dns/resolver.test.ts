import dnsPacket from 'dns-packet';
import { describe, expect, it } from 'vitest';
import type { LabEvent, Told } from '../../../src/contract/events.ts';
import type { DnsFault } from '../../../src/contract/model.ts';
import { answerQuery, applyDns, createResolver, emptyDnsState } from '../../../src/engine/dns/index.ts';
import { labZones, queryFor, readBytes, zonesOf } from './fixtures.ts';

type Exchange = (
  query: Buffer,
  tcp: boolean,
) => Buffer | 'timeout' | 'refused' | Promise<Buffer | 'timeout' | 'refused'>;

/** A host with a clock that stands until it is moved, and a server that may be replaced by a stand-in. */
function hostWith(given: { texts?: Record<string, string>; faults?: DnsFault[]; exchange?: Exchange } = {}) {
  const state = emptyDnsState();
  const zones = zonesOf(given.texts ?? labZones);
  const world = { now: 1_000_000, id: 65_530, told: [] as Told[], exchanged: [] as string[], state };
  const serve: Exchange = (query, tcp) =>
    answerQuery({ query, tcp, zones, faults: given.faults ?? [] }).reply ?? 'timeout';
  const resolver = createResolver({
    host: 'c',
    async exchange(query, tcp) {
      world.exchanged.push(tcp ? 'tcp' : 'udp');
      return await (given.exchange ?? serve)(query, tcp);
    },
    cache: () => state.caches['c'],
    tell(event) {
      world.told.push(event);
      applyDns(state, { ...event, n: world.told.length, at: world.now } as LabEvent);
    },
    now: () => world.now,
    nextId: () => world.id++,
  });
  return { ...world, world, resolver, serve };
}

describe('asking', () => {
  it('tells the question and the answer', async () => {
    const { resolver, world } = hostWith();
    const records = [{ name: 'elsewhere.test.', ttl: 120, type: 'MX', data: '10 mx.elsewhere.test.' }];
    expect(await resolver.ask('Elsewhere.TEST.', 'MX')).toEqual({ rcode: 'NOERROR', records });
    expect(world.told).toEqual([
      { kind: 'dns-ask', host: 'c', name: 'elsewhere.test', type: 'MX', tcp: false },
      { kind: 'dns-answer', host: 'c', name: 'elsewhere.test', type: 'MX', rcode: 'NOERROR', records, ttl: 120 },
    ]);
  });

  it('keeps an answer for the shortest TTL on the way, and asks again after it', async () => {
    const { resolver, world } = hostWith();
    const first = await resolver.ask('out.theorganisation.test', 'A');
    expect(first.records.map((record) => record.type)).toEqual(['CNAME', 'A']);
    expect(world.told.at(-1)).toMatchObject({ ttl: 120 });
    world.now += 119_999;
    expect(await resolver.ask('out.theorganisation.test', 'A')).toEqual(first);
    expect(world.exchanged).toEqual(['udp']);
    world.now += 1;
    await resolver.ask('out.theorganisation.test', 'A');
    expect(world.exchanged).toEqual(['udp', 'udp']);
  });

  it.each([
    ['no.theorganisation.test', 'NXDOMAIN', 300],
    ['no.elsewhere.test', 'NXDOMAIN', 120],
    ['mx.elsewhere.test', 'NOERROR', 120],
    ['nowhere.com', 'NXDOMAIN', 300],
  ] as const)('keeps "no" for %s, as the SOA says', async (name, rcode, ttl) => {
    const { resolver, world } = hostWith();
    expect(await resolver.ask(name, 'MX')).toEqual({ rcode, records: [] });
    world.now += ttl * 1000 - 1;
    await resolver.ask(name, 'MX');
    expect(world.exchanged).toHaveLength(1);
    world.now += 1;
    await resolver.ask(name, 'MX');
    expect(world.exchanged).toHaveLength(2);
  });

  it.each([
    [3600, 60, 60],
    [60, 3600, 60],
    [86_400, 86_400, 10_800],
    [null, 0, 0],
  ])('keeps "no" with an SOA of TTL %s and minimum %s for %s s, whoever says it', async (ttl, minimum, kept) => {
    const data = { mname: 'a', rname: 'b', serial: 1, refresh: 1, retry: 1, expire: 1, minimum };
    const authorities = ttl === null ? [] : [{ name: 'elsewhere.test', type: 'SOA', ttl, data }];
    const { resolver, world } = hostWith({
      exchange: (query) => dnsPacket.encode({ ...dnsPacket.decode(query), type: 'response', flags: 3, authorities }),
    });
    expect((await resolver.ask('no.elsewhere.test', 'MX')).rcode).toBe('NXDOMAIN');
    expect(world.told.at(-1)).toMatchObject({ kind: 'dns-answer', ttl: kept });
  });

  it('shares one query among those who ask the same at once', async () => {
    const { resolver, world } = hostWith();
    const answers = await Promise.all([
      resolver.ask('elsewhere.test', 'MX'),
      resolver.ask('ELSEWHERE.test', 'MX'),
      resolver.ask('elsewhere.test', 'A'),
    ]);
    expect(world.exchanged).toHaveLength(2);
    expect(answers[0]).toEqual(answers[1]);
  });

  it('asks by TCP when the answer was cut short', async () => {
    const { resolver, world } = hostWith({ texts: { 'big.test': `@ TXT "${'x'.repeat(250)}" "${'y'.repeat(250)}"` } });
    const { records } = await resolver.ask('big.test', 'TXT');
    expect(records[0]?.data.length).toBeGreaterThan(500);
    expect(world.told.map((event) => (event.kind === 'dns-ask' ? event.tcp : event.kind))).toEqual([
      false,
      true,
      'dns-answer',
    ]);
  });

  it("says NXDOMAIN for what can't be asked, without a query", async () => {
    const { resolver, world } = hostWith();
    for (const name of [
      'a..b',
      'with space.test',
      `${'x'.repeat(64)}.test`,
      'a\\b.test',
      `${'abcdefghi.'.repeat(26)}test`,
    ]) {
      expect(await resolver.ask(name, 'MX')).toEqual({ rcode: 'NXDOMAIN', records: [] });
    }
    expect(world.told).toEqual([]);
  });

  it('asks for a name with umlauts in its ASCII form', async () => {
    const { resolver } = hostWith({ texts: { 'xn--bcher-kva.test': '@ MX 1 a.test.' } });
    expect((await resolver.ask('bücher.test', 'MX')).records).toHaveLength(1);
  });
});

describe('failing', () => {
  it('times out after two tries, and keeps nothing', async () => {
    const { resolver, world } = hostWith({ exchange: () => 'timeout' });
    expect(await resolver.ask('elsewhere.test', 'MX')).toEqual({ rcode: 'TIMEOUT', records: [] });
    expect(world.told.map((event) => event.kind)).toEqual(['dns-ask', 'dns-ask', 'dns-timeout']);
    expect(world.state.caches).toEqual({});
    await resolver.ask('elsewhere.test', 'MX');
    expect(world.exchanged).toHaveLength(4);
  });

  it('is content when the second try is answered', async () => {
    let count = 0;
    const { resolver, serve } = hostWith({ exchange: (query, tcp) => (count++ === 0 ? 'timeout' : serve(query, tcp)) });
    expect((await resolver.ask('elsewhere.test', 'MX')).rcode).toBe('NOERROR');
  });

  it('keeps SERVFAIL and REFUSED for no time', async () => {
    const failing = hostWith({ faults: [{ name: 'elsewhere.test', kind: 'servfail', delayMs: 0 }] });
    expect(await failing.resolver.ask('elsewhere.test', 'MX')).toEqual({ rcode: 'SERVFAIL', records: [] });
    expect(failing.world.told.at(-1)).toMatchObject({ kind: 'dns-answer', ttl: 0 });
    const refused = hostWith({ exchange: () => 'refused' });
    expect(await refused.resolver.ask('elsewhere.test', 'MX')).toEqual({ rcode: 'REFUSED', records: [] });
    expect([failing.world.state.caches, refused.world.state.caches]).toEqual([{}, {}]);
  });

  it('takes FORMERR without a question for a server that fails', async () => {
    const { resolver } = hostWith({
      exchange: (query) => dnsPacket.encode({ type: 'response', id: query.readUInt16BE(0), flags: 1 }),
    });
    expect((await resolver.ask('elsewhere.test', 'MX')).rcode).toBe('SERVFAIL');
  });

  it('does not share a query that has failed', async () => {
    let count = 0;
    const { resolver, serve } = hostWith({
      exchange: (query, tcp) => (count++ === 0 ? Promise.reject(new Error('lab ended')) : serve(query, tcp)),
    });
    await expect(resolver.ask('elsewhere.test', 'MX')).rejects.toThrow('lab ended');
    expect((await resolver.ask('elsewhere.test', 'MX')).rcode).toBe('NOERROR');
  });
});

describe('what is no answer to the question', () => {
  const zones = zonesOf({ ...labZones, 'evil.test': '@ MX 1 mx.evil.test.' });
  const replyTo = (query: Buffer, tcp = false) =>
    answerQuery({ query, tcp, zones, faults: [] }).reply ?? Buffer.alloc(0);
  const withId = (query: Buffer, id: number) => {
    const copy = Buffer.from(query);
    copy.writeUInt16BE(id, 0);
    return copy;
  };

  it.each<[string, (query: Buffer) => Buffer]>([
    ['another id', (query) => withId(replyTo(query), (query.readUInt16BE(0) + 1) & 0xffff)],
    ['another name', (query) => replyTo(queryFor('evil.test', 'MX', { id: query.readUInt16BE(0) }))],
    ['another type', (query) => replyTo(queryFor('elsewhere.test', 'A', { id: query.readUInt16BE(0) }))],
    ['a query', (query) => query],
    ['noise', () => Buffer.from('noise')],
    ['a cut packet', (query) => replyTo(query).subarray(0, 40)],
  ])('%s is as good as none', async (_, forge) => {
    const { resolver, world } = hostWith({ exchange: forge });
    expect(await resolver.ask('elsewhere.test', 'MX')).toEqual({ rcode: 'TIMEOUT', records: [] });
    expect(world.state.caches).toEqual({});
  });

  it('leaves out records that nobody asked for', async () => {
    const extra = { name: 'victim.test.', type: 'A', class: 'IN', ttl: 9, data: '192.0.2.66' };
    const { resolver } = hostWith({
      exchange(query) {
        const packet = dnsPacket.decode(replyTo(query));
        return dnsPacket.encode({ ...packet, answers: [...packet.answers, extra] });
      },
    });
    expect((await resolver.ask('elsewhere.test', 'MX')).records.map((record) => record.name)).toEqual([
      'elsewhere.test.',
    ]);
  });

  it('numbers its queries within 16 bits', async () => {
    const ids: number[] = [];
    const { resolver } = hostWith({ exchange: (query) => (ids.push(query.readUInt16BE(0)), replyTo(query)) });
    for (let count = 0; count < 8; count++) await resolver.ask(`n${count}.elsewhere.test`, 'A');
    expect(ids).toEqual([65_530, 65_531, 65_532, 65_533, 65_534, 65_535, 0, 1]);
    expect(readBytes(replyTo(queryFor('elsewhere.test', 'MX'))).rcode).toBe('NOERROR');
  });
});
