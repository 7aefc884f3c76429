/**
 * Reads vitest's report (--reporter=json) and fails when a test was skipped, or when there were none: a gate that
 * skips is open. Usage: node scripts/all-ran.ts report.json
 */
import fs from 'node:fs';

interface Report {
  numTotalTests: number;
  numPassedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: { name: string; assertionResults: { fullName: string; status: string }[] }[];
}

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('write: node scripts/all-ran.ts <report of vitest --reporter=json>');
  process.exit(2);
}
const report = JSON.parse(fs.readFileSync(file, 'utf8')) as Report;
const left = report.testResults.flatMap(({ name, assertionResults }) =>
  assertionResults
    .filter(({ status }) => status !== 'passed' && status !== 'failed')
    .map(({ fullName, status }) => `  ${status}: ${name}: ${fullName}`),
);
if (report.numTotalTests === 0 || report.numPendingTests > 0 || report.numTodoTests > 0 || left.length > 0) {
  console.error(
    `${report.numPendingTests} tests were skipped and ${report.numTodoTests} are still to be written, of ${report.numTotalTests}:`,
  );
  console.error(left.join('\n'));
  process.exit(1);
}
console.log(`all ${report.numTotalTests} tests ran, none was skipped`);
