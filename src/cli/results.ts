/** The end of a run for machines: one JSON object, or JUnit XML. */
import type { LabEvent } from '../contract/events.ts';
import type { Lab } from '../engine/lab.ts';
import {
  hostsOf,
  messagesOf,
  type CheckResult,
  type HostReport,
  type MessageReport,
} from '../engine/scenario/index.ts';
import { table } from '../contract/table.ts';

export interface RunResult {
  lab: string;
  seed: number;
  version: string;
  virtualSeconds: number;
  wallSeconds: number;
  checks: Omit<CheckResult, 'missed'>[];
  /** Steps of the script that could not be done; a run with one that its lab does not allow ends with 1. */
  stepsNotDone: StepNotDone[];
  messages: MessageReport[];
  hosts: HostReport[];
}

export interface StepNotDone {
  /** Its number, counted from 1. */
  step: number;
  /** Where it begins in the lab file. */
  line: number;
  message: string;
  /** Its lab says `may-fail: true`. */
  mayFail: boolean;
}

export function stepsNotDone({ scenario }: Pick<Lab, 'scenario'>, events: readonly LabEvent[]): StepNotDone[] {
  return events.flatMap((event) =>
    event.kind === 'step-refuse'
      ? [
          {
            step: event.step,
            line: scenario.script[event.step - 1]?.fileLine ?? 0,
            message: event.message,
            mayFail: event.allowed,
          },
        ]
      : [],
  );
}

/** All checks hold, and each step was done that had to be. */
export const isGood = ({ checks, stepsNotDone: missing }: Pick<RunResult, 'checks' | 'stepsNotDone'>): boolean =>
  checks.every((check) => check.passed) && missing.every(({ mayFail }) => mayFail);

export function resultOf(
  lab: Lab,
  events: readonly LabEvent[],
  checks: CheckResult[],
  facts: { version: string; wallMs: number },
): RunResult {
  const { state, scenario } = lab;
  return {
    lab: scenario.id,
    seed: state.seed,
    version: facts.version,
    virtualSeconds: (lab.driver.now() - state.startedAt) / 1000,
    wallSeconds: Math.round(facts.wallMs) / 1000,
    checks: checks.map(({ name, passed, expected, measured }) => ({ name, passed, expected, measured })),
    stepsNotDone: stepsNotDone(lab, events),
    messages: messagesOf(events, state),
    hosts: hostsOf(state),
  };
}

/** The form that CI systems read: a suite for the lab, a case for each check, and for each step that could not be done. */
export function junitOf({
  lab,
  seed,
  version,
  wallSeconds,
  checks: judged,
  stepsNotDone: missing,
}: Omit<RunResult, 'messages' | 'hosts'>): string {
  const undone = missing
    .filter(({ mayFail }) => !mayFail)
    .map(({ step, line, message }) => ({
      name: `Step ${step} of the script, line ${line}, is done`,
      passed: false,
      expected: 'it is done',
      measured: message,
    }));
  const checks = [...judged, ...undone];
  const failures = checks.filter((check) => !check.passed).length;
  const cases = checks.map(({ name, passed, expected, measured }) => {
    const head = `    <testcase classname="${xml(lab)}" name="${xml(name)}" time="0"`;
    if (passed) return `${head}/>`;
    return `${head}>\n      <failure message="${xml(measured)}">${xml(`expected: ${expected}\nmeasured: ${measured}\nrepeat with: mail-lab run ${lab} --seed ${seed}`)}</failure>\n    </testcase>`;
  });
  const counts = `tests="${checks.length}" failures="${failures}" errors="0" time="${wallSeconds}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="mail-lab" ${counts}>`,
    `  <testsuite name="${xml(lab)}" ${counts}>`,
    '    <properties>',
    `      <property name="seed" value="${seed}"/>`,
    `      <property name="version" value="${xml(version)}"/>`,
    '    </properties>',
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const ENTITIES = table({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;' });

/** XML 1.0 can't hold most control characters, not even escaped. */
function xml(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are the characters it is about
  const controls = /[\x00-\x08\x0b-\x1f\ufffe\uffff]/g;
  return text
    .toWellFormed()
    .replace(controls, '?')
    .replace(/[&<>"\n]/g, (char) => ENTITIES[char]!);
}
