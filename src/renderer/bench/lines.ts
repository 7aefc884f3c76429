/** The map's lines as they are drawn: the way, what was on it last, and the words beside it. Pure. */
import type { HostKey, Instant } from '../../contract/model.ts';
import type { BenchView } from '../../contract/views.ts';
import type { Envelope } from './envelopes.ts';
import type { MapLayout, WayOnMap } from './layout.ts';
import { wireKey, type Motion, type WireNews, type WireState } from './motion.ts';
import { distanceAt, pathOf, type Point, type Route, type Slot } from './routes.ts';
import { waysOfZone, type Way } from './ways.ts';
import { whenOf } from '../lab/words.ts';
import { quoted, waitNote } from './words.ts';

export interface Words {
  text: string;
  slot: Slot;
  /** Colour and shape; `plain` for what is only said. */
  tone: 'plain' | 'arrived' | 'waiting' | 'failed' | 'blocked';
}

export interface MapLine {
  key: string;
  from: HostKey;
  to: HostKey;
  /** In the direction of what was on it last. */
  points: Point[];
  state: WireState | 'never';
  /** The news that it shows: a new one is drawn anew. */
  session: string | null;
  label: { text: string; slot: Slot } | null;
  words: Words[];
  /** Ends at which the host's line is cut. */
  cutAt: Point[];
}

/** Zone ways, and pairs of hosts that talked beside them. */
export function allWays(bench: BenchView, motion: Motion): Way[] {
  const ways = waysOfZone(bench);
  for (const { from, to } of motion.wires) {
    if (
      from === null ||
      from === to ||
      ways.some((way) => (way.from === from && way.to === to) || (way.from === to && way.to === from))
    )
      continue;
    ways.push({ from, to, label: '' });
  }
  return ways;
}

export function linesOf(
  layout: MapLayout,
  bench: BenchView,
  motion: Motion,
  envelopes: readonly Envelope[],
  now: Instant,
): MapLine[] {
  const cut = new Set(bench.hosts.filter(({ line }) => line.cut).map(({ key }) => key));
  return layout.ways.map((way) => {
    const news = newsOn(way, motion);
    const reversed = news !== null && news.from !== way.from;
    const points = reversed ? [...way.route.points].reverse() : way.route.points;
    const seen = envelopes.find(
      ({ flight }) => news !== null && wireKey(flight.from, flight.to) === wireKey(news.from, news.to),
    );
    const state = stateOf(news, seen);
    return {
      key: `${way.from}-${way.to}`,
      from: way.from,
      to: way.to,
      points,
      state,
      session: news?.session ?? null,
      label: way.label === '' ? null : { text: way.label, slot: way.route.label },
      words:
        seen !== undefined && seen.place !== 'in' && seen.place !== 'back'
          ? subjectWords(seen, way.route)
          : newsWords(news, state, way.route, now),
      cutAt: [way.from, way.to].flatMap((key, index) =>
        cut.has(key)
          ? [atDistance(way.route.points, index === 0 ? cutPx(way.route) : way.route.lengthPx - cutPx(way.route))]
          : [],
      ),
    };
  });
}

/** Beyond an envelope that waits before the card. */
const CUT_PX = 54;
const cutPx = ({ lengthPx }: Route): number => Math.min(CUT_PX, lengthPx / 3);

function newsOn(way: WayOnMap, motion: Motion): WireNews | null {
  const both = motion.wires.filter(
    (wire) => (wire.from === way.from && wire.to === way.to) || (wire.from === way.to && wire.to === way.from),
  );
  return both.reduce<WireNews | null>((best, one) => {
    if (best === null) return one;
    if ((one.state === 'idle') !== (best.state === 'idle')) return one.state === 'idle' ? best : one;
    return one.n > best.n ? one : best;
  }, null);
}

/** What an envelope carries is not told before it is there. */
function stateOf(news: WireNews | null, seen: Envelope | undefined): MapLine['state'] {
  if (news === null) return 'never';
  if (seen === undefined || seen.place === 'in' || seen.place === 'back') return news.state;
  return seen.place === 'ready' ? 'idle' : 'live';
}

function subjectWords(seen: Envelope, { note }: Route): Words[] {
  if (seen.place === 'ready') return [];
  return [
    { text: seen.count > 1 ? `${seen.count} messages` : quoted(seen.flight.subject, 24), slot: note, tone: 'plain' },
  ];
}

/** What came of a call longer ago than this is said with its time. */
const OLD_MS = 3_600_000;

function newsWords(news: WireNews | null, state: MapLine['state'], { note, sub }: Route, now: Instant): Words[] {
  if (news === null || state === 'idle' || state === 'live') return [];
  const waited = waitNote(news, now);
  if (news.state === 'stopped')
    return [
      { text: news.note, slot: note, tone: 'blocked' },
      ...(waited === '' || sub === note ? [] : [{ text: waited, slot: sub, tone: 'plain' as const }]),
    ];
  const text = waited === '' ? news.note : news.overAt === null ? `no answer, ${waited}` : waited;
  const overAt = news.overAt ?? now;
  const since = now - overAt > OLD_MS ? `${whenOf(overAt, now)}, ` : '';
  const tone = news.state === 'done' ? 'arrived' : news.state === 'failed' ? 'failed' : 'waiting';
  return text === '' ? [] : [{ text: `${since}${text}`, slot: note, tone }];
}

function atDistance(points: readonly Point[], distance: number): Point {
  let left = distance;
  for (const [index, point] of points.slice(1).entries()) {
    const before = points[index]!;
    const length = Math.abs(point.x - before.x) + Math.abs(point.y - before.y);
    if (left <= length)
      return { x: before.x + Math.sign(point.x - before.x) * left, y: before.y + Math.sign(point.y - before.y) * left };
    left -= length;
  }
  return points.at(-1)!;
}

/** The road of an envelope: a CSS path, and how far along it stands. Null when its line is not drawn. */
export interface Road {
  path: string;
  middlePx: number;
  /** Where it waits: before the card. */
  edgePx: number;
  lengthPx: number;
  small: boolean;
}

const ENVELOPE_HALF_PX = 20;
const SMALL_HALF_PX = 12;

export function roadOf({ flight }: Envelope, layout: MapLayout): Road | null {
  if (flight.from === null) return roadOfPerson(flight.to, layout);
  const way = layout.ways.find(
    ({ from, to }) => (from === flight.from && to === flight.to) || (from === flight.to && to === flight.from),
  );
  if (way === undefined) return null;
  const { points, lengthPx, middlePx } = way.route;
  const reversed = way.from !== flight.from;
  return {
    path: pathOf(reversed ? [...points].reverse() : points),
    middlePx: reversed ? lengthPx - middlePx : middlePx,
    edgePx: Math.max(lengthPx / 2, lengthPx - ENVELOPE_HALF_PX),
    lengthPx,
    small: lengthPx < 3 * ENVELOPE_HALF_PX,
  };
}

function roadOfPerson(key: HostKey, layout: MapLayout): Road | null {
  const card = layout.cards.find((one) => one.key === key);
  if (!card?.person) return null;
  const edge = card.person.side === 'left' ? card.x : card.x + card.width;
  const y = card.person.y - 8;
  const points = [
    { x: card.person.x, y },
    { x: edge, y },
  ];
  const lengthPx = Math.abs(edge - card.person.x);
  return {
    path: pathOf(points),
    middlePx: distanceAt(points, (edge + card.person.x) / 2),
    edgePx: lengthPx - SMALL_HALF_PX / 2,
    lengthPx,
    small: true,
  };
}
