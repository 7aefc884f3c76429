/** What is due, as far as the lab knows: next tries as dots, the notice to a sender, the end of patience. Pure. */
import type { Upcoming } from '../../../contract/lab-api.ts';
import type { QueueRow } from '../../../contract/views.ts';
import { dayOf, sameDay, whenOf } from '../../lab/words.ts';

export interface FutureMark {
  kind: 'next' | 'try' | 'script' | 'notice' | 'end';
  at: number;
  /** Time, and what happens then. */
  when: string;
  words: string;
}

/** Marks nearer than this to one of their kind add nothing to see, in shares of their distance. */
const APART = 0.01;
const MARKS_MAX = 120;

/** What happens to `rows` and in the script after `now`, the soonest first. */
export function futureMarks(upcoming: Upcoming[], rows: QueueRow[], now: number): FutureMark[] {
  const byTimer = new Map(rows.map((row) => [`queue ${row.host} ${row.queueId.slice(-5)}`, row]));
  const marks: FutureMark[] = [];
  /** The last mark of each kind: what is due comes in order. */
  const last = { script: 0, try: 0 };
  for (const { when: at, name } of upcoming) {
    if (marks.length >= MARKS_MAX) break;
    const sends = name.startsWith('submit ');
    const kind = name === 'script' || sends ? 'script' : name.startsWith('queue ') ? 'try' : null;
    if (kind === null || at < now || at - last[kind] < APART * (at - now)) continue;
    last[kind] = at;
    const host = (byTimer.get(name)?.host ?? name.split(' ')[1] ?? '').toUpperCase();
    marks.push({
      kind,
      at,
      when: whenOf(at, now),
      words: sends ? 'the next message is handed in' : kind === 'script' ? 'the script goes on' : `${host} tries again`,
    });
  }
  const next = marks[0];
  if (next?.kind === 'try') next.kind = 'next';
  for (const row of rows) {
    if (marks.length >= 2 * MARKS_MAX) break;
    const teller = row.host.toUpperCase();
    const sender = row.envelope.sender.split('@')[0] ?? '';
    // The notice is sent when a try fails: the first one after its hour.
    const notice = row.warnAt === null ? null : Math.max(row.warnAt, row.nextAt ?? 0);
    if (notice !== null && notice >= now && apart(marks, 'notice', notice, now)) {
      marks.push({
        kind: 'notice',
        at: notice,
        when: whenOf(notice, now),
        words: `${sender} is told ${notice === row.nextAt ? 'if that fails' : 'soon after'}`,
      });
    }
    if (row.giveUpAt >= now && apart(marks, 'end', row.giveUpAt, now)) {
      marks.push({
        kind: 'end',
        at: row.giveUpAt,
        when: sameDay(row.giveUpAt, now) ? whenOf(row.giveUpAt, now) : dayOf(row.giveUpAt),
        words: `${teller} gives up`,
      });
    }
  }
  return marks.sort((a, b) => a.at - b.at);
}

function apart(marks: FutureMark[], kind: FutureMark['kind'], at: number, now: number): boolean {
  return marks.every((mark) => mark.kind !== kind || Math.abs(mark.at - at) > APART * (at - now));
}
