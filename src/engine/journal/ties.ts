/**
 * Ties events of one message together across hosts.
 *
 * No host tells another an id. What ties is what both saw: the sender's transaction and the receiver's
 * acceptance are of the same session. So each event of a session, while a transaction of a queued message
 * is open on it, and each event of a queue id, gets the `mail` of that message.
 */
import type { LabEvent } from '../../contract/events.ts';
import type { HostKey, MailId, QueueId, SessionId } from '../../contract/model.ts';

export interface Ties {
  /** The id of the message that travels on this session now, or null. */
  onSession(session: SessionId): MailId | null;
  /** Put in what can be known, in place; to be called before the event is folded. */
  tie(event: LabEvent): void;
  /** A fresh id, for a message that comes into the lab. */
  fresh(): MailId;
}

export interface TieLookup {
  mailOf(host: HostKey, queueId: QueueId): MailId | null;
  mailCount(): number;
}

export function createTies(look: TieLookup): Ties {
  const sessions = new Map<SessionId, MailId>();
  return {
    onSession: (session) => sessions.get(session) ?? null,
    fresh: () => `m${look.mailCount() + 1}`,
    tie(event) {
      if (event.mail === undefined) {
        const mail =
          event.queueId !== undefined && event.host
            ? look.mailOf(event.host, event.queueId)
            : sessions.get(event.session ?? '');
        // A key is set or it is not there: one that is deleted again makes the event slow to read for good.
        if (mail !== undefined && mail !== null) event.mail = mail;
      }
      if (event.kind === 'tx-begin' && event.mail !== undefined) sessions.set(event.session, event.mail);
      if (event.kind === 'link-close' || event.kind === 'link-reset') sessions.delete(event.session);
    },
  };
}
