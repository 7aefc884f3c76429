/** Turns the steps of a lab file into the scenario's: hosts, people, zones and names looked up, running settings kept. */
import type { SendRequest } from '../../contract/events.ts';
import type { FaultThen, FaultWhen, HostKey, Instant, NetworkDef } from '../../contract/model.ts';
import type { HostSettings } from '../../contract/settings.ts';
import { closest, isHostName, isReservedName, listed, USE_NAMES } from './names.ts';
import type { LabText, Path } from './errors.ts';
import { checkName, near, settingsOf } from './hosts.ts';
import { isNumbered } from './messages.ts';
import type { FaultPlan, SendPlan, Step, StepAct } from './scenario.ts';
import type { FaultFile, SendFile, StepFile } from './schema-step.ts';
import { actKeys } from './schema-step.ts';
import { checkFirewall, checkZone } from './texts.ts';
import { formatInstant } from './units.ts';

/** What a script is read against. `settings` follows the script: what a host is told by one step, the next step knows. */
export interface ScriptContext {
  file: LabText;
  networks: readonly NetworkDef[];
  settings: Record<HostKey, HostSettings>;
  /** Names of messages so far, and their counts. */
  names: Map<string, number>;
  faultIds: Set<string>;
  /** The instant that the script has reached at the least. */
  now: Instant;
  /** Bytes of a file beside the lab file; null when it is not there. */
  readFile(name: string): Buffer | null;
}

export function stepOf(file: StepFile, path: Path, guide: number | null, context: ScriptContext): Step | null {
  const key = actKeys.find((one) => file[one] !== undefined);
  if (key === undefined) return null;
  const act = actOf(file, [...path, key], context);
  return act === null ? null : { ...act, fileLine: context.file.lineOf(path), note: file.note ?? null, guide };
}

function actOf(file: StepFile, path: Path, context: ScriptContext): StepAct | null {
  const host = (key: HostKey, at: Path = path): HostKey => checkHost(key, at, context);
  if (file.send !== undefined) return { kind: 'send', send: sendOf(file.send, path, context) };
  if (file.spam !== undefined) return { kind: 'send', send: sendOf({ from: 'offers@spammer.test', subject: 'Make money fast', spam: true, ...file.spam }, path, context) };
  if (file.pass !== undefined || file.until !== undefined || file.jump !== undefined) return timeOf(file, path, context);
  for (const power of ['start', 'stop', 'crash', 'off'] as const) {
    if (file[power] !== undefined) return { kind: 'power', power, host: host(file[power]) };
  }
  if (file.cut !== undefined) return { kind: 'line', host: host(file.cut), line: { cut: true } };
  if (file.mend !== undefined) return { kind: 'line', host: host(file.mend), line: { cut: false, extraLatencyMs: 0, bytesPerSecond: null, loseReplies: false } };
  if (file['lose-replies'] !== undefined) return { kind: 'line', host: host(file['lose-replies']), line: { loseReplies: true } };
  if (file.slow !== undefined) return slowOf(file.slow, path, context);
  if (file.reset !== undefined) return { kind: 'reset', host: host(file.reset) };
  if (file.fault !== undefined) return { kind: 'fault', fault: faultOf(file.fault, path, context) };
  if (file['clear-fault'] !== undefined) return clearFault(file['clear-fault'], path, context);
  if (file['fill-disk'] !== undefined) return fillDisk(file['fill-disk'], path, context);
  if (file['free-disk'] !== undefined) return { kind: 'fill-disk', host: host(file['free-disk']), amount: { bytes: 0 } };
  if (file.set !== undefined) return setOf(file.set, path, context);
  return namesOf(file, path, context) ?? queueOf(file, path, context);
}

