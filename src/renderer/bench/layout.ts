/**
 * Where everything stands on the map: cards in columns, the Internet at the left, the office at the right, the wall
 * between them. Lengths in px, from the map's upper left corner. Pure.
 */
import type { HostKey } from '../../contract/model.ts';
import type { BenchView, HostCard } from '../../contract/views.ts';
import type { Box, Card } from './cards.ts';
import { route, type Route } from './routes.ts';
import { hasWall, insideNetworks, mainZone, networkOf, verdictOn, type Way } from './ways.ts';

export interface WayOnMap extends Way {
  route: Route;
  /** What the firewall says to a call this way; null when it needn't pass the wall. */
  verdict: ReturnType<typeof verdictOn> | null;
}

export interface MapLayout {
  width: number;
  height: number;
  cards: Card[];
  wall: { x: number; width: number; gaps: { y: number; height: number }[] } | null;
  /** Ground of the networks behind the wall; null when no host stands there. */
  office: Box | null;
  officeNetworks: string[];
  ways: WayOnMap[];
}

const GUTTER = 36;
const GUTTER_NARROW = 12;
/** Beneath this width nobody sits beside the cards. */
const WIDE_FROM = 600;
const CARD_WIDTH = { min: 124, max: 216 };
const TOP = 28;
const BOTTOM = 12;
const HEIGHT = { tall: 84, low: 70 };
/** Beneath this height cards are low. */
const TALL_FROM = 230;
const WALL_WIDTH = 20;
const WALL_TO_CARD = 32;
const GAP_HEIGHT = 28;
const BETWEEN_COLUMNS = 56;
/** Between the cards: for the wall, and for words such as “Rule 3: drop the rest” before it. */
const CHANNEL_WIDTH = 216;

/** The map for a panel of this size. `ways` are drawn, and those where the wall lets calls through get a gap. */
export function layOut(bench: BenchView, size: { width: number; height: number }, ways: readonly Way[]): MapLayout {
  const inside = insideNetworks(bench);
  const isInside = (host: HostCard): boolean => inside.includes(networkOf(host, bench.networks));
  const walled = hasWall(bench.firewall) && bench.hosts.some(isInside);
  const { left, right } = sides(bench, isInside, walled);
  const columns = [...columnsOf(left), ...columnsOf(right).reverse()];
  const leftCount = columnsOf(left).length;
  const wide = size.width >= WIDE_FROM;
  const gutter = wide ? GUTTER : GUTTER_NARROW;
  const channelMin = wide ? CHANNEL_WIDTH : 96;
  const between = BETWEEN_COLUMNS * Math.max(0, columns.length - 2);
  const fitting = Math.floor((size.width - 2 * gutter - channelMin - between) / Math.max(2, columns.length));
  const width = Math.max(CARD_WIDTH.min, Math.min(CARD_WIDTH.max, fitting));
  const mapWidth = Math.max(size.width, 2 * gutter + channelMin + between + width * Math.max(2, columns.length));
  const height = size.height >= TALL_FROM ? HEIGHT.tall : HEIGHT.low;

  const cards = columns.flatMap((column, index) => {
    const x =
      index < leftCount
        ? gutter + index * (width + BETWEEN_COLUMNS)
        : mapWidth - gutter - (columns.length - index) * (width + BETWEEN_COLUMNS) + BETWEEN_COLUMNS;
    const outer = index === 0 && leftCount > 0 ? 'left' : index === columns.length - 1 ? 'right' : null;
    return column.map((host, row): Card => {
      const y = yOf(row, column.length, size.height, height);
      const person =
        outer === null || !wide
          ? null
          : {
              side: outer as 'left' | 'right',
              x: outer === 'left' ? gutter / 2 : mapWidth - gutter / 2,
              y: y + height / 2,
            };
      return {
        key: host.key,
        x,
        y,
        width,
        height,
        column: index,
        row,
        rowCount: column.length,
        inside: isInside(host),
        person,
      };
    });
  });
  const firstRight = Math.min(
    mapWidth - gutter - width,
    ...cards.filter(({ column }) => column >= leftCount).map(({ x }) => x),
  );
  const wallX = walled ? firstRight - WALL_TO_CARD - WALL_WIDTH : null;
  const drawn = ways.flatMap((way) => wayOnMap(way, { bench, cards, wallX, mapWidth, mapHeight: size.height }));
  const gaps = drawn.flatMap(({ verdict, route: { crossing } }) =>
    verdict?.action === 'allow' && crossing !== null ? [{ y: crossing - GAP_HEIGHT / 2, height: GAP_HEIGHT }] : [],
  );
  const insiders = cards.filter((card) => card.inside);
  return {
    width: mapWidth,
    height: size.height,
    cards,
    ways: drawn,
    wall: wallX === null ? null : { x: wallX, width: WALL_WIDTH, gaps: merged(gaps) },
    office: officeGround(insiders, cards, wallX === null ? null : wallX + WALL_WIDTH, mapWidth, size.height),
    officeNetworks: inside,
  };
}

