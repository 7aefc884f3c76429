/**
 * Which attempt a connection was dialled for. A dial that is still under way names no attempt; but a host dials at once
 * when it knows its way, or when the host before it failed, so the next connection to that address is the attempt's. Pure.
 */
import type { LabEvent } from '../../contract/events.ts';
import type { SessionId } from '../../contract/model.ts';

type Outcome = LabEvent<'queue-deliver' | 'queue-defer' | 'queue-fail'>;
type Dial = LabEvent<'link-connect' | 'link-refuse' | 'link-silence' | 'firewall-drop' | 'firewall-reject'>;

const addressOf = (target: string): string => target.slice(target.lastIndexOf('[') + 1, -1);

export function expectations() {
  const orders = new Map<string, { host: string; addresses: string[] }>();
  /** Attempts about to dial, by host and address, the first first. */
  const waiting = new Map<string, string[]>();
  const found = new Map<SessionId, string>();

  const expect = (attempt: string): void => {
    const order = orders.get(attempt);
    const address = order?.addresses[0];
    if (order === undefined || address === undefined) return;
    const key = `${order.host} ${address}`;
    waiting.set(key, [...(waiting.get(key) ?? []), attempt]);
  };
  const forget = (attempt: string): void => {
    for (const [key, list] of waiting) {
      const rest = list.filter((one) => one !== attempt);
      if (rest.length === 0) waiting.delete(key);
      else waiting.set(key, rest);
    }
  };

  return {
    take(event: Dial | Outcome | LabEvent<'attempt-route' | 'attempt-fail' | 'tx-begin'>): void {
      switch (event.kind) {
        case 'attempt-route':
          orders.set(event.attempt, { host: event.host, addresses: event.order.map(addressOf) });
          return expect(event.attempt);
        case 'tx-begin':
          found.set(event.session, event.attempt);
          return forget(event.attempt);
        case 'attempt-fail':
          if (event.session !== null) found.set(event.session, event.attempt);
          forget(event.attempt);
          orders.get(event.attempt)?.addresses.shift();
          return expect(event.attempt);
        case 'queue-deliver':
        case 'queue-defer':
        case 'queue-fail':
          if (event.attempt === null) return;
          orders.delete(event.attempt);
          return forget(event.attempt);
        default: {
          const key = `${event.source} ${event.targetAddress}`;
          const attempt = waiting.get(key)?.[0];
          if (attempt === undefined) return;
          found.set(event.session, attempt);
          forget(attempt);
        }
      }
    },
    attemptOn: (session: SessionId): string | null => found.get(session) ?? null,
  };
}
