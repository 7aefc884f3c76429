/** What messages are called in lines: by their name in the script, as a report on another one, or by queue id. */
import type { LabEvent } from '../contract/events.ts';
import type { HostKey, LabState, MailId, QueueId } from '../contract/model.ts';

export interface MailName {
  /** `minutes`, `spam-12`, `the bounce of minutes`, `CF72500001` */
  label: string;
  /** What it is counted with: `spam` for spam-12. */
  group: string;
}

export interface MailNames {
  note(event: LabEvent): void;
  ofEntry(host: HostKey, queueId: QueueId): MailName;
}

export function createNames(state: LabState): MailNames {
  const named = new Map<MailId, MailName>();
  /** Names that the script gave out, and those of them that are one of many. */
  const given = new Map<string, { many: boolean }>();
  const mailOf = new Map<string, MailId>();

  /** The lab's own mail programs put a message's name at the start of its Message-ID; other names come with `submit-done`. */
  const nameOf = (messageId: string): string | null => {
    const known = state.scenario.names[messageId];
    if (known !== undefined) return known;
    const start = /^<([A-Za-z][A-Za-z0-9-]*)\.(\d+)@/.exec(messageId);
    return start !== null && Number(start[2]) === state.seed && given.has(start[1]!) ? start[1]! : null;
  };

  const nameMail = (event: LabEvent<'message-accept'>): MailName => {
    const name = nameOf(event.messageId);
    if (name !== null)
      return { label: name, group: given.get(name)?.many === false ? name : name.replace(/-\d+$/, '') };
    const isScripts = /^<\d{14}\.\d+\.(\d+)@/.exec(event.messageId);
    const from = event.envelope.sender === '' ? '<>' : event.envelope.sender;
    // One that came from a program outside is a story of its own.
    return {
      label: event.queueId,
      group: isScripts !== null && Number(isScripts[1]) === state.seed ? `mail from ${from}` : event.mail,
    };
  };

  const ofEntry = (host: HostKey, queueId: QueueId): MailName => {
    const mail = state.hosts[host]?.queue[queueId]?.mail ?? mailOf.get(`${host} ${queueId}`);
    const name = mail === undefined ? undefined : named.get(mail);
    if (name === undefined) return { label: queueId, group: queueId };
    return isQueueId(name.label) ? { ...name, label: queueId } : name;
  };

  return {
    ofEntry,
    note(event) {
      if (event.kind === 'person-act' && event.act.do === 'send') {
        const { messages } = event.act;
        for (const { name } of messages) if (name !== null) given.set(name, { many: messages.length > 1 });
      } else if (event.kind === 'message-accept') {
        mailOf.set(`${event.host} ${event.queueId}`, event.mail);
        const known = named.get(event.mail);
        if (known === undefined || isQueueId(known.label)) named.set(event.mail, nameMail(event));
      } else if (event.kind === 'dsn-sent') {
        const about = ofEntry(event.host, event.about);
        const [one, many] = REPORTS[event.action];
        named.set(event.mail, { label: `the ${one} ${about.label}`, group: `${many} ${about.group}` });
      }
    },
  };
}

const REPORTS: Record<LabEvent<'dsn-sent'>['action'], [one: string, many: string]> = {
  delayed: ['warning about', 'warnings about'],
  failed: ['bounce of', 'bounces of'],
  delivered: ['receipt for', 'receipts for'],
  relayed: ['relay receipt for', 'relay receipts for'],
};

const isQueueId = (label: string) => /^[0-9A-F]{8,}$/.test(label);
