/** Recorded cases of many messages and recipients, in worlds of their own: what is suspended, what one report holds, how many dialogues at once. */
import type { Case } from './cases.ts';
import type { Props, Stage } from './stage.ts';

/** The queue was looked at so long before the first message came, s. */
const AFTER_SCAN = 1;
const LETTER: Props['letter'] = { to: 'undisclosed@outside.test', text: 'Hello,\n' };

/** `mx.NAME` at an address, with the zone that leads there. */
function domain(name: string, address: string, host = 'mx'): [zone: string, text: string] {
  return [name, `$TTL 60\n@ MX 1 ${host}\n${host} A ${address}\n`];
}

const C = {
  name: 'c.outside.test',
  address: '192.0.2.3',
  final: 'outside.test',
  mailboxes: ['carol'],
  'relay-clients': '192.0.2.250',
};
const OUTSIDE: [string, string] = ['outside.test', '$TTL 60\n@ MX 10 c\nc A 192.0.2.3\n'];
const FAR = { name: 'mx.far.test', address: '192.0.2.13', final: 'far.test', mailboxes: 'any' };

/** far.test answers, dead.test and dead2.test refuse; lifetimes are short. */
const REPORTS: Props = {
  letter: LETTER,
  world: {
    hosts: {
      a: FAR,
      d: { name: 'mx.dead.test', address: '192.0.2.12', final: 'dead.test', mailboxes: 'any', power: 'stopped' },
      e: { name: 'mx.dead2.test', address: '192.0.2.22', final: 'dead2.test', mailboxes: 'any', power: 'stopped' },
      c: {
        ...C,
        'dead-for': '5s',
        retry: {
          preset: 'postfix',
          warn: '8s',
          'give-up': '30s',
          'give-up-reports': '30s',
          min: '5s',
          max: '5s',
          scan: '5s',
        },
      },
    },
    zones: Object.fromEntries([
      domain('far.test', '192.0.2.13'),
      domain('dead.test', '192.0.2.12'),
      domain('dead2.test', '192.0.2.22'),
      OUTSIDE,
    ]),
  },
  faults: [
    ['bad', '550 5.1.1 <bad@far.test>: no such user'],
    ['bad2', '550 5.2.1 <bad2@far.test>: mailbox disabled'],
    ['full', '552 5.2.2 <full@far.test>: over quota'],
    ['later', '450 4.2.1 <later@far.test>: try later'],
    ['later2', '452 4.2.2 <later2@far.test>: full now'],
  ].map(([who, answer]) => ({
    host: 'a',
    when: { command: 'RCPT' },
    address: `${who}@far`,
    then: { answer },
  })),
};

/** A server without DSN, final for two domains. */
const SUCCESSES: Props = {
  letter: LETTER,
  faults: [{ host: 'a', when: { command: 'RCPT' }, address: 'bad@g1', then: { answer: '550 5.1.1 no such user' } }],
  world: {
    hosts: {
      a: {
        name: 'bare.test',
        address: '192.0.2.41',
        final: ['g1.test', 'g1b.test'],
        mailboxes: ['r1', 'r2', 'x'],
        extensions: { dsn: false },
      },
      c: C,
    },
    zones: Object.fromEntries([domain('g1.test', '192.0.2.41', 'm1'), domain('g1b.test', '192.0.2.41', 'm1'), OUTSIDE]),
  },
};

/** Messages handed in one after the other, as quickly as a person's commands were. */
async function sendAll(
  stage: Stage,
  letters: Record<string, string[]>,
  wishes: (subject: string) => Parameters<Stage['send']>[1] = () => ({}),
): Promise<void> {
  for (const [subject, to] of Object.entries(letters)) {
    await stage.send(subject, { to, ...wishes(subject) });
    await stage.pass(0.05);
  }
}

export const MANY: Case[] = [
  {
    id: '12',
    folder: '12-suspended-expiry',
    title: 'twenty messages for a dead destination',
    inRounds: true,
    props: {
      letter: LETTER,
      world: {
        hosts: {
          a: { name: 'mx.dead.test', address: '192.0.2.12', final: 'dead.test', mailboxes: 'any', power: 'off' },
          c: {
            ...C,
            timeouts: { connect: '2s' },
            'dead-for': '10s',
            retry: {
              preset: 'postfix',
              warn: '20s',
              'give-up': '60s',
              'give-up-reports': '60s',
              min: '10s',
              max: '20s',
              scan: '10s',
            },
          },
        },
        zones: Object.fromEntries([domain('dead.test', '192.0.2.12'), OUTSIDE]),
      },
    },
    async play(stage) {
      await stage.pass(AFTER_SCAN);
      await sendAll(
        stage,
        Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`m${index + 1}`, [`u${index + 1}@dead.test`]])),
      );
      await stage.pass(100);
      stage.shot('');
    },
  },
  {
    id: '13.c',
    folder: '13-mixed-recipients',
    title: 'recipients of two domains',
    props: REPORTS,
    reports: 'c',
    async play(stage) {
      await stage.pass(AFTER_SCAN);
      await sendAll(stage, {
        c1: ['ok@far.test', 'u@dead.test'],
        c2: ['u@dead.test', 'v@dead2.test'],
        c3: ['bad@far.test', 'u@dead.test'],
      });
      await stage.pass(60);
      stage.shot('two-domains');
    },
  },
  {
    id: '13.d',
    folder: '13-mixed-recipients',
    title: 'recipients with several answers',
    props: REPORTS,
    reports: 'd',
    async play(stage) {
      await stage.pass(AFTER_SCAN);
      await sendAll(stage, {
        d1: ['ok@far.test', 'bad@far.test', 'later@far.test'],
        d2: ['ok@far.test', 'bad@far.test', 'bad2@far.test', 'full@far.test'],
        d3: ['later@far.test', 'later2@far.test', 'ok@far.test'],
      });
      await stage.pass(2);
      const waiting = stage.look();
      await stage.pass(60);
      stage.shot('mixed', waiting);
    },
  },
  {
    id: '13.s',
    folder: '13-mixed-recipients',
    title: 'reports of success',
    props: SUCCESSES,
    reports: 's',
    async play(stage) {
      await sendAll(
        stage,
        // Of a fifth one that was sent there is no recording.
        {
          s1: ['r1@g1.test', 'r2@g1.test'],
          s2: ['r1@g1.test', 'x@g1b.test'],
          s3: ['r1@g1.test', 'bad@g1.test'],
          s4: ['carol@outside.test', 'r1@g1.test'],
        },
        () => ({ notify: ['success', 'failure'] }),
      );
      await stage.pass(60);
      stage.shot('success');
    },
  },
  {
    id: '14',
    folder: '14-concurrency',
    title: 'twenty messages at once for a server that takes a second',
    connections: { 'connections.txt': ['c', 'a'] },
    props: {
      world: { hosts: { a: FAR, c: C }, zones: Object.fromEntries([domain('far.test', '192.0.2.13'), OUTSIDE]) },
      faults: [{ host: 'a', when: 'final-dot', then: { delay: '1s' } }],
    },
    async play(stage) {
      await sendAll(
        stage,
        Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`m${index + 1}`, ['u@far.test']])),
      );
      await stage.pass(30);
      stage.shot('');
    },
  },
];
