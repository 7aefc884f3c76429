/** A lab's port and a private Postfix hear the same odd dialogues: code, enhanced code, and whether the session ends, reply by reply. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { whyNoPostfix } from '../../scripts/postfix/program.ts';
import { DIALOGUES } from './dialogues.ts';
import { DIFFERENCES, type First } from './differences.ts';
import { madeUp } from './generated.ts';
import { startSides, type Sides } from './sides.ts';
import { allOf, hear, type Dialogue, type Exchange } from './talk.ts';

const AT_ONCE = 12;
const SEED = 20_260_302;
const MADE_UP = 1000;

const missing = whyNoPostfix();
const runs = missing === null || process.env.CI !== undefined;

let sides: Sides;
beforeAll(async () => {
  if (runs) sides = await startSides();
}, 60_000);
afterAll(() => sides?.stop(), 60_000);
beforeEach(({ skip }) => {
  if (!runs) skip(missing ?? '');
});

/** Says each to both sides, some at a time; returns where they differ, in words, by the kind of difference. */
async function compare(dialogues: Dialogue[]): Promise<{ dialogue: Dialogue; kind: string; words: string }[]> {
  const left = [...dialogues];
  const found: { dialogue: Dialogue; kind: string; words: string }[] = [];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let dialogue = left.shift(); dialogue !== undefined; dialogue = left.shift()) {
        const [lab, postfix] = await Promise.all([hear(sides.labPort, dialogue), hear(sides.postfixPort, dialogue)]);
        const first = firstDifference(dialogue, lab, postfix);
        if (first !== null)
          found.push({
            dialogue,
            kind: Object.entries(DIFFERENCES).find(([, { is }]) => is(first))?.[0] ?? 'unknown',
            words: inWords(first),
          });
      }
    }),
  );
  return found;
}

function firstDifference(dialogue: Dialogue, lab: Exchange[], postfix: Exchange[]): First | null {
  for (let i = 0; i < Math.max(lab.length, postfix.length); i++) {
    const [ours, theirs] = [lab[i], postfix[i]];
    if (ours?.heard !== theirs?.heard)
      return {
        dialogue,
        said: ours?.said ?? theirs?.said ?? '',
        lab: ours?.heard ?? 'nothing',
        postfix: theirs?.heard ?? 'nothing',
      };
  }
  return null;
}

const short = (text: string): string =>
  JSON.stringify(text.length > 200 ? `${text.slice(0, 150)} ... of ${text.length}` : text);
const inWords = ({ dialogue, said, lab, postfix }: First): string =>
  `${dialogue.name}: ${said === '' ? dialogue.steps.map((step) => short(allOf(step).toString())).join(' ') : short(said)}: the lab says ${lab}, Postfix ${postfix}`;

describe('a lab answers as Postfix does', () => {
  it.each(Object.entries(DIALOGUES))(
    'to odd %s',
    async (_what, dialogues) => {
      expect(dialogues.length).toBeGreaterThanOrEqual(15);
      const found = await compare(dialogues);
      expect(
        found.filter(({ dialogue, kind }) => dialogue.differs !== kind).map(({ kind, words }) => `${kind}: ${words}`),
      ).toEqual([]);
      // A difference that is gone is taken off the list.
      expect(
        dialogues
          .filter((dialogue) => dialogue.differs !== undefined && !found.some((one) => one.dialogue === dialogue))
          .map(({ name }) => name),
      ).toEqual([]);
    },
    60_000,
  );

  it(`to ${MADE_UP} that are made up of seed ${SEED}`, async () => {
    const found = await compare(madeUp(SEED, MADE_UP));
    expect(
      found.filter(({ kind }) => kind === 'unknown').map(({ words }) => words),
      `repeat with madeUp(${SEED}, ${MADE_UP})`,
    ).toEqual([]);
  }, 120_000);
});

it('differs from it in ten ways at most, each of which is shown, has its RFC and its reason', () => {
  expect(Object.keys(DIFFERENCES).length).toBeLessThanOrEqual(10);
  const shown = new Set(
    Object.values(DIALOGUES).flatMap((list) => list.flatMap(({ differs }) => (differs === undefined ? [] : [differs]))),
  );
  expect([...shown].sort()).toEqual(Object.keys(DIFFERENCES).sort());
  for (const { rfc, why } of Object.values(DIFFERENCES)) {
    expect(rfc).toMatch(/^RFC \d{4} §\d/);
    expect(why.length).toBeGreaterThan(40);
  }
});
