/** Reads who was connected when: as the server of a recording counted it, and as the journal has it. */
import type { LabEvent } from '../../src/contract/events.ts';
import type { HostKey } from '../../src/contract/model.ts';
import type { Item } from './words.ts';

interface Change {
  opened: boolean;
  /** ms; only differences count. */
  at: number;
}

/** The server answers a message after so long: what is begun before was begun without any success, ms. */
const FIRST_SUCCESS_MS = 1_000;

/** `6 +++ connect t=1.50 live=4`, `2 --- close t=1.48` */
export function readConnections(text: string): Change[] {
  return text.split('\n').flatMap((line) => {
    const [, sign, seconds] = /^\d+ (\+\+\+|---) \w+ t=([\d.]+)/.exec(line) ?? [];
    return sign === undefined ? [] : [{ opened: sign === '+++', at: Number(seconds) * 1_000 }];
  });
}

/** Connections of one host to another in the lab. */
export function labConnections(events: readonly LabEvent[], from: HostKey, to: HostKey): Change[] {
  const sessions = new Set<string>();
  return events.flatMap((event): Change[] => {
    if (event.kind === 'link-connect' && event.source === from && event.host === to) {
      sessions.add(event.session);
      return [{ opened: true, at: event.at }];
    }
    return (event.kind === 'link-close' || event.kind === 'link-reset') && sessions.has(event.session)
      ? [{ opened: false, at: event.at }]
      : [];
  });
}

/** What does not hang on how fast a machine is: how many at first, and how many at the most. */
export function connectionItems(changes: readonly Change[]): Item[] {
  let [live, most] = [0, 0];
  for (const { opened } of changes) {
    live += opened ? 1 : -1;
    most = Math.max(most, live);
  }
  const early = changes.filter(({ opened, at }) => opened && at < changes[0]!.at + FIRST_SUCCESS_MS);
  return [
    { key: 'begun before the first success', value: String(early.length) },
    { key: 'open at once at the most', value: String(most) },
    { key: 'made in all', value: String(changes.filter(({ opened }) => opened).length) },
    { key: 'left open at the end', value: String(live) },
  ];
}
