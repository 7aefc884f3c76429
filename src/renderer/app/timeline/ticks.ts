/** The run as ticks: events share a bin of some pixels, and each bin shows what its events mean, the gravest in full. Pure. */
import type { Meaning } from '../../lab/rows.ts';
import { MEANINGS, type RowCache } from '../row-cache.ts';
import { LEFT, xOfEvent, type Scale } from './scale.ts';

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

/** A hundred thousand events cost one pass; what is drawn is never more than some hundred bars in a few paths. */
export function tickPaths(cache: RowCache, scale: Scale, moment: number | null): TickPath[] {
  const binCount = Math.ceil((scale.nowX - LEFT) / BIN_PX) + 1;
  const soFar = new Uint16Array(binCount);
  const later = new Uint16Array(binCount);
  const last = moment ?? cache.size;
  for (let n = 1; n <= cache.size; n += 1) {
    const code = cache.codes[n - 1] ?? 0;
    if (code === 0) continue;
    const x = xOfEvent(n, scale, cache);
    const bins = n <= last ? soFar : later;
    const bin = Math.min(binCount - 1, Math.max(0, Math.floor((x - LEFT) / BIN_PX)));
    bins[bin] = (bins[bin] ?? 0) | (1 << code);
  }
  return [...pathsOf(soFar, false), ...pathsOf(later, true)];
}

function pathsOf(bins: Uint16Array, later: boolean): TickPath[] {
  const paths = MEANINGS.map(() => '');
  bins.forEach((mask, index) => {
    if (mask === 0) return;
    const x = LEFT - 1 + index * BIN_PX;
    const grave = MEANINGS.flatMap((meaning, code) => (code > 2 && meaning !== null && (mask & (1 << code)) !== 0 ? [code] : []));
    if (grave.length === 0) {
      paths[1] += `M${x} ${SMALL_TOP}h2v${SMALL_HEIGHT}h-2z`;
      return;
    }
    const share = HEIGHT / grave.length;
    grave.forEach((code, place) => (paths[code] += `M${x} ${TOP + place * share}h2v${share}h-2z`));
  });
  return paths.flatMap((d, code) => (d === '' ? [] : [{ meaning: MEANINGS[code] ?? 'neutral', later, d }]));
}