/**
 * Who stands left and right. Behind a wall are those inside and no other; without one, mail hosts of the same domain
 * may stand beneath each other when the left would get too full.
 */
function sides(
  bench: BenchView,
  isInside: (host: HostCard) => boolean,
  walled: boolean,
): { left: HostCard[]; right: HostCard[] } {
  const { mx, isServedBy } = mainZone(bench);
  // Who serves the domain keeps its place while the zone is silent of it.
  const rank = (host: HostCard): number =>
    mx.find(({ key }) => key === host.key)?.preference ?? (isServedBy(host) ? 0 : -1);
  const sorted = [...bench.hosts].sort((a, b) => rank(a) - rank(b));
  const outside = sorted.filter((host) => !isInside(host));
  const crowded = outside.length > 2 || outside.length === sorted.length;
  const isRight = (host: HostCard): boolean => isInside(host) || (!walled && crowded && rank(host) >= 0);
  const [left, right] = [sorted.filter((host) => !isRight(host)), sorted.filter(isRight)];
  if (walled || (left.length > 0 && right.length > 0)) return { left, right };
  const half = Math.ceil(sorted.length / 2);
  return { left: sorted.slice(0, half), right: sorted.slice(half) };
}

/** Two in each column, filled from the edge of the map inwards. */
function columnsOf(hosts: HostCard[]): HostCard[][] {
  return Array.from({ length: Math.ceil(hosts.length / 2) }, (_, index) => hosts.slice(2 * index, 2 * index + 2));
}

function yOf(row: number, rowCount: number, mapHeight: number, height: number): number {
  if (rowCount === 1) return Math.round((mapHeight - height) / 2) + 8;
  return row === 0 ? TOP : mapHeight - BOTTOM - height;
}

interface Ground {
  bench: BenchView;
  cards: Card[];
  wallX: number | null;
  mapWidth: number;
  mapHeight: number;
}

function wayOnMap(way: Way, { bench, cards, wallX, mapWidth, mapHeight }: Ground): WayOnMap[] {
  const [from, to] = [cards.find(({ key }) => key === way.from), cards.find(({ key }) => key === way.to)];
  if (from === undefined || to === undefined || from === to) return [];
  const path = route(from, to, { cards, wallX, mapWidth, mapHeight });
  const card = (key: HostKey): HostCard => bench.hosts.find((host) => host.key === key)!;
  const passes = wallX !== null && from.inside !== to.inside;
  return [
    {
      ...way,
      route: path,
      verdict: passes ? verdictOn(bench.firewall, card(way.from), card(way.to), bench.networks) : null,
    },
  ];
}

/** All that is right of the wall; without a wall, a ground around the cards that stand inside. */
function officeGround(
  insiders: Card[],
  cards: Card[],
  wallEnd: number | null,
  width: number,
  height: number,
): Box | null {
  if (wallEnd !== null) return { x: wallEnd, y: 0, width: width - wallEnd, height };
  if (insiders.length === 0) return null;
  const x = Math.min(...insiders.map((card) => card.x)) - 16;
  const column = insiders[0]!.column;
  const others = cards.filter((card) => card.column >= column && !card.inside);
  const bottom = others.length === 0 ? height : Math.max(...insiders.map((card) => card.y + card.height)) + 8;
  return { x, y: 0, width: width - x, height: bottom };
}

function merged(gaps: { y: number; height: number }[]): { y: number; height: number }[] {
  const sorted = [...gaps].sort((a, b) => a.y - b.y);
  return sorted.reduce<{ y: number; height: number }[]>((list, gap) => {
    const last = list.at(-1);
    if (last === undefined || gap.y > last.y + last.height) return [...list, gap];
    return [...list.slice(0, -1), { y: last.y, height: Math.max(last.height, gap.y + gap.height - last.y) }];
  }, []);
}
