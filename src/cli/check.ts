/** `mail-lab check`: all errors of lab files, as editors and terminals understand them. */
import { oneLine, visibleJson } from '../contract/visible.ts';
import { errorLine, loadScenario, schemaJson } from '../engine/scenario/index.ts';
import { EXIT, sayWrong, UserError } from './failure.ts';
import { findLab, type LabFile } from './lab-file.ts';
import { createScreen, sayError } from './screen.ts';
import { plural } from './words.ts';

export function check(files: string[], { schema }: { schema?: boolean }): number {
  const screen = createScreen();
  if (schema) {
    screen.say(visibleJson(schemaJson()));
    return EXIT.good;
  }
  if (files.length === 0) throw new UserError('check what? Write the path of a lab file, or --schema');
  let wrong = 0;
  for (const wanted of files) {
    const found = findOrSay(wanted);
    if (found === null) {
      wrong += 1;
      continue;
    }
    const { file, shown, text } = found;
    const loaded = loadScenario(text, file);
    if (loaded.ok) {
      const { hosts, script, checks } = loaded.scenario;
      screen.say(
        `${shown}: ${screen.paint('good', 'valid')}, ${plural(Object.keys(hosts).length, 'host')}, ${plural(script.length, 'step')}, ${plural(checks.length, 'check')}`,
      );
      for (const note of loaded.notes) screen.say(screen.paint('quiet', oneLine(errorLine(shown, note, 'note: '))));
    } else {
      wrong += 1;
      for (const error of loaded.errors) sayError(oneLine(errorLine(shown, error)));
    }
  }
  return wrong === 0 ? EXIT.good : EXIT.wrong;
}

/** Null, with a word why, for what can't be read: the other files are looked at all the same. */
function findOrSay(wanted: string): LabFile | null {
  try {
    return findLab(wanted);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    sayWrong(error.message);
    return null;
  }
}
