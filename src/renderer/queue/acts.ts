/** What can be done to messages of a queue, and why it can't be done to these. Pure. */
import type { LabAct } from '../../contract/events.ts';
import type { HostKey } from '../../contract/model.ts';
import type { HostCard, QueueRow } from '../../contract/views.ts';
import { hasFailed, isLeft } from './book.ts';
import { hostLetter } from './row-words.ts';

export type QueueVerb = 'retry' | 'hold' | 'release' | 'delete';

/** Why this can't be done to any of these messages; null: it can be done to one at the least. */
export function whyNot(
  verb: QueueVerb,
  rows: readonly QueueRow[],
  hosts: readonly HostCard[],
  past: boolean,
): string | null {
  if (past) return 'You are looking at the past: go back to now, or go on from here as a branch';
  if (rows.length === 0) return 'Select a message first';
  return rows.some((row) => allowed(verb, row, hosts)) ? null : reasonFor(verb, rows[0]!, hosts);
}

const isUp = (row: QueueRow, hosts: readonly HostCard[]): boolean =>
  (hosts.find(({ key }) => key === row.host)?.power ?? 'up') === 'up';

function allowed(verb: QueueVerb, row: QueueRow, hosts: readonly HostCard[]): boolean {
  if (isLeft(row)) return false;
  if (verb === 'hold') return !row.held;
  if (verb === 'release') return row.held;
  if (verb === 'retry') return !row.held && row.nextAt !== null && isUp(row, hosts);
  return true;
}

function reasonFor(verb: QueueVerb, row: QueueRow, hosts: readonly HostCard[]): string {
  const host = hostLetter(row.host);
  if (isLeft(row)) {
    if (verb === 'retry' && hasFailed(row)) return 'A final reply is not tried again';
    return `${host} does not have it any more: there is nothing to ${verb}`;
  }
  if (verb === 'hold') return 'It is held already';
  if (verb === 'release') return 'It is not held';
  if (row.held) return 'It is held: release it first';
  if (!isUp(row, hosts)) return `${host} is not up: start it first`;
  return 'It is being tried at this moment';
}

/** The acts, one for each host, to those messages to which it can be done. */
export function actsFor(verb: QueueVerb, rows: readonly QueueRow[], hosts: readonly HostCard[]): LabAct[] {
  const byHost = new Map<HostKey, string[]>();
  for (const row of rows)
    if (allowed(verb, row, hosts)) byHost.set(row.host, [...(byHost.get(row.host) ?? []), row.queueId]);
  return [...byHost].map(([host, queueIds]) => ({ do: verb, host, queueIds }));
}
