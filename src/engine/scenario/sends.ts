/** What a script hands in: messages with their senders, recipients and wishes. */
import type { SendPlan, SendRequest } from '../../contract/events.ts';
import { ACT_LENGTH_MAX } from '../../contract/sizes.ts';
import type { Path } from './errors.ts';
import { checkHost, checkNetwork, type ScriptContext } from './lookups.ts';
import { isNumbered } from './messages.ts';
import { closest, isHostName, isReservedName, USE_NAMES } from './names.ts';
import type { SendFile } from './schema-step.ts';
import { formatSize } from './units.ts';

export function sendOf(send: SendFile, path: Path, context: ScriptContext): SendPlan {
  const problem = (key: string, message: string): void => context.file.add([...path, key], message);
  const total = send.count ?? 1;
  if (send.name !== undefined) addName(send.name, total, [...path, 'name'], context);
  if (send.from === undefined)
    problem('from', '`from` is missing: write from: carol@elsewhere.test, or from: <> for the null sender');
  const from = send.from === '<>' ? '' : (send.from ?? '');
  if (from !== '') checkAddress(from, [...path, 'from'], context);
  send.to.forEach((address, position) => checkAddress(address, [...path, 'to', position], context));
  if (send.via !== undefined) checkHost(send.via, [...path, 'via'], context);
  else if (send.from !== undefined) checkHome(from, path, context);
  if (send.network !== undefined) checkNetwork(send.network, [...path, 'network'], context);
  if (send.every !== undefined && total === 1)
    problem('every', 'every spreads several messages over time: write count: 10 beside it');
  if (send.connections !== undefined && send.connections > total)
    problem(
      'connections',
      `${total} message${total === 1 ? '' : 's'} can't use ${send.connections} connections: write a greater count, or leave connections out`,
    );
  if (send.eml !== undefined && (send.subject ?? send.body) !== undefined)
    problem('eml', 'an eml file has its own subject and body: take subject and body away, or eml');
  const subject = send.subject ?? (send.name === undefined ? 'A message' : send.name);
  const message: SendRequest = {
    name: send.name ?? null,
    from,
    to: send.to,
    subject,
    body: send.body ?? `This is ${send.name ?? 'a message'}.\n`,
    raw: send.eml === undefined ? null : emlOf(send.eml, [...path, 'eml'], context),
    sizeBytes: send.size ?? null,
    spam: send.spam ?? false,
    ret: send.ret ?? null,
    envid: send.envid ?? null,
    notify: notifyOf(send.notify, path, context),
    via: send.via ?? null,
    network: send.network ?? null,
  };
  const length = total * JSON.stringify(message).length;
  if (length > ACT_LENGTH_MAX)
    problem(
      send.count === undefined ? 'eml' : 'count',
      `${total} messages of ${formatSize(length / total)} are ${formatSize(length)} in one step: the limit is ${formatSize(ACT_LENGTH_MAX)}`,
    );
  return { message, count: total, everyMs: send.every ?? 0, connections: send.connections ?? 1 };
}

function notifyOf(words: string[] | undefined, path: Path, context: ScriptContext): SendRequest['notify'] {
  if (words === undefined) return null;
  const all = ['never', 'success', 'failure', 'delay'] as const;
  words.forEach((word, position) => {
    if (!(all as readonly string[]).includes(word))
      context.file.add(
        [...path, 'notify', position],
        `\`${word}\` is no NOTIFY: write never, or any of success, failure, delay (RFC 3461 §4.1)`,
      );
  });
  if (words.includes('never') && words.length > 1)
    context.file.add(
      [...path, 'notify'],
      'never stands alone: write notify: never, or leave never out (RFC 3461 §4.1)',
    );
  return all.filter((word) => words.includes(word));
}

function emlOf(name: string, path: Path, context: ScriptContext): string {
  if (/^([/\\]|[A-Za-z]:)|(^|[/\\])\.\.([/\\]|$)/.test(name)) {
    context.file.add(
      path,
      `${name} is outside the lab's folder: put the message beside the lab file, and write its name`,
    );
    return '';
  }
  const read = context.readEml(name);
  if (read.ok) return read.bytes.toString('base64');
  context.file.add(path, `${name} can't be read: ${read.why}`);
  return '';
}

function addName(name: string, total: number, path: Path, context: ScriptContext): void {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,39}$/.test(name))
    return context.file.add(
      path,
      `\`${name}\` is no name for a message: write a letter, then letters, digits and hyphens, such as minutes`,
    );
  if (name === 'each' || name === 'all')
    return context.file.add(path, `${name} means something else in checks: give the message another name`);
  const clash = [...context.names].find(
    ([other, count]) =>
      other === name || (count > 1 && isNumbered(name, other)) || (total > 1 && isNumbered(other, name)),
  );
  if (clash !== undefined)
    return context.file.add(path, `there is a message \`${clash[0]}\` already: give this one another name`);
  context.names.set(name, total);
}

function checkAddress(address: string, path: Path, context: ScriptContext): void {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  if (at < 1 || /[\s<>]/.test(address) || !isHostName(domain))
    context.file.add(path, `\`${address}\` is not a mail address: write it like alice@theorganisation.test`);
  else if (!isReservedName(domain)) context.file.add(path, `${domain} may be somebody's: ${USE_NAMES}`);
}

/** Without `via` a message is handed to the host that is final for its sender's domain: there must be one. */
function checkHome(from: string, path: Path, context: ScriptContext): void {
  const keys = Object.keys(context.settings);
  if (from === '')
    return context.file.add(
      path,
      `the null sender has no home: write which host it is handed to, such as via: ${keys[0] ?? 'c'}`,
    );
  const domain = from.slice(from.lastIndexOf('@') + 1).toLowerCase();
  if (
    Object.values(context.settings).some(
      (host) => host.name.toLowerCase() === domain || host.finalDomains.includes(domain),
    )
  )
    return;
  const meant = closest(
    domain,
    Object.values(context.settings).flatMap((host) => host.finalDomains),
  );
  context.file.add(
    [...path, 'from'],
    `no host is final for ${domain}: ${meant === null ? '' : `did you mean ${meant}? Or `}write via: and the host that takes it from the sender`,
  );
}
