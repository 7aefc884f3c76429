/** Lines of a mail log for the screen: cut at a moment, filtered, and with their outcome in colour. Pure. */
import type { Instant } from '../../../contract/model.ts';
import type { Meaning } from '../../lab/rows.ts';
import { table } from '../../../contract/table.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export interface LogPart {
  text: string;
  meaning: Meaning | null;
}

export interface LogRow {
  /** `Mar  3 14:03:30` */
  time: string;
  /** `smtp[17]:` */
  program: string;
  parts: LogPart[];
}

/** Month, day and time as one number that grows within a year, as syslog names none. */
function sortKey(month: number, day: number, time: string): number {
  return (month * 100 + day) * 1_000_000 + Number(time.replaceAll(':', ''));
}

function keyOf(line: string): number {
  return sortKey(MONTHS.indexOf(line.slice(0, 3)), Number(line.slice(4, 6)), line.slice(7, 15));
}

/** The lines up to an instant, in whole seconds as a log has them. */
export function until(lines: string[], at: Instant): string[] {
  const date = new Date(at);
  const last = sortKey(date.getUTCMonth(), date.getUTCDate(), date.toISOString().slice(11, 19));
  const first = lines[0];
  // A run over New Year: what stands before it in the year comes after it in time.
  const turns = (key: number): number => (first !== undefined && key < keyOf(first) ? key + 13e8 : key);
  return lines.filter((line) => turns(keyOf(line)) <= turns(last));
}

/** Every word is in the line, whatever the case. */
export function matches(line: string, filter: string): boolean {
  const said = line.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}

const MEANINGS = table<Meaning>({
  sent: 'arrived',
  deferred: 'waiting',
  bounced: 'failed',
  expired: 'failed',
  reject: 'failed',
  'milter-reject': 'failed',
});

export function splitLine(line: string): LogRow {
  const [, time = '', program = '', text = line] =
    /^(\w{3} [ \d]\d \d\d:\d\d:\d\d) \S+ postfix\/(\S+:) ([^]*)$/.exec(line) ?? [];
  const parts: LogPart[] = [];
  let from = 0;
  for (const match of text.matchAll(
    /status=(sent|deferred|bounced|expired)|NOQUEUE: (reject)|(?<=: )(milter-reject|reject)(?=:)/g,
  )) {
    const word = match[1] ?? match[2] ?? match[3] ?? '';
    parts.push(
      { text: text.slice(from, match.index), meaning: null },
      { text: match[0], meaning: MEANINGS[word] ?? null },
    );
    from = match.index + match[0].length;
  }
  parts.push({ text: text.slice(from), meaning: null });
  return { time, program, parts: parts.filter((part) => part.text !== '') };
}
