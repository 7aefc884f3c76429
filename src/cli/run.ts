/** `mail-lab run`: plays a lab to its end, as fast as it can, tells its story, and judges its checks. */
import fs from 'node:fs';
import { CALENDAR_END } from '../contract/instant.ts';
import { oneLine, visibleJson } from '../contract/visible.ts';
import type { Lab } from '../engine/lab.ts';
import { paceOf, salvageOf, seedOf } from './arguments.ts';
import { EXIT, sayWrong, UserError } from './failure.ts';
import { openFiles, type FileLines } from './file-lines.ts';
import { findLab, type LabFile } from './lab-file.ts';
import { createScreen, type Screen } from './screen.ts';

export interface RunOptions {
  seed?: string;
  pace: string;
  dir?: string;
  salvage?: boolean;
  until?: string;
  verbose?: boolean;
  json?: boolean;
  journal?: string;
  junit?: string;
}

export async function run(wanted: string | null, options: RunOptions): Promise<number> {
  const pace = paceOf(options.pace);
  const seed = options.seed === undefined ? null : seedOf(options.seed);
  if (wanted === null && options.dir === undefined)
    throw new UserError('run what? Write the name of a lab or the path of a lab file: `mail-lab labs` lists the labs');
  const file = wanted === null ? null : findLab(wanted);
  const screen = createScreen();
  const show = options.json ? silent(screen) : screen;
  const [journal = null, junit = null] = openFiles(
    { journal: options.journal, junit: options.junit },
    { file: file?.file ?? null, dir: options.dir ?? null },
  );
  // The first words come before the engine is loaded.
  if (file !== null) show.say(`${screen.paint('bold', file.id)}  ${screen.paint('quiet', file.shown)}`);

  const { open, reopenedWords, follow } = await import('./open.ts');
  const startedMs = performance.now();
  let troubles = 0;
  const lab = await open(file, {
    dir: options.dir ?? null,
    seed,
    salvage: salvageOf(options),
    complain(message) {
      sayWrong(message);
      troubles += 1;
    },
  });
  const known = troubles; // what a salvage says is no trouble of this run
  // However this ends, a folder that nobody asked for goes with it.
  if (options.dir === undefined) process.once('exit', () => fs.rmSync(lab.dir, { recursive: true, force: true }));
  const interrupted = endSignal();
  let until: number | null = null;
  try {
    const reopened = reopenedWords(lab, file, seed);
    if (reopened !== null) sayWrong(reopened);
    if (options.until !== undefined) until = await untilOf(options.until, lab);
  } catch (error) {
    await lab.close();
    throw error;
  }
  await intro(show, lab, file);
  if (journal !== null) for (const event of lab.events()) journal.line(JSON.stringify(event));
  if (journal !== null) lab.listen((event) => journal.line(JSON.stringify(event)));
  const tellRest = options.json ? () => undefined : follow(lab, show, options);

  lab.driver.setPace(pace);
  const ran = lab.driver.run();
  const end = until === null ? lab.played() : stopAt(lab, until);
  const how = await Promise.race([end, ran.then(() => end), interrupted]);
  tellRest();
  if (how === 'interrupted') {
    await lab.close();
    return EXIT.interrupted;
  }
  const good = await judge(lab, screen, { ...options, until, wallMs: performance.now() - startedMs, junit });
  await lab.close();
  journal?.end();
  return good && troubles === known ? EXIT.good : EXIT.checksFail;
}

/** Lines that nobody is to see. */
const silent = (screen: Screen): Screen => ({ ...screen, say: () => undefined });

async function intro(screen: Screen, { scenario, state }: Lab, file: LabFile | null): Promise<void> {
  const { instantWords } = await import('./words.ts');
  if (file === null) screen.say(screen.paint('bold', scenario.id));
  screen.say(oneLine(scenario.shows));
  screen.say(screen.paint('quiet', `${instantWords(state.now)} UTC, seed ${state.seed}`));
  screen.say('');
}

async function judge(
  lab: Lab,
  screen: Screen,
  facts: { json?: boolean; dir?: string; until: number | null; wallMs: number; junit: FileLines | null },
): Promise<boolean> {
  const [{ evaluateChecks, formatDuration }, { isGood, junitOf, resultOf }, { version }] = await Promise.all([
    import('../engine/scenario/index.ts'),
    import('./results.ts'),
    import('./version.ts'),
  ]);
  const events = lab.events();
  const checks = evaluateChecks(lab.scenario, events, lab.state);
  const result = resultOf(lab, events, checks, { version: version(), wallMs: facts.wallMs });
  const good = isGood(result);
  if (facts.junit !== null) {
    facts.junit.line(junitOf(result).trimEnd());
    facts.junit.end();
  }
  if (facts.json) {
    screen.say(visibleJson(result));
    return good;
  }
  screen.say('');
  for (const { name, passed, expected, measured } of checks) {
    if (passed) screen.say(`${screen.paint('good', '✓')} ${oneLine(name)}`);
    else
      screen.say(
        `${screen.paint('bad', '✗')} ${oneLine(name)}\n    expected  ${oneLine(expected)}\n    measured  ${oneLine(measured)}`,
      );
  }
  for (const { step, line, message, mayFail } of result.stepsNotDone) {
    if (mayFail)
      screen.say(
        `- Step ${step} of the script (line ${line}) could not be done, which its lab allows: ${oneLine(message)}`,
      );
    else
      screen.say(
        `${screen.paint('bad', '✗')} Step ${step} of the script (line ${line}) could not be done: ${oneLine(message)}`,
      );
  }
  const holding = checks.filter((check) => check.passed).length;
  const undone = result.stepsNotDone.filter(({ mayFail }) => !mayFail).length;
  const verdict = [
    checks.length === 0
      ? 'This lab has no checks.'
      : holding === checks.length
        ? holding === 1
          ? 'The only check holds.'
          : `All ${checks.length} checks hold.`
        : `${holding} of ${checks.length} checks hold.`,
    ...(undone === 0 ? [] : [`${undone} of ${lab.scenario.script.length} steps could not be done.`]),
  ].join(' ');
  const times = `${formatDuration(Math.round(result.virtualSeconds) * 1000)} of virtual time in ${result.wallSeconds.toFixed(1)} s.`;
  screen.say(
    `${checks.length === 0 ? '' : '\n'}${screen.paint(good ? 'good' : 'bad', verdict)} ${times}${facts.dir === undefined ? '' : ` The lab lies in ${lab.dir}.`}`,
  );
  return good;
}

/** `2d` after the start, or an instant; it must lie ahead. */
async function untilOf(text: string, lab: Lab): Promise<number> {
  const { parseDuration, parseInstant } = await import('../engine/scenario/index.ts');
  const { instantWords } = await import('./words.ts');
  const duration = parseDuration(text);
  const at = duration === null ? parseInstant(text) : lab.state.startedAt + duration;
  const problem =
    at === null || at >= CALENDAR_END
      ? 'write an instant such as 2026-03-03T09:00Z, or a time since the start such as 2d or 4h30m, before the end of the year 9999'
      : at < lab.state.now
        ? `the lab is at ${instantWords(lab.state.now)} already: write a later time`
        : null;
  if (problem === null) return at as number;
  throw new UserError(`--until ${text}: ${problem}`);
}

async function stopAt(lab: Lab, at: number): Promise<void> {
  lab.driver.setEnd(at);
  await lab.driver.idle();
  await lab.driver.jump(at); // from the last event to the end
}

function endSignal(): Promise<'interrupted'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve('interrupted'));
  });
}
