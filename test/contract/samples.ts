/** An event of every kind: the compiler keeps the table complete, so a kind without words in a view can't pass its test. */
import type { EventKind, EventShapes, EventTies, LabEvent } from '../../src/contract/events.ts';
import type { Peer, Reply, Why } from '../../src/contract/why.ts';
import { defaultSettings } from '../../src/engine/scenario/defaults.ts';

const A: Peer = { name: 'a.theorganisation.test', address: '192.0.2.10', port: 25 };
const OK: Reply = { code: 250, enhanced: '2.0.0', lines: ['Ok'] };
const NO: Reply = { code: 552, enhanced: '5.3.1', lines: ['Mail system full'] };
const REFUSED: Why = { kind: 'connect', peer: A, problem: 'refused' };
const SETTINGS = defaultSettings('a.theorganisation.test', ['192.0.2.10'], 'office', '192.0.2.0/24');
const DIAL = { session: 's1', source: 'c', sourceAddress: '203.0.113.30', targetAddress: '192.0.2.10', targetPort: 25 };
const ENTRY = { host: 'c', queueId: 'C1FAB00001' };
const TRY = { ...ENTRY, attempt: 'c/C1FAB00001/3/theorganisation.test' };

type Shapes = { [K in EventKind]: EventShapes[K] & EventTies };

