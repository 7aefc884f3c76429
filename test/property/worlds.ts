/** Random worlds and scripts for property tests: the text of a lab file, made from small numbers that fast-check can shrink. */
import fc from 'fast-check';

const KEYS = ['a', 'b', 'c', 'd', 'e'];
const NETWORKS = { office: '192.0.2', provider: '198.51.100', internet: '203.0.113' };
const NETWORK_KEYS = Object.keys(NETWORKS) as (keyof typeof NETWORKS)[];

const mx = fc.array(fc.record({ host: fc.nat(4), preference: fc.integer({ min: 1, max: 2 }) }), {
  minLength: 1,
  maxLength: 3,
});

const host = fc.record({
  network: fc.nat(2),
  preset: fc.constantFrom('postfix', 'sendmail', 'exim', 'opensmtpd', 'qmail', 'article'),
  warn: fc.constantFrom('never', '10m', '1h', '4h'),
  giveUp: fc.constantFrom('2h', '1d', '4d'),
  relays: fc.array(fc.nat(4), { maxLength: 3 }),
  knows: fc.boolean(),
  anyMailbox: fc.boolean(),
  disk: fc.option(fc.constantFrom('150KB', '400KB', '2MB'), { freq: 2 }),
  reserve: fc.constantFrom('0', '20KB'),
  permanent: fc.boolean(),
  quota: fc.option(fc.constantFrom('30KB', '200KB'), { freq: 4 }),
  greylist: fc.option(fc.constantFrom('5m', '1h'), { freq: 4 }),
  content: fc.boolean(),
  dsn: fc.boolean(),
  pipelining: fc.boolean(),
  enhanced: fc.boolean(),
  eightBit: fc.boolean(),
  relayDenied: fc.constantFrom('temporary', 'permanent'),
  hops: fc.constantFrom(5, 10, 25),
  connections: fc.constantFrom(1, 2, 20),
  size: fc.constantFrom('40KB', '10MB'),
  doubleBounce: fc.boolean(),
  converts: fc.boolean(),
  mx,
  /** Whether the host where the domain ends is among its MX, as it should be. */
  mxRight: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
  /** Another zone for one network. */
  view: fc.option(fc.record({ network: fc.nat(2), mx }), { freq: 6 }),
});

export type World = {
  hosts: (typeof host extends fc.Arbitrary<infer H> ? H : never)[];
  steps: StepPlan[];
  seed: number;
};

/** Domains that no host is final for: one that isn't there, one that takes no mail, one that each network sees elsewhere. */
const [NOWHERE, CLOSED, CIRCLE] = [5, 6, 7] as const;

const hostIndex = fc.nat(4);
const domainIndex = fc.oneof(
  { weight: 12, arbitrary: fc.nat(4) },
  { weight: 1, arbitrary: fc.constantFrom(NOWHERE, CLOSED, CIRCLE) },
);
const user = fc.constantFrom('u0', 'u0', 'u1', 'nobody', 'postmaster');

const send = fc.record({
  step: fc.constant('send' as const),
  from: fc.oneof({ weight: 9, arbitrary: hostIndex }, { weight: 1, arbitrary: fc.constant(null) }),
  via: hostIndex,
  home: fc.integer({ min: 0, max: 3 }).map((n) => n > 0),
  to: fc.array(fc.record({ user, domain: domainIndex }), { minLength: 1, maxLength: 4 }),
  count: fc.constantFrom(1, 1, 2, 5, 12),
  every: fc.constantFrom('0s', '1s', '20m'),
  size: fc.option(fc.constantFrom('1KB', '30KB', '60KB')),
  spam: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
  eight: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  notify: fc.constantFrom(null, null, ['never'], ['success', 'failure', 'delay'], ['failure'], ['delay'], ['success']),
  ret: fc.constantFrom(null, 'full', 'hdrs'),
});

const fault = fc.record({
  step: fc.constant('fault' as const),
  host: hostIndex,
  when: fc.oneof(
    fc.constant('final-dot'),
    fc.constantFrom('EHLO', 'MAIL', 'RCPT', 'DATA', 'QUIT').map((command) => ({ command })),
    fc.constantFrom('10', '300', '5KB', '20KB').map((bytes) => ({ bytes })),
  ),
  then: fc.oneof(
    fc.constantFrom('cut', 'reset'),
    fc
      .constantFrom('451 4.3.0 Not now', '421 4.3.2 Leaving', '550 5.7.1 Never', '554 No')
      .map((answer) => ({ answer })),
    fc.constantFrom('5s', '11m').map((delay) => ({ delay })),
  ),
  times: fc.constantFrom(1, 3, 100),
});

