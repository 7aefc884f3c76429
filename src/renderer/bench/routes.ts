/**
 * How a line runs between two cards: at right angles, past all other cards, with room beside it for its words.
 * Lengths in px. Pure. Points and distances go from `from` to `to`.
 */
import type { Card } from './cards.ts';

export interface Point {
  x: number;
  y: number;
}

/** Where words stand: `right` means that they end at x, `middle` that they are centred on it; y is their upper edge. */
export interface Slot extends Point {
  align: 'left' | 'right' | 'middle';
  widthMax: number;
}

export interface Route {
  points: Point[];
  lengthPx: number;
  /** Where the line passes the wall, y; null when it doesn't. */
  crossing: number | null;
  /** Distance along the line at which something under way is best seen. */
  middlePx: number;
  /** For a preference, near `from`; y is the baseline. */
  label: Slot;
  /** For what came of it. */
  note: Slot;
  /** A second line of that. */
  sub: Slot;
}

interface Around {
  cards: Card[];
  wallX: number | null;
  mapWidth: number;
  mapHeight: number;
}

const NOTE_HEIGHT = 20;
const OCTAGON = 16;
/** Lines at a card's side with more than one of them, from its middle: along the row, from there across, to there across. */
const PORT = { straight: 18, leave: 2, arrive: 18 };
const CHANNEL_APART = 12;

const cx = ({ x, width }: Card): number => x + width / 2;
const cy = ({ y, height }: Card): number => y + height / 2;

export function route(from: Card, to: Card, around: Around): Route {
  if (from.column === to.column) return vertical(from, to, around);
  const [left, right] = from.column < to.column ? [from, to] : [to, from];
  const ltr = pathBetween(left, right, from === left, around);
  const points = from === left ? ltr : [...ltr].reverse();
  return described(points, from, left, right, around);
}

function vertical(from: Card, to: Card, { wallX, mapWidth }: Around): Route {
  const x = cx(from);
  const down = from.y < to.y;
  const points = [
    { x, y: down ? from.y + from.height : from.y },
    { x, y: down ? to.y : to.y + to.height },
  ];
  const middle = (points[0]!.y + points[1]!.y) / 2;
  const lengthPx = lengthOf(points);
  const room = from.width / 2 - 12;
  // Words run to the side where there is more room, and not onto the wall.
  const toRight = x < mapWidth / 2;
  const toWall = wallX !== null && wallX > x === toRight ? Math.abs(wallX - x) - 12 - OCTAGON : Infinity;
  const note: Slot = {
    x: toRight ? x + 12 : x - 12,
    y: middle - NOTE_HEIGHT / 2,
    align: toRight ? 'left' : 'right',
    widthMax: Math.min(room + 40, toWall),
  };
  const label: Slot = {
    x: toRight ? x - 12 : x + 12,
    y: middle + 4,
    align: toRight ? 'right' : 'left',
    widthMax: room,
  };
  return { points, lengthPx, crossing: null, middlePx: lengthPx / 2, label, note, sub: note };
}

/** From the left card's edge to the right one's. */
function pathBetween(left: Card, right: Card, leftSends: boolean, { cards, wallX, mapHeight }: Around): Point[] {
  const start = left.x + left.width;
  const crowd = (card: Card): boolean => card.rowCount > 1;
  const side = (card: Card): number => (card.rowCount === 1 ? 0 : card.row === 0 ? -1 : 1);
  if (right.column - left.column > 1) return around(left, right, cards, mapHeight);
  if (Math.abs(cy(left) - cy(right)) < 8) {
    const y = cy(left) + (crowd(left) && crowd(right) ? PORT.straight * side(left) : 0);
    return [
      { x: start, y },
      { x: right.x, y },
    ];
  }
  if (!crowd(right)) {
    const y = cy(left);
    return [
      { x: start, y },
      { x: cx(right), y },
      { x: cx(right), y: y < cy(right) ? right.y : right.y + right.height },
    ];
  }
  if (!crowd(left)) {
    const y = cy(right);
    return [
      { x: cx(left), y: y < cy(left) ? left.y : left.y + left.height },
      { x: cx(left), y },
      { x: right.x, y },
    ];
  }
  const down = left.row < right.row;
  const x = (start + (wallX ?? right.x)) / 2 + (down ? CHANNEL_APART : -CHANNEL_APART);
  // The end that sends has its port near the middle: its preference stands beneath.
  const leave = leftSends ? PORT.leave : PORT.arrive;
  const arrive = leftSends ? PORT.arrive : PORT.leave;
  const [from, to] = [cy(left) + (down ? leave : -leave), cy(right) + (down ? -arrive : arrive)];
  return [
    { x: start, y: from },
    { x, y: from },
    { x, y: to },
    { x: right.x, y: to },
  ];
}