function namesOf(file: StepFile, path: Path, context: ScriptContext): StepAct | null {
  if (file.zone !== undefined) {
    const { name, text, view = null } = file.zone;
    checkName(name, [...path, 'name'], (at, message) => context.file.add(at, message));
    if (view !== null) checkNetwork(view, [...path, 'view'], context);
    checkZone(context.file, [...path, 'text'], text, name);
    return { kind: 'zone', zone: { name: name.toLowerCase(), view, text } };
  }
  if (file['dns-fault'] !== undefined) {
    const { name, kind, delay } = file['dns-fault'];
    if (name !== '.') checkName(name, [...path, 'name'], (at, message) => context.file.add(at, message));
    if (kind === 'slow' && delay === undefined) context.file.add(path, 'a slow name server needs a delay: write delay: 3s');
    if (kind !== 'slow' && delay !== undefined) context.file.add([...path, 'delay'], `delay goes with kind: slow, not with ${kind}: take it away`);
    return { kind: 'dns-fault', fault: { name: name.toLowerCase(), kind, delayMs: delay ?? 0 } };
  }
  if (file['dns-mend'] !== undefined) return { kind: 'dns-mend', name: file['dns-mend'].toLowerCase() };
  if (file.firewall !== undefined) {
    checkFirewall(context.file, path, file.firewall, knownSides(context));
    return { kind: 'firewall', text: file.firewall };
  }
  return null;
}

function queueOf(file: StepFile, path: Path, context: ScriptContext): StepAct | null {
  if (file.flush !== undefined) {
    const { host, domain } = typeof file.flush === 'string' ? { host: file.flush, domain: undefined } : file.flush;
    const at = typeof file.flush === 'string' ? path : [...path, 'host'];
    return { kind: 'flush', host: checkHost(host, at, context), domain: domain ?? null };
  }
  for (const act of ['hold', 'release', 'retry', 'delete'] as const) {
    const wanted = file[act];
    if (wanted === undefined) continue;
    checkMessage(wanted.message, [...path, 'message'], context);
    return { kind: 'queue', act, host: checkHost(wanted.host, [...path, 'host'], context), message: wanted.message };
  }
  return null;
}

function timeOf(file: StepFile, path: Path, context: ScriptContext): StepAct {
  if (file.pass !== undefined) {
    context.now += file.pass;
    return { kind: 'pass', ms: file.pass };
  }
  const to: { at: Instant } | { ms: number } = file.until !== undefined ? { at: file.until } : file.jump!;
  if ('at' in to) {
    if (to.at < context.now) context.file.add(path, `the script has reached ${formatInstant(context.now).slice(0, 16)}Z by then: write a later time`);
    context.now = Math.max(context.now, to.at);
  } else context.now += to.ms;
  return file.until !== undefined ? { kind: 'until', at: file.until } : { kind: 'jump', to };
}

function slowOf(slow: NonNullable<StepFile['slow']>, path: Path, context: ScriptContext): StepAct {
  if (slow.latency === undefined && slow.rate === undefined) context.file.add(path, 'slow needs latency: 500ms, rate: 10KB (for each second), or both');
  if (slow.rate === 0) context.file.add([...path, 'rate'], 'a rate of 0 lets nothing through: write cut for that, or a rate such as 10KB');
  return {
    kind: 'line', host: checkHost(slow.host, [...path, 'host'], context),
    line: { ...(slow.latency === undefined ? {} : { extraLatencyMs: slow.latency }), ...(slow.rate === undefined ? {} : { bytesPerSecond: slow.rate }) },
  };
}

export function faultOf(fault: FaultFile, path: Path, context: ScriptContext): FaultPlan {
  const id = fault.id ?? `fault-${context.faultIds.size + 1}`;
  if (context.faultIds.has(id)) context.file.add([...path, 'id'], `there is a fault \`${id}\` already: give this one another id`);
  context.faultIds.add(id);
  const when: FaultWhen = fault.when === 'final-dot' ? { at: 'final-dot' }
    : 'bytes' in fault.when ? { at: 'bytes', count: fault.when.bytes } : { at: 'command', verb: fault.when.command.toUpperCase() };
  const then: FaultThen = typeof fault.then === 'string' ? { do: fault.then }
    : 'answer' in fault.then ? { do: 'answer', reply: fault.then.answer } : { do: 'delay', ms: fault.then.delay };
  if (when.at === 'bytes' && then.do !== 'cut' && then.do !== 'reset') context.file.add([...path, 'then'], 'in the middle of bytes a line can only be cut or reset: write then: cut or then: reset');
  if (then.do === 'answer' && !/^[45]\d\d( |$)/.test(then.reply)) {
    context.file.add([...path, 'then', 'answer'], `\`${then.reply}\` is no refusal: write a code of 400 to 599 and a text, such as 451 4.3.0 Try again later`);
  }
  return {
    id, when, then, host: checkHost(fault.host, [...path, 'host'], context), address: fault.address ?? null,
    afterMs: fault.after ?? 0, forMs: fault.for ?? null, times: fault.times ?? null,
  };
}

