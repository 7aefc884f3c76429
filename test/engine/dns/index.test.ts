import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { DnsState, ZoneInForce } from '../../../src/contract/model.ts';
import { createDnsServer } from '../../../src/engine/dns/index.ts';
import { queryFor, readBytes } from './fixtures.ts';
import { table } from '../../../src/contract/table.ts';

const zone = (view: string | null, text: string, name = 'theorganisation.test', serial = 1): ZoneInForce => ({
  name,
  view,
  text,
  serial,
});

function serverOf(zones: ZoneInForce[]) {
  const state: DnsState = { zones, faults: [], caches: table(), cacheSweepIn: 0, askCount: 0 };
  const server = createDnsServer({ state: () => state });
  const ask = (network: string | null, name = 'a.theorganisation.test', type = 'A') => {
    const { reply } = server.answer({ query: queryFor(name, type), tcp: false, network });
    const { rcode, answers } = readBytes(reply ?? Buffer.alloc(0));
    return answers[0] ?? rcode;
  };
  return { state, ask };
}

describe('views', () => {
  it('show each network its own text, and all others the common one', () => {
    const { ask } = serverOf([
      zone(null, 'a A 203.0.113.10'),
      zone('office', 'a A 192.0.2.10', 'TheOrganisation.test.'),
    ]);
    expect(ask('office')).toBe('a.theorganisation.test. 3600 A 192.0.2.10');
    expect(ask('internet')).toBe('a.theorganisation.test. 3600 A 203.0.113.10');
    expect(ask(null)).toBe('a.theorganisation.test. 3600 A 203.0.113.10');
  });

  it('hide a zone from those without a text for them', () => {
    const { ask } = serverOf([zone('office', 'a A 192.0.2.10')]);
    expect(ask('office')).toContain('192.0.2.10');
    expect(ask('internet')).toBe('NXDOMAIN');
    expect(ask(null)).toBe('NXDOMAIN');
  });

  it('hold for reverse names too', () => {
    const { ask } = serverOf([zone(null, 'a A 203.0.113.10'), zone('office', 'a A 192.0.2.10')]);
    expect(ask('office', '10.2.0.192.in-addr.arpa', 'PTR')).toContain('a.theorganisation.test.');
    expect(ask('internet', '10.2.0.192.in-addr.arpa', 'PTR')).toBe('NXDOMAIN');
  });
});

describe('the live state', () => {
  it('counts at once when a text changes', () => {
    const { state, ask } = serverOf([zone(null, 'a A 192.0.2.10')]);
    expect(ask(null)).toContain('192.0.2.10');
    for (let edit = 1; edit < 200; edit++) {
      state.zones = [zone(null, `a A 192.0.2.${edit}`)];
      expect(ask(null)).toContain(` 192.0.2.${edit}`);
    }
  });

  it('has a serial that grows with each edit, where the text states none', () => {
    const { state, ask } = serverOf([zone(null, 'a A 192.0.2.1')]);
    const serial = (): string | undefined => /SOA \S+ \S+ (\d+) /.exec(ask(null, 'theorganisation.test', 'SOA'))?.[1];
    expect(serial()).toBe('1');
    state.zones = [zone(null, 'a A 192.0.2.1', 'theorganisation.test', 2)];
    expect(serial()).toBe('2');
    state.zones = [zone(null, '@ SOA ns hostmaster 2026030201 1h 15m 1w 5m\na A 192.0.2.1', 'theorganisation.test', 3)];
    expect(serial()).toBe('2026030201');
  });

  it('answers SERVFAIL for a zone whose text is broken, and the others go on', () => {
    const { ask } = serverOf([zone(null, 'a A nonsense'), zone(null, 'mx A 203.0.113.30', 'elsewhere.test')]);
    expect(ask(null)).toBe('SERVFAIL');
    expect(ask(null, 'mx.elsewhere.test')).toContain('203.0.113.30');
  });

  it('alone is remembered, however often a text is set again', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const text = Array.from({ length: 2_000 }, (_, i) => `a${i} A 192.0.2.1\n`).join('');
    const { state, ask } = serverOf([zone(null, text)]);
    const heldBytes = (): number => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    ask(null);
    const before = heldBytes();
    for (let serial = 2; serial < 60; serial += 1) {
      state.zones = [zone(null, text, 'theorganisation.test', serial)];
      ask(null);
    }
    expect(heldBytes() - before).toBeLessThan(10_000_000);
  });
});
