/** Guards the source: what must not stand in it, how long things are, and that the drawing in ARCHITECTURE.md holds. */
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { banned, idleExceptions, withoutComments } from './tidy/bans.ts';
import { circle, idleLines, importsOf, outOfDrawing, rooms } from './tidy/drawing.ts';
import { headerLines, headerTroubles, neverPlayed, withoutMirror } from './tidy/folders.ts';
import { functionsOf, lineCount } from './tidy/sizes.ts';

const FUNCTION_LINES_MAX = 70;
const FILE_LINES_MAX = 400;
/** Longer than it should be, and how long it may be. This list may only shrink. */
const LONG_FILES: Record<string, number> = {
  'src/engine/lab.ts': 421,
  'src/engine/network/network.ts': 459,
  'src/engine/queue/index.ts': 457,
  'src/renderer/inspector/settings.ts': 506,
  'src/renderer/lab/store.ts': 401,
};
/** The same for functions, by file and name. */
const LONG_FUNCTIONS: Record<string, number> = {
  'src/engine/lab.ts buildLab': 120,
  'src/renderer/compare/lanes.ts take': 77,
  'src/renderer/lab/rows-mail.ts mailWords': 97,
  'src/renderer/lab/rows-wire.ts wireWords': 83,
};

const root = path.resolve(import.meta.dirname, '..');
const files = new Map<string, string>();
for (const folder of ['src', 'bin', 'test', 'bench', 'scripts', 'labs', 'docs', '.ci']) {
  if (!fs.existsSync(path.join(root, folder))) continue;
  for (const name of fs.readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })) {
    const file = path.join(folder, name);
    if (fs.statSync(path.join(root, file)).isFile()) files.set(file, fs.readFileSync(path.join(root, file), 'utf8'));
  }
}
for (const name of fs.readdirSync(root).filter((one) => one.endsWith('.md')))
  files.set(name, fs.readFileSync(path.join(root, name), 'utf8'));

