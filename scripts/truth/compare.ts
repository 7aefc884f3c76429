/** Holds one played case against its recordings, file by file and field by field. */
import fs from 'node:fs';
import path from 'node:path';
import type { HostKey } from '../../src/contract/model.ts';
import type { LogLine } from '../../src/engine/journal/maillog.ts';
import type { Case } from './cases.ts';
import { connectionItems, labConnections, readConnections } from './connections.ts';
import { dialogueItems, labDialogue, readDialogue } from './dialogues.ts';
import { explain } from './explanations.ts';
import { readLog, threadsOf, type Line } from './logs.ts';
import { mailItems, readHeader } from './mails.ts';
import { jsonItems, mailqItems } from './listings.ts';
import { readTimedLog, roundItems } from './rounds.ts';
import { CLIENT_ADDRESS, type Shot, type Stage } from './stage.ts';
import { aligned, type Item, type Pair } from './words.ts';

export interface Result extends Pair {
  file: string;
  verdict: 'same' | 'different' | 'explained';
  why: string | null;
}

export interface Report {
  results: Result[];
  /** What is no part of the lab, and why. */
  left: Set<string>;
  /** Files that were read. */
  files: Set<string>;
}

const CLIENT = `unknown[${CLIENT_ADDRESS}]`;
/** Who speaks by hand stood at C; in the lab, beside it. */
const BY_HAND: [string, string] = [CLIENT, 'c.outside.test[192.0.2.3]'];

export function compareCase(one: Case, stage: Stage, folder: string): Report {
  const report: Report = { results: [], left: new Set(), files: new Set() };
  const files = fs
    .readdirSync(folder)
    .filter((file) => file !== 'README')
    .sort();
  const told = new Set<string>();
  for (const [name, shot] of stage.shots) {
    const prefix = name === '' ? '' : `${name}-`;
    const own = files.filter(
      (file) =>
        file.startsWith(prefix) && /^(?:[a-c]\.log|[a-c]-.*\.(?:eml|txt|json))$/.test(file.slice(prefix.length)),
    );
    const put = (file: string, pairs: Pair[]): void =>
      void report.results.push(...pairs.map((pair) => judged(one, file, pair)));
    for (const file of own) {
      report.files.add(file);
      const host = file.slice(prefix.length)[0] as HostKey;
      const recorded = fs.readFileSync(path.join(folder, file), 'utf8');
      if (file.endsWith('.log') && one.inRounds)
        put(
          file,
          aligned(
            roundItems(readTimedLog(recorded), report.left),
            roundItems(
              shot.log(host).map((line) => ({ ...asLine(line), at: line.at })),
              report.left,
            ),
          ),
        );
      else if (file.endsWith('.log')) compareLogs(one, host, shot, recorded, report.left, (pairs) => put(file, pairs));
      else if (file.endsWith('-mailq.txt')) put(file, aligned(mailqItems(recorded), mailqItems(shot.mailq(host))));
      else if (file.endsWith('-postqueue.json')) put(file, aligned(jsonItems(recorded), jsonItems(shot.json(host))));
      else if (file.includes('-postmaster-')) put(file, transcriptPairs(recorded, host, shot, stage, told));
      else put(file, mailPairs(file, recorded, host, shot));
    }
    if (own.length > 0 && one.reports === undefined && one.connections === undefined && one.props.world === undefined)
      put(`${prefix}mailboxes`, mailboxPairs(own, prefix, shot));
    if (one.reports !== undefined) {
      const recorded = files.filter((file) => file.startsWith(`${one.reports}-report-`));
      for (const file of recorded) report.files.add(file);
      for (const { file, pairs } of reportPairs(
        recorded.map((file) => ({ file, text: fs.readFileSync(path.join(folder, file), 'utf8') })),
        shot,
      ))
        put(file, pairs);
    }
    if (own.some((file) => file.includes('-postmaster-')))
      report.left.add(
        'mail to postmaster about refusals (notify_classes): not made by the lab; the dialogue that it tells of is compared',
      );
  }
  for (const [file, [from, to]] of Object.entries(one.connections ?? {})) {
    report.files.add(file);
    const recorded = connectionItems(readConnections(fs.readFileSync(path.join(folder, file), 'utf8')));
    const events = [...stage.shots.values()].at(-1)!.events;
    report.results.push(
      ...aligned(recorded, connectionItems(labConnections(events, from, to))).map((pair) => judged(one, file, pair)),
    );
  }
  for (const [file, session] of stage.talks) {
    report.files.add(file);
    const recorded = dialogueItems(readDialogue(fs.readFileSync(path.join(folder, file), 'utf8')));
    const events = [...stage.shots.values()].at(-1)!.events;
    report.results.push(
      ...aligned(recorded, dialogueItems(labDialogue(events, session))).map((pair) => judged(one, file, pair)),
    );
  }
  return report;
}

function judged(one: Case, file: string, pair: Pair): Result {
  if (pair.recorded !== null && pair.lab !== null && (pair.recorded === pair.lab || nearly(pair)))
    return { ...pair, file, verdict: 'same', why: null };
  const why = explain(pair, one.id);
  return { ...pair, file, verdict: why === null ? 'different' : 'explained', why };
}

/** A second more or less is how long a machine took. */
function nearly({ key, recorded, lab }: Pair): boolean {
  return key.endsWith('delay=') && Math.abs(Number.parseInt(recorded as string) - Number.parseInt(lab as string)) <= 1;
}

