import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DnsFault } from '../../../src/contract/model.ts';
import { answerQuery } from '../../../src/engine/dns/index.ts';
import { askServer, labZones, queryFor, readBytes, zonesOf } from './fixtures.ts';

const zones = zonesOf(labZones);
const madeUpSoa =
  'theorganisation.test. 300 SOA ns.theorganisation.test. hostmaster.theorganisation.test. 1 3600 900 604800 300';
const rootSoa = '. 300 SOA . . 1 3600 900 604800 300';
const fault = (name: string, kind: DnsFault['kind'], delayMs = 0): DnsFault => ({ name, kind, delayMs });

describe('answers', () => {
  it('come with authority, and MX with addresses', () => {
    const { packet, answers, additionals, rcode } = askServer(zones, 'TheOrganisation.test', 'MX');
    expect(rcode).toBe('NOERROR');
    expect(packet).toMatchObject({
      id: 4711,
      flag_qr: true,
      flag_aa: true,
      flag_rd: true,
      flag_ra: true,
      flag_tc: false,
    });
    expect(packet.questions).toEqual([{ name: 'TheOrganisation.test', type: 'MX', class: 'IN' }]);
    expect(answers).toEqual([
      'theorganisation.test. 3600 MX 1 a.theorganisation.test.',
      'theorganisation.test. 3600 MX 2 b.theorganisation.test.',
    ]);
    expect(additionals).toEqual([
      'a.theorganisation.test. 3600 A 192.0.2.10',
      'b.theorganisation.test. 60 A 198.51.100.20',
      'b.theorganisation.test. 60 AAAA 2001:db8::20',
    ]);
  });

  it('come from the longest zone', () => {
    expect(askServer(zones, 'a.sub.theorganisation.test', 'A').answers).toEqual([
      'a.sub.theorganisation.test. 3600 A 192.0.2.77',
    ]);
  });

  it('hold MD and MF, query types 3 and 4', () => {
    const md = askServer(zones, 'md.elsewhere.test', 'MD');
    expect(md.packet.questions[0]?.type).toBe('UNKNOWN_3');
    expect(md.answers).toEqual(['md.elsewhere.test. 120 MD mx.elsewhere.test.']);
    expect(md.additionals).toEqual(['mx.elsewhere.test. 120 A 203.0.113.30']);
    expect(askServer(zones, 'mf.elsewhere.test', 'MF').answers).toEqual([
      'mf.elsewhere.test. 120 MF mx.elsewhere.test.',
    ]);
    expect(askServer(zones, 'md.elsewhere.test', 'MF')).toMatchObject({ rcode: 'NOERROR', answers: [] });
  });

  it('hold everything for ANY', () => {
    expect(
      askServer(zones, 'theorganisation.test', 'ANY', { tcp: true }).answers.map((line) => line.split(' ')[2]),
    ).toEqual(['SOA', 'MX', 'MX', 'A', 'TXT']);
    expect(askServer(zones, 'w.theorganisation.test', 'ANY').answers).toEqual([
      'w.theorganisation.test. 3600 CNAME a.theorganisation.test.',
    ]);
  });

  it('hold what a wildcard makes, under the name asked for', () => {
    expect(askServer(zones, 'any.thing.wild.theorganisation.test', 'A').answers).toEqual([
      'any.thing.wild.theorganisation.test. 3600 A 192.0.2.44',
    ]);
    expect(askServer(zones, 'x.wild.theorganisation.test', 'A')).toMatchObject({ rcode: 'NOERROR', answers: [] });
    expect(askServer(zones, 'y.x.wild.theorganisation.test', 'A').rcode).toBe('NXDOMAIN');
  });
});

describe('negative answers (RFC 2308)', () => {
  it.each([
    ['nobody.theorganisation.test', 'A', 'NXDOMAIN', madeUpSoa],
    ['a.theorganisation.test', 'MX', 'NOERROR', madeUpSoa],
    ['down.theorganisation.test', 'A', 'NOERROR', madeUpSoa],
    [
      'elsewhere.test',
      'A',
      'NOERROR',
      'elsewhere.test. 120 SOA ns.elsewhere.test. boss.elsewhere.test. 9 3600 900 604800 120',
    ],
    ['example.com', 'MX', 'NXDOMAIN', rootSoa],
    ['test', 'A', 'NOERROR', rootSoa],
    ['.', 'NS', 'NOERROR', rootSoa],
  ])('%s %s is %s', (name, type, rcode, soa) => {
    expect(askServer(zones, name, type)).toMatchObject({
      rcode,
      answers: [],
      authorities: [soa],
      packet: { flag_aa: true },
    });
  });

  it('take $TTL for the made-up minimum when it is shorter', () => {
    expect(askServer(zonesOf({ 'short.test': '$TTL 10\n@ A 192.0.2.1' }), 'x.short.test', 'A').authorities[0]).toMatch(
      /^short\.test\. 10 SOA .* 10$/,
    );
  });

  it('never let the SOA live longer than its minimum', () => {
    expect(askServer(zonesOf({ 'z.test': '@ 1d SOA a b 1 2 3 4 60' }), 'x.z.test', 'A').authorities[0]).toMatch(
      /^z\.test\. 60 SOA /,
    );
  });
});

