/** Which rows the table shows: what is queued or what left, of one host or all, that match a search. Pure. */
import type { HostKey } from '../../contract/model.ts';
import type { QueueRow, QueueView } from '../../contract/views.ts';
import { hasFailed, type BookView, type LeftRow } from './book.ts';

/** In a queue now; with a recipient that failed, here or gone; left the queue. */
export type Part = 'queue' | 'failed' | 'left';

interface Choice {
  queued: readonly QueueRow[];
  left: readonly LeftRow[];
  part: Part;
  host: HostKey | null;
  search: string;
}

export function chooseRows({ queued, left, part, host, search }: Choice): QueueRow[] {
  const wanted = search.trim().toLowerCase();
  const all =
    part === 'queue' ? queued : part === 'left' ? left : [...queued.filter(hasFailed), ...left.filter(hasFailed)];
  return all.filter((row) => (host === null || row.host === host) && (wanted === '' || textOf(row).includes(wanted)));
}

function textOf(row: QueueRow): string {
  return [row.envelope.sender, ...row.rcpts.map(({ address }) => address), row.subject, row.queueId, row.messageId]
    .join(' ')
    .toLowerCase();
}

/** How many there are of each part; those of all hosts are counted to the last one. */
export function countParts(queue: QueueView, book: BookView, host: HostKey | null): Record<Part, number> {
  const here = (row: QueueRow): boolean => host === null || row.host === host;
  const queued = queue.rows.filter(here);
  const left = book.left.filter(here);
  return {
    queue: host === null ? queue.count : queued.length,
    failed: queued.filter(hasFailed).length + (host === null ? book.failedCount : left.filter(hasFailed).length),
    left: host === null ? book.leftCount : left.length,
  };
}
