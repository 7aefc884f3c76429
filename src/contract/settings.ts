/**
 * What a mail host can be told: every knob of a host, as plain data.
 *
 * Durations are milliseconds, sizes are bytes; `null` stands for "never" or "no limit".
 * Every value may be changed while the lab runs (event `host-set`).
 */

/** The retry curves of real mail servers; see engine/queue/presets.ts for their numbers. */
export type PresetName = 'postfix' | 'sendmail' | 'exim' | 'opensmtpd' | 'qmail' | 'article';

/** When the next try comes. One of the shapes that real queue managers use. */
export type RetryCurve =
  /** Postfix: wait as long as the message is old, within bounds; looked at by a scan every `scanMs`. */
  | { kind: 'age'; minMs: number; maxMs: number; scanMs: number }
  /** A fixed rhythm. Sendmail's queue runs are counted from the `start` of its daemon; others wait so long after each `try`. */
  | { kind: 'fixed'; everyMs: number; countedFrom: 'start' | 'try' }
  /** Exim: rules of the form "until this age, every so often, the wait growing by a factor". */
  | { kind: 'rules'; rules: { untilAgeMs: number; waitMs: number; factor: number }[] }
  /** OpenSMTPD: try n comes at birth + stepMs * n * n. */
  | { kind: 'square'; stepMs: number }
  /** qmail: next = birth + (sqrt(age) + stepRootSeconds)^2, in seconds. */
  | { kind: 'root'; stepRootSeconds: number };

export interface RetryPolicy {
  preset: PresetName;
  curve: RetryCurve;
  /** A sender is told of a delay after this age; null: never. */
  warnAfterMs: number | null;
  /** A message is given up at the first failed try past this age. */
  giveUpAfterMs: number;
  /** As giveUpAfterMs, for reports (null sender). */
  giveUpReportsAfterMs: number;
}

/** What a host answers when its disk is full (BEHAVIOUR: disk full). */
export type DiskFullReply = 'temporary' | 'permanent';

export interface HostSettings {
  /** Name in greeting, EHLO, Received lines and DSNs. */
  name: string;
  /** Simulated addresses, the first is used to send from. */
  addresses: string[];
  /** Key of the network that the host stands in. */
  network: string;
  /** Domains for which the host is the final destination (besides its own name). */
  finalDomains: string[];
  /** Domains it takes mail for and passes on by MX. */
  relayDomains: string[];
  /** Networks or addresses (CIDR) that may relay to anywhere. */
  relayClients: string[];
  /** Peers (CIDR) whose mail passes no connect filter and no content filter. */
  trustedPeers: string[];
  /** What a stranger hears who wants to relay: 454 4.7.1 (waits) or 554 5.7.1 (bounces). */
  relayDenied: 'temporary' | 'permanent';
  /** Local parts with a mailbox; null: any local part has one. */
  mailboxes: string[] | null;
  /** For relay domains: addresses known to exist; null: all are taken (backscatter!). */
  knownUsers: string[] | null;
  retry: RetryPolicy;
  /** With so many Received lines, this host's own among them, a message is a loop (RFC 5321 §6.3). */
  hopCountMax: number;
  /** Capacity of spool and mailboxes together; null: no limit. */
  diskBytes: number | null;
  /** Kept free beyond a message's SIZE. */
  diskReserveBytes: number;
  diskFullReply: DiskFullReply;
  /** Quota for each mailbox; null: none. */
  mailboxQuotaBytes: number | null;
  /** SIZE limit offered (RFC 1870). */
  messageSizeMax: number;
  rcptCountMax: number;
  /** Replies of 4xx and 5xx in one session, after which the client hears 421. */
  errorCountMax: number;
  /** Commands in one session that bring no mail on its way (NOOP, RSET, VRFY ...); each one beyond counts as an error. */
  junkCommandCountMax: number;
  /** Wait before the greeting; a client that talks meanwhile hears 421. */
  greetPauseMs: number;
  /** Zone of a DNS blocklist asked for each connection; null: none. */
  blocklistZone: string | null;
  /** First-time senders are put off for this long with 450; null: no greylist. */
  greylistMs: number | null;
  /** Refuse GTUBE and these patterns (case-insensitive substrings) after DATA with 550 5.7.1. */
  contentFilter: { gtube: boolean; patterns: string[] } | null;
  /** Extensions offered in answer to EHLO. */
  extensions: {
    pipelining: boolean;
    dsn: boolean;
    eightBitMime: boolean;
    smtpUtf8: boolean;
    size: boolean;
    etrn: boolean;
    enhancedCodes: boolean;
  };
  /** SMTP client time-outs by stage (RFC 5321 §4.5.3.2). */
  timeouts: {
    connectMs: number;
    greetingMs: number;
    commandMs: number;
    dataMs: number;
    dataBlockMs: number;
    finalDotMs: number;
  };
  /** A client that says nothing for so long hears 421 (RFC 5321 §4.5.3.2.7). */
  serverIdleMs: number;
  /** How many connections at once to one destination. */
  connectionCountMax: number;
  /** Recipients that go in one transaction; more go in several. Postfix: `default_destination_recipient_limit`. */
  transactionRcptCountMax: number;
  /** 8-bit parts become quoted-printable for a server without 8BITMIME; else such mail bounces (RFC 6152 §3). */
  downgradesEightBit: boolean;
  /** Servers with which a try may come past EHLO before it gives up. Postfix: `smtp_mx_session_limit`. */
  mxSessionCountMax: number;
  /** Addresses that a try may call. Postfix: `smtp_mx_address_limit`. */
  mxAddressCountMax: number;
  /** A destination is taken for dead after this many failures in a row ... */
  deadAfterFailures: number;
  /** ... and for this long. */
  deadForMs: number;
  /** A larger message comes back as its header alone, whatever RET asked for. Postfix: `bounce_size_limit`. */
  bounceSizeMax: number;
  /** A report that can't be delivered goes to postmaster instead of being dropped. */
  doubleBounceToPostmaster: boolean;
}
