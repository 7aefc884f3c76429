/**
 * The form of a host's settings as data: groups of fields, each of which shows a setting as text and reads it back.
 *
 * A field returns only what it changes, as the act `set` wants it; a text that makes no sense is answered in words
 * for beside the field. Pure: knows no page. Which fields there are depends on the retry curve alone.
 */
import type { HostSettings, PresetName, RetryCurve, RetryPolicy } from '../../contract/settings.ts';
import { inBlock } from '../bench/ways.ts';
import { presetHops, presetPolicy, PRESETS } from './settings-presets.ts';
import {
  durationText,
  isAddress,
  parseCount,
  parseDomains,
  parseDuration,
  parseList,
  parsePeers,
  parseRules,
  parseSize,
  rulesText,
  sizeText,
  Wrong,
  type Known,
} from './settings-values.ts';

export { isChanged, presetHops, presetPolicy } from './settings-presets.ts';
export { durationText, parseDuration, parseRules, parseSize, sizeText, type Known } from './settings-values.ts';

export interface Field {
  /** Unique in the form: `retry.warnAfterMs`. */
  id: string;
  label: string;
  /** What it does, and what to write. */
  hint: string;
  kind: 'text' | 'choice' | 'flag';
  choices?: { value: string; label: string }[];
  /** The setting as text; `on` or `off` for a flag. */
  show(settings: HostSettings): string;
  /** What to change. Throws Wrong. */
  read(text: string, settings: HostSettings, known: Known): Partial<HostSettings>;
}

export interface Group {
  name: string;
  fields: Field[];
}

export type ReadField = { ok: true; settings: Partial<HostSettings> } | { ok: false; message: string };

/** Read what a person typed into a field. */
export function readField(field: Field, text: string, settings: HostSettings, known: Known): ReadField {
  try {
    return { ok: true, settings: field.read(text, settings, known) };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { ok: false, message: error.message };
  }
}

/** The whole form for a host as it is. */
export function groupsOf(settings: HostSettings): Group[] {
  return [
    { name: 'Retry', fields: retryFields(settings.retry.curve) },
    { name: 'Disk and sizes', fields: DISK },
    { name: 'Whose mail it takes', fields: RELAYING },
    { name: 'Trust and filters', fields: FILTERS },
    { name: 'Extensions offered', fields: EXTENSIONS },
    { name: 'Time-outs', fields: TIMEOUTS },
    { name: 'Limits', fields: LIMITS },
    { name: 'Network', fields: PLACE },
  ];
}

type Keys<T> = {
  [K in keyof HostSettings]-?: HostSettings[K] extends T ? (T extends HostSettings[K] ? K : never) : never;
}[keyof HostSettings];
type Words = [label: string, hint: string];

const never = (text: string): boolean => /^(never|none|no|off)?$/i.test(text.trim());

/** A duration above zero: a wait of nothing would be tried without end. */
function span(text: string): number {
  const ms = parseDuration(text);
  if (ms === 0) throw new Wrong('0 is too short: write 1s or more');
  return ms;
}

const text = (id: string, [label, hint]: Words, show: Field['show'], read: Field['read']): Field => ({
  id,
  label,
  hint,
  kind: 'text',
  show,
  read,
});
const size = (id: Keys<number>, words: Words): Field =>
  text(
    id,
    words,
    (s) => sizeText(s[id]),
    (typed) => ({ [id]: parseSize(typed) }),
  );
const sizeOrNone = (id: Keys<number | null>, words: Words): Field =>
  text(
    id,
    words,
    (s) => (s[id] === null ? 'no limit' : sizeText(s[id])),
    (typed) => ({ [id]: never(typed) || /^no limit$/i.test(typed.trim()) ? null : parseSize(typed) }),
  );
const count = (id: Keys<number>, max: number, words: Words): Field =>
  text(
    id,
    words,
    (s) => String(s[id]),
    (typed) => ({ [id]: parseCount(typed, 1, max) }),
  );
const duration = (id: Keys<number>, words: Words, read = span): Field =>
  text(
    id,
    words,
    (s) => durationText(s[id]),
    (typed) => ({ [id]: read(typed) }),
  );
const domains = (id: Keys<string[]>, words: Words): Field =>
  text(
    id,
    words,
    (s) => s[id].join(', '),
    (typed) => ({ [id]: parseDomains(typed) }),
  );
const peers = (id: Keys<string[]>, words: Words): Field =>
  text(
    id,
    words,
    (s) => s[id].join(', '),
    (typed, _, known) => ({ [id]: parsePeers(typed, known) }),
  );
