/** Lab files that are made to be hard to read: each has words, soon, and time grows no faster than the text. */
import { describe, expect, it } from 'vitest';
import { LabText } from '../../../src/engine/scenario/errors.ts';
import { loadScenario } from '../../../src/engine/scenario/index.ts';

const repeated = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('');
/** Made of about so many parts. */
const HARD: Record<string, (count: number) => string> = {
  'flow lists in flow lists': (n) => '['.repeat(n),
  'flow maps in flow maps': (n) => '{a: '.repeat(n),
  'lists in lists on one line': (n) => '- '.repeat(n),
  'keys in keys on one line': (n) => '? '.repeat(n),
  'tags on one line': (n) => '! '.repeat(n),
  'maps in maps': (n) => repeated(Math.min(n, 1_000), (i) => `${' '.repeat(i)}a:\n`),
  'lists in lists': (n) => repeated(Math.min(n, 1_000), (i) => `${' '.repeat(2 * i)}-\n`),
  'many keys': (n) => repeated(n, (i) => `key${i}: x\n`),
  'one key again and again': (n) => 'key: x\n'.repeat(n),
  'many keys in braces': (n) => `{${repeated(n, (i) => `key${i}: x, `)}}`,
  'many hosts': (n) => `hosts:\n${repeated(n, (i) => `  h${i}: { name: x, address: y }\n`)}`,
  'many steps': (n) => `script:\n${'  - off: nobody\n'.repeat(n)}`,
  'many mistakes': (n) => 'a: b: c\n'.repeat(n),
  tabs: (n) => '\tx: y\n'.repeat(n),
  quotes: (n) => '"'.repeat(n),
  colons: (n) => ':'.repeat(n),
  'a long key': (n) => `${'k'.repeat(n)}: x\n`,
  documents: (n) => '---\n'.repeat(n),
  anchors: (n) => repeated(n, (i) => `- &a${i} x\n`),
  aliases: (n) => `a: &a x\nb:\n${'  - *a\n'.repeat(n)}`,
  'aliases of nothing': (n) => `b:\n${'  - *nothing\n'.repeat(n)}`,
  'aliases of aliases': () =>
    `a0: &a0 [x, x, x, x, x, x, x, x, x]\n${repeated(12, (i) => `a${i + 1}: &a${i + 1} [${Array(9).fill(`*a${i}`).join(', ')}]\n`)}`,
  'an alias of itself': () => 'title: &a [*a]\n',
  'texts cut by a comment': (n) => '- a #b\n'.repeat(n),
  zeros: (n) => '\0'.repeat(n),
  'empty lines': (n) => '\n'.repeat(n),
};

/** A lab file in which only one list of host a is long. */
const labWith = (...lines: string[]): string => `title: x
shows: y
clock: { start: 2026-03-02T09:00Z }
networks: { office: 192.0.2.0/24 }
hosts:
  a:
    name: a.theorganisation.test
    address: 192.0.2.10
${lines.join('')}`;
const listed = (key: string, count: number, word: (i: number) => string): string =>
  `    ${key}:\n${repeated(count, (i) => `      - ${word(i)}\n`)}`;
const LONG: Record<string, (count: number) => string> = {
  'final and relay domains': (n) =>
    labWith(
      listed('final', n, (i) => `d${i}.test`),
      listed('relay', n, (i) => `e${i}.test`),
    ),
  'users known in every relay domain': (n) =>
    labWith(
      listed('relay', n, (i) => `e${i}.test`),
      listed('known-users', n, (i) => `u${i}`),
    ),
  notes: (n) => labWith(listed('final', n, (i) => `d${i}.test #x`)),
  'warnings of a zone': (n) =>
    labWith(
      'zones:\n  theorganisation.test: |\n',
      repeated(n, (i) => `    @ MX 1 m${i}\n`),
    ),
};

describe('a hostile lab file', () => {
  it('has a hundred notes at the most, each once, however long its words are', () => {
    const loaded = loadScenario(LONG['notes']!(3_000), 'x.yaml');
    expect(loaded.ok && loaded.notes.length).toBe(100);
    const twice = new LabText('title: x\n');
    for (let i = 0; i < 3; i += 1) {
      twice.add(['title'], 'long '.repeat(300));
      twice.noteInText(['title'], 1, 1, 'long '.repeat(300));
    }
    expect([twice.errors.length, twice.notes.length]).toEqual([1, 1]);
  });

  it('knows no more users than fit into memory', () => {
    const loaded = loadScenario(LONG['users known in every relay domain']!(1_000), 'x.yaml');
    expect(loaded.ok ? [] : loaded.errors).toMatchObject([
      {
        path: 'hosts.a.known-users',
        message: expect.stringMatching(
          /^without their domains these are 1000000 users, .* limit is 100000: write whole addresses$/,
        ) as string,
      },
    ]);
  });

  it.each(Object.entries(HARD))('of %s has words, and few of them', (_what, make) => {
    for (const count of [10, 3_000, 20_000]) {
      const loaded = loadScenario(make(count), 'x.yaml');
      const errors = loaded.ok ? [] : loaded.errors;
      expect(errors.length).toBeGreaterThan(0);
      expect(errors.length).toBeLessThanOrEqual(100);
      for (const { message } of errors) {
        expect(message.length).toBeLessThan(1_100);
        expect(message).not.toMatch(/call stack|regular expression|undefined|\[object|Excessive alias|Cannot /);
      }
    }
  });

  it.each(Object.entries({ ...HARD, ...LONG }))(
    'of %s takes no more than ten times as long when it is ten times as long',
    { timeout: 60_000 },
    (_what, make) => {
      const time = (count: number): number => {
        const text = make(count);
        const begun = performance.now();
        loadScenario(text, 'x.yaml');
        return performance.now() - begun;
      };
      time(1_000);
      const [short, long] = [Math.min(time(3_000), time(3_000)), Math.min(time(30_000), time(30_000))];
      expect(long, `${short.toFixed(1)} ms, then ${long.toFixed(1)} ms`).toBeLessThan(30 * Math.max(short, 10)); // room for a busy machine; squares are a hundred times as long
    },
  );

  it('says where it nests too deep', () => {
    const loaded = loadScenario(`title: x\nhosts: ${'['.repeat(100)}\n`, 'x.yaml');
    expect(loaded.ok ? [] : loaded.errors).toEqual([
      { line: 2, column: 72, path: '', message: expect.stringContaining('nested deeper than any lab') as string },
    ]);
  });

  it('says which key stands twice, and which alias stands for nothing', () => {
    const errorsOf = (text: string): string[] => {
      const loaded = loadScenario(text, 'x.yaml');
      return loaded.ok ? [] : loaded.errors.map(({ line, column, message }) => `${line}:${column} ${message}`);
    };
    expect(errorsOf('title: x\nhosts:\n  a: {}\n  a: {}\n')).toEqual([
      '4:3 this key stands here for the second time: keep one of them',
    ]);
    expect(errorsOf('title: *lost\n')).toEqual([
      '1:8 `*lost` stands for what is called &lost elsewhere, and nothing is: if it is text, put it in quotes',
    ]);
  });

  it('may be as deep as is allowed', () => {
    const loaded = loadScenario(
      repeated(400, (i) => `${' '.repeat(i)}a${i}:\n`),
      'x.yaml',
    );
    expect(loaded.ok ? [] : loaded.errors.map(({ message }) => message)).toEqual(
      expect.arrayContaining([expect.stringContaining('`a0` is not a key of a lab')]),
    );
  });
});
