/** Turns the steps of a lab file into the scenario's: hosts, people, zones and names looked up, running settings kept. */
import { CALENDAR_END, type Instant } from '../../contract/instant.ts';
import type { HostKey } from '../../contract/model.ts';
import type { Path } from './errors.ts';
import { faultOf } from './faults.ts';
import { checkName, near, settingsOf } from './hosts.ts';
import { checkHost, checkMessage, checkNetwork, knownSides, type ScriptContext } from './lookups.ts';
import type { Step, StepAct } from './scenario.ts';
import type { StepFile } from './schema-step.ts';
import { actKeys } from './schema-step.ts';
import { sendOf } from './sends.ts';
import { checkFirewall, checkZone } from './texts.ts';
import { formatInstant } from './units.ts';

export function stepOf(file: StepFile, path: Path, guide: number | null, context: ScriptContext): Step | null {
  const key = actKeys.find((one) => file[one] !== undefined);
  if (key === undefined) return null;
  const act = actOf(file, [...path, key], context);
  return act === null
    ? null
    : {
        ...act,
        fileLine: context.file.lineOf(path),
        note: file.note ?? null,
        mayFail: file['may-fail'] ?? false,
        guide,
      };
}

function actOf(file: StepFile, path: Path, context: ScriptContext): StepAct | null {
  const host = (key: HostKey, at: Path = path): HostKey => checkHost(key, at, context);
  if (file.send !== undefined) return { kind: 'send', send: sendOf(file.send, path, context) };
  if (file.spam !== undefined)
    return {
      kind: 'send',
      send: sendOf(
        { from: 'offers@spammer.test', subject: 'Make money fast', spam: true, ...file.spam },
        path,
        context,
      ),
    };
  if (file.pass !== undefined || file.until !== undefined || file.jump !== undefined)
    return timeOf(file, path, context);
  for (const power of ['start', 'stop', 'crash', 'off'] as const) {
    if (file[power] !== undefined) return { kind: 'power', power, host: host(file[power]) };
  }
  if (file.cut !== undefined) return { kind: 'line', host: host(file.cut), line: { cut: true } };
  if (file.mend !== undefined)
    return {
      kind: 'line',
      host: host(file.mend),
      line: { cut: false, extraLatencyMs: 0, bytesPerSecond: null, loseReplies: false },
    };
  if (file['lose-replies'] !== undefined)
    return { kind: 'line', host: host(file['lose-replies']), line: { loseReplies: true } };
  if (file.slow !== undefined) return slowOf(file.slow, path, context);
  if (file.reset !== undefined) return { kind: 'reset', host: host(file.reset) };
  if (file.fault !== undefined) return { kind: 'fault', fault: faultOf(file.fault, path, context) };
  if (file['clear-fault'] !== undefined) return clearFault(file['clear-fault'], path, context);
  if (file['fill-disk'] !== undefined) return fillDisk(file['fill-disk'], path, context);
  if (file['free-disk'] !== undefined)
    return { kind: 'fill-disk', host: host(file['free-disk']), amount: { bytes: 0 } };
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
    if (kind === 'slow' && delay === undefined)
      context.file.add(path, 'a slow name server needs a delay: write delay: 3s');
    if (kind !== 'slow' && delay !== undefined)
      context.file.add([...path, 'delay'], `delay goes with kind: slow, not with ${kind}: take it away`);
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
    checkCalendar(path, context);
    return { kind: 'pass', ms: file.pass };
  }
  const to: { at: Instant } | { ms: number } = file.until !== undefined ? { at: file.until } : file.jump!;
  if ('at' in to) {
    if (to.at < context.now)
      context.file.add(
        path,
        `the script has reached ${formatInstant(context.now).slice(0, 16)}Z by then: write a later time`,
      );
    context.now = Math.max(context.now, to.at);
  } else context.now += to.ms;
  checkCalendar(path, context);
  return file.until !== undefined ? { kind: 'until', at: file.until } : { kind: 'jump', to };
}

function checkCalendar(path: Path, context: ScriptContext): void {
  if (context.now < CALENDAR_END) return;
  context.file.add(
    path,
    "the script would go past the year 9999, where a lab's calendar ends: let less time pass before this",
  );
  context.now = CALENDAR_END - 1; // said once
}

function slowOf(slow: NonNullable<StepFile['slow']>, path: Path, context: ScriptContext): StepAct {
  if (slow.latency === undefined && slow.rate === undefined)
    context.file.add(path, 'slow needs latency: 500ms, rate: 10KB (for each second), or both');
  if (slow.rate === 0)
    context.file.add([...path, 'rate'], 'a rate of 0 lets nothing through: write cut for that, or a rate such as 10KB');
  return {
    kind: 'line',
    host: checkHost(slow.host, [...path, 'host'], context),
    line: {
      ...(slow.latency === undefined ? {} : { extraLatencyMs: slow.latency }),
      ...(slow.rate === undefined ? {} : { bytesPerSecond: slow.rate }),
    },
  };
}

function clearFault(id: string, path: Path, context: ScriptContext): StepAct {
  if (!context.faultIds.has(id))
    context.file.add(
      path,
      `there is no fault \`${id}\` before this step: ${near(id, [...context.faultIds]) ?? 'give the fault an id, and write that'}`,
    );
  return { kind: 'clear-fault', id };
}

function fillDisk(fill: NonNullable<StepFile['fill-disk']>, path: Path, context: ScriptContext): StepAct {
  const host = checkHost(fill.host, [...path, 'host'], context);
  const { bytes, leave } = fill;
  if ((bytes === undefined) === (leave === undefined))
    context.file.add(path, 'fill-disk takes one of the two: bytes: 5MB (put there) or leave: 100KB (left free)');
  if (leave !== undefined && context.settings[host]?.diskBytes === null) {
    context.file.add(
      [...path, 'leave'],
      `${host} has no limit on its disk, so nothing can be left of it: write disk: 5MB at the host`,
    );
  }
  return { kind: 'fill-disk', host, amount: leave === undefined ? { bytes: bytes ?? 0 } : { leaveBytes: leave } };
}

function setOf({ host: key, ...settings }: NonNullable<StepFile['set']>, path: Path, context: ScriptContext): StepAct {
  const host = checkHost(key, [...path, 'host'], context);
  if (Object.keys(settings).length === 0)
    context.file.add(path, 'set changes nothing: write a setting beside the host, such as disk: 5MB');
  const base = context.settings[host];
  if (base === undefined) return { kind: 'set', host, settings: {} };
  const addresses = new Map(Object.entries(context.settings).map(([one, { addresses: list }]) => [one, list]));
  const changed = settingsOf(settings, base, {
    networks: context.networks,
    addresses,
    problem: (at, message) => context.file.add([...path, ...at], message),
  });
  for (const [other, { addresses: list }] of Object.entries(context.settings)) {
    const shared = other === host ? undefined : changed.addresses?.find((address) => list.includes(address));
    if (shared !== undefined)
      context.file.add([...path, 'address'], `${shared} is the address of ${other}: two hosts can't have one address`);
  }
  context.settings[host] = { ...base, ...changed };
  return { kind: 'set', host, settings: changed };
}
