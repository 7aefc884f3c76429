/** Rows of the list of events: words for every kind but those that only carry others, and what a row is called. */
import { describe, expect, it } from 'vitest';
import type { LabEvent } from '../../src/contract/events.ts';
import { rowOf, SILENT } from '../../src/renderer/lab/rows.ts';
import { SAMPLES } from '../contract/samples.ts';

describe('the list of events', () => {
  it.each(SAMPLES.filter(({ kind }) => !(kind in SILENT)).map((event): [string, LabEvent] => [event.kind, event]))(
    '%s has words',
    (kind, event) => {
      const row = rowOf(event);
      expect(row!.text.length).toBeGreaterThan(2);
      expect(row!.text).not.toMatch(/[{}]|undefined|\bnull\b(?! sender)|NaN|\[object/);
      expect(row!.like.length).toBeGreaterThan(2);
      expect(row!.text).not.toContain(kind);
    },
  );

  it('leaves out only what it says that it leaves out', () => {
    expect(SAMPLES.filter((event) => rowOf(event) === null).map(({ kind }) => kind)).toEqual(Object.keys(SILENT));
  });
});

describe('a refusal', () => {
  const refusal = (reply: { code: number; enhanced: string | null }, reason: string): string =>
    rowOf({
      ...SAMPLES.find(({ kind }) => kind === 'message-refuse')!,
      reply: { ...reply, lines: ['No'] },
      reason,
    } as LabEvent)!.kind;
  it('is about the disk when there is no room on it, and not when its words are about disks', () => {
    expect(refusal({ code: 452, enhanced: '4.3.1' }, 'disk full')).toBe('Disk');
    expect(refusal({ code: 451, enhanced: '4.3.0' }, 'the disk filled during DATA')).toBe('Disk');
    expect(refusal({ code: 550, enhanced: '5.7.1' }, 'content: disk')).toBe('SMTP');
    expect(refusal({ code: 554, enhanced: '5.7.1' }, 'listed at disk.test')).toBe('SMTP');
  });
});
