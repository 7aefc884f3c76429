/**
 * A lab that runs in another thread, as this process sees it: what it tells is folded into a state here, so that the story
 * is told by the same words as that of a lab next door.
 */
import type { LabEvent } from '../contract/events.ts';
import type { LabApi } from '../contract/lab-api.ts';
import type { LabState } from '../contract/model.ts';
import { apply, withTables } from '../engine/journal/index.ts';
import { keptEml, labTextOf, understand } from '../engine/opening.ts';
import type { Scenario } from '../engine/scenario/index.ts';

/** What of a lab is needed to tell its story; a `Lab` has all of it. */
export interface Seen {
  readonly dir: string;
  readonly scenario: Scenario;
  readonly state: LabState;
  readonly reopened: boolean;
  /** Every event that had happened when it was looked at. */
  events(): LabEvent[];
  /** Hear every event from then on, after it was folded in. Returns what ends it. */
  listen(heard: (event: LabEvent) => void): () => void;
}

/** All of a long journal would be too much for one answer. */
const EVENTS_AT_ONCE = 10_000;

/** `hear` is called once, at once, with what takes events; they may come before the lab is looked at, or twice. */
export function createSight(hear: (take: (batch: LabEvent[]) => void) => void) {
  const early: LabEvent[][] = [];
  const listeners = new Set<(event: LabEvent) => void>();
  let state: LabState | null = null;
  const take = (batch: LabEvent[]): void => {
    if (state === null) return void early.push(batch);
    for (const event of batch) {
      if (event.n !== state.n + 1) continue;
      apply(state, event);
      for (const heard of listeners) heard(event);
    }
  };
  hear(take);

  return {
    /** Look at the lab as it was when it was opened: whoever listens hears all that happened since. */
    async look(api: LabApi, { dir, reopened }: { dir: string; reopened: boolean }): Promise<Seen> {
      const { n: last } = await api.bench(null);
      const all: LabEvent[] = [];
      for (let from = 1; from <= last; from += EVENTS_AT_ONCE)
        for (const event of await api.events(from, Math.min(last, from + EVENTS_AT_ONCE - 1))) all.push(event);
      const opened = reopened
        ? all.findLast(({ kind }) => kind === 'lab-reopen')
        : all.find(({ kind }) => kind === 'firewall-set');
      const n = opened?.n ?? all.length;
      const then = withTables(await api.state(n));
      const past = all.slice(0, n);
      early.unshift(all.slice(n));
      return {
        dir,
        reopened,
        scenario: await scenarioOf(past, api),
        state: then,
        events: () => past,
        listen(heard) {
          listeners.add(heard);
          if (state === null) {
            state = then;
            for (const batch of early.splice(0)) take(batch);
          }
          return () => listeners.delete(heard);
        },
      };
    },
  };
}

/** The lab file is in the first event, the messages that it names lie beside it. */
async function scenarioOf([first]: LabEvent[], api: LabApi): Promise<Scenario> {
  if (first?.kind !== 'lab-open') throw new Error('a lab begins with its file');
  const files = new Map<string, Buffer>();
  for (const { name, body } of first.files) files.set(name, Buffer.from(await api.message(body), 'latin1'));
  return understand({ ...labTextOf(first), eml: (name) => keptEml(files.get(name)) }).scenario;
}
