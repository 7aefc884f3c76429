/** How a host sends, in small labs: rounds and their reports, limits of one try, and connections. Each was held against Postfix 3.7. */
import { describe, expect, it } from 'vitest';
import type { LabEvent } from '../../src/contract/events.ts';
import { mailLog } from '../../src/engine/journal/maillog.ts';
import type { Lab } from '../../src/engine/lab.ts';
import { statusBlocks } from '../property/laws.ts';
import { playLab, roughness } from './play.ts';

type Of<K extends LabEvent['kind']> = Extract<LabEvent, { kind: K }>;
const SECONDS = 1000;
const DAYS = 86_400_000;

interface World {
  hosts?: Record<string, Record<string, unknown>>;
  zones?: Record<string, string>;
  faults?: unknown[];
  script: unknown[];
}

const RETRY = {
  preset: 'postfix',
  warn: '8s',
  'give-up': '30s',
  'give-up-reports': '30s',
  min: '5s',
  max: '5s',
  scan: '5s',
};

/** C sends; A answers for far.test, and nobody does for dead.test and dead2.test. */
const world = ({ hosts = {}, zones = {}, faults = [], script }: World) => ({
  file: 'sending.yaml',
  text: JSON.stringify({
    title: 'Sending',
    shows: 'How a host sends.',
    clock: { start: '2026-03-02T09:00Z', seed: 4 },
    networks: { net: { block: '192.0.2.0/24', latency: '1ms' } },
    hosts: {
      a: { name: 'mx.far.test', address: '192.0.2.13', final: 'far.test', mailboxes: 'any' },
      d: {
        name: 'mx.dead.test',
        address: ['192.0.2.12', '192.0.2.22'],
        final: ['dead.test', 'dead2.test'],
        mailboxes: 'any',
        power: 'stopped',
      },
      c: {
        name: 'c.outside.test',
        address: '192.0.2.3',
        final: 'outside.test',
        mailboxes: ['carol'],
        'dead-for': '5s',
        retry: RETRY,
      },
      ...hosts,
    },
    zones: {
      'far.test': '@ MX 1 mx\nmx A 192.0.2.13\n',
      'dead.test': '@ MX 1 mx\nmx A 192.0.2.12\n',
      'dead2.test': '@ MX 1 mx\nmx A 192.0.2.22\n',
      'outside.test': '@ MX 10 c\nc A 192.0.2.3\n',
      ...zones,
    },
    faults,
    script,
  }),
});

interface Seen {
  lab: Lab;
  events: LabEvent[];
  of<K extends LabEvent['kind']>(kind: K): Of<K>[];
  log(host: string): string[];
}

const play = async <T>(given: World, look: (seen: Seen) => T): Promise<T> =>
  (
    await playLab({ scenario: world(given) }, (lab) => {
      const events = lab.events();
      const names = new Map(
        Object.values(lab.state.hosts).flatMap(({ settings }) =>
          settings.addresses.map((address) => [address, settings.name] as const),
        ),
      );
      return look({
        lab,
        events,
        of: (kind) => events.filter((event) => event.kind === kind) as never,
        log: (host) => mailLog(events, host, names),
      });
    })
  ).seen;

const send = (name: string, to: string[], more: object = {}) => ({
  send: { name, from: 'carol@outside.test', to, ...more },
});
const answer = (command: string, address: string, reply: string) => ({
  host: 'a',
  when: { command },
  address,
  then: { answer: reply },
});

/** The reports about the messages of a lab: what kind, and whom each is about with its action. */
function reportsOf({ lab, of }: Seen): string[] {
  const bodies = new Map(of('message-accept').map((event) => [`${event.host}/${event.queueId}`, event.body]));
  return of('dsn-sent').map((event) => {
    const blocks = statusBlocks(lab.read(bodies.get(`${event.host}/${event.queueId}`)!).toString());
    return `${event.action}: ${blocks.map((block) => `${block.get('final-recipient')!.replace('rfc822; ', '')} ${block.get('action')} ${block.get('status')}`).join(', ')}`;
  });
}

