/** The form of a host's settings: what is typed, what becomes of it, and what is said when it makes no sense. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  presetHops as engineHops,
  presetPolicy as enginePolicy,
  PRESET_NAMES,
} from '../../src/engine/queue/presets.ts';
import { defaultSettings } from '../../src/engine/scenario/defaults.ts';
import type { HostSettings } from '../../src/contract/settings.ts';
import {
  durationText,
  groupsOf,
  isChanged,
  parseDuration,
  parseRules,
  parseSize,
  presetHops,
  presetPolicy,
  readField,
  sizeText,
  type Known,
} from '../../src/renderer/inspector/settings.ts';

const known: Known = {
  hosts: [
    { key: 'a', addresses: ['192.0.2.10'] },
    { key: 'b', addresses: ['198.51.100.20', '198.51.100.21'] },
  ],
  networks: [{ key: 'office', block: '192.0.2.0/24' }],
};
const host = (change: Partial<HostSettings> = {}): HostSettings => ({
  ...defaultSettings('a.theorganisation.test', ['192.0.2.10'], 'office', '192.0.2.0/24'),
  ...change,
});
const fieldOf = (settings: HostSettings, id: string) => {
  const field = groupsOf(settings)
    .flatMap(({ fields }) => fields)
    .find((one) => one.id === id);
  if (field === undefined) throw new Error(`no field ${id}`);
  return field;
};
const type = (id: string, text: string, settings = host()) => readField(fieldOf(settings, id), text, settings, known);
const messageOf = (id: string, text: string, settings = host()): string => {
  const read = type(id, text, settings);
  return read.ok ? `taken: ${JSON.stringify(read.settings)}` : read.message;
};

describe('durations', () => {
  it.each([
    ['4h', 14_400_000],
    ['30m', 1_800_000],
    ['1h 30m', 5_400_000],
    ['90s', 90_000],
    ['250ms', 250],
    ['0', 0],
    ['1.5h', 5_400_000],
    ['1w', 604_800_000],
    ['5D', 432_000_000],
    ['10 min', 600_000],
    ['2 hours 1 minute', 7_260_000],
    ['3 days', 259_200_000],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each([
    ['30', /30 of what\? Write 30s, 30m/],
    ['soon', /“soon” is not a duration: write it like 4h/],
    ['', /Write a duration such as 4h/],
    ['-4h', /not a duration/],
    ['30m 1h', /larger unit first/],
    ['1h 2h', /each one once/],
    ['99999999999999999w', /longer than any clock/],
  ])('refuses %j', (text, message) => {
    expect(() => parseDuration(text)).toThrow(message);
  });

  it('are written back as they were meant', () => {
    expect([4_000_000, 604_800_000, 691_200_000, 14_400_000, 1, 0].map(durationText)).toEqual([
      '1h 6m 40s',
      '1w',
      '8d',
      '4h',
      '1ms',
      '0',
    ]);
    fc.assert(fc.property(fc.integer({ min: 0, max: 10_000_000_000 }), (ms) => parseDuration(durationText(ms)) === ms));
  });
});

describe('sizes', () => {
  it.each([
    ['64 MB', 64_000_000],
    ['200kB', 200_000],
    ['1.5 mb', 1_500_000],
    ['64 KiB', 65_536],
    ['4096', 4096],
    ['950 bytes', 950],
    ['1 byte', 1],
  ])('%s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it('are refused with what to write', () => {
    expect(() => parseSize('much')).toThrow('“much” is not a size: write it like 64 MB, 200 KB or 4096');
    expect(() => parseSize('-1')).toThrow(/not a size/);
  });

  it('are written back as they were meant', () => {
    expect([10_240_000, 100_000, 65_536, 1, 999].map(sizeText)).toEqual([
      '10.24 MB',
      '100 KB',
      '65.536 KB',
      '1 byte',
      '999 bytes',
    ]);
    fc.assert(fc.property(fc.integer({ min: 0, max: 1e13 }), (bytes) => parseSize(sizeText(bytes)) === bytes));
  });
});

describe('presets', () => {
  it.each(PRESET_NAMES)('%s has the numbers of the engine', (name) => {
    expect(presetPolicy(name)).toEqual(enginePolicy(name));
    expect(presetHops(name)).toBe(engineHops(name));
    expect(isChanged(presetPolicy(name))).toBe(false);
    expect(isChanged({ ...presetPolicy(name), giveUpAfterMs: 1 })).toBe(true);
  });

  it('are chosen as a whole, and each number can be changed alone', () => {
    expect(type('retry.preset', 'exim')).toEqual({
      ok: true,
      settings: { retry: enginePolicy('exim'), hopCountMax: 30 },
    });
    const settings = host({ retry: presetPolicy('article') });
    expect(type('retry.everyMs', '10m', settings)).toEqual({
      ok: true,
      settings: {
        retry: { ...enginePolicy('article'), curve: { kind: 'fixed', everyMs: 600_000, countedFrom: 'try' } },
      },
    });
    expect(type('retry.warnAfterMs', 'never', settings)).toMatchObject({
      settings: { retry: { warnAfterMs: null, giveUpAfterMs: 604_800_000 } },
    });
  });

  it('with rules take the notation of Exim', () => {
    expect(parseRules('F,2h,15m; G,16h,1h,1.5; F,4d,6h')).toEqual(
      (enginePolicy('exim').curve as { rules: unknown }).rules,
    );
    const settings = host({ retry: presetPolicy('exim') });
    expect(fieldOf(settings, 'retry.rules').show(settings)).toBe('F,2h,15m; G,16h,1h,1.5; F,4d,6h');
    expect(messageOf('retry.rules', 'G,16h,1h', settings)).toContain('is not a rule: write F,2h,15m');
    expect(messageOf('retry.rules', 'F,2h,15', settings)).toContain('15 of what?');
    expect(messageOf('retry.rules', '', settings)).toContain('one rule at least');
  });
});

describe('every field', () => {
  const curves = PRESET_NAMES.map((name) => host({ retry: presetPolicy(name) }));
  const full = host({
    diskBytes: 64_000_000,
    mailboxQuotaBytes: 1_000,
    greylistMs: 300_000,
    blocklistZone: 'bl.example.test',
    contentFilter: { gtube: true, patterns: ['cheap pills'] },
    mailboxes: null,
    knownUsers: ['alice@theorganisation.test'],
    relayDomains: ['theorganisation.test'],
    trustedPeers: ['198.51.100.20'],
  });

  it('reads back what it shows, and changes nothing by it', () => {
    for (const settings of [...curves, full]) {
      for (const field of groupsOf(settings).flatMap(({ fields }) => fields)) {
        const read = readField(field, field.show(settings), settings, known);
        expect(read, field.id).toMatchObject({ ok: true });
        expect({ ...settings, ...(read.ok ? read.settings : {}) }, field.id).toEqual(settings);
      }
    }
  });

  it('has an id, a label and a hint of its own', () => {
    const fields = groupsOf(full).flatMap((group) => group.fields);
    expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
    expect(new Set(fields.map(({ label }) => label)).size).toBe(fields.length);
    expect(fields.filter(({ label, hint }) => label === '' || hint === '')).toEqual([]);
  });
});

describe('what makes no sense', () => {
  it('is answered in words', () => {
    expect(messageOf('retry.giveUpAfterMs', '5')).toContain('5 of what?');
    expect(messageOf('retry.giveUpAfterMs', '0')).toContain('write 1s or more');
    expect(messageOf('retry.minMs', '2h')).toContain('longer than the longest wait, 1h 6m 40s');
    expect(messageOf('retry.maxMs', '1m')).toContain('shorter than the least wait, 5m');
    expect(messageOf('diskBytes', 'big')).toContain('is not a size');
    expect(messageOf('finalDomains', 'the organisation!')).toContain('“organisation!” is not a domain');
    expect(messageOf('trustedPeers', 'z')).toBe(
      '“z” is no peer: write an address, a block such as 192.0.2.0/24, a host (a, b) or a network (office)',
    );
    expect(messageOf('trustedPeers', '192.0.2.10/24')).toContain('write 192.0.2.0/24 for the block');
    expect(messageOf('relayClients', '192.0.2.256')).toContain('is no peer');
    expect(messageOf('connectionCountMax', '0')).toBe('Write a whole number from 1 to 1,000');
    expect(messageOf('knownUsers', 'alice')).toContain('alice at which domain?');
  });
});

describe('lists', () => {
  it('of peers take hosts and networks by name', () => {
    expect(type('trustedPeers', 'b, office 2001:db8::1')).toEqual({
      ok: true,
      settings: { trustedPeers: ['198.51.100.20', '198.51.100.21', '192.0.2.0/24', '2001:db8::1'] },
    });
    expect(type('trustedPeers', '')).toEqual({ ok: true, settings: { trustedPeers: [] } });
  });

  it('of known users belong to the relay domains', () => {
    const settings = host({ relayDomains: ['theorganisation.test'] });
    expect(type('knownUsers', 'alice, bob@elsewhere.test', settings)).toEqual({
      ok: true,
      settings: { knownUsers: ['alice@theorganisation.test', 'bob@elsewhere.test'] },
    });
    expect(type('knownUsers', 'everybody', settings)).toEqual({ ok: true, settings: { knownUsers: null } });
  });

  it('of filters that are all off are no filter', () => {
    const settings = host({ contentFilter: { gtube: true, patterns: [] } });
    expect(type('contentFilter.gtube', 'off', settings)).toEqual({ ok: true, settings: { contentFilter: null } });
    expect(type('contentFilter.patterns', 'Cheap pills, act now', settings)).toEqual({
      ok: true,
      settings: { contentFilter: { gtube: true, patterns: ['Cheap pills', 'act now'] } },
    });
  });
});
