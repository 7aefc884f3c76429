import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { domainOf } from '../../../src/engine/addresses.ts';
import { isPermanent, plainWords, statusOf, wordsOf } from '../../../src/contract/why-words.ts';
import { noTarget, planRoute } from '../../../src/engine/smtp-out/route.ts';
import type { RouteCandidate, RouteInput } from '../../../src/engine/smtp-out/route.ts';

const A = mx(1, 'a.theorganisation.test', '192.0.2.10');
const B = mx(2, 'b.theorganisation.test', '198.51.100.10');
const B_SELF = { names: ['b.theorganisation.test'], addresses: ['198.51.100.10'] };
const STRANGER = { names: ['c.else.test'], addresses: ['203.0.113.10'] };

function mx(preference: number, name: string, ...addresses: string[]): RouteCandidate {
  return { preference, name, addresses, implicit: false };
}

function plan(candidates: RouteCandidate[], more: Partial<RouteInput> = {}) {
  return planRoute({
    domain: 'theorganisation.test',
    addressCountMax: 100,
    candidates,
    self: STRANGER,
    chance: () => 0,
    ...more,
  });
}

/** Numbers from a seed (mulberry32), for tests of fairness. */
function seeded(seed: number): RouteInput['chance'] {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

test('lower preference first, whatever the order of the answer', () => {
  expect(plan([B, A])).toEqual({
    order: [
      { name: 'a.theorganisation.test', address: '192.0.2.10', port: 25, preference: 1 },
      { name: 'b.theorganisation.test', address: '198.51.100.10', port: 25, preference: 2 },
    ],
    dropped: [],
    dead: null,
  });
});

test('each address of a name in turn', () => {
  expect(plan([mx(1, 'a.test', '192.0.2.10', '2001:db8::10')]).order.map((target) => target.address)).toEqual([
    '192.0.2.10',
    '2001:db8::10',
  ]);
});

test('the addresses of one name, and those of equal names, come in any order; IPv4 before IPv6', () => {
  const firsts = new Set<string>();
  const chance = seeded(31);
  for (let i = 0; i < 100; i += 1) {
    const order = plan([mx(1, 'a.test', '192.0.2.1', '192.0.2.2', '2001:db8::1'), mx(1, 'b.test', '192.0.2.3')], {
      chance,
    }).order.map((target) => target.address);
    firsts.add(order.join(' '));
    expect(order.at(-1)).toBe('2001:db8::1');
  }
  expect(firsts.size).toBe(6);
});

test('no more addresses are called than a try may, and the others are named', () => {
  const { order, dropped } = plan([mx(1, 'a.test', '192.0.2.1', '192.0.2.2'), mx(2, 'b.test', '192.0.2.3')], {
    addressCountMax: 2,
  });
  expect(order.map((target) => target.name)).toEqual(['a.test', 'a.test']);
  expect(dropped).toEqual([{ name: 'b.test', reason: '192.0.2.3 is one address more than a try calls (2)' }]);
});

test('chance is asked by name, and only where there is something to choose', () => {
  const asked: [number, string][] = [];
  const chance = (n: number, name: string): number => (asked.push([n, name]), 0);
  plan([A, mx(2, 'x.test', '192.0.2.1'), mx(2, 'y.test', '192.0.2.2'), mx(2, 'z.test', '192.0.2.3')], { chance });
  expect(asked).toEqual([
    [3, 'mx theorganisation.test'],
    [2, 'mx theorganisation.test'],
  ]);
});

describe('this host in the list', () => {
  test.each([['127.0.0.1'], ['127.9.9.9'], ['::1'], ['0:0:0:0:0:0:0:1']])(
    '%s is itself, whatever the MX is called',
    (address) => {
      expect(plan([A, mx(2, 'mx.else.test', address), mx(3, 'z.test', '192.0.2.3')])).toMatchObject({
        order: [{ address: '192.0.2.10' }],
        dead: null,
      });
      expect(plan([mx(2, 'mx.else.test', address)])).toMatchObject({ order: [], dead: 'loop' });
      expect(plan([mx(2, 'mx.else.test', '128.0.0.1')])).toMatchObject({ dead: null });
    },
  );

  test('drops itself and all that are not better', () => {
    const result = plan([A, B, mx(2, 'b2.test', '198.51.100.12'), mx(5, 'd.test', '198.51.100.13')], { self: B_SELF });
    expect(result.order.map((target) => target.name)).toEqual(['a.theorganisation.test']);
    expect(result.dropped).toEqual([
      { name: 'b.theorganisation.test', reason: 'this host itself' },
      { name: 'b2.test', reason: "preference 2 is not better than this host's own 2" },
      { name: 'd.test', reason: "preference 5 is not better than this host's own 2" },
    ]);
    expect(result.dead).toBe(null);
  });
  test('found by an address under another name, or by name without an address', () => {
    expect(plan([mx(1, 'mail.test', '198.51.100.10')], { self: B_SELF })).toMatchObject({ order: [], dead: 'loop' });
    expect(plan([mx(1, 'B.TheOrganisation.test.')], { self: B_SELF })).toMatchObject({ order: [], dead: 'loop' });
    expect(
      plan([mx(1, 'v6.test', '2001:DB8:0::0010')], { self: { names: [], addresses: ['2001:db8::10'] } }).dead,
    ).toBe('loop');
  });
  test('best of all: a loop', () => {
    expect(plan([B, mx(3, 'd.test', '192.0.2.3')], { self: B_SELF })).toMatchObject({ order: [], dead: 'loop' });
  });
  test.each(['servfail', 'nxdomain', 'no-address'] as const)(
    'a better host without an address (%s) makes the mail wait instead, as Postfix does',
    (problem) => {
      const candidates = [{ ...A, addresses: [], problem }, B];
      const result = plan(candidates, { self: B_SELF });
      expect(result).toMatchObject({ order: [], dead: 'no-primary' });
      const why = noTarget('theorganisation.test', result, candidates);
      expect([isPermanent(why), statusOf(why), wordsOf(why)]).toEqual([
        false,
        '4.4.4',
        'unable to find primary relay for theorganisation.test',
      ]);
      expect(plainWords(why)).toContain('a.theorganisation.test');
    },
  );
});

describe('candidates that are of no use', () => {
  test.each([
    ['nxdomain', 'no address: the name does not exist (NXDOMAIN)'],
    ['servfail', 'no address: its name server failed (SERVFAIL)'],
    [undefined, 'no address: the name has neither A nor AAAA'],
  ] as const)('%s', (problem, reason) => {
    const result = plan([{ ...A, addresses: [], problem }, B]);
    expect(result.dropped).toEqual([{ name: A.name, reason }]);
    expect(result.order.map((target) => target.name)).toEqual([B.name]);
  });
  test.each(['192.0.2.10', '192.0.2.10.', '[192.0.2.10]', '2001:db8::1'])('an MX to the address %s', (name) => {
    const result = plan([mx(1, name, '192.0.2.10')]);
    expect(result).toMatchObject({ order: [], dead: null });
    expect(result.dropped[0]?.reason).toMatch(/must name a host/);
  });
  test('but a recipient domain may be a literal', () => {
    expect(
      plan([{ preference: 0, name: '[192.0.2.10]', addresses: ['192.0.2.10'], implicit: true }]).order,
    ).toHaveLength(1);
  });
  test('nothing at all is no loop', () => expect(plan([])).toEqual({ order: [], dropped: [], dead: null }));
});

describe('for any list', () => {
  const names = fc.constantFrom('a.test', 'b.test', 'c.test', 'd.test', 'e.test');
  const addresses = fc.uniqueArray(fc.constantFrom('192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1'), {
    maxLength: 3,
  });
  const lists = fc.array(
    fc.record({ preference: fc.integer({ min: 0, max: 3 }), name: names, addresses, implicit: fc.constant(false) }),
    {
      maxLength: 8,
    },
  );
  const selves = fc.record({
    names: fc.array(names, { maxLength: 1 }),
    addresses: fc.uniqueArray(fc.constantFrom('192.0.2.1', '2001:db8::1'), { maxLength: 1 }),
  });

  test('preferences never decrease, never this host, and every candidate is used or dropped', () => {
    fc.assert(
      fc.property(lists, selves, fc.integer(), (candidates, self, seed) => {
        const { order, dropped, dead } = plan(candidates, { self, chance: seeded(seed) });
        order.forEach((target, i) => expect(target.preference).toBeGreaterThanOrEqual(order[i - 1]?.preference ?? 0));
        for (const target of order) {
          expect(self.names).not.toContain(target.name);
          expect(self.addresses).not.toContain(target.address);
        }
        const usedCount = candidates.filter((one) =>
          order.some((target) => target.name === one.name && target.preference === one.preference),
        ).length;
        expect(usedCount + dropped.length).toBeGreaterThanOrEqual(candidates.length);
        if (dead !== null) expect(order).toEqual([]);
      }),
    );
  });

  test('equals take the lead equally often', () => {
    const chance = seeded(8812);
    const orders = new Map<string, number>();
    for (let i = 0; i < 6000; i += 1) {
      const { order } = plan([mx(1, 'a', '192.0.2.1'), mx(1, 'b', '192.0.2.2'), mx(1, 'c', '192.0.2.3')], { chance });
      const key = order.map((target) => target.name).join('');
      orders.set(key, (orders.get(key) ?? 0) + 1);
    }
    expect(orders.size).toBe(6);
    // 1000 each; five standard deviations are 144
    for (const count of orders.values()) expect(Math.abs(count - 1000)).toBeLessThan(144);
  });
});

test('the domain of an address', () => {
  expect(domainOf('Alice@TheOrganisation.TEST.')).toBe('theorganisation.test');
  expect(domainOf('"a@b"@c.test')).toBe('c.test');
  expect(domainOf('alice@[192.0.2.1]')).toBe('[192.0.2.1]');
  expect(domainOf('postmaster')).toBe('');
  expect(domainOf('')).toBe('');
});
