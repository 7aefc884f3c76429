/** Who knew what, folded from the events of labs that were really played. */
import { describe, expect, it } from 'vitest';
import { createLanes } from '../../src/renderer/compare/lanes.ts';
import { labText, playLab } from '../labs/play.ts';

describe('the lane of an administrator', () => {
  it('has the dialogue that died, of which the log is the only trace', async () => {
    const { seen: events } = await playLab({ scenario: labText('line-cut') }, (lab) => lab.events());
    const lanes = createLanes(null);
    for (const event of events) lanes.take(event);
    const a = lanes.view().lanes.find(({ id }) => id === 'host:a')!;
    expect(a.summary).toBe('saw a dialogue die');
    expect(a.marks[0]).toMatchObject({
      label: 'log says timeout',
      words: 'A hears no more from C, and gives up. Its log says: timeout',
    });
  });
});
