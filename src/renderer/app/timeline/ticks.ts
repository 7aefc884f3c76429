/** The run as ticks: events share a bin of some pixels, and each bin shows what its events mean, the gravest in full. Pure. */
import type { Meaning } from '../../lab/rows.ts';
import { MEANINGS, type RowCache } from '../row-cache.ts';
import { eventAtX, LEFT, xOfEvent, type Scale } from './scale.ts';

const BIN_PX = 3;
const TOP = 22;
const HEIGHT = 16;
const SMALL_TOP = 26;
const SMALL_HEIGHT = 8;

export interface TickPath {
  meaning: Meaning;
  /** After the moment looked at. */
  later: boolean;
  d: string;
}

/** Events stand in their order, so a bin is a stretch of them: what they mean is counted, and a hundred thousand cost no more than a few. */
export function tickPaths(cache: RowCache, scale: Scale, moment: number | null): TickPath[] {
  const binCount = Math.ceil((scale.nowX - LEFT) / BIN_PX) + 1;
  const soFar = new Uint16Array(binCount);
  const later = new Uint16Array(binCount);
  const last = moment ?? cache.size;
  let done = 0;
  for (let bin = 0; bin < binCount && done < cache.size; bin += 1) {
    const endX = bin === binCount - 1 ? Infinity : LEFT + (bin + 1) * BIN_PX;
    // Event 1 is what eventAtX finds also where none stands.
    const end = xOfEvent(done + 1, scale, cache) >= endX ? done : eventBeforeX(endX, scale, cache);
    soFar[bin] = meaningsOf(cache, Math.min(done, last), Math.min(end, last));
    later[bin] = meaningsOf(cache, Math.max(done, last), Math.max(end, last));
    done = end;
  }
  return [...pathsOf(soFar, false), ...pathsOf(later, true)];
}

/** Number of the last event that stands left of x. */
function eventBeforeX(x: number, scale: Scale, cache: RowCache): number {
  let n = eventAtX(x, scale, cache);
  while (n > 0 && xOfEvent(n, scale, cache) >= x) n -= 1;
  return n;
}

/** A bit for each code among the events after number `from`, up to number `to`. */
function meaningsOf({ counts }: RowCache, from: number, to: number): number {
  let mask = 0;
  for (let code = 1; code < counts.length; code += 1)
    if (counts[code]?.[to] !== counts[code]?.[from]) mask |= 1 << code;
  return mask;
}

function pathsOf(bins: Uint16Array, later: boolean): TickPath[] {
  const paths = MEANINGS.map(() => '');
  bins.forEach((mask, index) => {
    if (mask === 0) return;
    const x = LEFT - 1 + index * BIN_PX;
    const grave = MEANINGS.flatMap((meaning, code) =>
      code > 2 && meaning !== null && (mask & (1 << code)) !== 0 ? [code] : [],
    );
    if (grave.length === 0) {
      paths[1] += `M${x} ${SMALL_TOP}h2v${SMALL_HEIGHT}h-2z`;
      return;
    }
    const share = HEIGHT / grave.length;
    grave.forEach((code, place) => (paths[code] += `M${x} ${TOP + place * share}h2v${share}h-2z`));
  });
  return paths.flatMap((d, code) => (d === '' ? [] : [{ meaning: MEANINGS[code] ?? 'neutral', later, d }]));
}
