/**
 * The drawing of ARCHITECTURE.md as data: which folder may import which, and which room of the engine which. Read from
 * the text of imports, types too: a room whose types another one needs is known to it.
 */
import { posix } from 'node:path';

/** Top folders of src, and what each may import beside itself. */
export const halves: Record<string, string[]> = {
  contract: [],
  engine: ['contract'],
  server: ['contract', 'engine'],
  cli: ['contract', 'engine', 'server'],
  main: ['contract', 'engine', 'server'],
  preload: ['contract'],
  renderer: ['contract'],
};

/** Rooms of the engine, and which others each knows. */
export const rooms: Record<string, string[]> = {
  clock: [],
  dns: [],
  dsn: [],
  mailbox: [],
  network: ['clock'],
  queue: ['clock'],
  'smtp-out': ['clock', 'dns', 'network', 'queue'],
  'smtp-in': ['clock', 'dns', 'network', 'queue'],
  scenario: ['clock', 'dns', 'network', 'queue'],
  journal: ['dns', 'mailbox', 'network', 'queue', 'scenario'],
};

/** Files beside the rooms that a room may import; the rest of src/engine wires rooms, and is imported by none. */
const SHARED = [
  'src/engine/addresses.ts',
  'src/engine/files.ts',
  'src/engine/hosts.ts',
  'src/engine/memo.ts',
  'src/engine/sweep.ts',
];

/** Files within a room that others may import past its index.ts, and why. */
export const openFiles: Record<string, string> = {
  'src/engine/network/cidr.ts': 'addresses and blocks; pure',
  'src/engine/network/firewall-text.ts': 'the firewall as text; pure',
  'src/engine/dns/zone.ts': 'a zone as text; pure',
  'src/engine/queue/presets.ts': 'the retry presets; pure',
};

/** journal/fold.ts folds the whole state: it knows each room's apply.ts, and nothing else of them. */
const FOLD = 'src/engine/journal/fold.ts';

export interface Import {
  from: string;
  /** Path in the project, or the name of a package. */
  to: string;
}

/** What a file imports, re-exports or loads later. */
export function importsOf(path: string, text: string): Import[] {
  const found = text.matchAll(/(?:^(?:import|export)\b[^;]*?\bfrom\s*|^import\s*|\bimport\(\s*)'([^']+)'/gm);
  return [...found].map(([, target = '']) => ({
    from: path,
    to: target.startsWith('.') ? posix.join(posix.dirname(path), target) : target,
  }));
}

const folderOf = (path: string): string | null => /^src\/([\w-]+)\//.exec(path)?.[1] ?? null;
export const roomOf = (path: string): string | null => /^src\/engine\/([\w-]+)\//.exec(path)?.[1] ?? null;

/** What in these imports is not in the drawing. */
export function outOfDrawing(imports: Import[]): string[] {
  return imports.flatMap(({ from, to }) => {
    const wrong = (what: string): string[] => [`${from} imports ${to}: ${what}`];
    const [half, other] = [folderOf(from), folderOf(to)];
    if (half !== 'main' && half !== 'preload' && /^electron(\/|$)/.test(to))
      return wrong('only src/main and src/preload may import electron');
    if (half !== 'renderer' && /^(vue|pinia)(\/|$)/.test(to)) return wrong('only src/renderer may import vue');
    if (half === null || other === null)
      return half !== null && to.startsWith('test/') ? wrong('the source knows no test') : [];
    if (half !== other)
      return halves[half]?.includes(other) ? [] : wrong(`${half} may only know ${listed(halves[half])}`);
    const [room, neighbour] = [roomOf(from), roomOf(to)];
    if (half !== 'engine' || room === null || room === neighbour) return [];
    if (neighbour === null)
      return SHARED.includes(to)
        ? []
        : wrong(`a room may import ${listed(SHARED)} beside rooms; the rest there wires rooms`);
    if (!rooms[room]?.includes(neighbour))
      return wrong(`${room} may only know ${listed(rooms[room])}; have it handed in by host.ts or lab.ts`);
    if (from === FOLD && to.endsWith('/apply.ts')) return [];
    return to.endsWith('/index.ts') || to in openFiles ? [] : wrong(`enter ${neighbour} by its index.ts`);
  });
}

/** What the drawing allows and nobody needs: the drawing only shows what is there. */
export function idleLines(imports: Import[]): string[] {
  const drawn = new Set(imports.map(({ from, to }) => `${roomOf(from)} ${roomOf(to)}`));
  const targets = new Set(imports.filter(({ from, to }) => roomOf(from) !== roomOf(to)).map(({ to }) => to));
  return [
    ...Object.entries(rooms).flatMap(([room, known]) =>
      known
        .filter((other) => !drawn.has(`${room} ${other}`))
        .map((other) => `${room} does not know ${other} any more: take it out of \`rooms\``),
    ),
    ...Object.keys(openFiles)
      .filter((path) => !targets.has(path))
      .map((path) => `nobody imports ${path} past its index.ts any more: take it out of \`openFiles\``),
  ];
}

/** A circle among rooms as they really import each other, such as `queue → smtp-out → queue`; null when there is none. */
export function circle(imports: Import[]): string | null {
  const edges = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [room, other] = [roomOf(from), roomOf(to)];
    if (room === null || other === null || room === other) continue;
    edges.set(room, (edges.get(room) ?? new Set()).add(other));
  }
  const clear = new Set<string>();
  const walk = (room: string, way: string[]): string | null => {
    if (way.includes(room)) return [...way.slice(way.indexOf(room)), room].join(' → ');
    if (clear.has(room)) return null;
    for (const next of edges.get(room) ?? []) {
      const found = walk(next, [...way, room]);
      if (found !== null) return found;
    }
    clear.add(room);
    return null;
  };
  for (const room of edges.keys()) {
    const found = walk(room, []);
    if (found !== null) return found;
  }
  return null;
}

const listed = (names: string[] = []): string => (names.length === 0 ? 'nothing' : names.join(', '));