function compareLogs(
  one: Case,
  host: HostKey,
  shot: Shot,
  text: string,
  left: Set<string>,
  put: (pairs: Pair[]) => void,
): void {
  const delays = one.delays === true;
  const recorded = threadsOf(readLog(text), { delays, submitter: null });
  const lab = threadsOf(
    shot.log(host).map(asLine),
    host === 'c' ? { delays, submitter: CLIENT } : { delays, submitter: null, alias: BY_HAND },
  );
  for (const reason of recorded.left) left.add(reason);
  put([{ key: 'messages and visits', recorded: names(recorded.threads), lab: names(lab.threads) }]);
  for (const [thread, other] of partners(recorded.threads, lab.threads)) {
    put(aligned(thread.items, other?.items ?? []).map((pair) => ({ ...pair, key: `${thread.name}: ${pair.key}` })));
  }
}

type Named = { name: string; items: Item[] };
const names = (threads: Named[]): string =>
  threads
    .map(({ name }) => name)
    .sort()
    .join(', ');

/** Visits by their names; messages by what they have in common: which of several came first is a matter of their places in a directory. */
function partners(recorded: Named[], lab: Named[]): [Named, Named | undefined][] {
  const isMessage = ({ name }: Named): boolean => name.startsWith('message ');
  const left = lab.filter(isMessage);
  const likeness = (one: Named, other: Named): number =>
    aligned(one.items, other.items).filter((pair) => pair.recorded === pair.lab).length * 1_000 -
    Math.abs(one.items.length - other.items.length);
  const scores = recorded
    .filter(isMessage)
    .flatMap((one, place) =>
      left.map((other, index) => ({ one, other, score: likeness(one, other), order: place * left.length + index })),
    );
  const found = new Map<Named, Named>();
  const taken = new Set<Named>();
  for (const { one, other } of scores.sort((a, b) => b.score - a.score || a.order - b.order)) {
    if (found.has(one) || taken.has(other)) continue;
    found.set(one, other);
    taken.add(other);
  }
  return recorded.map((thread) => [
    thread,
    isMessage(thread) ? found.get(thread) : lab.find(({ name }) => name === thread.name),
  ]);
}

/** As the text says it; the messages of unnamed lines are known. */
function asLine(line: LogLine): Line {
  return { program: line.program, id: line.id, text: line.text, about: line.queueId };
}

function mailPairs(file: string, recorded: string, host: HostKey, shot: Shot): Pair[] {
  const [, user = '', number = ''] = /([^-]+)-(\d+)\.eml$/.exec(file) ?? [];
  const found = shot.mailbox(host, user)[Number(number) - 1];
  return aligned(mailItems(recorded), found === undefined ? [] : mailItems(found));
}

/** All of carol's mails. Which of several that came at one time came first says nothing: each is held against that of the same message and action. */
function reportPairs(recorded: { file: string; text: string }[], shot: Shot): { file: string; pairs: Pair[] }[] {
  const left = shot.mailbox('c', 'carol').map((text) => ({ about: aboutOf(text), text }));
  const found = recorded.map(({ file, text }) => {
    const index = left.findIndex(({ about }) => about === aboutOf(text));
    const [other] = index < 0 ? [] : left.splice(index, 1);
    return { file, pairs: aligned(mailItems(text), other === undefined ? [] : mailItems(other.text)) };
  });
  const more = left.map(({ about }) => ({
    file: 'mailbox of carol',
    pairs: [{ key: 'a mail more', recorded: null, lab: about }],
  }));
  return [...found, ...more];
}

/** `failed of c3`: the actions in a report, and the subject of the message that it is about. */
function aboutOf(text: string): string {
  const actions = [...new Set([...text.matchAll(/^Action: (\w+)/gm)].map(([, action]) => action!))].sort();
  return `${actions.join(' and ') || 'mail'} of ${[...text.matchAll(/^Subject: (.*)$/gm)].at(-1)?.[1]}`;
}

/** How many messages each person has; nobody's recordings mean none. */
function mailboxPairs(files: string[], prefix: string, shot: Shot): Pair[] {
  return (
    [
      ['a', 'alice'],
      ['c', 'carol'],
    ] as const
  ).map(([host, user]) => ({
    key: `messages of ${user} at ${host}`,
    recorded: String(files.filter((file) => file.startsWith(`${prefix}${host}-${user}-`)).length),
    lab: String(shot.mailbox(host, user).length),
  }));
}

/** The dialogue in a mail to postmaster, beside the same refused visit in the lab. A mail that was compared before is passed over. */
function transcriptPairs(recorded: string, host: HostKey, shot: Shot, stage: Stage, told: Set<string>): Pair[] {
  const { fields } = readHeader(recorded);
  const id = fields.find(([name]) => name === 'Message-Id')?.[1] ?? '';
  if (told.has(id)) return [];
  told.add(id);
  const client = /errors from (\S+)\[/.exec(fields.find(([name]) => name === 'Subject')?.[1] ?? '')?.[1];
  const source = Object.values(stage.state.hosts).find(({ settings }) => settings.name === client)?.key;
  const visits = shot.events.flatMap((event) =>
    event.kind === 'link-connect' && event.host === host && [source, null].includes(event.source)
      ? [event.session]
      : [],
  );
  const refused = visits.filter((session) =>
    shot.events.some((event) => event.kind === 'message-refuse' && event.session === session),
  );
  const items = dialogueItems(readDialogue(recorded));
  const before = [...told].filter((one) => one.startsWith(`${client} `)).length;
  told.add(`${client} ${id}`);
  return aligned(items, dialogueItems(labDialogue(shot.events, refused[before] ?? '')));
}
