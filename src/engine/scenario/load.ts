/** From the text of a lab file to a scenario, or to all that is wrong with it. */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { HostKey, NetworkDef, Power, ZoneText } from '../../contract/model.ts';
import type { HostSettings } from '../../contract/settings.ts';
import { checkKeys, kinds, type Check } from './checks/index.ts';
import { defaultSettings, INTERNET_LATENCY_MS, NETWORK_LATENCY_MS } from './defaults.ts';
import { LabText, type FileError, type Path } from './errors.ts';
import { checkName, near, settingsOf } from './hosts.ts';
import { localPart } from './messages.ts';
import { DOCUMENTATION_BLOCKS, isWithin, listed, parseBlock, USE_ADDRESSES } from './names.ts';
import type { FirewallText, GuideStep, Scenario, Step } from './scenario.ts';
import { labSchema, type LabFile } from './schema.ts';
import { checkHost, checkMessage, faultOf, knownSides, stepOf, type ScriptContext } from './script.ts';
import { checkFirewall, checkZone } from './texts.ts';

export type { FileError } from './errors.ts';
export type Loaded = { ok: true; scenario: Scenario } | { ok: false; errors: FileError[] };

const EARLIEST = Date.UTC(1990, 0, 1);

/**
 * Reads a lab file. `fileName` gives the scenario its id, and the folder in which `eml` files are looked for;
 * `readFile` does the looking and gives null for what is not there. All errors come at once, in the order of the file.
 */
export function loadScenario(text: string, fileName: string, readFile: (path: string) => Buffer | null = readIfThere): Loaded {
  const file = new LabText(text);
  const scenario = file.errors.length > 0 ? null : understand(file, fileName, readFile);
  if (scenario !== null && file.errors.length === 0) return { ok: true, scenario };
  return { ok: false, errors: file.errors.sort((a, b) => a.line - b.line || a.column - b.column) };
}

/** `labs/x.yaml:12:5: hosts.a.retry: ...`, as editors and terminals understand it. */
export function errorLine(fileName: string, { line, column, path, message }: FileError): string {
  return `${fileName}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

function understand(file: LabText, fileName: string, readFile: (path: string) => Buffer | null): Scenario | null {
  const parsed = labSchema.safeParse(file.value, { reportInput: true });
  if (!parsed.success) {
    file.addIssues(parsed.error.issues);
    return null;
  }
  const lab = parsed.data;
  if (lab.clock.start < EARLIEST) file.add(['clock', 'start'], 'the clock starts before 1990: write a later start (MX records are of 1986, this lab\'s servers are younger)');
  const networks = networksOf(lab, file);
  const { hosts, powers } = hostsOf(lab, networks, file);
  const zones = zonesOf(lab, networks, file);
  const context: ScriptContext = {
    file, networks, settings: { ...hosts }, names: new Map(), faultIds: new Set(), now: lab.clock.start,
    readFile: (name) => readFile(join(dirname(fileName), name)),
  };
  const firewall = firewallOf(lab, file, knownSides(context));
  const faults = (lab.faults ?? []).map((fault, position) => faultOf(fault, ['faults', position], context));
  const { guide, script } = stepsOf(lab, context);
  const checks = checksOf(lab, context);
  return {
    id: basename(fileName).replace(/\.ya?ml$/, ''),
    title: lab.title, shows: lab.shows.trim(), summary: lab.summary ?? null, variantOf: lab.variantOf ?? null,
    startAt: lab.clock.start, seed: lab.clock.seed ?? 1,
    networks, internetLatencyMs: lab['internet-latency'] ?? INTERNET_LATENCY_MS,
    hosts, powers, zones, firewall, faults, guide, script, checks,
  };
}

function networksOf(lab: LabFile, file: LabText): NetworkDef[] {
  const networks: NetworkDef[] = [];
  for (const [key, value] of Object.entries(lab.networks)) {
    const path = ['networks', key];
    const { block, latency = NETWORK_LATENCY_MS } = typeof value === 'string' ? { block: value } : value;
    checkKey(key, 'network', path, file);
    const range = parseBlock(block);
    if (range === null || !block.includes('/')) file.add(path, `\`${block}\` is no block: write its first address and the bits of the network, such as 192.0.2.0/24`);
    else if (!DOCUMENTATION_BLOCKS.some((one) => isWithin(block.split('/')[0]!, one) && range.last <= parseBlock(one)!.last)) file.add(path, `${block} may be somebody's: ${USE_ADDRESSES}`);
    else {
      const other = networks.find((one) => overlaps(one.block, block));
      if (other !== undefined) file.add(path, `${block} overlaps ${other.key} (${other.block}): give each network a block of its own`);
    }
    networks.push({ key, block, latencyMs: latency });
  }
  if (networks.length === 0) file.add(['networks'], 'there is no network: write { office: 192.0.2.0/24, internet: 203.0.113.0/24 }');
  return networks;
}