const simple = fc.record({
  step: fc.constantFrom(
    'stop',
    'start',
    'crash',
    'off',
    'cut',
    'mend',
    'reset',
    'lose-replies',
    'slow',
    'flush',
    'hold',
    'release',
    'retry',
    'delete',
    'fill-disk',
    'free-disk',
  ),
  host: hostIndex,
});

const name = fc.record({
  step: fc.constantFrom('zone' as const, 'dns-fault' as const, 'dns-mend' as const),
  domain: fc.nat(4),
  kind: fc.constantFrom('no-answer', 'servfail', 'nxdomain', 'slow'),
  edit: fc.oneof(
    { weight: 3, arbitrary: mx },
    { weight: 1, arbitrary: fc.constantFrom('null-mx', 'nothing', 'address') },
  ),
});

const firewall = fc.record({
  step: fc.constant('firewall' as const),
  rules: fc.array(fc.record({ action: fc.constantFrom('drop', 'reject', 'allow'), from: hostIndex, to: hostIndex }), {
    maxLength: 3,
  }),
});

const pass = fc.record({
  step: fc.constant('pass' as const),
  time: fc.constantFrom('20s', '3m', '1h', '5h', '1d') as fc.Arbitrary<string>,
});

export type StepPlan =
  | (typeof send extends fc.Arbitrary<infer S> ? S : never)
  | (typeof fault extends fc.Arbitrary<infer S> ? S : never)
  | (typeof simple extends fc.Arbitrary<infer S> ? S : never)
  | (typeof name extends fc.Arbitrary<infer S> ? S : never)
  | (typeof firewall extends fc.Arbitrary<infer S> ? S : never)
  | (typeof pass extends fc.Arbitrary<infer S> ? S : never);

const step = fc.oneof(
  { weight: 5, arbitrary: send },
  { weight: 3, arbitrary: pass },
  { weight: 4, arbitrary: simple },
  { weight: 2, arbitrary: fault },
  { weight: 1, arbitrary: name },
  { weight: 1, arbitrary: firewall },
) as fc.Arbitrary<StepPlan>;

/** Mail for a host that something happens to meanwhile: what single steps seldom meet. */
const scene = fc
  .record({
    victim: hostIndex,
    sender: hostIndex,
    misfortune: fc.constantFrom(
      'off',
      'stop',
      'crash',
      'cut',
      'lose-replies',
      'slow',
      'fill-disk',
      'fault',
      'fault',
      'fault',
    ),
    fault,
    send,
    before: fc.boolean(),
    wait: fc.constantFrom('1s', '20s', '2m', '6h'),
    then: fc.constantFrom('delete', 'hold', 'retry', 'flush', 'crash', 'stop', 'off', 'reset', 'cut', 'start'),
    toWhom: fc.boolean(),
  })
  .map((plan): StepPlan[] => {
    const misfortune: StepPlan =
      plan.misfortune === 'fault'
        ? { ...plan.fault, host: plan.victim }
        : ({ step: plan.misfortune, host: plan.victim } as StepPlan);
    const mail: StepPlan = {
      ...plan.send,
      from: plan.sender,
      home: true,
      to: [{ user: 'u0', domain: plan.victim }, ...plan.send.to.slice(0, 2)],
    };
    const meanwhile = { step: plan.then, host: plan.toWhom ? plan.victim : plan.sender } as StepPlan;
    return [
      ...(plan.before ? [misfortune, mail] : [mail, misfortune]),
      { step: 'pass', time: plan.wait },
      meanwhile,
      { step: 'pass', time: '3m' },
    ];
  });

export const worlds: fc.Arbitrary<World> = fc.record({
  hosts: fc.array(host, { minLength: 2, maxLength: 5, size: 'max' }),
  steps: fc
    .array(fc.oneof({ weight: 3, arbitrary: step.map((one) => [one]) }, { weight: 2, arbitrary: scene }), {
      minLength: 5,
      maxLength: 14,
      size: 'max',
    })
    .map((parts) => parts.flat()),
  seed: fc.nat(1_000_000),
}) as fc.Arbitrary<World>;

