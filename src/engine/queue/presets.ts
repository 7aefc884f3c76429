/**
 * Retry presets after real mail servers: when they try again, warn, and give up.
 *
 * Sources, each program's own defaults:
 * - postfix: postconf(5) `minimal_backoff_time` 300s, `maximal_backoff_time` 4000s, `queue_run_delay` 300s,
 *   `maximal_queue_lifetime` and `bounce_queue_lifetime` 5d, `delay_warning_time` 0h.
 * - sendmail: started with `-q30m`; `Timeout.queuewarn` 4h, `Timeout.queuereturn` and `Timeout.queuereturn.dsn` 5d.
 * - exim: the retry rule of its default configuration, `F,2h,15m; G,16h,1h,1.5; F,4d,6h`, and `delay_warning` 24h.
 *   Bounces follow the same rule; the default `ignore_bounce_errors_after` 2d is over by then, so they end at 4d too.
 * - opensmtpd: `BACKOFF_TRANSFER` 400 in its scheduler; smtpd.conf(5) `bounce warn-interval` 4h, `queue ttl` 4d, for all mail.
 * - qmail: `chanskip` 20 for the remote channel in qmail-send.c; `queuelifetime` 604800 s, for all mail.
 * - article: every half hour, warned after four hours, a week's patience, as popular texts about backup MX tell it
 *   (RFC 5321 §4.5.4.1 asks for 30 minutes and 4 to 5 days at least).
 */
import type { PresetName, RetryPolicy } from '../../contract/settings.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Functions, so that every host gets numbers of its own to change. */
const POLICIES: Record<PresetName, () => RetryPolicy> = {
  postfix: () => ({
    preset: 'postfix',
    curve: { kind: 'age', minMs: 300 * SECOND, maxMs: 4000 * SECOND, scanMs: 300 * SECOND },
    warnAfterMs: null,
    giveUpAfterMs: 5 * DAY,
    giveUpReportsAfterMs: 5 * DAY,
  }),
  sendmail: () => ({
    preset: 'sendmail',
    curve: { kind: 'fixed', everyMs: 30 * MINUTE, countedFrom: 'start' },
    warnAfterMs: 4 * HOUR,
    giveUpAfterMs: 5 * DAY,
    giveUpReportsAfterMs: 5 * DAY,
  }),
  exim: () => ({
    preset: 'exim',
    curve: {
      kind: 'rules',
      rules: [
        { untilAgeMs: 2 * HOUR, waitMs: 15 * MINUTE, factor: 1 },
        { untilAgeMs: 16 * HOUR, waitMs: 1 * HOUR, factor: 1.5 },
        { untilAgeMs: 4 * DAY, waitMs: 6 * HOUR, factor: 1 },
      ],
    },
    warnAfterMs: 24 * HOUR,
    giveUpAfterMs: 4 * DAY,
    giveUpReportsAfterMs: 4 * DAY,
  }),
  opensmtpd: () => ({
    preset: 'opensmtpd',
    curve: { kind: 'square', stepMs: 400 * SECOND },
    warnAfterMs: 4 * HOUR,
    giveUpAfterMs: 4 * DAY,
    giveUpReportsAfterMs: 4 * DAY,
  }),
  qmail: () => ({
    preset: 'qmail',
    curve: { kind: 'root', stepRootSeconds: 20 },
    warnAfterMs: null,
    giveUpAfterMs: 7 * DAY,
    giveUpReportsAfterMs: 7 * DAY,
  }),
  article: () => ({
    preset: 'article',
    curve: { kind: 'fixed', everyMs: 30 * MINUTE, countedFrom: 'try' },
    warnAfterMs: 4 * HOUR,
    giveUpAfterMs: 7 * DAY,
    giveUpReportsAfterMs: 7 * DAY,
  }),
};

/**
 * With how many Received lines a message is a loop to a server: Postfix's hopcount_limit where its manual names no number of its own.
 * Sendmail: MaxHopCount; Exim: received_headers_max; qmail: qmail-smtpd(8).
 */
export function presetHops(name: PresetName): number {
  return { postfix: 50, sendmail: 25, exim: 30, opensmtpd: 50, qmail: 100, article: 50 }[name];
}

/** The names of all presets, in the order in which a page lists them. */
export const PRESET_NAMES = Object.keys(POLICIES) as PresetName[];

/** A fresh copy of a preset's numbers; all durations in milliseconds. */
export function presetPolicy(name: PresetName): RetryPolicy {
  return POLICIES[name]();
}
