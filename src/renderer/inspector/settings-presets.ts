/**
 * The numbers that come with a retry preset, for choosing one. The engine has the same, with their sources; a test
 * holds the two together.
 */
import type { PresetName, RetryPolicy } from '../../contract/settings.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const policies: Record<PresetName, Omit<RetryPolicy, 'preset'>> = {
  postfix: {
    curve: { kind: 'age', minMs: 300 * SECOND, maxMs: 4000 * SECOND, scanMs: 300 * SECOND },
    warnAfterMs: null,
    giveUpAfterMs: 5 * DAY,
    giveUpReportsAfterMs: 5 * DAY,
  },
  sendmail: {
    curve: { kind: 'fixed', everyMs: 30 * MINUTE, countedFrom: 'start' },
    warnAfterMs: 4 * HOUR,
    giveUpAfterMs: 5 * DAY,
    giveUpReportsAfterMs: 5 * DAY,
  },
  exim: {
    curve: {
      kind: 'rules',
      rules: [
        { untilAgeMs: 2 * HOUR, waitMs: 15 * MINUTE, factor: 1 },
        { untilAgeMs: 16 * HOUR, waitMs: HOUR, factor: 1.5 },
        { untilAgeMs: 4 * DAY, waitMs: 6 * HOUR, factor: 1 },
      ],
    },
    warnAfterMs: 24 * HOUR,
    giveUpAfterMs: 4 * DAY,
    giveUpReportsAfterMs: 4 * DAY,
  },
  opensmtpd: {
    curve: { kind: 'square', stepMs: 400 * SECOND },
    warnAfterMs: 4 * HOUR,
    giveUpAfterMs: 4 * DAY,
    giveUpReportsAfterMs: 4 * DAY,
  },
  qmail: {
    curve: { kind: 'root', stepRootSeconds: 20 },
    warnAfterMs: null,
    giveUpAfterMs: 7 * DAY,
    giveUpReportsAfterMs: 7 * DAY,
  },
  article: {
    curve: { kind: 'fixed', everyMs: 30 * MINUTE, countedFrom: 'try' },
    warnAfterMs: 4 * HOUR,
    giveUpAfterMs: 7 * DAY,
    giveUpReportsAfterMs: 7 * DAY,
  },
};

/** In the order of the list, with what people call them. */
export const PRESETS: { value: PresetName; label: string }[] = [
  { value: 'postfix', label: 'Postfix' },
  { value: 'sendmail', label: 'Sendmail' },
  { value: 'exim', label: 'Exim' },
  { value: 'opensmtpd', label: 'OpenSMTPD' },
  { value: 'qmail', label: 'qmail' },
  { value: 'article', label: 'Every half hour, for a week' },
];

/** With how many Received lines a message is a loop. */
export function presetHops(preset: PresetName): number {
  return { postfix: 50, sendmail: 25, exim: 30, opensmtpd: 50, qmail: 100, article: 50 }[preset];
}

/** A fresh copy of a preset's numbers. */
export function presetPolicy(preset: PresetName): RetryPolicy {
  return { preset, ...structuredClone(policies[preset]) };
}

/** The policy has numbers of its own, other than its preset's. */
export function isChanged(policy: RetryPolicy): boolean {
  const own = presetPolicy(policy.preset);
  return (
    own.warnAfterMs !== policy.warnAfterMs ||
    own.giveUpAfterMs !== policy.giveUpAfterMs ||
    own.giveUpReportsAfterMs !== policy.giveUpReportsAfterMs ||
    JSON.stringify(own.curve) !== JSON.stringify(policy.curve)
  );
}
