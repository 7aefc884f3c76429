/** Who sits beside a host's card: the owner of its first mailbox, or whoever handed mail in there last. Pure. */
import type { HostKey } from '../../contract/model.ts';
import type { BenchView } from '../../contract/views.ts';
import type { Envelope } from './envelopes.ts';
import type { Card } from './cards.ts';
import type { MapLayout } from './layout.ts';
import type { Motion } from './motion.ts';

export interface PersonOnMap {
  host: HostKey;
  name: string;
  place: NonNullable<Card['person']>;
  /** Is handing something in. */
  busy: boolean;
  /** What the server said to it, when that was no yes. */
  refused: string;
}

export function personsOf(
  layout: MapLayout,
  bench: BenchView,
  motion: Motion,
  envelopes: readonly Envelope[],
): PersonOnMap[] {
  return layout.cards.flatMap(({ key, person }) => {
    const host = bench.hosts.find((one) => one.key === key);
    const last = motion.flights.findLast(({ from, to, client }) => from === null && to === key && client !== 'client');
    const name = last?.client ?? host?.mailboxes.find(({ user }) => user !== 'postmaster')?.user;
    if (person === null || name === undefined) return [];
    const wire = motion.wires.find(({ from, to }) => from === null && to === key);
    const refused = wire !== undefined && wire.state !== 'done' && wire.state !== 'live' ? wire.note : '';
    return [
      {
        host: key,
        name,
        place: person,
        busy: envelopes.some(({ flight, place }) => place !== 'ready' && flight.from === null && flight.to === key),
        refused,
      },
    ];
  });
}
