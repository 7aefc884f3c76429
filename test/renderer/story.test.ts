/** The story of a message, told and drawn, from the events of labs that were really played. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { LabEvent } from '../../src/contract/events.ts';
import { chartOf } from '../../src/renderer/inspector/mail/chart.ts';
import { createStory, type Story } from '../../src/renderer/inspector/mail/story.ts';
import { labText, playLab } from '../labs/play.ts';

async function storyOf(name: string, subject: string): Promise<Story> {
  const { seen: events } = await playLab({ scenario: labText(name) }, (lab) => lab.events());
  const mail = events.find(
    (event): event is LabEvent<'message-accept'> => event.kind === 'message-accept' && event.subject === subject,
  )!.mail;
  const fold = createStory(mail);
  for (const event of events) fold.take(event);
  return fold.view()!;
}

const drawn = (story: Story, width = 600) => chartOf(story, story.at, width);
/** Each arrow as `C → A no answer`. */
function arrowsOf(story: Story): string[] {
  const { lanes, arrows } = drawn(story);
  const at = (y: number): string => lanes.find((lane) => lane.y === y)!.name;
  return arrows.map((arrow) => `${at(arrow.fromY)} → ${at(arrow.toY)} ${arrow.words}`);
}

describe('a message that goes by another host', () => {
  let story: Story;
  beforeAll(async () => void (story = await storyOf('relay-through-firewall', 'Minutes of the meeting')));

  it('has a lane for each who had to do with it, the sender first', () =>
    expect(drawn(story).lanes.map(({ name }) => name)).toEqual(['carol', 'C', 'A', 'B', 'alice']));
  it('shows the call in vain, and each hop with its answer', () =>
    expect(arrowsOf(story)).toEqual([
      'carol → C hands it in',
      'C → A no answer',
      'C → B hands it on',
      'B → C 250 2.0.0',
      'B → A hands it on',
      'A → alice into the mailbox',
      'A → B 250 2.0.0',
    ]));
  it('is wider than its room when its steps need it', () => {
    expect(drawn(story, 2_000).width).toBe(2_000);
    const { width, columns } = drawn(story, 300);
    expect(width).toBeGreaterThan(300);
    expect(Math.min(...columns.slice(1).map(({ x }, index) => x - columns[index]!.x))).toBeGreaterThan(80);
  });
});

describe('a message that waits', () => {
  it('says the same things once, with their number, before and after the notice', async () => {
    const story = await storyOf('one-mx-waits', 'Minutes of the meeting');
    const [first, before, notice, after] = arrowsOf(story);
    expect([first, notice]).toEqual(['carol → C hands it in', 'C → carol delay notice']);
    expect([before, after]).toEqual([
      expect.stringMatching(/^C → A no answer ×\d+$/),
      expect.stringMatching(/^C → A no answer ×1\d\d$/),
    ]);
    const { bars, columns, width } = drawn(story);
    expect(bars.every(({ fromX, toX }) => columns.some(({ x }) => x === fromX) && toX > fromX && toX <= width)).toBe(
      true,
    );
  });
});

describe('a message that B refuses for good', () => {
  it('comes back by the host that was refused', async () => {
    const story = await storyOf('backup-disk-fills', 'Agenda with the figures');
    expect(arrowsOf(story)).toEqual([
      'carol → C hands it in',
      'C → A no answer',
      'B → C 552 5.3.1',
      'C → carol failure report',
    ]);
    expect(drawn(story).lanes.find(({ name }) => name === 'B')!.knows.words).toBe('never had it');
  });
});

describe('a message during which the line is cut', () => {
  it('goes into silence: no arrow comes back from who was not heard', async () => {
    const story = await storyOf('line-cut', 'Drawings');
    expect(arrowsOf(story).slice(0, 3)).toEqual([
      'carol → C hands it in',
      'C → A A fell silent',
      expect.stringMatching(/^C → A no answer ×\d+$/),
    ]);
    expect(
      drawn(story)
        .arrows.slice(0, 3)
        .map(({ vain }) => vain),
    ).toEqual([false, true, true]);
  });
});
