/**
 * What must not stand in the source, by text, each with what to write instead. ESLint holds most of it too; this holds
 * when a rule is switched off by a comment, and says it in one place.
 */
export interface Ban {
  /** Matched against each line, without comments. */
  pattern: RegExp;
  instead: string;
  /** Paths it holds for; none of `but`. */
  under: RegExp;
  but?: string[];
  /** Look at comments and strings too. */
  everywhere?: boolean;
}

const ENGINE = /^src\/engine\//;
const OWN = /^(src|bin|test|bench|scripts|labs|docs)\/|^[A-Z]+\.md$|^\.ci\//;
const PACER = 'src/engine/clock/pacer.ts';

export const bans: Ban[] = [
  { pattern: /\bDate\.now\b|\bnew Date\(\s*\)|(?<!new )\bDate\(\)/, instead: 'clock.now()', under: ENGINE },
  {
    pattern: /\bperformance\s*\./,
    instead: 'clock.now(); real time is known to clock/pacer.ts alone',
    under: ENGINE,
    but: [PACER],
  },
  { pattern: /\bprocess\.(hrtime|uptime)\b/, instead: 'clock.now()', under: ENGINE },
  {
    pattern: /(?<![.\w#])(setTimeout|setInterval)\((?!.*:)|\bglobalThis\b/,
    instead: 'clock.at(when, name, run)',
    under: ENGINE,
    but: [PACER],
  },
  {
    pattern: /(?<![.\w])setImmediate\(/,
    instead: 'clock.at(clock.now(), name, run)',
    under: ENGINE,
    but: ['src/engine/network/wires.ts'],
  },
  {
    pattern: /\bMath\.random\b|\brandom(UUID|Bytes|Int)\b|\bgetRandomValues\b/,
    instead: 'chance.below(n, name), from the seed',
    under: ENGINE,
  },
  {
    pattern: /^import (?!type\b).*from '(node:)?(net|dgram|http|https|http2|tls)'/,
    instead: 'network.dial and network.publish: one door to the wire (a type comes by `import type`)',
    under: ENGINE,
    but: ['src/engine/network/gate.ts', 'src/engine/network/outside-ports.ts', 'src/engine/network/udp.ts'],
  },
  {
    pattern: /\blisten\(.*(0\.0\.0\.0|'::')|\bhost: '(0\.0\.0\.0|::)'/,
    instead: "'127.0.0.1': loopback only",
    under: /^(src|bin)\//,
  },
  {
    pattern: /\b(FIXME|XXX|TODO)\b/,
    instead: 'mend it, or write under "Known limits" what is missing',
    under: /^(src|bin|test|bench|scripts)\//,
    everywhere: true,
  },
  {
    pattern: /\b(it|test|describe)\.(only|todo)\b/,
    instead: 'the test without .only: the others would not run',
    under: /^test\//,
  },
  {
    pattern: /(^|[\s'"`(=:])\/(work|root|home|Users)\/\w/,
    instead: 'a path within the project, by import.meta.url: nobody else has that folder',
    under: OWN,
    everywhere: true,
  },
  { pattern: /['"`]\/tmp\//, instead: 'fs.mkdtemp(path.join(os.tmpdir(), ...))', under: /^(src|bin)\// },
];

/** The files that speak of the bans, and so contain them. */
const SPEAKS_OF_THEM = /^test\/tidy[./]/;

/** What a text holds that it must not, one line each: `src/x.ts:12: setTimeout( ... write instead ...`. */
export function banned(path: string, text: string, list: Ban[] = bans): string[] {
  if (SPEAKS_OF_THEM.test(path)) return [];
  const holding = list.filter((ban) => ban.under.test(path) && !ban.but?.includes(path));
  if (holding.length === 0) return [];
  const plain = withoutComments(text).split('\n');
  return text.split('\n').flatMap((line, index) =>
    holding.flatMap(({ pattern, instead, everywhere }) => {
      const found = pattern.exec(everywhere ? line : (plain[index] ?? ''));
      return found === null ? [] : [`${path}:${index + 1}: \`${found[0].trim()}\`: write ${instead}`];
    }),
  );
}

/** Exceptions named in `but` of which nothing is left: the list only shrinks. */
export function idleExceptions(files: Map<string, string>, list: Ban[] = bans): string[] {
  return list.flatMap((ban) =>
    (ban.but ?? []).flatMap((path) => {
      const rest = ban.but?.filter((one) => one !== path) ?? [];
      const needs = banned(path, files.get(path) ?? '', [{ ...ban, but: rest }]).length > 0;
      return needs ? [] : [`${path} needs no exception from ${ban.pattern.source} any more: take it out of \`but\``];
    }),
  );
}

/** The text with comments blanked out, line by line. Enough for this source: no string of it holds `//` after a blank. */
export function withoutComments(text: string): string {
  return text
    .replace(/^\s*\/\*[^]*?\*\//gm, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/.*$/gm, (comment) => ' '.repeat(comment.length));
}
