/** From the arguments of `run` and `serve` to a lab, and to the lines that tell its story. */
import { openLab, type Lab, type LabOptions } from '../engine/lab.ts';
import { errorLine, loadScenario } from '../engine/scenario/index.ts';
import type { LabEvent } from '../contract/events.ts';
import { oneLine } from '../contract/visible.ts';
import { sayWrong, UserError } from './failure.ts';
import { createFolder } from './fold.ts';
import type { LabFile } from './lab-file.ts';
import { sayError, type Screen } from './screen.ts';
import type { Seen } from './seen.ts';
import type { StoryLine } from './story-line.ts';
import { createTeller } from './story.ts';
import { dayWords, hostWord, instantWords, stamp } from './words.ts';
import { version } from './version.ts';

/** Throws, with all its errors told, when the file is not a lab. */
export function checkLab(file: LabFile): void {
  const loaded = loadScenario(file.text, file.file);
  if (loaded.ok) return;
  for (const error of loaded.errors) sayError(oneLine(errorLine(file.shown, error)));
  throw new UserError(
    `${file.shown} is not a lab that can be run: mend what is listed above (\`mail-lab check ${file.shown}\` looks again)`,
  );
}

export async function open(file: LabFile | null, options: Omit<LabOptions, 'scenario' | 'version'>): Promise<Lab> {
  if (file !== null) checkLab(file);
  return openLab({
    complain: sayWrong,
    ...options,
    scenario: file === null ? null : { text: file.text, file: file.file },
    version: version(),
  });
}

/** What one should know of a folder that held a lab already; null for a fresh one. Throws when another lab was asked for. */
export function reopenedWords(
  lab: Pick<Seen, 'reopened' | 'dir' | 'scenario' | 'state'>,
  file: LabFile | null,
  seed: number | null,
): string | null {
  if (!lab.reopened) return null;
  const { id } = lab.scenario;
  if (file !== null && file.id !== id)
    throw new UserError(
      `${lab.dir} holds the lab ${id}, not ${file.id}: leave ${file.id} out to go on with ${id}, or choose another folder`,
    );
  const ended = lab.state.scenario.ended ? ', its script at an end' : '';
  const seedNote =
    seed !== null && seed !== lab.state.seed
      ? `. Its seed stays ${lab.state.seed}: for another one, choose another folder`
      : '';
  return `${lab.dir} holds a lab already: ${id}, at ${instantWords(lab.state.now)}${ended}. Going on with it${seedNote}`;
}

/** Prints the story as it happens; returns what prints the rest of it. */
export function follow(
  lab: Pick<Seen, 'state' | 'reopened' | 'events' | 'listen'>,
  screen: Screen,
  { verbose = false }: { verbose?: boolean },
): () => void {
  const teller = createTeller(lab.state, { verbose, past: lab.reopened ? lab.events() : [] });
  const folder = createFolder();
  const actorWidth =
    Math.max('firewall'.length, ...Object.keys(lab.state.hosts).map((key) => hostWord(key).length)) + 2;
  const stampWidth = stamp(0).length + 2;
  let lastDay: string | null = null;

  const print = (line: StoryLine): void => {
    const day = dayWords(line.at);
    if (!line.folds) {
      if (lastDay !== null && day !== lastDay) screen.say(screen.paint('bold', `\n${day}`));
      lastDay = day;
    }
    const when = line.folds ? ' '.repeat(stampWidth) : `${stamp(line.at)}  `;
    const [first = '', ...more] = line.text.split('\n');
    screen.say(
      `${screen.paint('quiet', when)}${screen.paint('bold', line.actor.padEnd(actorWidth))}${screen.paint(line.tone, first)}`,
    );
    for (const text of more) screen.say(`${' '.repeat(stampWidth + actorWidth)}${screen.paint(line.tone, text)}`);
  };
  const hear = (event: LabEvent): void => {
    for (const line of teller.tell(event)) for (const one of verbose ? [line] : folder.take(line)) print(one);
  };
  // A fresh lab's world was told before anybody could listen.
  if (verbose && !lab.reopened) lab.events().forEach(hear);
  const deaf = lab.listen(hear);
  return () => {
    deaf();
    folder.rest().forEach(print);
  };
}
