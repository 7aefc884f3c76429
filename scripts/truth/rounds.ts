/**
 * Reads a mail log round by round, for many messages of one kind: which of them a queue manager takes up first is a matter of their places in a
 * directory, how many of them it tries, suspends and gives up in a round is not.
 */
import { NOT_COMPARED, type Line } from './logs.ts';
import { plain, type Item } from './words.ts';

/** A line with its instant, ms; of a log only differences count. */
export type TimedLine = Line & { at: number };

/** So long nothing is written between two rounds, ms. */
const PAUSE_MS = 5_000;

/** `Nov 28 06:32:49 c postfix/qmgr[18972]: text` */
export function readTimedLog(text: string): TimedLine[] {
  return text.split('\n').flatMap((line) => {
    const found = /^\w{3} +(\d+) (\d\d):(\d\d):(\d\d) \S+ [\w-]+\/(\w+)\[([^\]]*)\]: (.*)$/.exec(line);
    if (found === null) return [];
    const [day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 5).map(Number);
    return [
      {
        at: (((day * 24 + hour) * 60 + minute) * 60 + second) * 1_000,
        program: found[5]!,
        id: found[6]!,
        text: found[7]!,
        about: null,
      },
    ];
  });
}

/** `round 2: error status=deferred ...` and how often, in order of the rounds. How the mail came in is left out. */
export function roundItems(lines: readonly TimedLine[], left: Set<string>): Item[] {
  const counts = new Map<string, number>();
  let [round, last] = [0, -Infinity];
  for (const line of lines) {
    const reason = NOT_COMPARED.find(([test]) => test(line))?.[1];
    if (reason !== undefined) left.add(reason);
    if (reason !== undefined || line.program === 'smtpd' || /: client=/.test(line.text)) continue;
    if (line.at - last >= PAUSE_MS) round += 1;
    last = line.at;
    const key = `round ${round}: ${line.program} ${same(line.text)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([key, count]) => ({ key, value: String(count) })).sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Equal for two messages that differ in ids, numbers of recipients and times only. */
function same(text: string): string {
  return plain(
    text
      .replace(/^[0-9A-F]{10,12}: /, '')
      .replace(/<u\d+@/, '<uN@')
      .replace(/delay=[\d.]+, (?:delays=[\d./]+, )?/, '')
      .replace(/notification: \w+/, 'notification'),
  );
}