describe('a round of tries', () => {
  it('ends in one failure report, whatever the domains and replies', async () => {
    const faults = [answer('RCPT', 'bad@', '550 5.1.1 no such user'), answer('RCPT', 'full@', '552 5.2.2 over quota')];
    const reports = await play(
      {
        faults,
        script: [send('one', ['ok@far.test', 'bad@far.test', 'full@far.test', 'u@nowhere.test']), { pass: '1m' }],
      },
      reportsOf,
    );
    expect(reports).toEqual([
      'failed: bad@far.test failed 5.1.1, full@far.test failed 5.2.2, u@nowhere.test failed 5.4.4',
    ]);
  });

  it('of two dead domains is one warning, and when their time is over in the same round, one bounce', async () => {
    const script = [send('one', ['u@dead.test', 'v@dead2.test']), { pass: '2m' }];
    expect(await play({ script }, reportsOf)).toEqual([
      'delayed: u@dead.test delayed 4.4.1, v@dead2.test delayed 4.4.1',
      'failed: u@dead.test failed 4.4.1, v@dead2.test failed 4.4.1',
    ]);
  });

  it('is one also where one domain refuses at once and the other is silent for half a minute', async () => {
    const hosts = {
      e: { name: 'mx.silent.test', address: '192.0.2.33', final: 'silent.test', mailboxes: 'any', power: 'off' },
      c: {
        name: 'c.outside.test',
        address: '192.0.2.3',
        final: 'outside.test',
        mailboxes: ['carol'],
        retry: { ...RETRY, warn: '1m', 'give-up': '5m' },
      },
    };
    const zones = { 'silent.test': '@ MX 1 mx\nmx A 192.0.2.33\n' };
    await play({ hosts, zones, script: [send('one', ['u@dead.test', 'v@silent.test']), { pass: '10m' }] }, (seen) => {
      expect(reportsOf(seen).map((report) => report.replace(/ \S+ 4\.4\.1/g, ''))).toEqual([
        'delayed: u@dead.test, v@silent.test',
        'failed: u@dead.test, v@silent.test',
      ]);
      // Both are taken up together each time, though the one was put off half a minute before the other.
      const tries = Map.groupBy(seen.of('queue-try'), ({ tryNumber }) => tryNumber);
      for (const [first, second] of tries.values())
        expect([first?.at, second?.domain]).toEqual([second?.at, 'silent.test']);
      expect(tries.size).toBeGreaterThan(4);
    });
  });

  it('tells of success once, of those delivered and those relayed', async () => {
    const hosts = {
      a: {
        name: 'mx.far.test',
        address: '192.0.2.13',
        final: 'far.test',
        mailboxes: ['alice'],
        extensions: { dsn: false },
      },
    };
    const wishes = { notify: ['success', 'failure'] };
    const reports = await play(
      {
        hosts,
        script: [send('one', ['carol@outside.test', 'alice@far.test', 'bad@far.test'], wishes), { pass: '1m' }],
      },
      reportsOf,
    );
    expect(reports).toEqual([
      'failed: bad@far.test failed 5.1.1',
      'relayed: carol@outside.test delivered 2.0.0, alice@far.test relayed 2.0.0',
    ]);
  });

  it('that is torn by a crash reports what failed in it when the host is back', async () => {
    const faults = [answer('RCPT', 'bad@', '550 5.1.1 no such user')];
    const hosts = {
      e: { name: 'mx.silent.test', address: '192.0.2.33', final: 'silent.test', mailboxes: 'any', power: 'off' },
      c: { name: 'c.outside.test', address: '192.0.2.3', final: 'outside.test', mailboxes: ['carol'] },
    };
    const zones = { 'silent.test': '@ MX 1 mx\nmx A 192.0.2.33\n' };
    const script = [
      send('one', ['bad@far.test', 'v@silent.test']),
      { pass: '10s' },
      { crash: 'c' },
      { pass: '1s' },
      { start: 'c' },
      { pass: '35s' },
    ];
    await play({ faults, hosts, zones, script }, (seen) => {
      const [failed] = seen.of('queue-fail');
      const crashed = seen.of('host-crash')[0];
      expect(failed!.at).toBeLessThan(crashed!.at);
      expect(reportsOf(seen)[0]).toBe('failed: bad@far.test failed 5.1.1');
      expect(seen.of('dsn-sent')[0]!.at).toBeGreaterThan(crashed!.at);
    });
  });

  it('counts as one try, whatever the number of domains and answers', async () => {
    const faults = [answer('RCPT', 'later@', '450 4.2.1 later'), answer('RCPT', 'full@', '452 4.2.2 full')];
    await play(
      { faults, script: [send('one', ['later@far.test', 'full@far.test', 'u@dead.test']), { pass: '12s' }] },
      (seen) => {
        expect([...new Set(seen.of('queue-defer').map(({ tryCount }) => tryCount))]).toEqual([1, 2, 3]);
        expect(Object.values(seen.lab.state.hosts.c!.queue)[0]!.tryCount).toBe(3);
      },
    );
  });
});

