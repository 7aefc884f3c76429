/**
 * `mail-lab serve`: keeps a lab running until it is told to end: with the page for a browser, and with ports for mail
 * programs of one's own. The lab lives in a thread of its own; others that are opened on the page live beside it.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { WorldInfo } from '../contract/page-api.ts';
import { oneLine } from '../contract/visible.ts';
import type { PageServer, Worlds } from '../server/index.ts';
import { paceOf, portBaseOf, salvageOf } from './arguments.ts';
import { EXIT, sayWrong, UserError } from './failure.ts';
import { findLab, LABS, shownPath, type LabFile } from './lab-file.ts';
import { createScreen, type Screen } from './screen.ts';
import type { Seen } from './seen.ts';
import { version } from './version.ts';

const DEFAULT_LAB = 'relay-through-firewall';

export interface ServeOptions {
  pace: string;
  dir?: string;
  salvage?: boolean;
  portBase?: string;
  script?: boolean;
  verbose?: boolean;
  /** False: no page. */
  page?: boolean;
}

export async function serve(wanted: string | null, options: ServeOptions): Promise<number> {
  const pace = paceOf(options.pace);
  const salvage = salvageOf(options);
  const base = options.portBase === undefined ? null : portBaseOf(options.portBase);
  const file = findLab(wanted ?? DEFAULT_LAB);
  const screen = createScreen();
  const told = signalled();
  const [{ checkLab, follow, reopenedWords }, { createSight }, { createWorlds }, { startThread }] = await Promise.all([
    import('./open.ts'),
    import('./seen.ts'),
    import('../server/index.ts'),
    import('../server/thread.ts'),
  ]);
  checkLab(file);
  const dir = path.resolve(options.dir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'mail-lab-')));
  const worlds = createWorlds({
    labs: LABS,
    home: path.join(dir, 'worlds'),
    version: version(),
    publish: true,
    startWorker: startThread,
  });
  worlds.listen({ events: () => undefined, clock: () => undefined, worlds: () => undefined, trouble: sayWrong });
  let page: PageServer | null = null;
  try {
    let mine = '';
    const sight = createSight(
      (take) =>
        void worlds.listen({
          ...deaf,
          events: (world, batch) => (mine === '' || world === mine ? take(batch) : undefined),
        }),
    );
    const { info, api, reopened } = await startWorld(worlds, file, dir, base, { ...options, salvage });
    mine = info.id;
    const lab = await sight.look(api, { dir, reopened });
    const words = reopenedWords(lab, wanted === null ? null : file, null);
    if (words !== null) sayWrong(words);
    page = options.page === false ? null : await openPage(worlds, screen);
    await intro(lab, screen, info, page, options);
    const tellRest = follow(lab, screen, options);
    await api.setPace(pace);
    await api.play();
    const how = await Promise.race([told, lost(worlds, info.id)]);
    tellRest();
    if (how === 'lost') return EXIT.wrong;
  } catch (error) {
    await page?.close();
    await worlds.closeAll();
    if (options.dir === undefined) fs.rmSync(dir, { recursive: true, force: true });
    throw error;
  }
  await page?.close();
  await worlds.closeAll();
  screen.say(`\nGoodbye. The lab lies in ${dir}; go on with it: npx mail-lab serve --dir ${shownPath(dir)}`);
  return EXIT.good;
}

const deaf = { events: () => undefined, clock: () => undefined, worlds: () => undefined, trouble: () => undefined };

async function startWorld(
  worlds: Worlds,
  file: LabFile,
  dir: string,
  base: number | null,
  { script = false, salvage = false }: ServeOptions,
): ReturnType<Worlds['start']> {
  const { DNS_OFFSET, PORT_BASE } = await import('../server/doors.ts');
  const orAny = base === null;
  try {
    return await worlds.start({
      lab: file.id,
      data: {
        scenario: { text: file.text, file: file.file },
        dir,
        script,
        salvage,
        dnsPort: (base ?? PORT_BASE) + DNS_OFFSET,
        dnsPortOrAny: orAny,
        paused: true,
      },
      parent: null,
      ports: { base: base ?? PORT_BASE, orAny },
    });
  } catch (error) {
    const found = /^port \d+ on [\d.]+ is in use by another program/.exec((error as Error).message);
    throw found === null ? error : new UserError(`${found[0]}: end that program, or choose another --port-base`);
  }
}

/** Null, with a word why, where it can't be built: the lab is served all the same. */
async function openPage(worlds: Worlds, screen: Screen): Promise<PageServer | null> {
  const [{ buildIfNeeded, ROOT }, { servePage }] = await Promise.all([
    import('./build.ts'),
    import('../server/index.ts'),
  ]);
  try {
    buildIfNeeded('page', screen.say);
    return await servePage(worlds, { root: path.join(ROOT, 'out/renderer'), port: 0 });
  } catch (error) {
    sayWrong(`there is no page for a browser: ${(error as Error).message}`);
    return null;
  }
}

/** Resolves when the lab is no more: its disk failed, or somebody closed it on the page. */
function lost(worlds: Worlds, id: string): Promise<'lost'> {
  return new Promise((resolve) => {
    worlds.listen({ ...deaf, worlds: (list) => (list.some((world) => world.id === id) ? undefined : resolve('lost')) });
  });
}

async function intro(
  lab: Seen,
  screen: Screen,
  { ports }: WorldInfo,
  page: PageServer | null,
  options: ServeOptions,
): Promise<void> {
  const [{ samplesOf }, { instantWords }] = await Promise.all([import('./samples.ts'), import('./words.ts')]);
  const pace = options.pace === 'max' ? 'as fast as it can' : `at ${options.pace.replace(/[x×]$/, '')}×`;
  const script = options.script ? 'Its script is played' : 'Its script is not played (--script)';
  screen.say(`${screen.paint('bold', lab.scenario.id)}  ${oneLine(lab.scenario.title)}`);
  screen.say(screen.paint('quiet', `${instantWords(lab.state.now)} UTC, ${pace}. ${script}. Folder: ${lab.dir}`));
  if (page !== null) screen.say(`\n${screen.paint('bold', 'Page for a browser')}\n  ${page.url}`);
  for (const { title, commands } of samplesOf(lab, ports)) {
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
