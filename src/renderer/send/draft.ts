/**
 * A message under work, as text in fields, and what it becomes: the act `send`, or what is wrong with each field.
 * Pure. The lab checks again; what is said here is said beside the field, before anything is sent.
 */
import type { LabAct, SendPlan, SendRequest } from '../../contract/events.ts';
import type { HostKey, Instant, Notify } from '../../contract/model.ts';
import type { HostCard } from '../../contract/views.ts';
import { letterWithFiles, type AttachedFile } from './mime.ts';
import {
  durationText,
  isAddress,
  parseCount,
  parseDuration,
  parseSize,
  sizeText,
  Wrong,
} from '../inspector/settings-values.ts';

/** A whole message from a file. */
export interface EmlFile {
  name: string;
  base64: string;
  sizeBytes: number;
}

export interface SendDraft {
  from: string;
  to: string;
  subject: string;
  body: string;
  eml: EmlFile | null;
  files: AttachedFile[];
  count: string;
  every: string;
  connections: string;
  size: string;
  spam: boolean;
  notify: Notify[];
  ret: '' | 'full' | 'hdrs';
  envid: string;
  /** Host that it is handed to; '': the sender's own. */
  via: HostKey | '';
  /** Network in which the client stands; '': that of the host. */
  network: string;
  name: string;
}

export type Problems = Partial<Record<keyof SendDraft, string>>;
export type ReadDraft = { ok: true; act: Extract<LabAct, { do: 'send' }> } | { ok: false; problems: Problems };

const COUNT_MAX = 10_000;
const CONNECTIONS_MAX = 100;
/** All messages of one act travel in one piece to the lab. */
const BYTES_MAX = 20_000_000;
const REQUEST_BYTES = 300;

/** People with a mailbox in this lab, in the order of their hosts: mail mostly goes to the first one. */
export function peopleOf(hosts: Pick<HostCard, 'settings' | 'mailboxes'>[]): string[] {
  return hosts.flatMap(({ settings, mailboxes }) => {
    const domain = settings.finalDomains[0];
    return domain === undefined
      ? []
      : mailboxes.filter(({ user }) => user !== 'postmaster').map(({ user }) => `${user}@${domain}`);
  });
}

export function freshDraft(hosts: Pick<HostCard, 'settings' | 'mailboxes'>[]): SendDraft {
  const people = peopleOf(hosts);
  const to = people[0] ?? '';
  const domain = to.slice(to.lastIndexOf('@'));
  const from = people.find((person) => !person.endsWith(domain)) ?? people[1] ?? to;
  return {
    from,
    to,
    subject: 'Minutes of the meeting',
    body: 'Here are the minutes.\n',
    eml: null,
    files: [],
    count: '1',
    every: '0',
    connections: '1',
    size: '',
    spam: false,
    notify: [],
    ret: '',
    envid: '',
    via: '',
    network: '',
    name: '',
  };
}

/** A letter of the guide, as somebody would have typed it. */
export function draftOf({ message, count, everyMs, connections }: SendPlan): SendDraft {
  const { name, from, to, subject, body, raw, sizeBytes, spam, ret, envid, notify, via, network } = message;
  return {
    from: from === '' ? '<>' : from,
    to: to.join(', '),
    subject,
    body,
    eml: raw === null ? null : { name: `${name ?? 'message'}.eml`, base64: raw, sizeBytes: atob(raw).length },
    files: [],
    count: String(count),
    every: durationText(everyMs),
    connections: String(connections),
    size: sizeBytes === null ? '' : sizeText(sizeBytes),
    spam,
    notify: [...(notify ?? [])],
    ret: ret ?? '',
    envid: envid ?? '',
    via: via ?? '',
    network: network ?? '',
    name: name ?? '',
  };
}

/** The host that a sender's own program would hand mail to: final for the domain. */
export function homeOf(from: string, hosts: Pick<HostCard, 'key' | 'settings'>[]): HostKey | null {
  const domain = from.slice(from.lastIndexOf('@') + 1).toLowerCase();
  return (
    hosts.find(
      ({ settings }) =>
        settings.name.toLowerCase() === domain || settings.finalDomains.some((own) => own.toLowerCase() === domain),
    )?.key ?? null
  );
}

const isNullSender = (from: string): boolean => from.trim() === '' || from.trim() === '<>';