describe('mail that was only suspended', () => {
  it('expires with the rest: five are tried in the last round, fifteen are not, and all twenty come back', async () => {
    const c = {
      name: 'c.outside.test',
      address: '192.0.2.3',
      final: 'outside.test',
      mailboxes: ['carol'],
      timeouts: { connect: '2s' },
      'dead-for': '10s',
      retry: { ...RETRY, warn: '20s', 'give-up': '60s', min: '10s', max: '20s', scan: '10s' },
    };
    const d = { name: 'mx.dead.test', address: '192.0.2.12', final: 'dead.test', mailboxes: 'any', power: 'off' };
    const script = [send('m', ['u@dead.test'], { count: 20, every: '20ms' }), { pass: '100s' }];
    await play({ hosts: { c, d }, script }, (seen) => {
      const ends = seen.of('queue-fail');
      expect(ends.map(({ expired, why }) => `${expired} ${why.kind}`).sort()).toEqual([
        ...Array<string>(5).fill('true connect'),
        ...Array<string>(15).fill('true suspended'),
      ]);
      expect(seen.lab.state.hosts.c!.queue).toEqual({});
      expect(reportsOf(seen).filter((report) => report.startsWith('delayed'))).toHaveLength(20);
      const log = seen.log('c');
      expect(
        log.filter((line) =>
          /status=deferred \(delivery temporarily suspended: connect to mx\.dead\.test\[192\.0\.2\.12\]:25: Connection timed out\)/.test(
            line,
          ),
        ).length,
      ).toBeGreaterThanOrEqual(15);
      expect(log.filter((line) => line.endsWith('status=expired, returned to sender'))).toHaveLength(20);
    });
  });

  it('of a thousand messages for a dead host, none waits past its time', async () => {
    const c = {
      name: 'c.outside.test',
      address: '192.0.2.3',
      final: 'outside.test',
      mailboxes: ['carol'],
      retry: { preset: 'postfix', 'give-up': '7d' },
    };
    await play({ hosts: { c }, script: [send('m', ['u@dead.test'], { count: 1000 }), { pass: '8d' }] }, (seen) => {
      expect(Object.keys(seen.lab.state.hosts.c!.queue)).toEqual([]);
      const born = new Map(seen.of('message-accept').map((event) => [event.queueId, event.at]));
      for (const { queueId, at } of seen.of('queue-fail'))
        expect(at - born.get(queueId)!).toBeLessThan(7 * DAYS + 4400 * SECONDS);
    });
  });
});