function clearFault(id: string, path: Path, context: ScriptContext): StepAct {
  if (!context.faultIds.has(id)) context.file.add(path, `there is no fault \`${id}\` before this step: ${near(id, [...context.faultIds]) ?? 'give the fault an id, and write that'}`);
  return { kind: 'clear-fault', id };
}

function fillDisk(fill: NonNullable<StepFile['fill-disk']>, path: Path, context: ScriptContext): StepAct {
  const host = checkHost(fill.host, [...path, 'host'], context);
  const { bytes, leave } = fill;
  if ((bytes === undefined) === (leave === undefined)) context.file.add(path, 'fill-disk takes one of the two: bytes: 5MB (put there) or leave: 100KB (left free)');
  if (leave !== undefined && context.settings[host]?.diskBytes === null) {
    context.file.add([...path, 'leave'], `${host} has no limit on its disk, so nothing can be left of it: write disk: 5MB at the host`);
  }
  return { kind: 'fill-disk', host, amount: leave === undefined ? { bytes: bytes ?? 0 } : { leaveBytes: leave } };
}

function setOf({ host: key, ...settings }: NonNullable<StepFile['set']>, path: Path, context: ScriptContext): StepAct {
  const host = checkHost(key, [...path, 'host'], context);
  if (Object.keys(settings).length === 0) context.file.add(path, 'set changes nothing: write a setting beside the host, such as disk: 5MB');
  const base = context.settings[host];
  if (base === undefined) return { kind: 'set', host, settings: {} };
  const addresses = new Map(Object.entries(context.settings).map(([one, { addresses: list }]) => [one, list]));
  const changed = settingsOf(settings, base, { networks: context.networks, addresses, problem: (at, message) => context.file.add([...path, ...at], message) });
  for (const [other, { addresses: list }] of Object.entries(context.settings)) {
    const shared = other === host ? undefined : changed.addresses?.find((address) => list.includes(address));
    if (shared !== undefined) context.file.add([...path, 'address'], `${shared} is the address of ${other}: two hosts can't have one address`);
  }
  context.settings[host] = { ...base, ...changed };
  return { kind: 'set', host, settings: changed };
}

function sendOf(send: SendFile, path: Path, context: ScriptContext): SendPlan {
  const problem = (key: string, message: string): void => context.file.add([...path, key], message);
  const total = send.count ?? 1;
  if (send.name !== undefined) addName(send.name, total, [...path, 'name'], context);
  if (send.from === undefined) problem('from', '`from` is missing: write from: carol@elsewhere.test, or from: <> for the null sender');
  const from = send.from === '<>' ? '' : (send.from ?? '');
  if (from !== '') checkAddress(from, [...path, 'from'], context);
  send.to.forEach((address, position) => checkAddress(address, [...path, 'to', position], context));
  if (send.via !== undefined) checkHost(send.via, [...path, 'via'], context);
  else if (send.from !== undefined) checkHome(from, path, context);
  if (send.network !== undefined) checkNetwork(send.network, [...path, 'network'], context);
  if (send.every !== undefined && total === 1) problem('every', 'every spreads several messages over time: write count: 10 beside it');
  if (send.connections !== undefined && send.connections > total) problem('connections', `${total} message${total === 1 ? '' : 's'} can't use ${send.connections} connections: write a greater count, or leave connections out`);
  if (send.eml !== undefined && (send.subject ?? send.body) !== undefined) problem('eml', 'an eml file has its own subject and body: take subject and body away, or eml');
  const subject = send.subject ?? (send.name === undefined ? 'A message' : send.name);
  const message: SendRequest = {
    name: send.name ?? null, from, to: send.to, subject, body: send.body ?? `This is ${send.name ?? 'a message'}.\n`,
    raw: send.eml === undefined ? null : emlOf(send.eml, [...path, 'eml'], context),
    sizeBytes: send.size ?? null, spam: send.spam ?? false, ret: send.ret ?? null, envid: send.envid ?? null,
    notify: notifyOf(send.notify, path, context), via: send.via ?? null, network: send.network ?? null,
  };
  return { message, count: total, everyMs: send.every ?? 0, connections: send.connections ?? 1 };
}