/** The lab file. JSON is YAML. */
export function labText(world: World): string {
  const { hosts } = world;
  const at = (index: number): number => index % hosts.length;
  const addressOf = (index: number): string => `${NETWORKS[NETWORK_KEYS[hosts[index]!.network]!]}.${10 + index}`;
  const domain = (index: number): string =>
    ({ [NOWHERE]: 'nowhere.test', [CLOSED]: 'closed.test', [CIRCLE]: 'circle.test' })[index] ?? `d${at(index)}.test`;
  const zoneText = (owner: number, set: { host: number; preference: number }[], right: boolean): string => {
    const targets = new Map(set.map(({ host: target, preference }) => [at(target), preference]));
    if (right && !targets.has(owner)) targets.set(owner, 1);
    return [
      '$TTL 10m',
      ...[...targets].map(([target, preference]) => `@ MX ${preference} ${KEYS[target]}.hosts.test.`),
      '',
    ].join('\n');
  };
  const zones: Record<string, unknown> = {
    'hosts.test': ['$TTL 10m', ...hosts.map((_, index) => `${KEYS[index]} A ${addressOf(index)}`), ''].join('\n'),
    'closed.test': '@ 600 MX 0 .\n',
    'circle.test': Object.fromEntries(
      NETWORK_KEYS.map((key, network) => {
        // Somebody who stands elsewhere.
        const next = Math.max(
          0,
          hosts.findIndex((one) => one.network !== network),
        );
        return [key, `@ 600 MX 1 ${KEYS[next]}.hosts.test.\n`];
      }),
    ),
  };
  const mended = hosts.map((one, index) => {
    const everyone = zoneText(index, one.mx, one.mxRight);
    zones[`d${index}.test`] =
      one.view === null
        ? everyone
        : { everyone, [NETWORK_KEYS[one.view.network]!]: zoneText(index, one.view.mx, one.mxRight) };
    return { zone: { name: `d${index}.test`, text: everyone } };
  });
  const file = {
    title: 'A random world',
    shows: 'Nothing is lost, whatever happens.',
    clock: { start: '2026-03-02T09:00Z', seed: world.seed },
    networks: Object.fromEntries(NETWORK_KEYS.map((key) => [key, `${NETWORKS[key]}.0/24`])),
    hosts: Object.fromEntries(
      hosts.map((one, index) => [
        KEYS[index],
        {
          name: `${KEYS[index]}.hosts.test`,
          address: addressOf(index),
          final: `d${index}.test`,
          ...relaysOf(one, index, hosts.length),
          mailboxes: one.anyMailbox ? 'any' : ['u0', 'u1'],
          retry: { preset: one.preset, warn: one.warn, 'give-up': one.giveUp },
          disk: one.disk ?? 'none',
          'disk-reserve': one.reserve,
          'disk-full': one.permanent ? 'permanent' : 'temporary',
          quota: one.quota ?? 'none',
          filters: {
            ...(one.greylist === null ? {} : { greylist: one.greylist }),
            ...(one.content ? { content: true } : {}),
          },
          extensions: {
            dsn: one.dsn,
            pipelining: one.pipelining,
            'enhanced-codes': one.enhanced,
            '8bitmime': one.eightBit,
          },
          'relay-denied': one.relayDenied,
          hops: one.hops,
          connections: one.connections,
          'message-size': one.size,
          'eight-bit': one.converts ? 'convert' : 'bounce',
          'double-bounce': one.doubleBounce ? 'postmaster' : 'drop',
        },
      ]),
    ),
    zones,
    script: [
      ...world.steps.map((plan, index) => stepText(plan, index, { at, domain, zoneText, hosts })),
      ...quietEnd(hosts, mended),
    ],
  };
  return JSON.stringify(file, null, 1);
}

function relaysOf(one: World['hosts'][number], index: number, count: number): Record<string, unknown> {
  const relay = [...new Set(one.relays.map((other) => other % count))]
    .filter((other) => other !== index)
    .map((other) => `d${other}.test`);
  relay.push('circle.test');
  return one.knows ? { relay, 'known-users': relay.flatMap((domain) => [`u0@${domain}`, `u1@${domain}`]) } : { relay };
}

