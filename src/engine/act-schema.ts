/** What a person may ask of a lab, checked word by word: it comes from pages and programs, and is written into the journal. */
import * as z from 'zod';
import type { LabAct } from '../contract/events.ts';
import { CALENDAR_END, SPAN_MAX_MS } from '../contract/instant.ts';
import type { HostSettings } from '../contract/settings.ts';

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const span = count.max(SPAN_MAX_MS, 'is longer than a thousand years');
const instant = count.max(CALENDAR_END, 'is past the year 9999, where a lab’s calendar ends');
/** Nothing that could end a line or hide in it. */
const word = (longest = 255) =>
  z
    .string()
    .max(longest)
    // eslint-disable-next-line no-control-regex -- these are the characters it is about
    .regex(/^[^\x00-\x1f\x7f]*$/, 'holds a control character');
const key = word(64).min(1);
const words = z.array(word()).max(1_000);
const address = z.union([z.ipv4(), z.ipv6()]);
const block = z.union([address, z.cidrv4(), z.cidrv6()]);
const text = z.string().max(1_000_000);

const curve = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('age'), minMs: span.min(1), maxMs: span.min(1), scanMs: span.min(1) }),
  z.strictObject({ kind: z.literal('fixed'), everyMs: span.min(1), countedFrom: z.enum(['start', 'try']) }),
  z.strictObject({
    kind: z.literal('rules'),
    rules: z
      .array(z.strictObject({ untilAgeMs: span, waitMs: span.min(1), factor: z.number().min(1).max(1_000) }))
      .min(1)
      .max(20),
  }),
  z.strictObject({ kind: z.literal('square'), stepMs: span.min(1) }),
  z.strictObject({ kind: z.literal('root'), stepRootSeconds: z.number().positive().max(100_000) }),
]);

const settings: z.ZodType<Partial<HostSettings>> = z
  .strictObject({
    name: word().min(1),
    addresses: z.array(address).min(1).max(16),
    network: key,
    finalDomains: words,
    relayDomains: words,
    relayClients: z.array(block).max(1_000),
    trustedPeers: z.array(block).max(1_000),
    relayDenied: z.enum(['temporary', 'permanent']),
    mailboxes: words.nullable(),
    knownUsers: words.nullable(),
    retry: z.strictObject({
      preset: z.enum(['postfix', 'sendmail', 'exim', 'opensmtpd', 'qmail', 'article']),
      curve,
      warnAfterMs: span.nullable(),
      giveUpAfterMs: span,
      giveUpReportsAfterMs: span,
    }),
    hopCountMax: count.min(1).max(1_000),
    diskBytes: count.nullable(),
    diskReserveBytes: count,
    diskFullReply: z.enum(['temporary', 'permanent']),
    mailboxQuotaBytes: count.nullable(),
    messageSizeMax: count,
    rcptCountMax: count.min(1),
    errorCountMax: count.min(1).max(1_000),
    junkCommandCountMax: count.min(1).max(100_000),
    greetPauseMs: span,
    blocklistZone: word().nullable(),
    greylistMs: span.nullable(),
    contentFilter: z.strictObject({ gtube: z.boolean(), patterns: z.array(word(1_000)).max(1_000) }).nullable(),
    extensions: z.strictObject({
      pipelining: z.boolean(),
      dsn: z.boolean(),
      eightBitMime: z.boolean(),
      smtpUtf8: z.boolean(),
      size: z.boolean(),
      etrn: z.boolean(),
      enhancedCodes: z.boolean(),
    }),
    timeouts: z.strictObject({
      connectMs: span.min(1),
      greetingMs: span.min(1),
      commandMs: span.min(1),
      dataMs: span.min(1),
      dataBlockMs: span.min(1),
      finalDotMs: span.min(1),
    }),
    serverIdleMs: span.min(1),
    connectionCountMax: count.min(1).max(1_000),
    downgradesEightBit: z.boolean(),
    transactionRcptCountMax: count.min(1).max(100_000),
    mxSessionCountMax: count.min(1).max(1_000),
    mxAddressCountMax: count.min(1).max(1_000),
    bounceSizeMax: count,
    deadAfterFailures: count.min(1),
    deadForMs: span,
    doubleBounceToPostmaster: z.boolean(),
  })
  .partial();

