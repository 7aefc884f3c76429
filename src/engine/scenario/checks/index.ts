/**
 * The checks of a lab: pure judgements on the journal and the state.
 *
 * Each kind has its words (a schema), the names in it that must exist, and a judge. None of them changes anything or
 * looks at a clock: the same journal always gets the same verdicts, while a lab runs and when it is over. A check
 * says what was measured in plain words, whether it passed or not. To add one: write it, and name it in `kinds`.
 */
import type { z } from 'zod';
import type { LabEvent } from '../../../contract/events.ts';
import type { LabState } from '../../../contract/model.ts';
import { keys, text } from '../schema-values.ts';
import { diskFreeBelow } from './disk.ts';
import { evidenceOf } from './evidence.ts';
import { attemptFails } from './fails.ts';
import { holds, receivesNothing } from './holds.ts';
import type { CheckResult, Evidence, Judgement } from './kind.ts';
import { connections, dialoguesAtOnce, transactions } from './links.ts';
import { lost } from './lost.ts';
import { blocked, refusedWith } from './network.ts';
import { kept, queue } from './queue.ts';
import { statusInReport } from './reports.ts';
import { notTold, told } from './told.ts';
import { attempts, deliveredWithin, firstTry, receivedLines, route } from './way.ts';

export type { CheckResult, Evidence } from './kind.ts';

export const kinds = {
  told,
  'not-told': notTold,
  holds,
  lost,
  queue,
  kept,
  'first-try': firstTry,
  route,
  blocked,
  'refused-with': refusedWith,
  'status-in-report': statusInReport,
  'receives-nothing': receivesNothing,
  'disk-free-below': diskFreeBelow,
  'received-lines': receivedLines,
  attempts,
  'attempt-fails': attemptFails,
  'delivered-within': deliveredWithin,
  transactions,
  'dialogues-at-once': dialoguesAtOnce,
  connections,
};

type Kinds = typeof kinds;
export type CheckKey = keyof Kinds;
export const checkKeys = Object.keys(kinds) as CheckKey[];

/** A check as loaded: its words under `wanted`. `say` replaces the sentence that it would be called by. */
export type Check = {
  [Key in CheckKey]: { kind: Key; wanted: z.output<Kinds[Key]['schema']>; say: string | null; fileLine: number };
}[CheckKey];

type Shape = { [Key in CheckKey]: z.ZodOptional<Kinds[Key]['schema']> };
const shape = Object.fromEntries(checkKeys.map((key) => [key, kinds[key].schema.optional()])) as unknown as Shape;

export const checkSchema = keys('a check', { say: text('A sentence').optional(), ...shape }).superRefine(
  (given, ctx) => {
    const said = checkKeys.filter((key) => given[key] !== undefined);
    if (said.length === 1) return;
    const advice =
      said.length === 0
        ? 'this check looks at nothing: write one, such as lost: 0'
        : `write ${said.join(' and ')} as checks of their own`;
    ctx.addIssue({ code: 'custom', message: advice });
  },
);

/** One check on its own. */
export function judge(check: Check, evidence: Evidence): CheckResult {
  const kind = kinds[check.kind] as { judge(wanted: unknown, evidence: Evidence): Judgement };
  const { name, passed, expected, measured, missed } = kind.judge(check.wanted, evidence);
  return { name: check.say ?? name, passed, missed: !passed && missed === true, expected, measured };
}

/** The part of a scenario that is judged. */
export interface Judged {
  hosts: Evidence['hosts'];
  checks: Check[];
}

/** All checks of a lab, in the order of its file. */
export function evaluateChecks(judged: Judged, events: readonly LabEvent[], state: LabState): CheckResult[] {
  const evidence = evidenceOf(judged.hosts, events, state);
  return judged.checks.map((check) => judge(check, evidence));
}
