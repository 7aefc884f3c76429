/** Names of the places on the map, and of the ways through the wall. Pure. */
import type { BenchView } from '../../contract/views.ts';
import type { Box } from './cards.ts';
import type { MapLayout } from './layout.ts';
import type { Words } from './lines.ts';
import { networkOf } from './ways.ts';
import { ruleName } from './words.ts';

export interface PlaceNames {
  left: string;
  leftWidth: number;
  right: string;
  rightBlock: string;
  rightWidth: number;
}

/** `second-line` as a name: `Second line` */
const titled = (key: string): string => `${key[0]?.toUpperCase() ?? ''}${key.slice(1).replaceAll('-', ' ')}`;

export function placeNames(layout: MapLayout, bench: BenchView): PlaceNames {
  const standing = layout.cards
    .filter(({ inside }) => inside)
    .map(({ key }) =>
      networkOf(
        bench.hosts.find((host) => host.key === key)!,
        bench.networks,
      ),
    );
  const right = [...new Set(standing)];
  const edge = layout.wall !== null ? layout.wall.x - 56 : (layout.office?.x ?? layout.width);
  const rightStart = layout.wall !== null ? layout.wall.x + layout.wall.width + 48 : edge + 8;
  return {
    left: layout.cards.some(({ inside }) => !inside) ? 'Internet' : '',
    leftWidth: Math.max(0, edge - 24),
    right: right.map(titled).join(', '),
    rightBlock: right.length === 1 ? (bench.networks.find(({ key }) => key === right[0])?.block ?? '') : '',
    rightWidth: Math.max(0, layout.width - rightStart - 16),
  };
}

const NOTE = { height: 20, signPx: 6.4, paddingPx: 14 };

/** Which rule makes a gap, where there is room to say it. */
export function gapWords(layout: MapLayout, bench: BenchView): Words[] {
  const { wall } = layout;
  if (wall === null) return [];
  const hosts = new Set(bench.hosts.map(({ key }) => key));
  return layout.ways.flatMap(({ verdict, route: { crossing, points } }): Words[] => {
    if (verdict === null || verdict.action !== 'allow' || verdict.rule === null || crossing === null) return [];
    const text = ruleName(bench.firewall.rules, verdict.rule, 'allow', hosts);
    const box: Box = {
      x: wall.x + wall.width + 8,
      y: crossing + 10,
      width: text.length * NOTE.signPx + NOTE.paddingPx,
      height: NOTE.height,
    };
    const crossed = points.some(
      (point, index) =>
        index > 0 &&
        point.x === points[index - 1]!.x &&
        point.x > box.x &&
        point.x < box.x + box.width &&
        Math.max(point.y, points[index - 1]!.y) > box.y,
    );
    const isFree =
      !crossed &&
      box.x + box.width < layout.width &&
      box.y + box.height < layout.height &&
      layout.cards.every((card) => !overlap(box, card));
    return isFree
      ? [{ text, slot: { x: box.x, y: box.y, align: 'left', widthMax: box.width + 40 }, tone: 'plain' }]
      : [];
  });
}

export function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