interface Names {
  at(index: number): number;
  domain(index: number): string;
  zoneText(owner: number, set: { host: number; preference: number }[], right: boolean): string;
  hosts: World['hosts'];
}

function stepText(plan: StepPlan, index: number, { at, domain, zoneText, hosts }: Names): Record<string, unknown> {
  const key = (host: number): string => KEYS[at(host)] as string;
  switch (plan.step) {
    case 'pass':
      return { pass: plan.time };
    case 'send':
      return {
        send: {
          name: `step${index}`,
          from: plan.from === null ? '<>' : `u0@${domain(plan.from)}`,
          to: [...new Set(plan.to.map((rcpt) => `${rcpt.user}@${domain(rcpt.domain)}`))],
          via: plan.home && plan.from !== null ? key(plan.from) : key(plan.via),
          ...(plan.count > 1 ? { count: plan.count, every: plan.every, connections: Math.min(plan.count, 3) } : {}),
          ...(plan.size === null ? {} : { size: plan.size }),
          spam: plan.spam,
          ...(plan.eight ? { body: 'Gr\u00fc\u00dfe\n' } : {}),
          ...(plan.notify === null ? {} : { notify: plan.notify }),
          ...(plan.ret === null ? {} : { ret: plan.ret }),
        },
      };
    case 'fault':
      return { fault: { host: key(plan.host), when: plan.when, then: fitting(plan), times: plan.times, for: '2d' } };
    case 'zone': {
      const owner = at(plan.domain);
      const text = Array.isArray(plan.edit)
        ? zoneText(owner, plan.edit, true)
        : { 'null-mx': '@ 600 MX 0 .\n', nothing: '@ 600 TXT "moved"\n', address: `@ 600 A 203.0.113.${10 + owner}\n` }[
            plan.edit
          ];
      return { zone: { name: `d${owner}.test`, text } };
    }
    case 'dns-fault':
      return {
        'dns-fault': {
          name: domain(at(plan.domain)),
          kind: plan.kind,
          ...(plan.kind === 'slow' ? { delay: '3s' } : {}),
        },
      };
    case 'dns-mend':
      return { 'dns-mend': domain(at(plan.domain)) };
    case 'firewall':
      return {
        firewall: [
          ...plan.rules.map(({ action, from, to }) => `${action} ${key(from)} -> ${key(to)} port 25`),
          'default allow',
        ].join('\n'),
      };
    case 'flush':
      return { flush: key(plan.host) };
    case 'hold':
    case 'release':
    case 'retry':
    case 'delete':
      return { [plan.step]: { host: key(plan.host), message: 'all' } };
    case 'slow':
      return { slow: { host: key(plan.host), latency: '2s', rate: '2KB' } };
    case 'fill-disk':
      return {
        'fill-disk': {
          host: key(plan.host),
          ...(hosts[at(plan.host)]!.disk === null ? { bytes: '5MB' } : { leave: '5KB' }),
        },
      };
    default:
      return { [plan.step]: key(plan.host) };
  }
}

/** A fault at a byte can't answer. */
const fitting = (plan: Extract<StepPlan, { step: 'fault' }>): unknown =>
  typeof plan.when === 'object' && 'bytes' in plan.when && typeof plan.then === 'object' ? 'cut' : plan.then;

/** All is mended, everybody is up, and time goes by until each message has had its end. */
function quietEnd(hosts: World['hosts'], mended: Record<string, unknown>[]): Record<string, unknown>[] {
  const each = (step: (key: string) => Record<string, unknown>): Record<string, unknown>[] =>
    hosts.map((_, index) => step(KEYS[index] as string));
  return [
    { pass: '3h' },
    { firewall: 'default allow' },
    ...each((key) => ({ mend: key })),
    ...hosts.map((_, index) => ({ 'dns-mend': `d${index}.test` })),
    ...mended,
    ...each((key) => ({ 'free-disk': key })),
    ...each((key) => ({ start: key })),
    ...each((key) => ({ release: { host: key, message: 'all' } })),
    { pass: '20d' },
  ];
}