function overlaps(one: string, other: string): boolean {
  const [a, b] = [parseBlock(one), parseBlock(other)];
  return a !== null && b !== null && a.first <= b.last && b.first <= a.last;
}

/** Words of the firewall's and the zones' own, which no host or network may be called. */
const RESERVED_KEYS = ['any', 'default', 'port', 'everyone', 'dns', 'each', 'all'];

function checkKey(key: string, what: string, path: Path, file: LabText): void {
  if (!/^[a-z][a-z0-9-]{0,19}$/i.test(key)) file.addAtKey(path, `\`${key}\` can't be the key of a ${what}: write a letter, then letters, digits and hyphens, such as a or office`);
  else if (RESERVED_KEYS.includes(key)) file.addAtKey(path, `\`${key}\` means something else in a lab: give the ${what} another key`);
}

function hostsOf(lab: LabFile, networks: NetworkDef[], file: LabText): { hosts: Record<HostKey, HostSettings>; powers: Record<HostKey, Power> } {
  const hosts: Record<HostKey, HostSettings> = {};
  const powers: Record<HostKey, Power> = {};
  const addresses = new Map(Object.entries(lab.hosts).map(([key, host]) => [key, host.address]));
  for (const [key, { power, ...host }] of Object.entries(lab.hosts)) {
    const path = ['hosts', key];
    checkKey(key, 'host', path, file);
    if (networks.some((one) => one.key === key)) file.addAtKey(path, `there is a network \`${key}\` too, and the firewall could not tell them apart: give one of them another key`);
    const problem = (at: Path, message: string): void => file.add([...path, ...at], message);
    const block = networks.find((one) => one.key === host.network || isWithin(host.address[0] ?? '', one.block))?.block;
    const base = defaultSettings(host.name, host.address, '', block ?? '');
    if (host.address.length === 0) problem(['address'], 'the list of addresses is empty: write address: 192.0.2.10');
    hosts[key] = { ...base, ...settingsOf(host, base, { networks, addresses, problem }) };
    if (power !== undefined && power !== 'up') powers[key] = power;
  }
  checkTwins(hosts, file);
  if (Object.keys(hosts).length === 0) file.add(['hosts'], 'there is no host: write a: { name: a.theorganisation.test, address: 192.0.2.10 }');
  return { hosts, powers };
}

function checkTwins(hosts: Record<HostKey, HostSettings>, file: LabText): void {
  const owners = new Map<string, HostKey>();
  for (const [key, { name, addresses }] of Object.entries(hosts)) {
    for (const [position, address] of addresses.entries()) {
      const owner = owners.get(address);
      const path = addresses.length === 1 ? ['address'] : ['address', position];
      if (owner !== undefined) file.add(['hosts', key, ...path], owner === key ? `${address} stands there twice: write it once` : `${address} is the address of ${owner} already: two hosts can't have one address`);
      owners.set(address, key);
    }
    const owner = owners.get(name.toLowerCase());
    if (owner !== undefined) file.add(['hosts', key, 'name'], `${name} is the name of ${owner} already: give each host its own`);
    owners.set(name.toLowerCase(), key);
  }
}

function zonesOf(lab: LabFile, networks: NetworkDef[], file: LabText): ZoneText[] {
  const zones: ZoneText[] = [];
  for (const [name, value] of Object.entries(lab.zones ?? {})) {
    const path = ['zones', name];
    checkName(name, path, (_at, message) => file.addAtKey(path, message));
    const views = typeof value === 'string' ? [{ view: null, text: value, at: path }]
      : Object.entries(value).map(([view, text]) => ({ view: view === 'everyone' ? null : view, text, at: [...path, view] }));
    for (const { view, text, at } of views) {
      const known = networks.map((one) => one.key);
      if (view !== null && !known.includes(view)) file.addAtKey(at, `there is no network \`${view}\` to see this: ${near(view, [...known, 'everyone']) ?? `write ${listed([...known, 'everyone'], 'or')}`}`);
      checkZone(file, at, text, name);
      zones.push({ name: name.toLowerCase(), view, text });
    }
  }
  return zones;
}

