/** Whose an address is, who may send where, and what a message is refused for at its end. */
import { describe, expect, it } from 'vitest';
import type { HostState } from '../../../src/contract/model.ts';
import type { HostSettings } from '../../../src/contract/settings.ts';
import type { LabEvent } from '../../../src/contract/events.ts';
import { table } from '../../../src/contract/table.ts';
import { applyHosts, emptyHost } from '../../../src/engine/hosts.ts';
import { presetHops, PRESET_NAMES } from '../../../src/engine/queue/presets.ts';
import { defaultSettings } from '../../../src/engine/scenario/defaults.ts';
import {
  destinationRefusal,
  greylistVerdict,
  mailboxOf,
  messageRefusal,
  quotaRefusal,
  rcptRefusal,
} from '../../../src/engine/smtp-in/policy.ts';

const OFFICE = '192.0.2.77';
const STRANGER = '203.0.113.30';
const host = (change: Partial<HostSettings> = {}): HostState =>
  emptyHost(
    'a',
    {
      ...defaultSettings('a.here.test', ['192.0.2.10'], 'office', '192.0.2.0/24'),
      finalDomains: ['here.test'],
      mailboxes: ['alice', 'postmaster'],
      relayDomains: ['relayed.test'],
      knownUsers: ['pat@relayed.test'],
      ...change,
    },
    0,
  );

describe('whose an address is', () => {
  it.each([
    ['alice@here.test', 'alice'],
    ['ALICE@HERE.TEST', 'alice'],
    ['"alice"@here.test', 'alice'],
    ['alice@a.here.test', 'alice'],
    ['alice@[192.0.2.10]', 'alice'],
    ['postmaster@here.test', 'postmaster'],
    ['postmaster', 'postmaster'],
    ['nobody@here.test', null],
    ['"a b"@here.test', null],
    ['nobody@[192.0.2.10]', null],
    ['MAILER-DAEMON@here.test', 'postmaster'],
    ['""@here.test', 'postmaster'],
  ])('%s: %s', (address, user) => {
    expect(mailboxOf(host(), address)).toEqual({ user });
  });

  it.each(['alice@[192.0.2.11]', 'alice@elsewhere.test', 'alice@sub.here.test', 'pat@relayed.test'])(
    "%s: another host's",
    (address) => {
      expect(mailboxOf(host(), address)).toBe('elsewhere');
    },
  );

  it("anybody's, where every local part has a mailbox", () => {
    expect(mailboxOf(host({ mailboxes: null }), '"A b"@here.test')).toEqual({ user: 'a b' });
  });
});

describe('who may send where', () => {
  it.each([
    ['alice@here.test', STRANGER, null],
    ['nobody@here.test', OFFICE, '5.1.1'],
    ['x@elsewhere.test', OFFICE, null],
    ['x@elsewhere.test', STRANGER, '4.7.1'],
    ['pat@relayed.test', STRANGER, null],
    ['PAT@Relayed.test', STRANGER, null],
    ['nobody@relayed.test', STRANGER, '5.1.1'],
    ['nobody@relayed.test', OFFICE, '5.1.1'],
    ['x%elsewhere.test@relayed.test', STRANGER, '4.7.1'],
  ])('to %s from %s: %s', (address, client, status) => {
    expect(destinationRefusal(host(), address, client)?.reply.enhanced ?? null).toBe(status);
  });

  it('a full mailbox says so, by whatever address it is named', () => {
    const full = host({ mailboxQuotaBytes: 10 });
    full.mailboxes['alice'] = [{ sizeBytes: 10 }] as HostState['mailboxes'][string];
    for (const address of ['alice@here.test', '"alice"@here.test', 'alice@[192.0.2.10]', 'alice@a.here.test']) {
      expect(rcptRefusal(full, address, STRANGER)?.reply).toMatchObject({ code: 552, enhanced: '5.2.2' });
      expect(quotaRefusal(full, address, 1)?.reply).toMatchObject({ code: 552, enhanced: '5.2.2' });
    }
    expect(quotaRefusal(full, 'alice@elsewhere.test', 1)).toBeNull();
  });
});

describe('a message at its end', () => {
  const judge = (at: HostState, change: object) =>
    messageRefusal(at, {
      client: STRANGER,
      rcpts: ['alice@here.test'],
      bytes: Buffer.from('x\r\n'),
      hopCount: 0,
      sizeBytes: 3,
      keptBytes: 100,
      ...change,
    })?.reply ?? null;

  it('is a loop by the hops that its host counts, its own among them', () => {
    expect(judge(host(), { hopCount: 48 })).toBeNull();
    expect(judge(host(), { hopCount: 49 })).toEqual({ code: 554, enhanced: '5.4.0', lines: ['Error: too many hops'] });
    expect(judge(host({ hopCountMax: 25 }), { hopCount: 23 })).toBeNull();
    expect(judge(host({ hopCountMax: 25 }), { hopCount: 24 })).toMatchObject({ code: 554 });
    expect(PRESET_NAMES.map(presetHops)).toEqual([50, 25, 30, 50, 100, 50]);
  });

  it('is too large, or too large for one mailbox by any of its addresses', () => {
    expect(judge(host({ messageSizeMax: 2 }), {})).toEqual({
      code: 552,
      enhanced: '5.3.4',
      lines: ['Error: message file too big'],
    });
    for (const rcpt of ['alice@here.test', 'alice@[192.0.2.10]'])
      expect(judge(host({ mailboxQuotaBytes: 99 }), { rcpts: [rcpt] })).toMatchObject({ code: 552, enhanced: '5.2.2' });
  });
});

describe('a greylist', () => {
  const DAY = 86_400_000;
  /** A host that meets senders, and what it does with each. */
  function greylisting() {
    const hosts = table({ a: host({ greylistMs: 300_000 }) });
    const come = (sender: string, now: number): string | undefined => {
      const grey = greylistVerdict(hosts['a']!, { client: STRANGER, sender, rcpt: 'alice@here.test', now });
      if (grey?.step === 'meet' || grey?.step === 'pass')
        applyHosts(hosts, { kind: `greylist-${grey.step}`, host: 'a', key: grey.key, n: 1, at: now } as LabEvent);
      return grey?.step;
    };
    return { come, known: () => Object.keys(hosts['a']!.greylist).length };
  }

  it('knows who comes again within 35 days, and forgets who does not', () => {
    const { come } = greylisting();
    expect([0, 60_000, 300_000, DAY].map((now) => come('x@x.test', now))).toEqual(['meet', 'wait', 'pass', 'known']);
    expect([30, 60, 90].map((day) => come('x@x.test', day * DAY))).toEqual(['pass', 'pass', 'pass']);
    expect(come('x@x.test', 125 * DAY)).toBe('meet');
    expect([come('y@x.test', 0), come('y@x.test', 36 * DAY), come('y@x.test', 37 * DAY)]).toEqual([
      'meet',
      'meet',
      'pass',
    ]);
  });

  it('holds no more senders than came of late', () => {
    const { come, known } = greylisting();
    for (let i = 0; i < 20_000; i += 1) come(`x${i}@x.test`, (i * DAY) / 10);
    expect(known()).toBeLessThan(350 + 351);
  });
});
