/** A reporter for vitest: at the end of a run, every test that was skipped, and why; a note says what to install. */
import path from 'node:path';
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

const NO_NOTE = 'skipped by its own file';

export default class Skipped implements Reporter {
  #vitest: Vitest | null = null;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const all = modules.flatMap((one) => [...one.children.allTests('skipped')].map((test) => skippedTest(one, test)));
    // With `-t` whoever runs them has left out the rest.
    const text = skippedText(
      this.#vitest?.config.testNamePattern === undefined ? all : all.filter(({ note }) => note !== NO_NOTE),
    );
    if (text !== '') console.log(text);
  }
}

export interface SkippedTest {
  file: string;
  name: string;
  note: string;
}

function skippedTest({ moduleId }: TestModule, test: TestCase): SkippedTest {
  const result = test.result();
  return {
    file: path.relative(process.cwd(), moduleId),
    name: test.fullName,
    note: (result.state === 'skipped' ? result.note : undefined) ?? NO_NOTE,
  };
}

/** By note, each with the tests that it kept from running; '' when none was. */
export function skippedText(tests: readonly SkippedTest[]): string {
  if (tests.length === 0) return '';
  const byNote = Map.groupBy(tests, ({ note }) => note);
  const blocks = [...byNote].map(([note, skipped]) =>
    [`  ${note}`, ...skipped.map(({ file, name }) => `    ${file}: ${name}`)].join('\n'),
  );
  return `\n${tests.length} ${tests.length === 1 ? 'test was' : 'tests were'} skipped:\n${blocks.join('\n')}\n`;
}
