/**
 * The scenario room: what a lab file says, and whether its lesson has been seen.
 *
 * It reads lab files (YAML) into plain data, tells each step of a script as acts of the contract, and judges checks on
 * the journal and the state. It never acts itself, keeps no time, opens no connection, and reads no file but the lab's
 * own messages (`eml`), and these only from its folder. Every error in a lab file has a line, a column, and what to write
 * instead. Names are of RFC 2606 and addresses of RFC 5737, or the file is refused. The format: docs/lab-format.md.
 */
export { evaluateChecks, type Check, type CheckResult, type Evidence } from './checks/index.ts';
export { createWitness, type Witness } from './checks/witness.ts';
export { emlBeside, errorLine, loadScenario, type EmlReader, type FileError, type Loaded } from './load.ts';
export { hostsOf, messagesOf, type HostReport, type MessageReport } from './report.ts';
export type { FaultPlan, FirewallText, GuideStep, Scenario, Step } from './scenario.ts';
export { schemaJson } from './schema.ts';
export { homesOf, sideOf } from './sides.ts';
export { actsOf, faultAt, type StepView } from './steps.ts';
export { formatDuration, formatInstant, formatSize, parseDuration, parseInstant, parseSize } from './units.ts';
