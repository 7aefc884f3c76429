/** Whatever is handed on with the program comes with the text of its licence, in the page and in the packages. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build, type Rolldown } from 'vite';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { LICENSES_FILE, licensedIn, licensesText, packagesAlong, packagesOf } from '../../scripts/licenses.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => fs.readFileSync(path.join(ROOT, file), 'utf8');
const manifest = (folder: string) =>
  JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    dependencies?: Record<string, string>;
  };
const titleIn = (folder: string): string => `${manifest(folder).name} ${manifest(folder).version}`;

/** Packages that files below the folder import by name, as a text search finds them: in scripts, components and styles. */
function importedBelow(folder: string): string[] {
  const files = fs
    .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|vue|css)$/.test(file) && !file.endsWith('vite.config.ts'));
  const names = files.flatMap((file) =>
    [...read(path.join(folder, file)).matchAll(/(?:\bfrom|\bimport) ['"]((?:@[\w-]+\/)?\w[\w.-]*)[^'"]*['"]/g)].map(
      ([, name]) => name!,
    ),
  );
  return [...new Set(names)].filter((name) => fs.existsSync(path.join(ROOT, 'node_modules', name)));
}

/** All folders that this one needs to run, itself included, as Node looks for them. */
function needed(folder: string, found = new Set<string>()): Set<string> {
  if (found.has(folder)) return found;
  found.add(folder);
  for (const name of Object.keys(manifest(folder).dependencies ?? {})) {
    let from = folder;
    while (!fs.existsSync(path.join(from, 'node_modules', name))) from = path.dirname(from);
    needed(path.join(from, 'node_modules', name), found);
  }
  return found;
}

describe('the built page', () => {
  let sections = new Map<string, string>();
  let sources: string[] = [];
  beforeAll(async () => {
    const made = await build({
      configFile: path.join(ROOT, 'src/renderer/vite.config.ts'),
      root: path.join(ROOT, 'src/renderer'),
      logLevel: 'silent',
      build: { write: false, sourcemap: true, minify: false },
    });
    const { output } = made as Rolldown.RolldownOutput;
    const asset = output.find(({ fileName }) => fileName === LICENSES_FILE) as Rolldown.OutputAsset;
    const parts = String(asset.source).split(/^-{80}\n(.+)\n(?:Licence: .+\n)?-{80}\n/m);
    sections = new Map(
      parts.slice(1).flatMap((part, i, all) => (i % 2 === 0 ? [[part, all[i + 1]!.trim()] as const] : [])),
    );
    sources = output
      .flatMap((part) => (part.type === 'chunk' ? (part.map?.sources ?? []) : []))
      .map((file) => path.resolve(ROOT, 'out/renderer/assets', file));
  }, 60_000);

  it('has the licence of every package whose code is in it', () => {
    const inside = packagesOf(sources).map(titleIn);
    expect(inside.length).toBeGreaterThan(20);
    expect([...sections.keys()]).toEqual(expect.arrayContaining(inside));
  });

  it('has the licence of every package that its source names, fonts too, and of those that run the lab', () => {
    const named = ['src/renderer', 'src/contract'].flatMap(importedBelow);
    expect(named).toEqual(expect.arrayContaining(['vue', '@fontsource-variable/inter', 'marked']));
    expect([...sections.keys()]).toEqual(
      expect.arrayContaining(named.map((name) => titleIn(path.join(ROOT, 'node_modules', name)))),
    );
    expect([...sections.keys()]).toEqual(expect.arrayContaining([...needed(ROOT)].slice(1).map(titleIn)));
  });

  it('has the terms themselves, with who holds the rights', () => {
    for (const [title, text] of sections) {
      expect(text, title).toMatch(/without warranty|"AS IS"|AS IS/i);
      expect(text, title).toMatch(/copyright|\(c\)|©/i);
    }
  });
});

it('what goes along in node_modules is what the program’s dependencies need, and nothing of the workshop', () => {
  expect(packagesAlong(ROOT).sort()).toEqual([...needed(ROOT)].slice(1).sort());
});

describe('a package without a file with its terms', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-licence-'));
  const own = read('LICENSE');
  const licensed = (fields: object) => {
    fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'bare', version: '1.2.3', ...fields }));
    return licensedIn(folder, own);
  };

  it('has those of MIT when it names MIT and its author', () => {
    for (const author of ['Ada L. <ada@site.example> (https://site.example)', { name: 'Ada L.' }]) {
      const text = licensed({ license: 'MIT', author }).text!;
      expect(text.split('\n').filter((line) => line.startsWith('Copyright'))).toEqual(['Copyright (c) Ada L.']);
      expect(text).toContain('THE SOFTWARE IS PROVIDED "AS IS"');
    }
  });

  it.each([
    [{ license: 'Apache-2.0', author: 'Ada' }, 'Apache-2.0'],
    [{ license: 'MIT' }, 'MIT'],
    [{}, 'not named'],
  ])('else stops the build: %j', (fields, id) => {
    expect(() => licensesText([licensed(fields)])).toThrow(
      `bare 1.2.3 (licence: ${id}) comes without the text of its licence`,
    );
  });
});

it('every kind of package carries the page with the licences, and our own', () => {
  const builder = parse(read('build/electron-builder.yml')) as { files: string[] };
  expect(builder.files).toEqual(expect.arrayContaining(['out/renderer', 'LICENSE']));
  const { files, scripts } = JSON.parse(read('package.json')) as { files: string[]; scripts: Record<string, string> };
  expect(files).toContain('out/renderer');
  expect(scripts.prepack).toBe('npm run build');
});