const flag = (
  id: string,
  [label, hint]: Words,
  show: (settings: HostSettings) => boolean,
  read: (on: boolean, settings: HostSettings) => Partial<HostSettings>,
): Field => ({
  id,
  label,
  hint,
  kind: 'flag',
  show: (s) => (show(s) ? 'on' : 'off'),
  read: (typed, s) => read(typed === 'on', s),
});
const choice = (
  id: string,
  [label, hint]: Words,
  choices: { value: string; label: string }[],
  show: Field['show'],
  read: Field['read'],
): Field => ({ id, label, hint, kind: 'choice', choices, show, read });

const replies = (temporary: string, permanent: string) => [
  { value: 'temporary', label: temporary },
  { value: 'permanent', label: permanent },
];

// ── retry ──
const inRetry = (settings: HostSettings, change: Partial<RetryPolicy>): Partial<HostSettings> => ({
  retry: { ...settings.retry, ...change },
});
const retryText = (
  id: string,
  words: Words,
  show: (retry: RetryPolicy) => string,
  read: (typed: string, retry: RetryPolicy) => Partial<RetryPolicy>,
): Field =>
  text(
    `retry.${id}`,
    words,
    (s) => show(s.retry),
    (typed, s) => inRetry(s, read(typed, s.retry)),
  );

function retryFields(curve: RetryCurve): Field[] {
  return [
    choice(
      'retry.preset',
      ['Retries like', 'Puts that server’s own numbers in'],
      PRESETS,
      (s) => s.retry.preset,
      (value, s) => ({
        retry: presetPolicy(value as PresetName),
        ...(value === s.retry.preset ? {} : { hopCountMax: presetHops(value as PresetName) }),
      }),
    ),
    ...curveFields(curve),
    retryText(
      'warnAfterMs',
      ['Tell of the delay after', 'The age of the first notice, or never'],
      (r) => (r.warnAfterMs === null ? 'never' : durationText(r.warnAfterMs)),
      (typed) => ({ warnAfterMs: never(typed) ? null : span(typed) }),
    ),
    retryText(
      'giveUpAfterMs',
      ['Give up after', 'At the first failed try past this age'],
      (r) => durationText(r.giveUpAfterMs),
      (typed) => ({ giveUpAfterMs: span(typed) }),
    ),
    retryText(
      'giveUpReportsAfterMs',
      ['Give up reports after', 'For reports: they have no sender'],
      (r) => durationText(r.giveUpReportsAfterMs),
      (typed) => ({ giveUpReportsAfterMs: span(typed) }),
    ),
  ];
}

/** A number of a curve, of the kind that the host has now. */
function curveField<K extends RetryCurve['kind']>(
  kind: K,
  id: string,
  words: Words,
  show: (curve: Extract<RetryCurve, { kind: K }>) => string,
  read: (typed: string, curve: Extract<RetryCurve, { kind: K }>) => object,
): Field {
  const own = (retry: RetryPolicy) => retry.curve as Extract<RetryCurve, { kind: K }>;
  return retryText(
    id,
    words,
    (r) => (r.curve.kind === kind ? show(own(r)) : ''),
    (typed, r) => ({ curve: { ...own(r), ...read(typed, own(r)) } }),
  );
}

function curveFields(curve: RetryCurve): Field[] {
  switch (curve.kind) {
    case 'age':
      return [
        curveField(
          'age',
          'minMs',
          ['Least wait', 'As long as mail is old, never less'],
          (c) => durationText(c.minMs),
          (typed, c) => {
            if (span(typed) > c.maxMs)
              throw new Wrong(
                `That is longer than the longest wait, ${durationText(c.maxMs)}: write less, or raise that first`,
              );
            return { minMs: span(typed) };
          },
        ),
        curveField(
          'age',
          'maxMs',
          ['Longest wait', '… and never more than this'],
          (c) => durationText(c.maxMs),
          (typed, c) => {
            if (span(typed) < c.minMs)
              throw new Wrong(
                `That is shorter than the least wait, ${durationText(c.minMs)}: write more, or lower that first`,
              );
            return { maxMs: span(typed) };
          },
        ),
        curveField(
          'age',
          'scanMs',
          ['Scans its queue every', 'And tries then what became due'],
          (c) => durationText(c.scanMs),
          (typed) => ({ scanMs: span(typed) }),
        ),
      ];
    case 'fixed':
      return [
        curveField(
          'fixed',
          'everyMs',
          [
            'Tries every',
            curve.countedFrom === 'start' ? 'Counted from when it was started' : 'Counted from the try before',
          ],
          (c) => durationText(c.everyMs),
          (typed) => ({ everyMs: span(typed) }),
        ),
      ];
    case 'rules':
      return [
        curveField(
          'rules',
          'rules',
          ['Rules', 'F,until,every; G,until,first,factor'],
          (c) => rulesText(c.rules),
          (typed) => ({ rules: parseRules(typed) }),
        ),
      ];
    case 'square':
      return [
        curveField(
          'square',
          'stepMs',
          ['Step', 'Try n comes at step × n² after arrival'],
          (c) => durationText(c.stepMs),
          (typed) => ({ stepMs: span(typed) }),
        ),
      ];
    case 'root':
      return [
        curveField(
          'root',
          'stepRootSeconds',
          ['Root step', 'In seconds: next try at (√age + this)²'],
          (c) => String(c.stepRootSeconds),
          (typed) => ({ stepRootSeconds: parseCount(typed, 1, 10_000) }),
        ),
      ];
  }
}

