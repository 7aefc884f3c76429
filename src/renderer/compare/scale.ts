/**
 * Where an instant stands on the lanes: half by time, half by what happened, so that the first minute of a story of two
 * days can still be read. Marks that follow each other with one label, about messages that are alike, become one run. Pure.
 */
import type { Instant } from '../../contract/model.ts';
import { minuteOf, sameDay, timeOf, weekdayOf } from '../lab/words.ts';
import type { Lane, Mark } from './lane-draft.ts';

/** Marks of one lane and one label about messages that are alike, one after the other: told once, with their number. */
export interface Run {
  lane: Lane;
  first: Mark;
  last: Mark;
  count: number;
}

export const runKey = (run: Run): string => `${run.lane.id} ${run.first.n}`;

export function runsOf(lanes: readonly Lane[]): Run[] {
  const runs: Run[] = [];
  for (const lane of lanes) {
    let run: Run | null = null;
    for (const mark of lane.marks) {
      if (
        run !== null &&
        run.last.label === mark.label &&
        run.last.meaning === mark.meaning &&
        run.last.group === mark.group
      ) {
        run.last = mark;
        run.count += 1;
      } else runs.push((run = { lane, first: mark, last: mark, count: 1 }));
    }
  }
  return runs.sort((a, b) => a.first.n - b.first.n);
}

export interface Scale {
  /** 0 to 1. */
  place(at: Instant): number;
  stops: Instant[];
}

/** Instants nearer than this stand at one stop. */
const ONE_STOP_MS = 1_000;

export function scaleOf(instants: readonly Instant[], from: Instant, to: Instant): Scale {
  const stops: Instant[] = [from];
  for (const at of [...instants].sort((a, b) => a - b))
    if (at > from && at - stops.at(-1)! >= ONE_STOP_MS) stops.push(at);
  if (to > stops.at(-1)!) stops.push(to);
  const length = Math.max(1, to - from);
  const rank = (at: Instant): number => {
    if (stops.length < 2) return 0;
    const after = stops.findIndex((stop) => stop > at);
    if (after === -1) return 1;
    if (after === 0) return 0;
    const before = stops[after - 1]!;
    return (after - 1 + (at - before) / (stops[after]! - before)) / (stops.length - 1);
  };
  return { stops, place: (at) => Math.min(1, Math.max(0, ((at - from) / length + rank(at)) / 2)) };
}

export interface Tick {
  at: Instant;
  place: number;
  label: string;
}

/** A label that stands farther right than this ends at its place, where others begin. */
export const LAST_PLACE = 0.94;

/** Labels at stops, as many as find room: `apart` is their least distance, 0 to 1. */
export function ticksOf(scale: Scale, apart: number): Tick[] {
  const ticks: Tick[] = [];
  for (const at of scale.stops) {
    const place = scale.place(at);
    const last = ticks.at(-1);
    if (last !== undefined && place - last.place < (place > LAST_PLACE ? 2 * apart : apart)) continue;
    ticks.push({ at, place, label: labelOf(at, last?.at ?? null) });
  }
  return ticks;
}

/** `Mon 09:00`, then what changes: `09:00:30`, `13:04`, `Wed 09:04`. */
function labelOf(at: Instant, before: Instant | null): string {
  if (before === null || !sameDay(at, before)) return `${weekdayOf(at).slice(0, 3)} ${minuteOf(at)}`;
  return minuteOf(at) === minuteOf(before) ? timeOf(at) : minuteOf(at);
}

export interface Cluster {
  place: number;
  runs: Run[];
}

/** Runs of one lane that would stand on each other. */
export function clustersOf(runs: readonly Run[], scale: Scale, apart: number): Cluster[] {
  const clusters: Cluster[] = [];
  for (const run of runs) {
    const place = scale.place(run.first.at);
    const last = clusters.at(-1);
    if (last !== undefined && place - last.place < apart) last.runs.push(run);
    else clusters.push({ place, runs: [run] });
  }
  return clusters;
}
