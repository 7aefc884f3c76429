/**
 * Programs of the system that tests use. Where one is missing its tests are skipped, with what to install in their note: test/skipped.ts
 * tells of them at the end. Where CI is set nothing is skipped: there the gate installs them (.ci/run).
 */
import fs from 'node:fs';
import path from 'node:path';

/** Debian's package of each. */
const PACKAGES = {
  chromium: 'chromium',
  dig: 'bind9-dnsutils',
  'named-compilezone': 'bind9-utils',
  pflogsumm: 'pflogsumm',
} as const;
export type Program = keyof typeof PACKAGES;

const FOLDERS = [...(process.env.PATH ?? '').split(path.delimiter), '/usr/sbin', '/sbin'];

/** Where a program is; the bare name where it is nowhere, so that starting it says so. */
export const programPath = (name: string): string =>
  FOLDERS.map((folder) => path.join(folder, name)).find((file) => fs.existsSync(file)) ?? name;

/** What to say where a program is missing, else null. `file`: a place of its own choice. */
export function missing(name: Program, file = programPath(name)): string | null {
  return fs.existsSync(file) ? null : `${file} is missing: apt-get install ${PACKAGES[name]}`;
}

/** Skips the test that runs, unless the program is there. */
export function needs(name: Program, skip: (note: string) => void): void {
  const note = missing(name);
  if (note !== null && !process.env.CI) skip(note);
}
