/** `disk-free-below`: did a host's disk ever get so full? Follows the gauge through the journal: queue, mailboxes, and what others put there. */
import type { LabEvent } from '../../../contract/events.ts';
import { keys, size, text } from '../schema-values.ts';
import { formatSize } from '../units.ts';
import { checkKind, hostWord, type Evidence } from './kind.ts';

/** The least free space that a host's disk ever had, null without a limit. Bytes. */
export function leastFree(evidence: Evidence, host: string): number | null {
  let capacity = evidence.hosts[host]?.diskBytes ?? null;
  let foreignBytes = 0;
  let usedBytes = 0;
  let least: number | null = null;
  const sizes = new Map<string, number>();
  for (const event of evidence.events) {
    if (!('host' in event) || event.host !== host) continue;
    const change = changeOf(event, sizes);
    if (change !== null) usedBytes += change;
    else if (event.kind === 'disk-fill') foreignBytes = event.foreignBytes;
    else if (event.kind === 'host-add' || event.kind === 'host-set')
      capacity = event.settings.diskBytes === undefined ? capacity : event.settings.diskBytes;
    else continue;
    if (capacity !== null) least = Math.min(least ?? Infinity, capacity - foreignBytes - usedBytes);
  }
  return least ?? capacity;
}

/** By how many bytes an event changes the gauge; null when it is about something else. */
function changeOf(event: LabEvent, sizes: Map<string, number>): number | null {
  const take = (key: string): number => {
    const bytes = sizes.get(key) ?? 0;
    sizes.delete(key);
    return -bytes;
  };
  const put = (key: string, bytes: number): number => {
    sizes.set(key, bytes);
    return bytes;
  };
  switch (event.kind) {
    case 'message-accept':
      return put(`queue ${event.queueId}`, event.size);
    case 'queue-remove':
      return take(`queue ${event.queueId}`);
    case 'mailbox-deliver':
      return put(`mailbox ${event.user} ${event.message.queueId}`, event.message.sizeBytes);
    case 'mailbox-remove':
      return take(`mailbox ${event.user} ${event.queueId}`);
    default:
      return null;
  }
}

export const diskFreeBelow = checkKind({
  key: 'disk-free-below',
  schema: keys('disk-free-below', { host: text('A host'), bytes: size }),
  refs: { hosts: ['host'] },
  judge({ host, bytes }, evidence) {
    const least = leastFree(evidence, host);
    return {
      name: `${hostWord(host)}'s free disk falls below ${formatSize(bytes)}`,
      passed: least !== null && least < bytes,
      expected: `less than ${formatSize(bytes)} at some moment`,
      measured: least === null ? 'its disk has no limit' : `${formatSize(Math.max(0, least))} at the least`,
    };
  },
});