describe('one try', () => {
  const mx = (count: number) =>
    Array.from(
      { length: count },
      (_, place) => `@ MX ${place + 1} m${place}\nm${place} A 192.0.2.${40 + place}\n`,
    ).join('');
  const host = (place: number, more: object) => ({
    name: `m${place}.many.test`,
    address: `192.0.2.${40 + place}`,
    final: 'many.test',
    mailboxes: 'any',
    ...more,
  });
  const many = (count: number, more: object) => ({
    hosts: Object.fromEntries(Array.from({ length: count }, (_, place) => [`m${place}`, host(place, more)])),
    zones: { 'many.test': mx(count) },
  });
  const script = [send('one', ['u@many.test']), { pass: '4s' }];

  it('talks to two servers, and does not ask the third, which would take the mail', async () => {
    const three = many(3, { filters: { greylist: '1h' } });
    three.hosts.m2 = host(2, {});
    await play({ ...three, script }, (seen) => {
      expect(seen.of('tx-begin').map(({ peer }) => peer.name)).toEqual(['m0.many.test', 'm1.many.test']);
      expect(seen.of('attempt-fail').map(({ next, limit }) => `${next?.name} ${limit}`)).toEqual([
        'm1.many.test false',
        'undefined true',
      ]);
      expect(seen.of('queue-defer')).toHaveLength(1);
    });
  });

  it('calls five addresses, and those that refuse to greet are no sessions', async () => {
    await play({ ...many(7, { power: 'stopped' }), script }, (seen) => {
      expect(seen.of('link-refuse').map(({ targetAddress }) => targetAddress)).toEqual(
        [40, 41, 42, 43, 44].map((last) => `192.0.2.${last}`),
      );
      expect(seen.of('attempt-route')[0]!.dropped.map(({ name }) => name)).toEqual(['m5.many.test', 'm6.many.test']);
      expect(seen.of('queue-defer')[0]!.why).toMatchObject({ kind: 'connect', peer: { name: 'm4.many.test' } });
    });
  });

  it('with limits of its own goes further', async () => {
    const c = {
      name: 'c.outside.test',
      address: '192.0.2.3',
      final: 'outside.test',
      mailboxes: ['carol'],
      'mx-sessions': 3,
      'mx-addresses': 7,
    };
    const six = many(7, { power: 'stopped' });
    six.hosts.m6 = host(6, {});
    await play({ hosts: { ...six.hosts, c }, zones: six.zones, script }, (seen) =>
      expect(seen.of('queue-deliver').some(({ peer }) => peer?.name === 'm6.many.test')).toBe(true),
    );
  });

  it('ends with a server that says 5xx to EHLO and HELO: the mail bounces with that code, and no other MX is asked', async () => {
    const two = many(2, {});
    const faults = ['EHLO', 'HELO'].map((command) => ({
      host: 'm0',
      when: { command },
      then: { answer: '550 5.7.1 go away' },
    }));
    await play({ ...two, faults, script }, (seen) => {
      expect(reportsOf(seen)).toEqual(['failed: u@many.test failed 5.7.1']);
      expect(seen.of('link-connect').filter(({ source }) => source === 'c')).toHaveLength(1);
      expect(seen.log('c').join('\n')).toContain(
        'status=bounced (host m0.many.test[192.0.2.40] refused to talk to me: 550 5.7.1 go away)',
      );
    });
  });

  it('hands at most fifty recipients over in one transaction', async () => {
    const to = Array.from({ length: 120 }, (_, place) => `u${place}@far.test`);
    await play({ script: [send('list', to), { pass: '5s' }] }, (seen) => {
      expect(seen.of('tx-begin').map(({ rcpts }) => rcpts.length)).toEqual([50, 50, 20]);
      expect(new Set(seen.of('queue-try').map(({ attempt }) => attempt)).size).toBe(3);
      expect(seen.of('mailbox-deliver')).toHaveLength(120);
      expect(seen.lab.state.hosts.c!.queue).toEqual({});
    });
  });
});