describe('CNAME', () => {
  it('is followed, also into another zone', () => {
    expect(askServer(zones, 'w.theorganisation.test', 'A').answers).toEqual([
      'w.theorganisation.test. 3600 CNAME a.theorganisation.test.',
      'a.theorganisation.test. 3600 A 192.0.2.10',
    ]);
    expect(askServer(zones, 'out.theorganisation.test', 'A').answers[1]).toBe('mx.elsewhere.test. 120 A 203.0.113.30');
    expect(askServer(zones, 'w.theorganisation.test', 'CNAME').answers).toHaveLength(1);
  });

  it('to nothing: NXDOMAIN with the alias; to a name without such data: NODATA with its SOA', () => {
    expect(askServer(zones, 'lost.theorganisation.test', 'A')).toMatchObject({
      rcode: 'NXDOMAIN',
      answers: ['lost.theorganisation.test. 3600 CNAME mx.nowhere.test.'],
      authorities: [rootSoa],
    });
    expect(askServer(zones, 'out.theorganisation.test', 'MX')).toMatchObject({
      rcode: 'NOERROR',
      authorities: [expect.stringMatching(/^elsewhere\.test\. /)],
    });
  });

  it('in a circle, or in a chain of 17, is SERVFAIL', () => {
    expect(askServer(zones, 'l1.theorganisation.test', 'A')).toMatchObject({ rcode: 'SERVFAIL', answers: [] });
    const chain = (count: number) =>
      zonesOf({
        'c.test': `${Array.from({ length: count }, (_, i) => `n${i} CNAME n${i + 1}`).join('\n')}\nn${count} A 192.0.2.1`,
      });
    expect(askServer(chain(16), 'n0.c.test', 'A', { tcp: true }).answers).toHaveLength(17);
    expect(askServer(chain(17), 'n0.c.test', 'A').rcode).toBe('SERVFAIL');
  });
});

describe('PTR', () => {
  it("is made from address records, the host before the zone's own name", () => {
    expect(askServer(zones, '10.2.0.192.in-addr.arpa', 'PTR').answers).toEqual([
      '10.2.0.192.in-addr.arpa. 3600 PTR a.theorganisation.test.',
    ]);
    expect(askServer(zones, `0.2.${'0.'.repeat(22)}8.b.d.0.1.0.0.2.ip6.arpa`, 'PTR').answers[0]).toContain(
      'PTR b.theorganisation.test.',
    );
    expect(askServer(zones, '9.9.9.9.in-addr.arpa', 'PTR').rcode).toBe('NXDOMAIN');
    expect(askServer(zones, '10.2.0.192.in-addr.arpa', 'A')).toMatchObject({ rcode: 'NOERROR', answers: [] });
  });

  it("comes from the lab's own reverse zone, where there is one", () => {
    const withReverse = [...zones, ...zonesOf({ '2.0.192.in-addr.arpa': '10 PTR liar.test.' })];
    expect(askServer(withReverse, '10.2.0.192.in-addr.arpa', 'PTR').answers).toEqual([
      '10.2.0.192.in-addr.arpa. 3600 PTR liar.test.',
    ]);
    expect(askServer(withReverse, '33.2.0.192.in-addr.arpa', 'PTR').rcode).toBe('NXDOMAIN');
    expect(askServer(withReverse, '30.113.0.203.in-addr.arpa', 'PTR').answers[0]).toContain('mx.elsewhere.test.');
  });
});

describe('size', () => {
  const hosts = Array.from({ length: 9 }, (_, i) => `@ MX ${i} h${i}\nh${i} A 192.0.2.${i}`).join('\n');
  const big = zonesOf({
    'big.test': `t TXT "${'x'.repeat(250)}" "${'y'.repeat(250)}"\n${hosts}`,
  });

  it('over 512 bytes by UDP: truncated, whole by TCP or with EDNS', () => {
    const cut = askServer(big, 't.big.test', 'TXT');
    expect(cut).toMatchObject({ rcode: 'NOERROR', answers: [], packet: { flag_tc: true } });
    expect(cut.bytes.length).toBeLessThanOrEqual(512);
    expect(askServer(big, 't.big.test', 'TXT', { tcp: true })).toMatchObject({
      answers: [expect.any(String)],
      packet: { flag_tc: false },
    });
    expect(askServer(big, 't.big.test', 'TXT', { opt: {} }).packet.flag_tc).toBe(false);
    expect(askServer(big, 't.big.test', 'TXT', { opt: { udpPayloadSize: 100 } }).packet.flag_tc).toBe(true);
  });

  it('leaves additional records out before it truncates', () => {
    const { packet, answers, additionals, bytes } = askServer(big, 'big.test', 'MX');
    expect(packet.flag_tc).toBe(false);
    expect(answers).toHaveLength(9);
    expect(additionals).toHaveLength(0);
    expect(bytes.length).toBeLessThanOrEqual(512);
  });
});

