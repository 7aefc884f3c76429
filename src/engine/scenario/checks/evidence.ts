/** What checks look at, put together: the events that count, the way of each message, and whose address was whose. */
import type { LabEvent } from '../../../contract/events.ts';
import type { HostKey, Instant, LabState } from '../../../contract/model.ts';
import { copyKey, messageIndex, type Copy, type MessageIndex } from '../messages.ts';
import { isEvidence, type Evidence, type EvidenceEvent } from './kind.ts';

/** From events of any kind. One pass over the journal. */
export function evidenceOf(hosts: Evidence['hosts'], events: readonly LabEvent[], state: LabState): Evidence {
  return evidenceFrom(hosts, events.filter(isEvidence), state, messageIndex(events, state.scenario.names));
}

export function evidenceFrom(
  hosts: Evidence['hosts'],
  events: readonly EvidenceEvent[],
  state: LabState,
  index: MessageIndex,
): Evidence {
  let owners: ReturnType<typeof ownersIn> | null = null;
  let ofCopies: ReturnType<typeof sortedByCopy> | null = null;
  return {
    hosts,
    events,
    state,
    index,
    eventsOf: (copies) => (ofCopies ??= sortedByCopy(events))(copies),
    ownerOf: (address, at) => (owners ??= ownersIn(hosts, events))(address, at),
  };
}

/** A check that asks for each of many messages goes through the journal once, not once for each. */
function sortedByCopy(events: readonly EvidenceEvent[]): (copies: readonly Copy[]) => EvidenceEvent[] {
  const byCopy = Map.groupBy(events, (event) =>
    'queueId' in event && event.host && event.queueId ? copyKey(event.host, event.queueId) : '',
  );
  return (copies) => {
    const found = copies.flatMap(({ host, queueId }) => byCopy.get(copyKey(host, queueId)) ?? []);
    return copies.length < 2 ? found : found.sort((a, b) => a.n - b.n);
  };
}

interface Change {
  since: Instant;
  host: HostKey | null;
}

/** A server is known by its addresses: of names it may have many, and a zone gives them out as it likes. Hosts may move. */
function ownersIn(
  hosts: Evidence['hosts'],
  events: readonly EvidenceEvent[],
): (address: string, at: Instant) => HostKey | null {
  const changes = new Map<string, Change[]>();
  const now = new Map<HostKey, readonly string[]>();
  const settle = (host: HostKey, addresses: readonly string[], since: Instant): void => {
    const note = (address: string, owner: HostKey | null): void =>
      void changes.set(address, [...(changes.get(address) ?? []), { since, host: owner }]);
    for (const address of now.get(host) ?? [])
      if (!addresses.includes(address) && changes.get(address)?.at(-1)?.host === host) note(address, null);
    for (const address of addresses) note(address, host);
    now.set(host, addresses);
  };
  for (const [host, { addresses }] of Object.entries(hosts)) settle(host, addresses, -Infinity);
  for (const event of events) {
    if ((event.kind === 'host-add' || event.kind === 'host-set') && event.settings.addresses !== undefined)
      settle(event.host, event.settings.addresses, event.at);
  }
  return (address, at) => changes.get(address)?.findLast(({ since }) => since <= at)?.host ?? null;
}