/** Past the columns between, through the lane between their rows, or beneath a card that stands alone. */
function around(left: Card, right: Card, cards: Card[], mapHeight: number): Point[] {
  const between = cards.filter(({ column }) => column > left.column && column < right.column);
  const alone = between.some(({ rowCount }) => rowCount === 1);
  const lane = (alone ? mapHeight - 10 : (28 + mapHeight - 12) / 2) + (left.row - right.row) * 6;
  const [out, back] = [left.x + left.width + 16 + left.row * 8, right.x - 16 - right.row * 8];
  return [
    { x: left.x + left.width, y: cy(left) },
    { x: out, y: cy(left) },
    { x: out, y: lane },
    { x: back, y: lane },
    { x: back, y: cy(right) },
    { x: right.x, y: cy(right) },
  ];
}

function described(points: Point[], from: Card, left: Card, right: Card, { wallX, mapHeight }: Around): Route {
  const sends = from === left;
  const [start, end] = [left.x + left.width, wallX ?? right.x];
  const crossing =
    wallX === null
      ? null
      : (points.find((point, index) => index > 0 && spans(points[index - 1]!, point, wallX))?.y ?? null);
  const level = longestLevel(points);
  const below = level > mapHeight / 2 + 12;
  const noteEnd = end - (wallX === null ? 8 : OCTAGON);
  const note: Slot =
    points.length === 4
      ? besideUpright(points, sends, end - start)
      : { x: noteEnd, y: below ? level + 8 : level - NOTE_HEIGHT - 8, align: 'right', widthMax: noteEnd - start - 8 };
  const leavesLevel = points[0]!.y === points[1]!.y;
  // Of two lines at one side of a card, the upper one has it above: it would stand between them.
  const isUpper = left.rowCount > 1 && right.rowCount > 1 && (from.row === 0) === (points.length === 2);
  const label: Slot = {
    x: sends ? start + 8 : from.x - 3,
    y: (leavesLevel ? points[0]!.y : level) + (isUpper ? -6 : 16),
    align: sends ? 'left' : 'right',
    widthMax: 40,
  };
  const sub: Slot = { ...note, y: below ? note.y + NOTE_HEIGHT + 2 : level + 10 };
  return {
    points,
    lengthPx: lengthOf(points),
    crossing,
    middlePx: distanceAt(points, (start + end) / 2),
    label,
    note,
    sub,
  };
}

/** Height of the longest level stretch. */
function longestLevel(points: Point[]): number {
  const bars = points.slice(1).map((point, index) => ({
    y: point.y,
    length: point.y === points[index]!.y ? Math.abs(point.x - points[index]!.x) : -1,
  }));
  return bars.reduce((best, bar) => (bar.length > best.length ? bar : best)).y;
}

/** Where two lines cross, each has its words on its upright part: the one that falls to the right above, the other one below. */
function besideUpright(points: Point[], sends: boolean, roomPx: number): Slot {
  const [a, b] = [points[1]!, points[2]!];
  const falls = a.y < b.y === sends;
  return {
    x: a.x,
    y: (a.y + b.y) / 2 - NOTE_HEIGHT / 2 + (falls ? -1 : 1) * (NOTE_HEIGHT / 2 + 2),
    align: 'middle',
    widthMax: Math.max(60, roomPx - 48),
  };
}

function spans(a: Point, b: Point, x: number): boolean {
  return a.y === b.y && Math.min(a.x, b.x) <= x && Math.max(a.x, b.x) >= x;
}

export function lengthOf(points: readonly Point[]): number {
  return points.slice(1).reduce((sum, point, index) => sum + apart(points[index]!, point), 0);
}

const apart = (a: Point, b: Point): number => Math.abs(a.x - b.x) + Math.abs(a.y - b.y);

/** How far along the line one first gets to this x; the half of it when one never does. */
export function distanceAt(points: readonly Point[], x: number): number {
  let gone = 0;
  for (const [index, point] of points.slice(1).entries()) {
    const before = points[index]!;
    if (spans(before, point, x)) return gone + Math.abs(x - before.x);
    gone += apart(before, point);
  }
  return gone / 2;
}

const RADIUS = 16;

/** The line as an SVG path, its corners rounded. */
export function pathOf(points: readonly Point[]): string {
  const parts = points.map((point, index) => {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (before === undefined) return `M${point.x} ${point.y}`;
    if (after === undefined) return `L${point.x} ${point.y}`;
    const radius = Math.min(RADIUS, apart(before, point) / 2, apart(point, after) / 2);
    const [enter, leave] = [towards(point, before, radius), towards(point, after, radius)];
    return `L${enter.x} ${enter.y}Q${point.x} ${point.y} ${leave.x} ${leave.y}`;
  });
  return parts.join('');
}

function towards(point: Point, other: Point, distance: number): Point {
  return { x: point.x + Math.sign(other.x - point.x) * distance, y: point.y + Math.sign(other.y - point.y) * distance };
}

/** The line up to where it meets the wall, and from there on. */
export function cutAt(points: readonly Point[], x: number): { before: Point[]; after: Point[] } {
  const at = points.findIndex((point, index) => index > 0 && spans(points[index - 1]!, point, x));
  if (at === -1) return { before: [...points], after: [] };
  const edge = { x, y: points[at]!.y };
  return { before: [...points.slice(0, at), edge], after: [edge, ...points.slice(at)] };
}
