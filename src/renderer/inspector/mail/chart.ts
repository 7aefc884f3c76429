/**
 * A message's story as a drawing: a lane for each who had to do with it, a column for each step, an arrow for what went from
 * one to another, and a bar while it lay and waited. Lengths in px. Pure.
 */
import type { Instant } from '../../../contract/model.ts';
import type { Meaning } from '../../lab/rows.ts';
import { localPart } from '../../lab/rows-mail.ts';
import { sinceLast, timeOf } from '../../lab/words.ts';
import { knowersOf, type Knower, type Story, type StoryStep } from './story.ts';

export interface ChartLane {
  /** Letter of a host, or a person's address. */
  id: string;
  person: boolean;
  name: string;
  y: number;
  /** What it knows of the message. */
  knows: Pick<Knower, 'words' | 'meaning'>;
}

export interface ChartArrow {
  x: number;
  fromY: number;
  toY: number;
  meaning: Meaning;
  words: string;
  /** There is no room for them at the right of the arrow. */
  wordsLeft: boolean;
  vain: boolean;
}

export interface Chart {
  width: number;
  height: number;
  lanes: ChartLane[];
  columns: { n: number; x: number; head: string; title: string }[];
  arrows: ChartArrow[];
  marks: { x: number; y: number; meaning: Meaning }[];
  /** It lay here, and was to be tried again. */
  bars: { fromX: number; toX: number; y: number }[];
}

const HEAD = 24;
const LANE = 40;
const FIRST_X = 40;
const COLUMN = { min: 88, max: 168 };
/** Beside the last arrow, for its words: where that is too much, they stand at its left. */
const LAST_ROOM = { wide: 116, narrow: 32 };
/** So many people have lanes of their own. */
const RCPTS_MAX = 3;

/** `width`: what there is room for. More steps than fit make it wider. */
export function chartOf(story: Story, now: Instant, width: number): Chart {
  const lanes = lanesOf(story, now);
  const y = (id: string): number => lanes.find((lane) => lane.id === idOf(id))?.y ?? 0;
  const gaps = Math.max(1, story.steps.length - 1);
  const lastRoom = FIRST_X + gaps * COLUMN.min + LAST_ROOM.wide > width ? LAST_ROOM.narrow : LAST_ROOM.wide;
  const room = (width - FIRST_X - lastRoom) / gaps;
  const apart = Math.max(COLUMN.min, Math.min(COLUMN.max, Math.floor(room)));
  const columns = story.steps.map((step, index) => ({
    n: step.n,
    x: FIRST_X + index * apart,
    head: headOf(step, story.steps[index - 1]),
    title: step.text,
  }));
  const end = Math.max(width, (columns.at(-1)?.x ?? 0) + lastRoom);
  const drawn = story.steps.map((step, index) => ({ step, x: columns[index]!.x }));
  return {
    width: end,
    height: HEAD + lanes.length * LANE,
    lanes,
    columns,
    arrows: drawn.flatMap(({ step: { move, meaning, times }, x }) => {
      if (move === null || y(move.from) === y(move.to)) return [];
      const wordsLeft = lastRoom === LAST_ROOM.narrow && x > FIRST_X && x === columns.at(-1)!.x;
      return [
        {
          x,
          fromY: y(move.from),
          toY: y(move.to),
          meaning,
          words: times > 1 ? `${move.words} ×${times}` : move.words,
          wordsLeft,
          vain: move.vain === true,
        },
      ];
    }),
    marks: drawn.map(({ step, x }) => ({ x, y: y(step.move?.to ?? step.host), meaning: step.meaning })),
    bars: waits(drawn, end, y),
  };
}

function lanesOf(story: Story, now: Instant): ChartLane[] {
  const hosts = story.steps
    .flatMap(({ host, move }) => [host, ...(move === null ? [] : [move.from, move.to])])
    .filter((id) => id !== '' && !isPerson(id));
  const ids = [
    ...(story.sender === '' ? [] : [idOf(story.sender)]),
    ...new Set(hosts),
    ...new Set(story.rcpts.slice(0, RCPTS_MAX).map(idOf)),
  ];
  const knowers = knowersOf(story, now);
  return [...new Set(ids)].map((id, index) => {
    const person = isPerson(id);
    const name = person ? localPart(id) : id;
    const found = knowers.find((one) => (person ? one.host === null && one.name === name : one.host === id));
    return {
      id,
      person,
      name,
      y: HEAD + LANE / 2 + index * LANE,
      knows: found ?? { words: 'never had it', meaning: 'neutral' },
    };
  });
}

const isPerson = (id: string): boolean => id.includes('@');
const idOf = (id: string): string => (isPerson(id) ? id.toLowerCase() : id);

/** From the beginning of one step to that of the next, so that they add up. */
const headOf = (step: StoryStep, before: StoryStep | undefined): string =>
  before === undefined ? timeOf(step.at) : sinceLast(step.at - before.at);

/** From each host's *keeps it* to whatever is next there. */
function waits(drawn: { step: StoryStep; x: number }[], end: number, y: (id: string) => number): Chart['bars'] {
  return drawn.flatMap(({ step, x }, index) => {
    const owner = step.host;
    if (!step.waits) return [];
    const next = drawn.slice(index + 1).find(({ step: later }) => later.host === owner && later.report === null);
    return [{ fromX: x, toX: next?.x ?? end, y: y(owner) }];
  });
}