// ── disk ──
const DISK: Field[] = [
  sizeOrNone('diskBytes', ['Disk capacity', 'Mail of all kinds; or no limit']),
  choice(
    'diskFullReply',
    ['When the disk is full', 'Senders wait, or bounce the mail'],
    replies('452 4.3.1, try later', '552 5.3.1, never'),
    (s) => s.diskFullReply,
    (value) => ({ diskFullReply: value as HostSettings['diskFullReply'] }),
  ),
  size('diskReserveBytes', ['Keep free', 'Beyond the SIZE of what is let in']),
  sizeOrNone('mailboxQuotaBytes', ['Quota of each mailbox', 'Past it: 552 5.2.2. Or no limit']),
  size('messageSizeMax', ['Largest message', 'The SIZE that it offers']),
];

// ── whose mail ──
const RELAYING: Field[] = [
  domains('finalDomains', ['Final for', 'Domains whose mail ends here']),
  text(
    'mailboxes',
    ['Mailboxes', 'Local parts, or any'],
    (s) => (s.mailboxes === null ? 'any' : s.mailboxes.join(', ')),
    (typed) => {
      if (/^any$/i.test(typed.trim())) return { mailboxes: null };
      const boxes = parseList(typed).map((box) => box.replace(/@.*$/, '').toLowerCase());
      return { mailboxes: boxes };
    },
  ),
  domains('relayDomains', ['Relay domains', 'Takes their mail, passes it on by MX']),
  text(
    'knownUsers',
    ['Known users', 'Or everybody, which is backscatter'],
    (s) => (s.knownUsers === null ? 'everybody' : s.knownUsers.join(', ')),
    (typed, s) => {
      if (/^(everybody|everyone|all|any)$/i.test(typed.trim())) return { knownUsers: null };
      return { knownUsers: parseList(typed).flatMap((user) => knownAddresses(user, s.relayDomains)) };
    },
  ),
  peers('relayClients', ['May relay anywhere', 'Addresses, blocks, hosts, networks']),
  choice(
    'relayDenied',
    ['To strangers who relay', 'What all others hear'],
    replies('454 4.7.1, try later', '554 5.7.1, never'),
    (s) => s.relayDenied,
    (value) => ({ relayDenied: value as HostSettings['relayDenied'] }),
  ),
];

function knownAddresses(user: string, relayDomains: string[]): string[] {
  if (isAddress(user)) return [user];
  if (/[@<>]/.test(user)) throw new Wrong(`“${user}” is not a mail address: write it like alice@theorganisation.test`);
  if (relayDomains.length === 0)
    throw new Wrong(`${user} at which domain? Write the whole address, or name a relay domain first`);
  return relayDomains.map((domain) => `${user}@${domain}`);
}

// ── trust and filters ──
const filtersOf = (settings: HostSettings): NonNullable<HostSettings['contentFilter']> =>
  settings.contentFilter ?? { gtube: false, patterns: [] };
const filter = (
  settings: HostSettings,
  change: Partial<NonNullable<HostSettings['contentFilter']>>,
): Partial<HostSettings> => {
  const next = { ...filtersOf(settings), ...change };
  return { contentFilter: next.gtube || next.patterns.length > 0 ? next : null };
};

const FILTERS: Field[] = [
  peers('trustedPeers', ['Trusted peers', 'Spared all filters: b, 198.51.100.20']),
  text(
    'greylistMs',
    ['Greylist', 'Strangers wait so long: 5m, or none'],
    (s) => (s.greylistMs === null ? 'none' : durationText(s.greylistMs)),
    (typed) => ({ greylistMs: never(typed) ? null : span(typed) }),
  ),
  duration('greetPauseMs', ['Pause before greeting', 'Who talks meanwhile hears 421. Or 0'], parseDuration),
  text(
    'blocklistZone',
    ['Blocklist', 'Zone asked for each client, or none'],
    (s) => s.blocklistZone ?? 'none',
    (typed) => {
      if (never(typed)) return { blocklistZone: null };
      const [zone, ...more] = parseDomains(typed);
      if (zone === undefined || more.length > 0) throw new Wrong('Write one zone, such as bl.example.test, or none');
      return { blocklistZone: zone };
    },
  ),
  flag(
    'contentFilter.gtube',
    ['Refuse the test spam', 'GTUBE, after DATA, with 550 5.7.1'],
    (s) => filtersOf(s).gtube,
    (gtube, s) => filter(s, { gtube }),
  ),
  text(
    'contentFilter.patterns',
    ['Refuse mail that says', 'Phrases between commas, or nothing'],
    (s) => filtersOf(s).patterns.join(', ') || 'nothing',
    (typed, s) =>
      filter(s, {
        patterns: /^nothing$/i.test(typed.trim())
          ? []
          : [
              ...new Set(
                typed
                  .split(',')
                  .map((phrase) => phrase.trim())
                  .filter((phrase) => phrase !== ''),
              ),
            ],
      }),
  ),
];

