/** `mail-lab serve`: keeps a lab running, with ports for mail programs of one's own, until it is told to end. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Lab } from '../engine/lab.ts';
import { paceOf, portBaseOf } from './arguments.ts';
import { EXIT, sayWrong, UserError } from './failure.ts';
import { findLab, shownPath, type LabFile } from './lab-file.ts';
import { createScreen, type Screen } from './screen.ts';

const DEFAULT_LAB = 'relay-through-firewall';

export interface ServeOptions {
  pace: string;
  dir?: string;
  portBase?: string;
  script?: boolean;
  verbose?: boolean;
}

export async function serve(wanted: string | null, options: ServeOptions): Promise<number> {
  const pace = paceOf(options.pace);
  const base = options.portBase === undefined ? null : portBaseOf(options.portBase);
  const file = findLab(wanted ?? DEFAULT_LAB);
  const screen = createScreen();
  const told = signalled();
  const { follow, reopenedWords } = await import('./open.ts');
  const dir = options.dir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-'));
  const lab = await openWithDns(file, dir, base, options);
  try {
    const reopened = reopenedWords(lab, wanted === null ? null : file, null);
    if (reopened !== null) sayWrong(reopened);
    const { openDoors } = await import('./ports.ts');
    const doors = await openDoors(lab, base);
    await intro(lab, screen, doors, options);
  } catch (error) {
    await lab.close();
    if (options.dir === undefined) fs.rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  const tellRest = follow(lab, screen, options);
  lab.driver.setPace(pace);
  const ran = lab.driver.run();
  await Promise.race([told, ran]);
  tellRest();
  await lab.close();
  screen.say(`\nGoodbye. The lab lies in ${lab.dir}; go on with it: mail-lab serve --dir ${shownPath(lab.dir)}`);
  return EXIT.good;
}

/** The name server's port is bound while the lab opens. */
async function openWithDns(file: LabFile, dir: string, base: number | null, options: ServeOptions): Promise<Lab> {
  const [{ open }, { DNS_OFFSET, PORT_BASE, portInUse }] = await Promise.all([import('./open.ts'), import('./ports.ts')]);
  const script = options.script === true;
  try {
    return await open(file, { dir, script, dnsPort: (base ?? PORT_BASE) + DNS_OFFSET });
  } catch (error) {
    const inUse = portInUse(error);
    if (inUse === null) throw error;
    if (base !== null) throw new UserError(inUse);
    return open(file, { dir, script, dnsPort: 0 });
  }
}

async function intro(
  lab: Lab,
  screen: Screen,
  doors: Parameters<typeof import('./samples.ts').samplesOf>[1],
  options: ServeOptions,
): Promise<void> {
  const [{ samplesOf }, { instantWords }] = await Promise.all([import('./samples.ts'), import('./words.ts')]);
  const pace = options.pace === 'max' ? 'as fast as it can' : `at ${options.pace.replace(/[x×]$/, '')}×`;
  const script = options.script ? 'Its script is played' : 'Its script is not played (--script)';
  screen.say(`${screen.paint('bold', lab.scenario.id)}  ${lab.scenario.title}`);
  screen.say(screen.paint('quiet', `${instantWords(lab.state.now)} UTC, ${pace}. ${script}. Folder: ${lab.dir}`));
  for (const { title, commands } of samplesOf(lab, doors)) {
    screen.say(`\n${screen.paint('bold', title)}`);
    for (const command of commands) screen.say(`  ${command}`);
  }
  screen.say('\nReady. Ctrl-C ends it.\n');
}

/** Ctrl-C, or a supervisor's word. One that comes a second time, and not at once, will not wait for the goodbye. */
function signalled(): Promise<void> {
  const AGAIN_AFTER_MS = 1_000; // a terminal and a parent process may both pass on the same one
  let firstMs: number | null = null;
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (firstMs !== null && performance.now() - firstMs > AGAIN_AFTER_MS) process.exit(EXIT.interrupted);
        firstMs ??= performance.now();
        resolve();
      });
    }
  });
}
