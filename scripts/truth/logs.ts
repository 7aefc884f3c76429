/**
 * Reads a mail log into threads: the lines of one message, and those of one visit to the server, each in order. Between threads the
 * order is a matter of how a machine schedules its processes, and says nothing.
 */
import { plain, type Item } from './words.ts';

export interface Line {
  program: string;
  /** The process, or the session. */
  id: string;
  text: string;
  /** The message that a line without its id belongs to; null: to be found by its process. */
  about: string | null;
}

export interface Thread {
  /** `message 1`, `visit 2 of b.theorganisation.test[192.0.2.2]` */
  name: string;
  items: Item[];
}

export interface Threads {
  threads: Thread[];
  /** What was not compared, and why; each reason once. */
  left: Set<string>;
}

const QUEUE_ID = /^([0-9A-F]{10,12}): /;

/** `Nov 24 01:15:31 a postfix/smtpd[14288]: text` */
export function readLog(text: string): Line[] {
  return text.split('\n').flatMap((line) => {
    const found = /^\w{3} +\d+ [\d:]{8} \S+ [\w-]+\/(\w+)\[([^\]]*)\]: (.*)$/.exec(line);
    return found === null ? [] : [{ program: found[1]!, id: found[2]!, text: found[3]!, about: null }];
  });
}

export const NOT_COMPARED: [test: (line: Line) => boolean, reason: string][] = [
  [
    ({ program }) => program === 'pickup',
    'how the mail came to C: by the sendmail command there, over SMTP in the lab',
  ],
  [({ program }) => program === 'anvil', 'anvil statistics'],
  [
    ({ program, text }) => program === 'postsuper' && text.startsWith('Deleted'),
    'postsuper, from clearing up before the recording',
  ],
  [({ text }) => text.startsWith('warning:'), "Postfix's warnings to its administrator"],
];
const POSTMASTER =
  'notify_classes: Postfix tells its postmaster of refusals by mail of its own; a convenience of that host, no part of what hosts say to each other';

/** `delays`: seconds are comparable. `submitter`: visits of this client are how mail came in. */
export function threadsOf(
  lines: Line[],
  options: { delays: boolean; submitter: string | null; alias?: [from: string, to: string] },
): Threads {
  const left = new Set<string>();
  const own = new Set(
    lines.filter(({ text }) => text.includes('from=<double-bounce@')).map(({ text }) => QUEUE_ID.exec(text)?.[1]),
  );
  const messages = new Map<string, Item[][]>();
  const visits = new Map<string, { client: string; items: Item[] }[]>();
  const unnamed = new Map<string, Item[][]>();
  const alias = (text: string): string => (options.alias === undefined ? text : text.replaceAll(...options.alias));
  for (const line of lines) {
    const text = alias(line.text);
    const reason = NOT_COMPARED.find(([test]) => test(line))?.[1];
    if (reason !== undefined) left.add(reason);
    if (reason !== undefined || line.program === 'master') continue;
    const queueId = QUEUE_ID.exec(text)?.[1];
    if (queueId !== undefined && own.has(queueId)) {
      left.add(POSTMASTER);
      continue;
    }
    const said = text.replace(QUEUE_ID, '');
    if (queueId !== undefined) {
      if (options.submitter !== null && said === `client=${options.submitter}`) continue;
      const items = messages.get(queueId) ?? [];
      messages.set(queueId, [...items, ...(unnamed.get(line.id) ?? []), itemsOf(line.program, said, options.delays)]);
      if (said.startsWith('to=<')) unnamed.delete(line.id);
    } else if (line.program === 'smtpd') visit(visits, line.id, text, options.submitter);
    else if (line.about !== null)
      messages.set(line.about, [...(messages.get(line.about) ?? []), itemsOf(line.program, said, false)]);
    else unnamed.set(line.id, [...(unnamed.get(line.id) ?? []), itemsOf(line.program, said, false)]);
  }
  const counts = new Map<string, number>();
  const called = [...visits.values()].flat().map(({ client, items }) => {
    const count = (counts.get(client) ?? 0) + 1;
    counts.set(client, count);
    return { name: `visit ${count} of ${client}`, items };
  });
  return {
    threads: [
      ...[...messages.values()].map((own, index) => ({ name: `message ${index + 1}`, items: settled(own).flat() })),
      ...called,
    ],
    left,
  };
}

/** What became of several recipients at one time, and which calls failed before, in one order: that of processes says nothing. */
function settled(lines: Item[][]): Item[][] {
  const isCall = ([first]: Item[]): boolean => first?.key.endsWith('connect to') === true;
  const isOutcome = ([first]: Item[]): boolean => first?.key.endsWith(' to=') === true;
  const order = (line: Item[]): string => `${isCall(line) ? 0 : 1} ${line[0]!.value}`;
  const found: Item[][] = [];
  const run: Item[][] = [];
  const close = (): void =>
    void found.push(...run.splice(0).sort((a, b) => (order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0)));
  for (const line of lines) {
    if (isCall(line) || isOutcome(line)) run.push(line);
    else {
      close();
      found.push(line);
    }
  }
  close();
  return found;
}

/** A visit lasts from `connect from` to `disconnect from` of one process or session. */
function visit(
  visits: Map<string, { client: string; items: Item[] }[]>,
  id: string,
  text: string,
  submitter: string | null,
): void {
  const started = /^connect from (.*)$/.exec(text);
  if (started !== null) {
    if (started[1] === submitter) return;
    visits.set(id, [...(visits.get(id) ?? []), { client: started[1]!, items: [{ key: 'connect', value: text }] }]);
    return;
  }
  const current = visits.get(id)?.at(-1);
  if (current !== undefined)
    current.items.push({ key: /^(?:NOQUEUE: )?\w+/.exec(text)?.[0] ?? text, value: plain(text) });
}

/** One item for a line, but one for each field of the line that says what became of a recipient. */
function itemsOf(program: string, text: string, delays: boolean): Item[] {
  const outcome =
    /^to=<([^>]*)>, (?:orig_to=<[^>]*>, )?relay=([^,]+), delay=([\d.]+), (?:delays=[^,]+, )?dsn=([\d.]+), status=(\w+) \((.*)\)$/.exec(
      text,
    );
  if (outcome === null) {
    const key = /^connect to /.test(text)
      ? 'connect to'
      : (/^([\w-]+=)/.exec(text)?.[1] ?? text.split(' ').slice(0, 3).join(' ').replace(/:.*/, ''));
    return [{ key: `${program} ${key.replace(/ [a-z]+\..*$/, '')}`, value: plain(text) }];
  }
  const [, to, relay, delay, dsn, status, reason] = outcome as unknown as string[];
  const fields = {
    to: `<${to}>`,
    relay,
    ...(delays ? { delay: `${Math.round(Number(delay))} s` } : {}),
    dsn,
    status,
    reason: `(${reason})`,
  };
  return Object.entries(fields).map(([key, value]) => ({ key: `${program} ${key}=`, value: plain(value as string) }));
}