describe('connections', () => {
  const a = { name: 'mx.far.test', address: '192.0.2.13', final: ['far.test', 'cn.test'], mailboxes: 'any' };
  const zones = { 'cn.test': '@ MX 1 mail\nmail A 192.0.2.13\n' };
  const calls = (seen: Seen) => seen.of('link-connect').filter(({ source, host }) => source === 'c' && host === 'a');

  it('two lone messages a second apart have one each, closed at once, and each names the MX of its own domain', async () => {
    const script = [send('one', ['u@far.test']), { pass: '1s' }, send('two', ['u@cn.test']), { pass: '4s' }];
    await play({ hosts: { a }, zones, script }, (seen) => {
      expect(calls(seen)).toHaveLength(2);
      const sent = seen.log('c').filter((line) => line.includes('status=sent') && line.includes('relay='));
      expect(sent.map((line) => /relay=\S+/.exec(line)![0])).toEqual([
        'relay=mx.far.test[192.0.2.13]:25,',
        'relay=mail.cn.test[192.0.2.13]:25,',
      ]);
      expect(sent.join()).not.toContain('conn_use');
    });
  });

  it('of a flood are kept and used again, also for another domain at the same address: by the name that this one calls it', async () => {
    const faults = [{ host: 'a', when: 'final-dot', then: { delay: '1s' } }];
    const script = [send('f', ['u@far.test'], { count: 20 }), send('n', ['u@cn.test'], { count: 20 }), { pass: '20s' }];
    await play({ hosts: { a }, zones, faults, script }, (seen) => {
      const again = seen.of('tx-begin').filter(({ reused }) => reused);
      expect(again.length).toBeGreaterThan(5);
      expect(calls(seen).length).toBeLessThan(40);
      const wrong = seen
        .of('queue-deliver')
        .filter(
          ({ peer, attempt }) =>
            peer !== null &&
            peer.name !==
              (seen.of('queue-try').find((event) => event.attempt === attempt)!.domain === 'cn.test'
                ? 'mail.cn.test'
                : 'mx.far.test'),
        );
      expect(wrong).toEqual([]);
      expect(again.map(({ peer }) => peer.name)).toContain('mail.cn.test');
      const log = seen.log('c');
      expect(log.filter((line) => /relay=\S+, conn_use=2, delay=/.test(line)).length).toBeGreaterThan(0);
      // Every line of a delivery leads on to its own session, also with several on one connection.
      for (const line of log.filter((one) => one.includes('status=sent') && one.includes('relay=m')))
        expect(line).toMatch(/smtp\[[1-9]\d*\]/);
    });
  });

  it('twenty messages at once begin with five dialogues', async () => {
    const faults = [{ host: 'a', when: 'final-dot', then: { delay: '1s' } }];
    await play(
      { faults, script: [send('m', ['u@far.test'], { count: 20, every: '20ms' }), { pass: '30s' }] },
      (seen) => {
        const firstDone = seen.of('queue-deliver').find(({ how }) => how === 'relayed')!.at;
        expect(calls(seen).filter(({ at }) => at < firstDone)).toHaveLength(5);
        // One more with each success: ten when five are through.
        expect(calls(seen).filter(({ at }) => at < firstDone + 500).length).toBeLessThanOrEqual(15);
      },
    );
  });
});

describe('reports', () => {
  it('of a large message return its header alone, and so come through where the whole would not', async () => {
    const c = {
      name: 'c.outside.test',
      address: '192.0.2.3',
      final: 'outside.test',
      mailboxes: ['carol'],
      quota: '5MB',
    };
    const a = { name: 'mx.far.test', address: '192.0.2.13', final: 'far.test', mailboxes: ['alice'] };
    await play(
      { hosts: { a, c }, script: [send('video', ['nobody@far.test'], { size: '9MB' }), { pass: '1m' }] },
      (seen) => {
        const [box] = seen.lab.state.hosts.c!.mailboxes.carol!;
        expect(box!.sizeBytes).toBeLessThan(5_000);
        expect(seen.lab.read(box!.body).toString()).toContain('Content-Type: text/rfc822-headers');
      },
    );
  });

  it('that nobody takes go to the postmaster, who is addressed as such', async () => {
    const c = {
      name: 'c.outside.test',
      address: '192.0.2.3',
      final: 'outside.test',
      mailboxes: ['carol'],
      'double-bounce': 'postmaster',
    };
    const a = { name: 'mx.far.test', address: '192.0.2.13', final: 'far.test', mailboxes: ['alice'] };
    await play(
      {
        hosts: { a, c },
        script: [{ send: { name: 'order', from: 'www@far.test', to: 'nobody@far.test', via: 'c' } }, { pass: '1m' }],
      },
      (seen) => {
        const [copy] = seen.lab.state.hosts.c!.mailboxes.postmaster!;
        const text = seen.lab.read(copy!.body).toString();
        expect(text).toMatch(/^To: postmaster@c\.outside\.test\r$/m);
        expect(text).toMatch(/^Auto-Submitted: auto-generated\r$/m);
        expect(text.slice(0, text.indexOf('The mail system'))).not.toMatch(/Your message/);
      },
    );
  });
});

