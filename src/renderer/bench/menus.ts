/** What can be done to a host, its line, or a message on its way: entries of their menus, and why one can't be chosen. */
import type { LabAct } from '../../contract/events.ts';
import type { HostCard, QueueRow } from '../../contract/views.ts';
import { letter } from '../lab/known.ts';
import type { HostTab } from '../lab/store.ts';
import type { Flight } from './motion.ts';

export interface MenuEntry {
  label: string;
  /** What is carried out; `open` and `select` are the page's own. */
  does: LabAct | { open: 'fault' } | { select: true } | { tab: HostTab };
  /** Why it can't be chosen now; null: it can. */
  why: string | null;
  /** A line above it. */
  parted?: boolean;
}

/** Left free on a disk that a person fills: too little for any message with its reserve. */
const LEFT_FREE_BYTES = 20_000;
const SLOW = { extraLatencyMs: 2_000, bytesPerSecond: 2_000 };
const PAST = 'You are looking at the past: go back to now, or go on from here as a branch';

export function hostMenu(host: HostCard, past: boolean): MenuEntry[] {
  const {
    key,
    power,
    settings: { diskBytes },
  } = host;
  const up = power === 'up';
  const name = letter(key);
  const room = diskBytes === null ? null : Math.max(0, diskBytes - host.usedBytes - LEFT_FREE_BYTES);
  const entry = (label: string, does: LabAct, why: string | null = null, parted = false): MenuEntry => ({
    label,
    does,
    why: past ? PAST : why,
    parted,
  });
  const notUp = up ? null : `${name} is not up: start it first`;
  const disk =
    host.foreignBytes > 0
      ? entry('Free its disk', { do: 'fill-disk', host: key, bytes: 0 }, null, true)
      : entry(
          'Fill its disk, leave 20 KB',
          { do: 'fill-disk', host: key, bytes: room ?? 0 },
          room === null ? 'Its disk has no limit: set one in its settings' : null,
          true,
        );
  return [
    up
      ? entry('Stop', { do: 'host', host: key, power: 'stop' })
      : entry('Start', { do: 'host', host: key, power: 'start' }),
    entry('Crash', { do: 'host', host: key, power: 'crash' }, notUp),
    entry('Switch off', { do: 'host', host: key, power: 'off' }, power === 'off' ? `${name} is off already` : null),
    entry(
      'Try queue now',
      { do: 'flush', host: key, domain: null },
      notUp ?? (host.queueCount === 0 ? `${name}’s queue is empty` : null),
      true,
    ),
    disk,
    ...lineMenu(host, past).map((one, index) => ({ ...one, parted: index === 0 })),
    { label: 'Settings', does: { tab: 'settings' }, why: null, parted: true },
    { label: 'Fault…', does: { open: 'fault' }, why: past ? PAST : null },
  ];
}

/** Of one host's line; `named` when it stands beside those of another host. */
export function lineMenu({ key, line }: HostCard, past: boolean, named = false): MenuEntry[] {
  const of = named ? ` of ${letter(key)}` : '';
  const isSlow = line.extraLatencyMs > 0 || line.bytesPerSecond !== null;
  const entry = (label: string, change: Extract<LabAct, { do: 'line' }>['line']): MenuEntry => ({
    label,
    does: { do: 'line', host: key, line: change },
    why: past ? PAST : null,
  });
  return [
    line.cut ? entry(`Mend line${of}`, { cut: false }) : entry(`Cut line${of}`, { cut: true }),
    isSlow
      ? entry(`Line${of} as fast as before`, { extraLatencyMs: 0, bytesPerSecond: null })
      : entry(`Slow line${of}`, SLOW),
    line.loseReplies
      ? entry(`Stop losing replies${of}`, { loseReplies: false })
      : entry(`Lose replies${of}`, { loseReplies: true }),
  ];
}

export function mailMenu(flight: Flight, rows: readonly QueueRow[], past: boolean): MenuEntry[] {
  const row = rows.find((one) => one.host === flight.from && one.mail === flight.mail);
  const gone =
    row === undefined
      ? flight.from === null
        ? 'No server has taken it yet'
        : `${letter(flight.from)} does not have it any more`
      : null;
  const ids = row === undefined ? [] : [row.queueId];
  const verb = (
    label: string,
    what: 'hold' | 'release' | 'retry' | 'delete',
    why: string | null = null,
  ): MenuEntry => ({
    label,
    does: { do: what, host: flight.from ?? '', queueIds: ids },
    why: past ? PAST : (gone ?? why),
  });
  const entries: MenuEntry[] = [
    { label: 'Its story', does: { select: true }, why: flight.mail === null ? 'No server has taken it yet' : null },
    row?.held === true ? verb('Release', 'release') : verb('Hold', 'hold'),
    verb('Retry now', 'retry', row?.nextAt === null ? 'It is being tried at this moment' : null),
    verb('Delete', 'delete'),
  ];
  return entries.map((one, index) => ({ ...one, parted: index === 1 }));
}
