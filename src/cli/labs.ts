/** `mail-lab labs`: what there is to run, each with its one sentence. */
import { errorLine, loadScenario } from '../engine/scenario/index.ts';
import { EXIT } from './failure.ts';
import { findLab, labNames } from './lab-file.ts';
import { createScreen, sayError, wrapped } from './screen.ts';

export function labs(): number {
  const screen = createScreen();
  const names = labNames();
  const column = Math.max(...names.map((name) => name.length)) + 2;
  let code: number = EXIT.good;
  for (const name of names) {
    const { text, file, shown } = findLab(name);
    const loaded = loadScenario(text, file);
    if (loaded.ok)
      screen.say(
        `${screen.paint('bold', name)}${' '.repeat(column - name.length)}${wrapped(loaded.scenario.shows.replace(/\s+/g, ' '), ' '.repeat(column), screen.width)}`,
      );
    else {
      code = EXIT.wrong;
      for (const error of loaded.errors) sayError(errorLine(shown, error));
    }
  }
  return code;
}