// ── the rest ──
const extension = (id: keyof HostSettings['extensions'], words: Words): Field =>
  flag(
    `extensions.${id}`,
    words,
    (s) => s.extensions[id],
    (on, s) => ({ extensions: { ...s.extensions, [id]: on } }),
  );
const EXTENSIONS: Field[] = [
  extension('pipelining', ['PIPELINING', 'Many commands at a time']),
  extension('dsn', ['DSN', 'NOTIFY, RET, ENVID']),
  extension('eightBitMime', ['8BITMIME', 'Bodies with bytes over 127']),
  extension('smtpUtf8', ['SMTPUTF8', 'Addresses beyond ASCII']),
  extension('size', ['SIZE', 'Sizes are known beforehand']),
  extension('etrn', ['ETRN', 'A backup is asked to send now']),
  extension('enhancedCodes', ['ENHANCEDSTATUSCODES', 'Replies with 5.1.1 and such']),
];

const timeout = (id: keyof HostSettings['timeouts'], words: Words): Field =>
  text(
    `timeouts.${id}`,
    words,
    (s) => durationText(s.timeouts[id]),
    (typed, s) => ({ timeouts: { ...s.timeouts, [id]: span(typed) } }),
  );
const TIMEOUTS: Field[] = [
  timeout('connectMs', ['Connect', 'Then the next MX is tried']),
  timeout('greetingMs', ['Greeting', 'RFC 5321: 5m']),
  timeout('commandMs', ['EHLO, MAIL, RCPT', 'RFC 5321: 5m']),
  timeout('dataMs', ['DATA', 'RFC 5321: 2m']),
  timeout('dataBlockMs', ['Each block', 'RFC 5321: 3m']),
  timeout('finalDotMs', ['Final dot', 'RFC 5321: 10m. Shorter ones double mail']),
  duration('serverIdleMs', ['Silent clients', 'As a server: 421 after so long']),
];

const PLACE: Field[] = [
  text(
    'addresses',
    ['Addresses', 'The first is used to send from'],
    (s) => s.addresses.join(', '),
    (typed, _, known) => {
      const addresses = parseList(typed);
      const network = known.networks.find(({ block }) => inBlock(addresses[0] ?? '', block));
      const stranger = addresses.find((address) => !known.networks.some(({ block }) => inBlock(address, block)));
      if (network === undefined || stranger !== undefined)
        throw new Wrong(
          `${stranger ?? 'Nothing'} is in no network of this lab: ${known.networks.map(({ key, block }) => `${key} is ${block}`).join(', ')}`,
        );
      return { addresses, network: network.key };
    },
  ),
];

const LIMITS: Field[] = [
  count('connectionCountMax', 1000, ['Connections', 'At once, to one destination']),
  count('transactionRcptCountMax', 100_000, ['Recipients sent at once', 'More go in several transactions']),
  flag(
    'downgradesEightBit',
    ['Converts 8-bit mail', 'For a server without 8BITMIME; else it bounces'],
    (s) => s.downgradesEightBit,
    (downgradesEightBit) => ({ downgradesEightBit }),
  ),
  count('mxSessionCountMax', 1000, ['MX hosts talked to', 'In one try; the others are not asked']),
  count('mxAddressCountMax', 1000, ['Addresses called', 'In one try']),
  count('deadAfterFailures', 1000, ['Dead after', 'Failures in a row of a destination']),
  duration('deadForMs', ['Dead for', 'Its mail waits so long. Or 0'], parseDuration),
  count('hopCountMax', 1000, ['Hops', 'This many Received lines are a loop']),
  count('rcptCountMax', 100_000, ['Recipients', 'In one message']),
  count('errorCountMax', 1000, ['Errors', 'In one session, then 421']),
  count('junkCommandCountMax', 100_000, ['Commands without mail', 'NOOP and such; more are errors']),
  size('bounceSizeMax', ['Returned whole up to', 'Larger mail comes back as headers only']),
  flag(
    'doubleBounceToPostmaster',
    ['Dead reports to postmaster', 'Else they are dropped'],
    (s) => s.doubleBounceToPostmaster,
    (doubleBounceToPostmaster) => ({ doubleBounceToPostmaster }),
  ),
];
