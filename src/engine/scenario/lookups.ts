/** What a script may speak of: hosts, networks, messages, people; each is looked up where it is named. */
import type { HostKey, Instant, NetworkDef } from '../../contract/model.ts';
import type { HostSettings } from '../../contract/settings.ts';
import type { FileRead } from '../files.ts';
import type { LabText, Path } from './errors.ts';
import { near } from './hosts.ts';
import { isNumbered, localPart } from './messages.ts';
import { listed } from './names.ts';
import type { Table } from '../../contract/table.ts';

/** What a script is read against. `settings` follows the script: what a host is told by one step, the next step knows. */
export interface ScriptContext {
  file: LabText;
  networks: readonly NetworkDef[];
  settings: Table<HostSettings>;
  /** Names of messages so far, and their counts. */
  names: Map<string, number>;
  faultIds: Set<string>;
  /** The instant that the script has reached at the least. */
  now: Instant;
  /** Bytes of a message beside the lab file. */
  readEml(name: string): FileRead;
}

export function checkHost(key: HostKey, path: Path, context: Pick<ScriptContext, 'file' | 'settings'>): HostKey {
  const known = Object.keys(context.settings);
  if (!known.includes(key))
    context.file.add(path, `there is no host \`${key}\`: ${near(key, known) ?? `there are ${listed(known)}`}`);
  return key;
}

export function checkNetwork(key: string, path: Path, context: ScriptContext): void {
  const known = context.networks.map((one) => one.key);
  if (!known.includes(key))
    context.file.add(path, `there is no network \`${key}\`: ${near(key, known) ?? `there are ${listed(known)}`}`);
}

export function checkMessage(name: string, path: Path, context: Pick<ScriptContext, 'file' | 'names'>): void {
  if (name === 'each' || name === 'all' || context.names.has(name)) return;
  const group = [...context.names].find(
    ([other, count]) => count > 1 && isNumbered(name, other) && Number(name.slice(other.length + 1)) <= count,
  );
  if (group !== undefined) return;
  const known = [...context.names.keys()];
  context.file.add(
    path,
    known.length === 0
      ? `no step sends a message \`${name}\`: write name: ${name} at a send step`
      : `no step before sends a message \`${name}\`: ${near(name, known) ?? `there are ${listed(known)}`}`,
  );
}

export function knownSides(context: Pick<ScriptContext, 'networks' | 'settings'>): string[] {
  return [...Object.keys(context.settings), ...context.networks.map((one) => one.key)];
}

export function checkPerson(who: string, path: Path, context: Pick<ScriptContext, 'file' | 'settings'>): void {
  const hosts = Object.values(context.settings);
  const boxes = hosts.flatMap((host) => host.mailboxes ?? []);
  if (hosts.some((host) => host.mailboxes === null) || boxes.includes(localPart(who))) return;
  const people = [...new Set(boxes)];
  context.file.add(
    path,
    `no host has a mailbox for \`${who}\`: ${near(localPart(who), people) ?? `there are ${listed(people)}; write mailboxes: [${localPart(who)}] at a host`}`,
  );
}
