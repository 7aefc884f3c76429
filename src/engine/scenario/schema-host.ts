/** A host as the lab file writes it: every setting of the contract's HostSettings in a short form. */
import { z } from 'zod';
import {
  count,
  duration,
  durationOrNever,
  flag,
  keys,
  oneOf,
  oneOrMore,
  PRESETS,
  size,
  sizeOrNone,
  span,
  text,
} from './schema-values.ts';

const preset = oneOf(PRESETS, 'a retry preset');

const exact = keys('retry', {
  preset,
  warn: durationOrNever.optional().meta({ description: 'The sender is told of a delay after this age' }),
  'give-up': span.optional(),
  'give-up-reports': span.optional(),
  every: span.optional().meta({ description: 'sendmail and article: the rhythm of tries' }),
  min: span.optional().meta({ description: 'postfix: the least wait' }),
  max: span.optional().meta({ description: 'postfix: the longest wait' }),
  scan: span.optional().meta({ description: 'postfix: how often the queue is looked at' }),
  step: span.optional().meta({ description: 'opensmtpd: try n comes at birth + step * n * n' }),
  root: count(1, 10_000, 'number of seconds')
    .optional()
    .meta({ description: 'qmail: next = birth + (sqrt(age) + root)^2, in seconds' }),
  rules: z
    .array(keys('a retry rule', { until: span, wait: span, factor: z.number().min(1).optional() }))
    .min(1)
    .optional()
    .meta({ description: 'exim: until this age, wait so long, growing by this factor' }),
});

/** `retry: article`, or `retry: { preset: postfix, warn: 4h }`. */
const retry = z.union([preset, exact]);

/** `content: true` refuses GTUBE, a list refuses GTUBE and these words. */
const content = z.union([
  flag,
  z.array(z.string()),
  keys('content', { gtube: flag.optional(), patterns: z.array(z.string()).optional() }),
]);

const filters = keys('filters', {
  blocklist: text('A blocklist').optional().meta({ description: 'Zone of a DNS blocklist, asked at each connection' }),
  greylist: span.optional().meta({ description: 'First-time senders are put off for this long' }),
  content: content.optional(),
});

const extensions = keys('extensions', {
  pipelining: flag.optional(),
  dsn: flag.optional(),
  '8bitmime': flag.optional(),
  smtputf8: flag.optional(),
  size: flag.optional(),
  etrn: flag.optional(),
  'enhanced-codes': flag.optional(),
});

const timeouts = keys('timeouts', {
  connect: span.optional(),
  greeting: span.optional(),
  command: span.optional(),
  data: span.optional(),
  'data-block': span.optional(),
  'final-dot': span.optional(),
});

/** What can be said of a host when the lab opens, and with `set` while it runs. */
const settings = {
  address: oneOrMore('address')
    .optional()
    .meta({ description: 'One address, or a list; the first is used to send from' }),
  network: text('A network')
    .optional()
    .meta({ description: 'Key of its network; left out, the one that holds its first address' }),
  final: oneOrMore('domain').optional().meta({ description: 'Domains whose mail ends here, besides its own name' }),
  relay: oneOrMore('domain').optional().meta({ description: 'Domains it takes mail for and passes on by MX' }),
  mailboxes: oneOrMore('mailbox').optional().meta({ description: 'Local parts with a mailbox, or any' }),
  'known-users': oneOrMore('user')
    .optional()
    .meta({ description: 'Users of its relay domains that it knows; left out, it takes all' }),
  retry: retry.optional(),
  disk: sizeOrNone.optional().meta({ description: 'Room for queue and mailboxes together' }),
  'disk-reserve': size.optional().meta({ description: 'Kept free beyond the SIZE of a message' }),
  'disk-full': oneOf(['temporary', 'permanent'], 'an answer of a full disk')
    .optional()
    .meta({ description: '452 4.3.1 or 552 5.3.1' }),
  quota: sizeOrNone.optional().meta({ description: 'Room of each mailbox' }),
  trusts: oneOrMore('peer').optional().meta({ description: 'Hosts, networks or addresses that pass no filter' }),
  'relay-clients': oneOrMore('client')
    .optional()
    .meta({ description: 'Hosts, networks or addresses that may relay to anywhere; left out, its own network' }),
  'relay-denied': oneOf(['temporary', 'permanent'], 'an answer to strangers')
    .optional()
    .meta({ description: '454 4.7.1 or 554 5.7.1' }),
  filters: filters.optional(),
  'greet-pause': duration.optional(),
  extensions: extensions.optional(),
  timeouts: timeouts.optional().meta({ description: 'As an SMTP client, RFC 5321 §4.5.3.2' }),
  'server-idle': span.optional(),
  connections: count(1, 1000, 'number of connections').optional(),
  'transaction-recipients': count(1, 100_000, 'number of recipients')
    .optional()
    .meta({ description: 'As an SMTP client: more go in several transactions' }),
  'eight-bit': oneOf(['convert', 'bounce'], 'what becomes of 8-bit mail for a server without 8BITMIME').optional(),
  'mx-sessions': count(1, 1000, 'number of sessions')
    .optional()
    .meta({ description: 'Servers that one try talks to at the most' }),
  'mx-addresses': count(1, 1000, 'number of addresses')
    .optional()
    .meta({ description: 'Addresses that one try calls at the most' }),
  'dead-after': count(1, 1000, 'number of failures').optional(),
  'dead-for': duration.optional(),
  hops: count(1, 1000, 'number of Received lines').optional(),
  'message-size': size.optional(),
  recipients: count(1, 100_000, 'number of recipients').optional(),
  errors: count(1, 1000, 'number of errors')
    .optional()
    .meta({ description: 'In one session, then 421; refused recipients count' }),
  'junk-commands': count(1, 100_000, 'number of commands')
    .optional()
    .meta({ description: 'NOOP, RSET, VRFY and such that come free; each one more is an error' }),
  'bounce-size': size.optional().meta({ description: 'A larger message comes back as its header alone' }),
  'double-bounce': oneOf(['drop', 'postmaster'], 'what becomes of a report that nobody takes').optional(),
};

export const host = keys('a host', {
  name: text('A host name').meta({ description: 'In its greeting, EHLO, Received lines and reports' }),
  ...settings,
  address: oneOrMore('address').meta({ description: 'One address, or a list; the first is used to send from' }),
  power: oneOf(['up', 'stopped', 'crashed', 'off'], 'a state of a host').optional(),
});

export const setHost = keys('set', { host: text('A host'), name: text('A host name').optional(), ...settings });

export type SettingsFile = Omit<z.output<typeof setHost>, 'host'>;
export type RetryFile = z.output<typeof retry>;
