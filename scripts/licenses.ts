/**
 * The licences of everything that is handed on with Mail Lab, as one text beside the page: of the packages that are built
 * into the page, and of those that go along in node_modules. A package whose terms are nowhere to be found fails the build.
 */
import fs from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';

/** Beside index.html in the folder of the built page, which shows it. */
export const LICENSES_FILE = 'licenses.txt';

/** `id`: as in SPDX, empty when the package names none; `text`: its files with the terms, null without any. */
export interface Licensed {
  name: string;
  version: string;
  id: string;
  text: string | null;
}

const LINE = '-'.repeat(80);

/** Adds `licenses.txt` to the page. `root`: the project's folder; those who bundle their settings know it, this file may not. */
export function licenses(root: string): Plugin {
  return {
    name: 'mail-lab:licenses',
    apply: 'build',
    generateBundle() {
      const folders = [...packagesOf(this.getModuleIds()), ...packagesAlong(root)];
      const own = fs.readFileSync(path.join(root, 'LICENSE'), 'utf8');
      this.emitFile({
        type: 'asset',
        fileName: LICENSES_FILE,
        source: licensesText(folders.map((folder) => licensedIn(folder, own))),
      });
    },
  };
}

/** Folders of the packages that these modules are in. */
export function packagesOf(modules: Iterable<string>): string[] {
  return [
    ...new Set(
      [...modules].flatMap(
        (id) => /^[^\0].*\/node_modules\/(?:@[^/]+\/)?[^/?]+(?=\/)/.exec(id.replaceAll('\\', '/'))?.[0] ?? [],
      ),
    ),
  ];
}

/** Folders of the packages that run the lab, and of theirs: all in the lock file that are not for development alone. */
export function packagesAlong(root: string): string[] {
  const lock = JSON.parse(fs.readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: true; devOptional?: true }>;
  };
  const folders = Object.entries(lock.packages)
    .filter(([folder, { dev, devOptional }]) => folder !== '' && !dev && !devOptional)
    .map(([folder]) => path.join(root, folder));
  // A package for another system is in the lock file, and not here.
  return folders.filter((folder) => fs.existsSync(folder));
}

/** A package that names the MIT licence and its author, and has no file with the terms, has those of `own`, which is MIT too. */
export function licensedIn(folder: string, own: string): Licensed {
  const { name, version, license, author } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
    author?: string | { name: string };
  };
  const files = fs
    .readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort();
  const holder = typeof author === 'string' ? author.replace(/ *[<(].*/, '') : author?.name;
  const text =
    files.length > 0
      ? files.map((file) => fs.readFileSync(path.join(folder, file), 'utf8').trim()).join('\n\n')
      : license === 'MIT' && holder !== undefined
        ? own.replace(/^Copyright .*$/m, () => `Copyright (c) ${holder}`)
        : null;
  return { name, version, id: license ?? '', text };
}

/** One section for each package and version, by name. Throws when the terms of one are missing. */
export function licensesText(all: readonly Licensed[]): string {
  const byTitle = new Map(all.map((one) => [`${one.name} ${one.version}`, one]));
  const sections = [...byTitle]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, { id, text }]) => {
      if (text === null)
        throw new Error(
          `${title} (licence: ${id || 'not named'}) comes without the text of its licence: it can't be distributed like this`,
        );
      return `${LINE}\n${title}${id === '' ? '' : `\nLicence: ${id}`}\n${LINE}\n\n${text.replaceAll('\r\n', '\n').trim()}\n`;
    });
  return `Mail Lab contains these packages, each under its own licence.\n\n${sections.join('\n')}`;
}