function firewallOf(lab: LabFile, file: LabText, known: string[]): FirewallText {
  const given = lab.firewall ?? '';
  if (typeof given === 'string') {
    const { rules, fallback } = checkFirewall(file, ['firewall'], given, known);
    return { rules, fallback };
  }
  const path = ['firewall', 'rules'];
  const texts = typeof given.rules === 'string' ? [{ at: path as Path, text: given.rules }] : (given.rules ?? []).map((text, position) => ({ at: [...path, position] as Path, text }));
  const parts = texts.map(({ at, text }) => checkFirewall(file, at, text, known));
  const last = parts.at(-1)?.fallback ?? 'allow';
  return { rules: parts.flatMap((part) => part.rules), fallback: given.default ?? last };
}

/** The guide's steps are read first when they are the script; beside a script of its own, the guide starts from the same world. */
function stepsOf(lab: LabFile, context: ScriptContext): { guide: GuideStep[]; script: Step[] } {
  const start = { settings: { ...context.settings }, now: context.now, faultIds: new Set(context.faultIds) };
  const script = (lab.script ?? []).flatMap((step, position) => stepOf(step, ['script', position], null, context) ?? []);
  const apart = lab.script === undefined ? context : { ...context, ...start, names: new Map() };
  const guide = (lab.guide ?? []).map((step, position): GuideStep => {
    const path = ['guide', position];
    const { ask } = step;
    if (ask?.answers !== undefined && !ask.answers.includes(ask.answer)) {
      context.file.add([...path, 'ask', 'answer'], `the answer is none of the answers: write one of them word by word: ${ask.answers.join(' | ')}`);
    }
    return {
      text: step.text.trim(), hint: step.hint?.trim() ?? null,
      steps: (step.do ?? []).flatMap((one, index) => stepOf(one, [...path, 'do', index], position, apart) ?? []),
      ask: ask === undefined ? null : { question: ask.question, answers: ask.answers ?? [], answer: ask.answer, because: ask.because?.trim() ?? null },
    };
  });
  return { guide, script: lab.script === undefined ? guide.flatMap((step) => step.steps) : script };
}

function checksOf(lab: LabFile, context: ScriptContext): Check[] {
  return (lab.checks ?? []).flatMap((check, position) => {
    const kind = checkKeys.find((key) => check[key] !== undefined);
    if (kind === undefined) return [];
    const path = ['checks', position, kind];
    const wanted = check[kind] as Record<string, unknown>;
    const { hosts = [], messages = [], people = [] }: { hosts?: string[]; messages?: string[]; people?: string[] } = kinds[kind].refs;
    for (const [field, word, at] of wordsIn(wanted, hosts, path)) checkHost(word, field === '' ? path : at, context);
    for (const [, word, at] of wordsIn(wanted, messages, path)) checkMessage(word, at, context);
    for (const [, word, at] of wordsIn(wanted, people, path)) checkPerson(word, at, context);
    const between = wanted.between as [number, number] | undefined;
    if (between !== undefined && between[0] > between[1]) context.file.add([...path, 'between'], 'between runs backwards: write the smaller first, such as [4h, 5h]');
    return [{ kind, wanted, say: check.say ?? null, fileLine: context.file.lineOf(['checks', position]) } as Check];
  });
}

/** The words of the named fields, lists spelled out, each with its path. */
function wordsIn(wanted: Record<string, unknown>, fields: readonly string[], path: Path): [field: string, word: string, at: Path][] {
  return fields.flatMap((field) => {
    const value = wanted[field];
    if (typeof value === 'string') return [[field, value, [...path, field]]] as [string, string, Path][];
    if (Array.isArray(value)) return value.map((word, position): [string, string, Path] => [field, String(word), [...path, field, position]]);
    return [];
  });
}

function checkPerson(who: string, path: Path, context: ScriptContext): void {
  const hosts = Object.values(context.settings);
  const boxes = hosts.flatMap((host) => host.mailboxes ?? []);
  if (hosts.some((host) => host.mailboxes === null) || boxes.includes(localPart(who))) return;
  const people = [...new Set(boxes)];
  context.file.add(path, `no host has a mailbox for \`${who}\`: ${near(localPart(who), people) ?? `there are ${listed(people)}; write mailboxes: [${localPart(who)}] at a host`}`);
}