const message = z.strictObject({
  name: word(128).nullable(),
  from: word(320),
  to: z.array(word(320).min(1)).min(1).max(1_000),
  subject: z.string().max(2_000),
  body: text,
  raw: z.base64().max(50_000_000).nullable(),
  sizeBytes: count.max(50_000_000).nullable(),
  spam: z.boolean(),
  ret: z.enum(['full', 'hdrs']).nullable(),
  envid: word(100).nullable(),
  notify: z.array(z.enum(['never', 'success', 'failure', 'delay'])).nullable(),
  via: key.nullable(),
  network: key.nullable(),
});

const when = z.discriminatedUnion('at', [
  z.strictObject({ at: z.literal('bytes'), count }),
  z.strictObject({ at: z.literal('final-dot') }),
  z.strictObject({ at: z.literal('command'), verb: word(16).min(1) }),
]);
const then = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('cut') }),
  z.strictObject({ do: z.literal('reset') }),
  z.strictObject({ do: z.literal('delay'), ms: span }),
  z.strictObject({
    do: z.literal('answer'),
    reply: word(500).regex(/^[2-5]\d\d( |$)/, 'begins with a code of three digits, as in 451 4.3.0 Try again later'),
  }),
]);

const act: z.ZodType<LabAct> = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('send'),
    messages: z.array(message).min(1).max(100_000),
    everyMs: span,
    connections: count.min(1).max(1_000),
  }),
  z.strictObject({ do: z.literal('host'), host: key, power: z.enum(['start', 'stop', 'crash', 'off']) }),
  z.strictObject({ do: z.literal('set'), host: key, settings }),
  z.strictObject({
    do: z.literal('line'),
    host: key,
    line: z
      .strictObject({
        cut: z.boolean(),
        extraLatencyMs: span,
        bytesPerSecond: count.min(1).nullable(),
        loseReplies: z.boolean(),
      })
      .partial(),
  }),
  z.strictObject({ do: z.literal('reset-sessions'), host: key }),
  z.strictObject({ do: z.literal('firewall'), text }),
  z.strictObject({ do: z.literal('zone'), name: word().min(1), view: key.nullable(), text }),
  z.strictObject({
    do: z.literal('dns-fault'),
    fault: z.strictObject({
      name: word().min(1),
      kind: z.enum(['no-answer', 'servfail', 'nxdomain', 'slow']),
      delayMs: span,
    }),
  }),
  z.strictObject({ do: z.literal('dns-fault-clear'), name: word().min(1) }),
  z.strictObject({
    do: z.literal('fault'),
    fault: z.strictObject({
      id: word(128).min(1),
      host: key,
      when,
      address: word(320).nullable(),
      then,
      from: instant,
      until: instant.nullable(),
      left: count.nullable(),
    }),
  }),
  z.strictObject({ do: z.literal('fault-clear'), id: word(128).min(1) }),
  z.strictObject({ do: z.literal('fill-disk'), host: key, bytes: count }),
  z.strictObject({ do: z.literal('flush'), host: key, domain: word().nullable() }),
  z.strictObject({
    do: z.enum(['hold', 'release', 'retry', 'delete']),
    host: key,
    queueIds: z.array(key).min(1).max(100_000),
  }),
  z.strictObject({ do: z.literal('mailbox-remove'), host: key, user: word(), queueId: key }),
  z.strictObject({ do: z.literal('jump'), to: instant }),
]);

/** What is wrong with an act, in words; null: nothing. Whether its host is there, the lab says. */
export function actTrouble(given: unknown): string | null {
  const parsed = act.safeParse(given);
  if (parsed.success) return null;
  return parsed.error.issues
    .map(({ path, message: words }) => (path.length === 0 ? words : `${path.join('.')}: ${words}`))
    .join('; ');
}
