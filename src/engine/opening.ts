/**
 * What lies in a lab's folder when it is opened, and the first events of a lab that is new.
 *
 * A lab needs nothing but its folder: the lab file's text is in the first event, and the messages that it names (`eml`) lie before
 * it. Where the file came from is nowhere in the journal, so the same lab gives the same journal in any place.
 */
import path from 'node:path';
import type { LabEvent, Told } from '../contract/events.ts';
import { CALENDAR_END } from '../contract/instant.ts';
import type { BodyRef, LabState } from '../contract/model.ts';
import {
  apply,
  checkRecords,
  damageAt,
  dropCheckpointsAfter,
  emptyState,
  loadCheckpoint,
  readWhile,
  type JournalDisk,
} from './journal/index.ts';
import { damageWords, type Salvage } from './salvage.ts';
import { emlBeside, errorLine, faultAt, loadScenario, type EmlReader, type Scenario } from './scenario/index.ts';

/** The text of a lab file, and its name. A name with an absolute path says where the messages lie that it names. */
export interface LabText {
  text: string;
  file: string;
}

/** What a lab is made of. */
export interface LabSource extends LabText {
  /** Reads a message that the lab file names. */
  eml: EmlReader;
}

export interface Found {
  state: LabState;
  /** The folder held a lab already. */
  reopened: boolean;
  source: LabSource;
}

/** Fold what lies in the folder; an empty one gets the lab that is given. Throws where a journal is damaged, unless it is to be salvaged. */
export function readBack(
  disk: JournalDisk,
  dir: string,
  { version, given, salvage }: { version: string; given: LabText | null; salvage: Salvage | null },
): Found {
  const wanted = given === null ? null : { ...given, eml: emlBeside(given.file) };
  if (disk.size === 0) return fresh(dir, wanted);
  const { state, end, founded } = foldWhole(disk, dir, version);
  if (state.now >= CALENDAR_END)
    throw new Error(`the lab in ${dir} can't be opened: its clock is past the year 9999, where a lab's calendar ends`);
  const behind = damageAt(disk, end, state.n);
  if (behind !== null && !founded && behind.eventCount === 0)
    throw new Error(`${path.join(dir, 'journal.log')} is not a lab's journal: choose another folder (--dir)`);
  if (behind !== null) {
    const damage = { dir, offset: end, last: state, behind };
    if (!founded)
      throw new Error(
        `${damageWords(damage)}. The damage is in the lab's first events, so nothing can be recovered: start over in another folder (--dir)`,
      );
    if (salvage === null)
      throw new Error(
        `${damageWords(damage)}. Nothing was changed. To continue from what comes before the damage: \`mail-lab serve --dir ${dir} --salvage\`, or run; a copy of everything as it is now is kept`,
      );
    salvage(damage);
  }
  if (!founded) {
    // A lab that was killed while it was founded begins anew.
    const begun = fresh(dir, sourceIn(disk) ?? wanted);
    disk.truncate(0);
    return begun;
  }
  disk.truncate(end);
  dropCheckpointsAfter(dir, state.n);
  return { state, reopened: true, source: sourceIn(disk) as LabSource };
}

/** What all whole records make, up to the first that is not. */
function foldWhole(
  disk: JournalDisk,
  dir: string,
  version: string,
): { state: LabState; end: number; founded: boolean } {
  const saved = loadCheckpoint(dir, version, disk.size);
  // A checkpoint saves the folding; that what lies before it is whole must be looked at all the same.
  const start = saved !== null && checkRecords(disk, saved.offset) === saved.offset ? saved : null;
  const state = start?.state ?? emptyState();
  let founded = start !== null;
  const end = readWhile(disk, start?.offset ?? 0, (event) => {
    if (event.n !== state.n + 1) return false; // a piece is missing before it
    founded ||= isFounded(event);
    apply(state, event);
    return true;
  });
  return { state, end, founded };
}

function fresh(dir: string, source: LabSource | null): Found {
  if (source === null) throw new Error(`there is no lab in ${dir} yet: say which one to run, such as one-mx-waits`);
  return { state: emptyState(), reopened: false, source };
}

/** The lab file as it was when the lab was founded. Its messages are read at once: a torn journal is about to be cut off. */
function sourceIn(disk: JournalDisk): LabSource | null {
  const first = firstEvent(disk);
  if (first?.kind !== 'lab-open') return null;
  const files = new Map(first.files.map(({ name, body }) => [name, disk.read(body.offset, body.size)]));
  return { ...labTextOf(first), eml: (name) => keptEml(files.get(name)) };
}

/** The lab file in a lab's first event. */
export function labTextOf(event: LabEvent<'lab-open'>): LabText {
  return JSON.parse(event.scenario) as LabText;
}

export function keptEml(bytes: Buffer | undefined): ReturnType<EmlReader> {
  return bytes === undefined ? { ok: false, why: 'is not in the journal of this lab' } : { ok: true, bytes };
}

function firstEvent(disk: JournalDisk): LabEvent | null {
  const found: LabEvent[] = [];
  readWhile(disk, 0, (event) => found.push(event) === 0);
  return found[0] ?? null;
}

/** The scenario of a lab file, and the messages that it named. Throws with all that is wrong with it. */
export function understand({ text, file, eml }: LabSource): { scenario: Scenario; files: Map<string, Buffer> } {
  const files = new Map<string, Buffer>();
  const loaded = loadScenario(text, file, (name) => {
    const read = eml(name);
    if (read.ok) files.set(name, read.bytes);
    return read;
  });
  if (!loaded.ok) throw new Error(loaded.errors.map((error) => errorLine(path.basename(file), error)).join('\n'));
  return { scenario: loaded.scenario, files };
}

const POWER_EVENTS = { stopped: 'host-stop', crashed: 'host-crash', off: 'host-off' } as const;

/** The first events of a new lab: the world as its file says. */
export function foundLab(
  { tell, keep }: { tell(event: Told): void; keep(bytes: Buffer): BodyRef },
  {
    scenario,
    files,
    source,
    ...facts
  }: {
    scenario: Scenario;
    files: Map<string, Buffer>;
    source: LabText;
    seed: number;
    version: string;
    scripted: boolean;
  },
): void {
  const { title, startAt, networks, internetLatencyMs, hosts, powers, zones, faults, firewall } = scenario;
  const kept = [...files].map(([name, bytes]) => ({ name, body: keep(bytes) }));
  const text = JSON.stringify({ text: source.text, file: path.basename(source.file) } satisfies LabText);
  tell({ kind: 'lab-open', title, startAt, ...facts, scenario: text, files: kept, networks, internetLatencyMs });
  for (const [host, settings] of Object.entries(hosts)) tell({ kind: 'host-add', host, settings });
  for (const zone of zones) tell({ kind: 'zone-set', zone });
  for (const fault of faults) tell({ kind: 'fault-set', fault: faultAt(fault, startAt) });
  for (const [host, power] of Object.entries(powers)) if (power !== 'up') tell({ kind: POWER_EVENTS[power], host });
  tell({ kind: LAST_OF_FOUNDING, rules: firewall.rules, fallback: firewall.fallback });
}

/** A journal without this event was torn while its lab was founded. */
const LAST_OF_FOUNDING = 'firewall-set';

/** A lab is whole from this event on, if it was not before. */
export const isFounded = (event: LabEvent): boolean => event.kind === LAST_OF_FOUNDING;