const source = [...files].filter(([file]) => file.startsWith('src/') && file.endsWith('.ts'));
const imports = source.flatMap(([file, text]) => importsOf(file, text));
const inEngine = fs
  .readdirSync(path.join(root, 'src/engine'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe('the source', () => {
  it('holds nothing that is banned', () => {
    expect([...files].flatMap(([file, text]) => banned(file, text))).toEqual([]);
  });

  it('needs every exception that it has', () => {
    expect(idleExceptions(files)).toEqual([]);
    expect(Object.keys(LONG_FILES).filter((file) => lineCount(files.get(file) ?? '') <= FILE_LINES_MAX)).toEqual([]);
    const long = source.flatMap(([file, text]) =>
      functionsOf(file, text).flatMap(({ name, ownLines }) =>
        ownLines > FUNCTION_LINES_MAX ? [`${file} ${name}`] : [],
      ),
    );
    expect(Object.keys(LONG_FUNCTIONS).filter((one) => !long.includes(one))).toEqual([]);
  });

  it(`has no file over ${FILE_LINES_MAX} lines`, () => {
    const long = source
      .map(([file, text]) => ({ file, lines: lineCount(text) }))
      .filter(({ file, lines }) => lines > (LONG_FILES[file] ?? FILE_LINES_MAX));
    expect(long, 'split it by what it knows').toEqual([]);
  });

  it(`has no function over ${FUNCTION_LINES_MAX} lines of its own`, () => {
    const long = source.flatMap(([file, text]) =>
      functionsOf(file, text)
        .filter(({ name, ownLines }) => ownLines > (LONG_FUNCTIONS[`${file} ${name}`] ?? FUNCTION_LINES_MAX))
        .map(({ name, line, ownLines }) => `${file}:${line} ${name}: ${ownLines}`),
    );
    expect(long, 'give its parts names').toEqual([]);
  });
});

describe('the drawing', () => {
  it('names every room, and no other', () => {
    expect(Object.keys(rooms).sort()).toEqual(inEngine.sort());
  });

  it('holds', () => {
    expect(imports.length).toBeGreaterThan(200);
    expect(outOfDrawing(imports)).toEqual([]);
  });

  it('shows no line that is not there', () => {
    expect(idleLines(imports)).toEqual([]);
  });

  it('has no circle', () => {
    expect(circle(imports)).toBeNull();
  });
});

describe('the folders', () => {
  it('open each room with a header', () => {
    expect(
      inEngine.flatMap((room) =>
        headerTroubles(`src/engine/${room}/index.ts`, files.get(`src/engine/${room}/index.ts`)),
      ),
    ).toEqual([]);
  });

  it('mirror each room with tests', () => {
    expect(withoutMirror(inEngine, files.keys())).toEqual([]);
  });

  it('play each lab in a test', () => {
    const labs = [...files.keys()]
      .filter((file) => file.startsWith('labs/'))
      .map((file) => path.basename(file, '.yaml'));
    expect(labs.length).toBeGreaterThan(0);
    expect(neverPlayed(labs, files)).toEqual([]);
  });
});

describe('these checks can fail:', () => {
  it.each([
    ['src/engine/queue/x.ts', 'const at = Date.now();', 'clock.now()'],
    ['src/engine/queue/x.ts', 'const at = new Date();', 'clock.now()'],
    ['src/engine/queue/x.ts', '  performance.now();', 'pacer.ts'],
    ['src/engine/queue/x.ts', 'globalThis.setTimeout(run, 5);', 'clock.at'],
    ['src/engine/queue/x.ts', 'const t = setTimeout(run, 5);', 'clock.at'],
    ['src/engine/clock/driver.ts', 'setImmediate(run);', 'clock.at'],
    ['src/engine/dsn/x.ts', 'Math.random()', 'chance'],
    ['src/engine/smtp-in/x.ts', "import net from 'node:net';", 'one door'],
    ['src/engine/network/x.ts', "import { createSocket } from 'dgram';", 'one door'],
    ['src/engine/network/x.ts', "server.listen(25, '0.0.0.0');", 'loopback'],
    ['src/engine/queue/x.ts', '// FIXME later', 'mend it'],
    ['test/engine/x.test.ts', "it.only('works', () => undefined);", 'without .only'],
    ['docs/x.md', 'See `/home/me/notes.md`.', 'within the project'],
    ['src/engine/x.ts', "const dir = '/tmp/mail';", 'mkdtemp'],
  ])('%s with %s', (file, text, instead) => {
    expect(banned(file, `\n${text}\n`)).toEqual([expect.stringMatching(new RegExp(`^${file}:2: .*${instead}`))]);
  });

  it.each([
    ['src/engine/queue/x.ts', 'const day = new Date(clock.now());'],
    [
      'src/engine/queue/x.ts',
      ' * never Date.now()\n// nor setTimeout(run)'.replace(' *', '/**\n *').replace('\n//', '\n */\n//'),
    ],
    ['src/engine/network/x.ts', '  setTimeout(ms: number, heard?: () => void): this {'],
    ['src/engine/network/x.ts', 'end.setTimeout(5, go);'],
    ['src/engine/queue/x.ts', "import type { Socket } from 'node:net';"],
    ['src/engine/clock/pacer.ts', 'performance.now(); setTimeout(run, 5);'],
    ['src/cli/x.ts', 'Date.now()'],
    ['docs/x.md', 'https://example.test/home/page and ~/work/mail'],
  ])('not %s with %s', (file, text) => {
    expect(banned(file, text)).toEqual([]);
  });

  it('an exception that nobody needs', () => {
    const list = [{ pattern: /bad/, instead: 'good', under: /^src/, but: ['src/a.ts', 'src/b.ts'] }];
    expect(
      idleExceptions(
        new Map([
          ['src/a.ts', 'bad'],
          ['src/b.ts', 'good'],
        ]),
        list,
      ),
    ).toEqual([expect.stringContaining('src/b.ts')]);
  });

  it('comments are blanked, line by line', () => {
    expect(withoutComments('a // b\n/* c\n d */\ne')).toBe('a     \n    \n     \ne');
  });

  it('a function too long, and a factory that is not', () => {
    const filler = (lines: number) => '  work();\n'.repeat(lines);
    const text = `function long() {\n${filler(80)}}\nfunction create() {\n${filler(5)}  return { verb() {\n${filler(40)}}, other: () => {\n${filler(40)}} };\n}\n`;
    const sizes = Object.fromEntries(functionsOf('x.ts', text).map(({ name, ownLines }) => [name, ownLines]));
    expect(sizes.long).toBe(82);
    expect(sizes.create).toBeLessThan(10);
    expect(sizes.verb).toBe(42);
    expect(lineCount('a\nb\n')).toBe(2);
  });

  it.each([
    ['src/contract/x.ts', "import { openLab } from '../engine/lab.ts';", 'contract may only know nothing'],
    ['src/engine/queue/x.ts', "import { show } from '../../cli/show.ts';", 'engine may only know contract'],
    ['src/engine/x.ts', "import { app } from 'electron';", 'only src/main'],
    ['src/engine/x.ts', "const { app } = await import('electron');", 'only src/main'],
    ['src/cli/x.ts', "import { ref } from 'vue';", 'only src/renderer'],
    ['src/engine/queue/x.ts', "import { createSender } from '../smtp-out/index.ts';", 'queue may only know clock'],
    ['src/engine/smtp-in/x.ts', "import { Line } from '../network/line.ts';", 'index.ts'],
    ['src/engine/smtp-in/x.ts', "export { Line } from '../network/line.ts';", 'index.ts'],
    ['src/engine/smtp-in/x.ts', "import type {\n  Lab,\n} from '../lab.ts';", 'wires rooms'],
    ['src/engine/journal/index.ts', "import { applyQueue } from '../queue/apply.ts';", 'index.ts'],
    ['src/engine/x.ts', "import { story } from '../../test/story.ts';", 'no test'],
  ])('%s with %s', (file, text, what) => {
    expect(outOfDrawing(importsOf(file, text))).toEqual([expect.stringContaining(what)]);
  });

  it('what the drawing allows', () => {
    const allowed = [
      importsOf('src/engine/journal/fold.ts', "import { applyQueue } from '../queue/apply.ts';"),
      importsOf(
        'src/engine/smtp-in/x.ts',
        "import { inBlock } from '../network/cidr.ts';\nimport type { Clock } from '../clock/index.ts';",
      ),
      importsOf('src/engine/lab.ts', "import { createPlayer } from './scenario/player.ts';"),
      importsOf('src/cli/x.ts', "import { openLab } from '../engine/lab.ts';"),
    ].flat();
    expect(allowed).toHaveLength(5);
    expect(outOfDrawing(allowed)).toEqual([]);
    expect(idleLines([]).length).toBeGreaterThan(10);
  });

  it('a circle', () => {
    const between = (from: string, to: string) => ({
      from: `src/engine/${from}/index.ts`,
      to: `src/engine/${to}/index.ts`,
    });
    expect(circle([between('queue', 'dsn'), between('dsn', 'mailbox')])).toBeNull();
    expect(
      circle([
        between('clock', 'queue'),
        between('queue', 'dsn'),
        between('dsn', 'mailbox'),
        between('mailbox', 'queue'),
      ]),
    ).toBe('queue → dsn → mailbox → queue');
  });

  it('a header too short, too long, or silent about its limits', () => {
    const header = (lines: number, word: string) => `/**\n${` * ${word}\n`.repeat(lines)} */\nexport {};\n`;
    expect(headerLines(header(7, 'It never sends.'))).toBe(7);
    expect(headerTroubles('x', header(7, 'It never sends.'))).toEqual([]);
    expect(headerTroubles('x', header(3, 'It never sends.'))).toEqual([expect.stringContaining('3 lines')]);
    expect(headerTroubles('x', header(16, 'It never sends.'))).toEqual([expect.stringContaining('16 lines')]);
    expect(headerTroubles('x', header(6, 'It sends.'))).toEqual([expect.stringContaining('never does')]);
    expect(headerTroubles('x', 'export {};\n')[0]).toContain('0 lines');
    expect(headerTroubles('x', undefined)).toHaveLength(1);
  });

  it('a room without tests, a lab that nobody plays', () => {
    expect(withoutMirror(['queue', 'dsn'], ['test/engine/queue/x.test.ts', 'test/engine/dsn/story.ts'])).toEqual([
      expect.stringContaining('dsn'),
    ]);
    const named = new Map([
      ['test/a.test.ts', "playLab({ scenario: labText('one-mx-waits') })"],
      ['test/b.test.ts', "load('line-cut')"],
    ]);
    expect(neverPlayed(['one-mx-waits', 'line-cut'], named)).toEqual([expect.stringContaining('line-cut')]);
    expect(neverPlayed(['line-cut'], new Map([['test/a.test.ts', 'readdirSync(LABS); playLab(x);']]))).toEqual([]);
  });
});