/** `now`: the lab's time, which a message of one's own says. */
export function readDraft(draft: SendDraft, hosts: Pick<HostCard, 'key' | 'settings'>[], now: Instant): ReadDraft {
  const problems: Problems = {};
  const attempt = <T>(field: keyof SendDraft, otherwise: T, read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Wrong)) throw error;
      problems[field] = error.message;
      return otherwise;
    }
  };
  const from = attempt('from', '', () => senderOf(draft, hosts));
  const to = attempt('to', [], () => rcptsOf(draft.to));
  const count = attempt('count', 1, () => parseCount(draft.count, 1, COUNT_MAX));
  const everyMs = attempt('every', 0, () => parseDuration(draft.every.trim() === '' ? '0' : draft.every));
  const connections = attempt('connections', 1, () => connectionsOf(draft.connections, count));
  const sizeBytes = attempt('size', null, () =>
    draft.eml !== null || draft.files.length > 0 || draft.size.trim() === '' ? null : parseSize(draft.size),
  );
  const name = attempt('name', null, () => nameOf(draft.name));
  if (/[^\x21-\x7e]/.test(draft.envid)) problems.envid = 'Letters, digits and signs without blanks, such as minutes-42';
  const filesLength = draft.files.reduce((sum, file) => sum + Math.ceil((file.base64.length * 4) / 3), 0);
  const bytes = count * ((draft.eml?.base64.length ?? draft.body.length + filesLength) + REQUEST_BYTES);
  if (bytes > BYTES_MAX)
    problems.count = `That is ${Math.ceil(bytes / 1e6)} MB at once, ${BYTES_MAX / 1e6} MB is the most: send fewer, or a smaller ${draft.eml === null ? 'text' : 'file'}`;
  if (Object.keys(problems).length > 0) return { ok: false, problems };
  const { eml } = draft;
  const letter =
    eml === null && draft.files.length > 0
      ? letterWithFiles({
          from,
          to,
          subject: draft.subject.trim(),
          body: draft.body,
          spam: draft.spam,
          files: draft.files,
          at: now,
        })
      : null;
  const message: SendRequest = {
    name,
    from,
    to,
    subject: draft.subject.trim(),
    body: draft.body,
    raw: eml?.base64 ?? letter,
    sizeBytes,
    spam: eml === null && draft.spam,
    ret: draft.ret === '' ? null : draft.ret,
    envid: draft.envid === '' ? null : draft.envid,
    notify: draft.notify.length === 0 ? null : [...draft.notify],
    via: draft.via === '' ? null : draft.via,
    network: draft.network === '' ? null : draft.network,
  };
  const messages =
    count === 1
      ? [message]
      : Array.from({ length: count }, (_, index) => ({
          ...message,
          name: name === null ? null : `${name}-${index + 1}`,
        }));
  return { ok: true, act: { do: 'send', messages, everyMs: count === 1 ? 0 : everyMs, connections } };
}

function senderOf({ from, via }: SendDraft, hosts: Pick<HostCard, 'key' | 'settings'>[]): string {
  if (isNullSender(from)) {
    if (via === '')
      throw new Wrong('The null sender has no home: choose below which server takes it, or write an address');
    return '';
  }
  const address = from.trim();
  if (!isAddress(address)) throw new Wrong(`“${address}” is not a mail address: write it like carol@elsewhere.test`);
  if (via === '' && homeOf(address, hosts) === null)
    throw new Wrong(
      `No host here is at home in ${address.slice(address.lastIndexOf('@') + 1)}: choose which server takes it`,
    );
  return address;
}

function rcptsOf(text: string): string[] {
  const rcpts = [...new Set(text.split(/[\s,;]+/).filter((word) => word !== ''))];
  if (rcpts.length === 0) throw new Wrong('Write one address at least, such as alice@theorganisation.test');
  const wrong = rcpts.find((rcpt) => !isAddress(rcpt));
  if (wrong !== undefined)
    throw new Wrong(`“${wrong}” is not a mail address: write it like alice@theorganisation.test`);
  return rcpts;
}

function connectionsOf(text: string, count: number): number {
  const connections = parseCount(text.trim() === '' ? '1' : text, 1, CONNECTIONS_MAX);
  if (connections > count && count > 1) throw new Wrong(`${count} messages can’t use ${connections} connections`);
  return count === 1 ? 1 : connections;
}

function nameOf(text: string): string | null {
  const name = text.trim();
  if (name === '') return null;
  if (!/^[A-Za-z][A-Za-z0-9-]{0,39}$/.test(name) || name === 'each' || name === 'all')
    throw new Wrong('A letter, then letters, digits and hyphens, such as minutes');
  return name;
}
