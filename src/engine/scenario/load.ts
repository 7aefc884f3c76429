/** From the text of a lab file to a scenario, or to all that is wrong with it. */
import { basename, dirname, isAbsolute } from 'node:path';
import { MAIL_FILE_BYTES_MAX } from '../../contract/sizes.ts';
import { readFileWithin, type FileRead } from '../files.ts';
import { checkKeys, kinds, type Check } from './checks/index.ts';
import { INTERNET_LATENCY_MS } from './defaults.ts';
import { LabText, type FileError, type Path } from './errors.ts';
import { faultOf } from './faults.ts';
import { checkHost, checkMessage, checkPerson, knownSides, type ScriptContext } from './lookups.ts';
import type { GuideStep, Scenario, Step } from './scenario.ts';
import { labSchema, type LabFile } from './schema.ts';
import { stepOf } from './script.ts';
import { firewallOf, hostsOf, networksOf, zonesOf } from './world.ts';
import { table } from '../../contract/table.ts';

export type { FileError } from './errors.ts';
/** `notes`: what is no error, and seldom meant. */
export type Loaded = { ok: true; scenario: Scenario; notes: FileError[] } | { ok: false; errors: FileError[] };

const EARLIEST = Date.UTC(1990, 0, 1);

/** Reads a message that a lab file names (`eml`). `why` completes "NAME can't be read: ...". */
export type EmlReader = (name: string) => FileRead;

/** Reads a lab file. `fileName` gives the scenario its id. All errors come at once, in the order of the file. */
export function loadScenario(text: string, fileName: string, eml: EmlReader = emlBeside(fileName)): Loaded {
  const file = new LabText(text);
  const scenario = file.errors.length > 0 ? null : understand(file, fileName, eml);
  if (scenario !== null && file.errors.length === 0) return { ok: true, scenario, notes: inOrder(file.notes) };
  return { ok: false, errors: inOrder(file.errors) };
}

const inOrder = (list: FileError[]): FileError[] => list.sort((a, b) => a.line - b.line || a.column - b.column);

/** `labs/x.yaml:12:5: hosts.a.retry: ...`, as editors and terminals understand it. */
export function errorLine(
  fileName: string,
  { line, column, path, message }: FileError,
  kind: '' | 'note: ' = '',
): string {
  return `${fileName}:${line}:${column}: ${kind}${path === '' ? '' : `${path}: `}${message}`;
}

/** Messages in the folder of a lab file. Without an absolute path nobody knows which folder that is. */
export function emlBeside(fileName: string): EmlReader {
  if (isAbsolute(fileName)) return (name) => readFileWithin(dirname(fileName), name, MAIL_FILE_BYTES_MAX);
  return () => ({
    ok: false,
    why: 'this lab came without its folder. Play it with `mail-lab run` or `mail-lab serve`, or write subject and body instead',
  });
}

function understand(file: LabText, fileName: string, readEml: EmlReader): Scenario | null {
  const parsed = labSchema.safeParse(file.value, { reportInput: true });
  if (!parsed.success) {
    file.addIssues(parsed.error.issues);
    return null;
  }
  const lab = parsed.data;
  if (lab.clock.start < EARLIEST)
    file.add(
      ['clock', 'start'],
      "the clock starts before 1990: write a later start (MX records are of 1986, this lab's servers are younger)",
    );
  const networks = networksOf(lab, file);
  const { hosts, powers } = hostsOf(lab, networks, file);
  const zones = zonesOf(lab, networks, file);
  const context: ScriptContext = {
    file,
    networks,
    settings: table(hosts),
    names: new Map(),
    faultIds: new Set(),
    now: lab.clock.start,
    readEml,
  };
  const firewall = firewallOf(lab, file, knownSides(context));
  const faults = (lab.faults ?? []).map((fault, position) => faultOf(fault, ['faults', position], context));
  const { guide, script } = stepsOf(lab, context);
  const checks = checksOf(lab, context);
  return {
    id: basename(fileName).replace(/\.ya?ml$/, ''),
    title: lab.title,
    shows: lab.shows.trim(),
    summary: lab.summary ?? null,
    variantOf: lab.variantOf ?? null,
    startAt: lab.clock.start,
    seed: lab.clock.seed ?? 1,
    networks,
    internetLatencyMs: lab['internet-latency'] ?? INTERNET_LATENCY_MS,
    hosts,
    powers,
    zones,
    firewall,
    faults,
    guide,
    script,
    checks,
  };
}

/** The guide's steps are read first when they are the script; beside a script of its own, the guide starts from the same world. */
function stepsOf(lab: LabFile, context: ScriptContext): { guide: GuideStep[]; script: Step[] } {
  const start = { settings: table(context.settings), now: context.now, faultIds: new Set(context.faultIds) };
  const script = (lab.script ?? []).flatMap(
    (step, position) => stepOf(step, ['script', position], null, context) ?? [],
  );
  const apart = lab.script === undefined ? context : { ...context, ...start, names: new Map() };
  const guide = (lab.guide ?? []).map((step, position): GuideStep => {
    const path = ['guide', position];
    const { ask } = step;
    if (ask?.answers !== undefined && !ask.answers.includes(ask.answer)) {
      context.file.add(
        [...path, 'ask', 'answer'],
        `the answer is none of the answers: write one of them word by word: ${ask.answers.join(' | ')}`,
      );
    }
    return {
      text: step.text.trim(),
      hint: step.hint?.trim() ?? null,
      steps: (step.do ?? []).flatMap((one, index) => stepOf(one, [...path, 'do', index], position, apart) ?? []),
      ask:
        ask === undefined
          ? null
          : {
              question: ask.question,
              answers: ask.answers ?? [],
              answer: ask.answer,
              because: ask.because?.trim() ?? null,
            },
    };
  });
  return { guide, script: lab.script === undefined ? guide.flatMap((step) => step.steps) : script };
}

function checksOf(lab: LabFile, context: ScriptContext): Check[] {
  return (lab.checks ?? []).flatMap((check, position) => {
    const kind = checkKeys.find((key) => check[key] !== undefined);
    if (kind === undefined) return [];
    const path = ['checks', position, kind];
    const wanted = check[kind] as object;
    const fields = new Map<string, unknown>(Object.entries(wanted));
    const {
      hosts = [],
      messages = [],
      people = [],
    }: { hosts?: string[]; messages?: string[]; people?: string[] } = kinds[kind].refs;
    for (const [field, word, at] of wordsIn(fields, hosts, path)) checkHost(word, field === '' ? path : at, context);
    for (const [, word, at] of wordsIn(fields, messages, path)) checkMessage(word, at, context);
    for (const [, word, at] of wordsIn(fields, people, path)) checkPerson(word, at, context);
    const between = fields.get('between') as [number, number] | undefined;
    if (between !== undefined && between[0] > between[1])
      context.file.add([...path, 'between'], 'between runs backwards: write the smaller first, such as [4h, 5h]');
    return [{ kind, wanted, say: check.say ?? null, fileLine: context.file.lineOf(['checks', position]) } as Check];
  });
}

/** The words of the named fields, lists spelled out, each with its path. */
function wordsIn(
  wanted: ReadonlyMap<string, unknown>,
  fields: readonly string[],
  path: Path,
): [field: string, word: string, at: Path][] {
  return fields.flatMap((field) => {
    const value = wanted.get(field);
    if (typeof value === 'string') return [[field, value, [...path, field]]] as [string, string, Path][];
    if (Array.isArray(value))
      return value.map((word, position): [string, string, Path] => [field, String(word), [...path, field, position]]);
    return [];
  });
}