const shapes: Shapes = {
  'lab-open': { title: 'A lab', seed: 4, startAt: 0, version: '1', scenario: '{}', files: [], scripted: true, networks: [{ key: 'office', block: '192.0.2.0/24', latencyMs: 2 }], internetLatencyMs: 12 },
  'lab-reopen': { version: '1', scripted: true },
  'lab-end': {},
  'person-act': { by: 'person', act: { do: 'host', host: 'a', power: 'stop' } },
  'step-begin': { step: 3, nextAt: 60_000 },
  'step-refuse': { step: 3, message: 'host a is up already', allowed: false },
  'clock-jump': { from: 0, to: 60_000 },
  'host-add': { host: 'a', settings: SETTINGS },
  'host-set': { host: 'a', settings: { diskBytes: 1_000_000 } },
  'host-start': { host: 'a' },
  'host-stop': { host: 'a' },
  'host-crash': { host: 'a' },
  'host-off': { host: 'a' },
  'disk-fill': { host: 'a', foreignBytes: 5_000 },
  'link-connect': { ...DIAL, sourcePort: 32_768, host: 'a', rule: 2 },
  'firewall-drop': { ...DIAL, rule: 1 },
  'firewall-reject': { ...DIAL, rule: null },
  'link-refuse': { ...DIAL },
  'link-silence': { ...DIAL },
  'link-close': { session: 's1', by: 'client' },
  'link-reset': { session: 's1', cause: 'fault gap' },
  'link-lost': { session: 's1', from: 'server', bytes: 30, cause: 'the line of A is cut' },
  'line-set': { host: 'a', line: { cut: false, extraLatencyMs: 500, bytesPerSecond: 1_000, loseReplies: true } },
  'firewall-set': { rules: [{ action: 'allow', source: 'c', target: 'a', port: 25 }], fallback: 'drop' },
  'fault-set': { fault: { id: 'gap', host: 'a', when: { at: 'final-dot' }, address: null, then: { do: 'cut' }, from: 0, until: null, left: 1 } },
  'fault-clear': { id: 'gap' },
  'fault-strike': { id: 'gap', session: 's1', host: 'a' },
  'client-data': { session: 's1', body: { offset: 0, size: 20 } },
  'client-end': { session: 's1', how: 'reset' },
  'zone-set': { zone: { name: 'theorganisation.test', view: null, text: '@ MX 1 a\n' } },
  'dns-fault-set': { fault: { name: 'theorganisation.test', kind: 'slow', delayMs: 3_000 } },
  'dns-fault-clear': { name: 'theorganisation.test' },
  'dns-ask': { host: 'c', name: 'theorganisation.test', type: 'MX', tcp: true },
  'dns-answer': { host: 'c', name: 'theorganisation.test', type: 'MX', rcode: 'NOERROR', records: [{ name: 'theorganisation.test.', ttl: 60, type: 'MX', data: '1 a.theorganisation.test.' }], ttl: 60 },
  'dns-timeout': { host: 'c', name: 'theorganisation.test', type: 'MX' },
  'smtp-say': { host: 'a', session: 's1', side: 'smtp-in', lines: ['250 2.1.0 Ok'] },
  'message-accept': {
    ...ENTRY, session: 's1', origin: 'smtp', mail: 'm1', messageId: '<x@elsewhere.test>', subject: 'Minutes', size: 500, body: { offset: 0, size: 500 },
    envelope: { sender: 'carol@elsewhere.test', ret: null, envid: null, eightBit: false, smtpUtf8: false }, rcpts: [{ address: 'alice@theorganisation.test', notify: null, orcpt: null }],
  },
  'message-refuse': { host: 'a', session: 's1', stage: 'mail', address: null, reply: NO, reason: 'disk full' },
  'greylist-meet': { host: 'a', key: '203.0.113.0/24 carol@elsewhere.test alice@theorganisation.test' },
  'greylist-pass': { host: 'a', key: '203.0.113.0/24 carol@elsewhere.test alice@theorganisation.test' },
  'queue-try': { ...TRY, tryNumber: 3, domain: 'theorganisation.test', rcpts: [0] },
  'attempt-route': {
    ...TRY, domain: 'theorganisation.test', candidates: [{ preference: 1, name: A.name, addresses: [A.address], implicit: false }], dropped: [], order: [`${A.name}[${A.address}]`],
  },
  'attempt-fail': { ...TRY, session: 's1', why: REFUSED, next: A, limit: false },
  'tx-begin': { ...TRY, session: 's1', peer: A, rcpts: [0], reused: true },
  'queue-deliver': { ...TRY, rcpts: [0], how: 'relayed', peer: A, session: 's1', reply: OK, reportDue: false },
  'queue-defer': { ...TRY, rcpts: [0], why: REFUSED, retryAt: 60_000, tryCount: 3 },
  'queue-plan': { ...ENTRY, nextAt: 60_000 },
  'queue-fail': { ...TRY, rcpts: [0], why: REFUSED, expired: true },
  'queue-discard': { ...ENTRY, rcpts: [0], reason: 'deleted' },
  'queue-remove': { ...ENTRY },
  'queue-hold': { ...ENTRY },
  'queue-release': { ...ENTRY, nextAt: 0 },
  'queue-warn': { ...ENTRY },
  'destination-fail': { host: 'c', domain: 'theorganisation.test', failureCount: 4, until: 60_000, why: REFUSED },
  'destination-ok': { host: 'c', domain: 'theorganisation.test' },
  'dsn-sent': { host: 'c', about: ENTRY.queueId, mail: 'm2', queueId: 'C1FAB00002', action: 'delayed', to: 'carol@elsewhere.test', rcpts: [0] },
  'dsn-none': { host: 'c', about: ENTRY.queueId, action: 'failed', reason: 'null-sender', rcpts: [0] },
  'submit-done': { name: 'minutes', messageId: '<x@elsewhere.test>', host: 'c', session: 's1', from: 'carol@elsewhere.test', to: ['alice@theorganisation.test'], reply: OK },
  'submit-fail': { name: 'minutes', messageId: '<x@elsewhere.test>', host: 'c', session: 's1', from: 'carol@elsewhere.test', to: ['alice@theorganisation.test'], why: REFUSED },
  'mailbox-deliver': {
    host: 'a', user: 'alice', message: {
      mail: 'm1', queueId: 'A1FAB00001', at: 0, sender: 'carol@elsewhere.test', rcpt: 'alice@theorganisation.test', messageId: '<x@elsewhere.test>', subject: 'Minutes',
      body: { offset: 0, size: 500 }, prefix: '', sizeBytes: 500, file: 'x',
    },
  },
  'mailbox-remove': { host: 'a', user: 'alice', queueId: 'A1FAB00001', files: ['x'] },
};

export const SAMPLES: LabEvent[] = Object.entries(shapes).map(([kind, shape], index) => ({ kind, ...shape, n: index + 1, at: 0 }) as LabEvent);
