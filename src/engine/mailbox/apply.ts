/** Mailboxes in a host's state: changed here and nowhere else. */
import type { LabEvent } from '../../contract/events.ts';
import type { HostState } from '../../contract/model.ts';

export function applyMailbox(host: HostState, event: LabEvent): void {
  if (event.kind === 'mailbox-deliver') {
    (host.mailboxes[event.user] ??= []).push(event.message);
    host.usedBytes += event.message.sizeBytes;
  }
  if (event.kind === 'mailbox-remove') {
    const box = host.mailboxes[event.user] ?? [];
    const gone = box.filter((message) => message.queueId === event.queueId);
    host.mailboxes[event.user] = box.filter((message) => message.queueId !== event.queueId);
    for (const message of gone) host.usedBytes -= message.sizeBytes;
  }
}
