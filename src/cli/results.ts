/** The end of a run for machines: one JSON object, or JUnit XML. */
import type { LabEvent } from '../contract/events.ts';
import type { Lab } from '../engine/lab.ts';
import { hostsOf, messagesOf, type CheckResult, type HostReport, type MessageReport } from '../engine/scenario/index.ts';

export interface RunResult {
  lab: string;
  seed: number;
  version: string;
  virtualSeconds: number;
  wallSeconds: number;
  checks: Omit<CheckResult, 'missed'>[];
  messages: MessageReport[];
  hosts: HostReport[];
}

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
    messages: messagesOf(events, state),
    hosts: hostsOf(state),
  };
}

/** The form that CI systems read: a suite for the lab, a case for each check. */
export function junitOf({ lab, seed, version, wallSeconds, checks }: Omit<RunResult, 'messages' | 'hosts'>): string {
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

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;' };

/** XML 1.0 can't hold most control characters, not even escaped. */
function xml(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are the characters it is about
  const controls = /[\x00-\x08\x0b-\x1f\ufffe\uffff]/g;
  return text
    .toWellFormed()
    .replace(controls, '?')
    .replace(/[&<>"\n]/g, (char) => ENTITIES[char]!);
}
