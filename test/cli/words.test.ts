import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/cli/lab-file.ts';
import { offsets } from '../../src/server/doors.ts';
import { junitOf } from '../../src/cli/results.ts';
import { wrapped } from '../../src/cli/screen.ts';
import { listed, whenWords } from '../../src/cli/words.ts';

describe('small words', () => {
  it('say when as one near by would', () => {
    const monday = Date.UTC(2026, 2, 2, 9);
    expect(whenWords(monday + 1_800_000, monday)).toBe('09:30');
    expect(whenWords(monday + 86_400_000, monday)).toBe('Tue 09:00');
    expect(whenWords(monday + 15 * 86_400_000, monday)).toBe('Tue 17 March 09:00');
  });

  it('list', () => {
    expect([listed(['a']), listed(['a', 'b']), listed(['a', 'b', 'c', 'd'])]).toEqual([
      'a',
      'a and b',
      'a, b and 2 more',
    ]);
  });

  it('break at the width of a terminal, under the first line', () => {
    expect(wrapped('one two three four five six seven', '    ', 34)).toBe('one two three four five six\n    seven');
    expect(wrapped('one two', '  ', null)).toBe('one two');
  });

  it('guess which lab is meant', () => {
    const labs = ['one-mx-expires', 'one-mx-waits', 'relay-through-firewall'];
    expect([
      nearest('one-mx-wait', labs),
      nearest('firewall', labs),
      nearest('oen-mx-wiats', labs),
      nearest('xyzzy', labs),
    ]).toEqual(['one-mx-waits', 'relay-through-firewall', 'one-mx-waits', null]);
  });

  it('give each host a port of its own', () => {
    expect([...offsets(['a', 'C', 'mx1', 'mx2'])]).toEqual([
      ['a', 1],
      ['C', 3],
      ['mx1', 27],
      ['mx2', 28],
    ]);
    const many = [...offsets(Array.from({ length: 40 }, (_, index) => `mx${index}`)).values()];
    expect(new Set(many).size).toBe(40);
    expect(many).not.toContain(53);
  });

  it('are escaped in XML', () => {
    const xml = junitOf({
      lab: 'x',
      seed: 1,
      version: '0',
      virtualSeconds: 1,
      wallSeconds: 1,
      stepsNotDone: [],
      checks: [{ name: 'a < "b" & c', passed: false, expected: '1', measured: 'bell \u0007' }],
    });
    expect(xml).toContain('name="a &lt; &quot;b&quot; &amp; c"');
    expect(xml).toContain('message="bell ?"');
  });
});
