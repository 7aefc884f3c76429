/**
 * When a message is tried again, and when its sender is warned or patience ends: pure functions.
 *
 * Knows no queue and no clock: instants come in, instants go out (virtual ms). RFC 5321 §4.5.4.1
 * asks for retries and a limit; the curves are those of real queue managers (presets.ts).
 * Known limits: Exim's rules are followed without the rhythm of its queue runner, and every age is
 * counted from a message's arrival, where Exim counts from the first failure of the host.
 */
import type { Instant } from '../../contract/model.ts';
import type { RetryCurve, RetryPolicy } from '../../contract/settings.ts';

/** What a curve looks at. */
export interface RetryFacts {
  arrivedAt: Instant;
  /** When the try failed. */
  now: Instant;
  /** Failed tries so far, with the one that failed just now: 1 after the first. */
  tryCount: number;
  /** When the host's queue manager started; its scans and queue runs are counted from here. */
  scanOrigin: Instant;
}

export interface DueFacts {
  arrivedAt: Instant;
  now: Instant;
  /** A report (null sender): it has its own lifetime, and nobody is warned of its delay. */
  isReport: boolean;
  warnedAt: Instant | null;
}

/** Real queue managers count in seconds; it also keeps a setting of 0 from trying without end at one instant. */
const WAIT_MIN_MS = 1000;

const SECOND_MS = 1000;
/** Postfix's scan takes what is due within a second of it (qmgr_active.c): a try that took no time is not put off by a whole scan. */
const SCAN_SLACK_MS = 1000;

/** Instants are whole milliseconds, so a sum of growing waits may miss a step by this much. */
const STEP_SLACK_MS = 1000;

/**
 * The instant of the next try after one that failed at `facts.now`; always later than `now`, a whole ms.
 * Not cut off at the end of a message's life: giving up is judged after one more failed try.
 */
export function nextTryAt(curve: RetryCurve, facts: RetryFacts): Instant {
  const ageMs = Math.max(0, facts.now - facts.arrivedAt);
  switch (curve.kind) {
    case 'age': {
      // As Postfix: the file's time is put into the future, in whole seconds, and the first scan that finds it past, or nearly, takes it.
      const age = Math.max(0, wholeSecond(facts.now) - wholeSecond(facts.arrivedAt));
      const waitMs = atLeastMinimum(Math.max(curve.minMs, Math.min(age, curve.maxMs)));
      const dueAt = wholeSecond(facts.now + waitMs) - SCAN_SLACK_MS;
      return nextOnGrid(facts.scanOrigin, curve.scanMs, Math.max(dueAt, facts.now + 1));
    }
    case 'fixed':
      return curve.countedFrom === 'try'
        ? Math.ceil(facts.now + atLeastMinimum(curve.everyMs))
        : nextOnGrid(facts.scanOrigin, curve.everyMs, facts.now + 1);
    case 'rules':
      return Math.ceil(facts.now + atLeastMinimum(waitByRules(curve.rules, ageMs)));
    case 'square': {
      const stepMs = atLeastMinimum(curve.stepMs);
      // As OpenSMTPD: steps that went by meanwhile (the host was down) are passed over.
      const n = Math.max(facts.tryCount, Math.floor(Math.sqrt(ageMs / stepMs)), 1);
      const at = (count: number): Instant => Math.ceil(facts.arrivedAt + stepMs * count * count);
      return at(n) > facts.now ? at(n) : at(n + 1);
    }
    case 'root': {
      // As qmail: whole seconds, the root rounded down.
      const root = Math.floor(Math.sqrt(Math.floor(ageMs / 1000))) + Math.max(1, curve.stepRootSeconds);
      return Math.max(Math.ceil(facts.arrivedAt + root * root * 1000), facts.now + WAIT_MIN_MS);
    }
  }
}

/**
 * What becomes of a message after a failed try. `giveUp`: its lifetime is over (a lifetime of exactly its age
 * is over, as in Postfix). `warn`: the sender is to hear of the delay, once, and not when giving up anyway.
 */
export function dueVerdict(policy: RetryPolicy, facts: DueFacts): { giveUp: boolean; warn: boolean } {
  const ageMs = facts.now - facts.arrivedAt;
  const giveUp = ageMs >= (facts.isReport ? policy.giveUpReportsAfterMs : policy.giveUpAfterMs);
  // As Postfix: in whole seconds, and a second early, so that a try at just this age is not too young.
  const lateAgeMs =
    policy.warnAfterMs === null
      ? Infinity
      : policy.warnAfterMs - (policy.curve.kind === 'age' ? SCAN_SLACK_MS + (facts.arrivedAt % SECOND_MS) : 0);
  const isLate = ageMs >= lateAgeMs;
  return { giveUp, warn: isLate && !giveUp && !facts.isReport && facts.warnedAt === null };
}

/** The first instant of a rhythm that is not before `earliest`. */
function nextOnGrid(origin: Instant, periodMs: number, earliest: Instant): Instant {
  const period = atLeastMinimum(periodMs);
  return Math.ceil(origin + Math.ceil((earliest - origin) / period) * period);
}

/**
 * Exim's retry rule in force at an age (a cutoff still belongs to its rule; the last one goes on for ever) and its
 * wait. A growing wait (rule G) is the step that the age has reached, counted from the cutoff of the rule before.
 */
function waitByRules(rules: { untilAgeMs: number; waitMs: number; factor: number }[], ageMs: number): number {
  const found = rules.findIndex((rule) => ageMs <= rule.untilAgeMs);
  const index = found === -1 ? rules.length - 1 : found;
  const rule = rules[index];
  if (rule === undefined)
    throw new Error('retry.curve.rules is empty: write at least one rule, such as { untilAgeMs, waitMs, factor: 1 }');
  if (rule.factor <= 1) return rule.waitMs;
  let waitMs = atLeastMinimum(rule.waitMs);
  let leftMs = ageMs - (rules[index - 1]?.untilAgeMs ?? 0) + STEP_SLACK_MS;
  while (leftMs >= waitMs) {
    leftMs -= waitMs;
    waitMs *= rule.factor;
  }
  return waitMs;
}

function wholeSecond(at: Instant): Instant {
  return Math.floor(at / SECOND_MS) * SECOND_MS;
}

function atLeastMinimum(durationMs: number): number {
  return Math.max(WAIT_MIN_MS, durationMs);
}