function notifyOf(words: string[] | undefined, path: Path, context: ScriptContext): SendRequest['notify'] {
  if (words === undefined) return null;
  const all = ['never', 'success', 'failure', 'delay'] as const;
  words.forEach((word, position) => {
    if (!(all as readonly string[]).includes(word)) context.file.add([...path, 'notify', position], `\`${word}\` is no NOTIFY: write never, or any of success, failure, delay (RFC 3461 §4.1)`);
  });
  if (words.includes('never') && words.length > 1) context.file.add([...path, 'notify'], 'never stands alone: write notify: never, or leave never out (RFC 3461 §4.1)');
  return all.filter((word) => words.includes(word));
}

function emlOf(name: string, path: Path, context: ScriptContext): string {
  if (/^([/\\]|[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)/.test(name)) {
    context.file.add(path, `${name} is outside the lab's folder: put the message beside the lab file, and write its name`);
    return '';
  }
  const bytes = context.readFile(name);
  if (bytes === null) context.file.add(path, `there is no file ${name} beside the lab file: put it there, or write subject and body instead`);
  return bytes?.toString('base64') ?? '';
}

function addName(name: string, total: number, path: Path, context: ScriptContext): void {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,39}$/.test(name)) return context.file.add(path, `\`${name}\` is no name for a message: write a letter, then letters, digits and hyphens, such as minutes`);
  if (name === 'each' || name === 'all') return context.file.add(path, `${name} means something else in checks: give the message another name`);
  const clash = [...context.names].find(([other, count]) => other === name || (count > 1 && isNumbered(name, other)) || (total > 1 && isNumbered(other, name)));
  if (clash !== undefined) return context.file.add(path, `there is a message \`${clash[0]}\` already: give this one another name`);
  context.names.set(name, total);
}

export function checkMessage(name: string, path: Path, context: Pick<ScriptContext, 'file' | 'names'>): void {
  if (name === 'each' || name === 'all' || context.names.has(name)) return;
  const group = [...context.names].find(([other, count]) => count > 1 && isNumbered(name, other) && Number(name.slice(other.length + 1)) <= count);
  if (group !== undefined) return;
  const known = [...context.names.keys()];
  context.file.add(path, known.length === 0 ? `no step sends a message \`${name}\`: write name: ${name} at a send step` : `no step before sends a message \`${name}\`: ${near(name, known) ?? `there are ${listed(known)}`}`);
}

function checkAddress(address: string, path: Path, context: ScriptContext): void {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  if (at < 1 || /[\s<>]/.test(address) || !isHostName(domain)) context.file.add(path, `\`${address}\` is no mail address: write it like alice@theorganisation.test`);
  else if (!isReservedName(domain)) context.file.add(path, `${domain} may be somebody's: ${USE_NAMES}`);
}

/** Without `via` a message is handed to the host that is final for its sender's domain: there must be one. */
function checkHome(from: string, path: Path, context: ScriptContext): void {
  const keys = Object.keys(context.settings);
  if (from === '') return context.file.add(path, `the null sender has no home: write which host it is handed to, such as via: ${keys[0] ?? 'c'}`);
  const domain = from.slice(from.lastIndexOf('@') + 1).toLowerCase();
  if (Object.values(context.settings).some((host) => host.name.toLowerCase() === domain || host.finalDomains.includes(domain))) return;
  const meant = closest(domain, Object.values(context.settings).flatMap((host) => host.finalDomains));
  context.file.add([...path, 'from'], `no host is final for ${domain}: ${meant === null ? '' : `did you mean ${meant}? Or `}write via: and the host that takes it from the sender`);
}

export function checkHost(key: HostKey, path: Path, context: Pick<ScriptContext, 'file' | 'settings'>): HostKey {
  const known = Object.keys(context.settings);
  if (!known.includes(key)) context.file.add(path, `there is no host \`${key}\`: ${near(key, known) ?? `there are ${listed(known)}`}`);
  return key;
}

function checkNetwork(key: string, path: Path, context: ScriptContext): void {
  const known = context.networks.map((one) => one.key);
  if (!known.includes(key)) context.file.add(path, `there is no network \`${key}\`: ${near(key, known) ?? `there are ${listed(known)}`}`);
}

export function knownSides(context: Pick<ScriptContext, 'networks' | 'settings'>): string[] {
  return [...Object.keys(context.settings), ...context.networks.map((one) => one.key)];
}