describe('EDNS', () => {
  it('gets an OPT record back, with DO, and only when asked', () => {
    expect(
      askServer(zones, 'elsewhere.test', 'MX', {
        opt: { flags: 0x8000, options: [{ code: 10, data: Buffer.alloc(8) }] },
      }).packet.additionals.at(-1),
    ).toMatchObject({ type: 'OPT', ednsVersion: 0, udpPayloadSize: 1232, flag_do: true, options: [] });
    expect(askServer(zones, 'elsewhere.test', 'A').packet.additionals).toEqual([]);
  });

  it('of version 1 is BADVERS', () => {
    expect(askServer(zones, 'elsewhere.test', 'MX', { opt: { ednsVersion: 1 } }).packet).toMatchObject({
      answers: [],
      additionals: [{ type: 'OPT', extendedRcode: 1, ednsVersion: 0 }],
    });
  });
});

describe('what is no proper question', () => {
  const send = (query: Buffer) => {
    const { reply } = answerQuery({ query, tcp: false, zones, faults: [] });
    return reply && readBytes(reply);
  };

  it('hears nothing, when it is no query', () => {
    expect(send(Buffer.alloc(0))).toBeNull();
    expect(send(Buffer.alloc(11))).toBeNull();
    const reply = queryFor('elsewhere.test', 'MX');
    reply.writeUInt8(0x80, 2);
    expect(send(reply)).toBeNull();
  });

  it("hears FORMERR, when it can't be read", () => {
    expect(send(Buffer.from('12340100000100000000000005', 'hex'))).toMatchObject({
      rcode: 'FORMERR',
      packet: { id: 0x1234, questions: [] },
    });
    expect(send(Buffer.from('123401000000000000000000', 'hex'))).toMatchObject({ rcode: 'FORMERR' });
    expect(send(Buffer.from('12340100000100000000000003612e62c00c00010001', 'hex'))).toMatchObject({
      rcode: 'FORMERR',
    });
  });

  it('hears NOTIMP for another opcode, REFUSED for zone transfer and another class', () => {
    expect(askServer(zones, 'elsewhere.test', 'MX', { flags: 0x1000 })).toMatchObject({
      rcode: 'NOTIMP',
      packet: { opcode: 'STATUS' },
    });
    expect(askServer(zones, 'elsewhere.test', 'AXFR', { tcp: true }).rcode).toBe('REFUSED');
    expect(askServer(zones, 'version.bind', 'TXT', { class: 'CH' })).toMatchObject({
      rcode: 'REFUSED',
      packet: { flag_aa: false },
    });
  });

  it('never makes the server throw', () => {
    const good = queryFor('theorganisation.test', 'MX', { opt: {} });
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array)),
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }).map((edits) => {
        const query = Buffer.from(good);
        for (const [index, byte] of edits) query.writeUInt8(byte, index);
        return query;
      }),
    );
    fc.assert(
      fc.property(bytes, (query) => {
        const { reply } = answerQuery({ query, tcp: false, zones, faults: [] });
        if (reply) expect(reply.readUInt16BE(0)).toBe(query.readUInt16BE(0));
      }),
      { numRuns: 3000, seed: 7 },
    );
  });
});

describe('faults', () => {
  it('cover the domain and all below it, the longest name first', () => {
    const faults = [
      fault('.', 'servfail'),
      fault('elsewhere.test.', 'nxdomain'),
      fault('mx.elsewhere.test', 'slow', 250),
    ];
    expect(askServer(zones, 'a.theorganisation.test', 'A', { faults })).toMatchObject({
      rcode: 'SERVFAIL',
      packet: { flag_aa: false },
    });
    expect(askServer(zones, 'elsewhere.test', 'MX', { faults })).toMatchObject({
      rcode: 'NXDOMAIN',
      answers: [],
      authorities: [expect.stringContaining('SOA')],
    });
    expect(askServer(zones, 'mx.elsewhere.test', 'A', { faults })).toMatchObject({
      rcode: 'NOERROR',
      delayMs: 250,
      answers: [expect.stringContaining('203.0.113.30')],
    });
  });

  it('reach who comes by an alias', () => {
    expect(
      askServer(zones, 'out.theorganisation.test', 'A', { faults: [fault('elsewhere.test', 'servfail')] }).rcode,
    ).toBe('SERVFAIL');
    expect(
      askServer(zones, 'out.theorganisation.test', 'A', { faults: [fault('elsewhere.test', 'nxdomain')] }),
    ).toMatchObject({
      rcode: 'NXDOMAIN',
      answers: [expect.any(String)],
    });
  });

  it('can be silence', () => {
    expect(
      answerQuery({ query: queryFor('elsewhere.test', 'MX'), tcp: false, zones, faults: [fault('test', 'no-answer')] })
        .reply,
    ).toBeNull();
  });

  it('keep additional records back', () => {
    expect(
      askServer(zones, 'elsewhere.test', 'MX', { faults: [fault('mx.elsewhere.test', 'servfail')] }).additionals,
    ).toEqual([]);
  });
});
