/**
 * The mailbox room of one host: what a person finds.
 *
 * Puts a message into a mailbox, once: a message that a killed run delivered and did not enter as delivered is
 * recognised by its queue id. Mailboxes are in the state, a fold of the journal; their files (Maildir) follow
 * outside the path of delivery, see maildir.ts. It never speaks SMTP and never decides who has a mailbox.
 */
import type { Told } from '../../contract/events.ts';
import type { HostKey, HostState, QueueEntry, Rcpt } from '../../contract/model.ts';
import type { Reply, Why } from '../../contract/why.ts';
import { maildirFileName } from './maildir.ts';

export { applyMailbox } from './apply.ts';
export { createMaildirWriter, maildirPath, type MaildirWriter } from './maildir.ts';

export interface MailboxDeps {
  host: HostKey;
  state(): HostState;
  now(): number;
  tell(event: Told): void;
  /** Whose an address is. */
  mailboxOf(host: HostState, address: string): { user: string | null } | 'elsewhere';
  /** A reply that says why there is no room, or null. */
  quota(host: HostState, address: string, sizeBytes: number): { reply: Reply } | null;
}

const DELIVERED: Reply = { code: 250, enhanced: '2.0.0', lines: ['delivered to mailbox'] };

export function createMailboxes(deps: MailboxDeps) {
  const { host } = deps;
  /** What the mailboxes hold, by queue id and recipient; read off the state once. */
  let held: Set<string> | null = null;
  const idOf = (queueId: string, address: string) => `${queueId} ${address}`;
  const holdings = (): Set<string> => {
    held ??= new Set(
      Object.values(deps.state().mailboxes).flatMap((box) => box.map((message) => idOf(message.queueId, message.rcpt))),
    );
    return held;
  };

  return {
    /** Into the mailbox, or why not. An unknown user and a full mailbox are final (RFC 3463 X.1.1, X.2.2). */
    deliver(entry: QueueEntry, rcpt: Rcpt): { reply: Reply } | { why: Why; permanent: boolean } {
      const state = deps.state();
      const mailbox = deps.mailboxOf(state, rcpt.address);
      const user = mailbox === 'elsewhere' ? null : mailbox.user;
      if (user === null) {
        const reply: Reply = { code: 550, enhanced: '5.1.1', lines: [`<${rcpt.address}>: User unknown`] };
        return { why: { kind: 'local', reply }, permanent: true };
      }
      const id = idOf(entry.queueId, rcpt.address);
      if (holdings().has(id)) return { reply: DELIVERED };
      const full = deps.quota(state, rcpt.address, entry.body.size);
      if (full !== null) return { why: { kind: 'local', reply: full.reply }, permanent: true };
      const prefix = `Return-Path: <${entry.envelope.sender}>\r\nX-Original-To: ${rcpt.address}\r\nDelivered-To: ${rcpt.address}\r\n`;
      holdings().add(id);
      const at = deps.now();
      deps.tell({
        kind: 'mailbox-deliver',
        host,
        user,
        queueId: entry.queueId,
        message: {
          mail: entry.mail,
          queueId: entry.queueId,
          at,
          sender: entry.envelope.sender,
          rcpt: rcpt.address,
          messageId: entry.messageId,
          subject: entry.subject,
          body: entry.body,
          prefix,
          sizeBytes: prefix.length + entry.body.size,
          file: maildirFileName({
            at,
            queueId: entry.queueId,
            rcpt: entry.rcpts.indexOf(rcpt),
            hostName: state.settings.name,
          }),
        },
      });
      return { reply: DELIVERED };
    },
  };
}