it('what is deleted is reported to nobody, also when its round was broken off after a failure', async () => {
  const script = [
    send('one', ['gone@nowhere.test', 'v@dead.test']),
    { pass: '10s' },
    { stop: 'c' },
    { delete: { host: 'c', message: 'one' } },
    { start: 'c' },
    { pass: '1h' },
  ];
  await play(
    {
      hosts: {
        d: {
          name: 'mx.dead.test',
          address: ['192.0.2.12', '192.0.2.22'],
          final: 'dead.test',
          mailboxes: 'any',
          power: 'off',
        },
      },
      script,
    },
    (seen) => {
      expect(seen.of('queue-fail').map(({ rcpts }) => rcpts)).toEqual([[0]]);
      expect(seen.of('queue-discard').map(({ rcpts, reason }) => [reason, ...rcpts])).toEqual([['deleted', 0, 1]]);
      expect(reportsOf(seen)).toEqual([]);
      expect(seen.lab.state.hosts.c!.queue).toEqual({});
    },
  );
});

describe('what another server says', () => {
  it('is read as UTF-8, also where a character comes in two parts', async () => {
    const a = {
      name: 'mx.far.test',
      address: '192.0.2.13',
      final: 'far.test',
      mailboxes: 'any',
      extensions: { pipelining: false },
    };
    const faults = [answer('RCPT', 'u@', '550 5.1.1 Användaren är okänd')];
    await play({ hosts: { a }, faults, script: [send('one', ['u@far.test']), { pass: '5s' }] }, (seen) => {
      expect(seen.of('queue-fail')[0]!.why).toMatchObject({ reply: { lines: ['Användaren är okänd'] } });
    });
  });

  it.each([
    ['convert', 'Gr=C3=BC=C3=9Fe\r\n'],
    ['bounce', null],
  ])('leaves out 8BITMIME: mail of 8 bits is made to fit, or comes back (%s)', async (eightBit, body) => {
    const a = {
      name: 'mx.far.test',
      address: '192.0.2.13',
      final: 'far.test',
      mailboxes: 'any',
      extensions: { '8bitmime': false },
    };
    const c = {
      name: 'c.outside.test',
      address: '192.0.2.3',
      final: 'outside.test',
      mailboxes: ['carol'],
      'eight-bit': eightBit,
    };
    await play(
      { hosts: { a, c }, script: [send('one', ['u@far.test'], { body: 'Grüße' }), { pass: '5s' }] },
      (seen) => {
        const [mail] = seen.lab.state.hosts.a!.mailboxes.u ?? [];
        expect(mail === undefined ? null : seen.lab.read(mail.body).toString().split('\r\n\r\n')[1]).toBe(body);
        expect(
          seen.of('smtp-say').filter(({ side, lines }) => side === 'smtp-out' && / BODY=/.test(lines.join('\n'))),
        ).toEqual([]);
        expect(reportsOf(seen)).toEqual(body === null ? ['failed: u@far.test failed 5.6.3'] : []);
      },
    );
  });

  it('is told again as it was said: no enhanced code is made up for the reply, only for the status', async () => {
    const faults = [answer('RCPT', 'one@', '550 blocked')];
    const extensions = { extensions: { 'enhanced-codes': false } };
    const hosts = {
      a: { name: 'mx.far.test', address: '192.0.2.13', final: 'far.test', mailboxes: 'any', ...extensions },
    };
    await play({ hosts, faults, script: [send('one', ['one@far.test']), { pass: '5s' }] }, (seen) => {
      expect(reportsOf(seen)).toEqual(['failed: one@far.test failed 5.0.0']);
      expect(seen.log('c').join('\n')).toContain(
        'dsn=5.0.0, status=bounced (host mx.far.test[192.0.2.13] said: 550 blocked (in reply to RCPT TO command))',
      );
    });
  });
});

it('tells the same story with random real delays', async () => {
  const script = [
    send('f', ['u@far.test', 'v@dead.test'], { count: 30 }),
    send(
      'list',
      Array.from({ length: 120 }, (_, place) => `u${place}@far.test`),
    ),
    { pass: '2m' },
  ];
  const plain = await playLab({ scenario: world({ script }) }, () => null);
  const rough = await playLab({ scenario: world({ script }), ...roughness(7) }, () => null);
  expect(rough.hash).toBe(plain.hash);
});
