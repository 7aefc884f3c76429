/**
 * `npm run truth [FOLDER]`: plays recorded cases in the lab, and prints what a real server did beside what the lab does.
 *
 * FOLDER holds recordings of Postfix, a folder a case: mail logs, queue listings, reports, dialogues, connections. Cases without one are
 * passed over, and named. Names, ids, times and the wording for people aside, each field is `same`, `explained` by a standard, or
 * `DIFFERENT`. Ends with 0 when nothing is different, 1 otherwise, 2 when there is nothing to compare with.
 */
import fs from 'node:fs';
import path from 'node:path';
import { CASES } from './truth/cases.ts';
import { compareCase, type Result } from './truth/compare.ts';
import { Stage } from './truth/stage.ts';

const DEFAULT_FOLDER = '../shared/truth';

const [given] = process.argv.slice(2);
const folder = path.resolve(import.meta.dirname, '..', given ?? DEFAULT_FOLDER);
if (!fs.existsSync(folder)) {
  console.error(
    `There are no recordings in ${folder}: nothing was compared. Name the folder that has them: npm run truth FOLDER`,
  );
  process.exit(2);
}
const present = CASES.filter((one) => fs.existsSync(path.join(folder, one.folder)));
const missing = [...new Set(CASES.filter((one) => !present.includes(one)).map((one) => one.folder))];
if (present.length === 0) {
  console.error(
    `${folder} has the recordings of no case: nothing was compared. A case is a folder in it, such as ${CASES[0]!.folder}: npm run truth FOLDER`,
  );
  process.exit(2);
}

const WORDS = { same: 'same', different: 'DIFFERENT', explained: 'explained' };
/** Files that a case was held against, with their folders. */
const read = new Set<string>();
const counts = { same: 0, different: 0, explained: 0 };
for (const one of present) {
  console.log(`\n── ${one.id} ${one.folder}: ${one.title}`);
  const stage = await Stage.open(one.props);
  await one.play(stage);
  const { results, left, files } = compareCase(one, stage, path.join(folder, one.folder));
  for (const file of files) read.add(path.join(one.folder, file));
  await stage.close();
  if (results.length === 0)
    results.push({
      file: one.folder,
      key: 'recordings',
      recorded: 'none found',
      lab: null,
      verdict: 'different',
      why: null,
    });
  for (const result of results) {
    counts[result.verdict] += 1;
    console.log(lineOf(result));
  }
  for (const reason of left) console.log(`left out   ${reason}`);
}
const unread = [...new Set(present.map((one) => one.folder))]
  .flatMap((name) => fs.readdirSync(path.join(folder, name)).map((file) => path.join(name, file)))
  .filter((file) => !read.has(file) && !file.endsWith('README'));
for (const file of unread) {
  counts.different += 1;
  console.log(`DIFFERENT  ${file}: a recording that no case is held against; scripts/truth/cases.ts lacks it`);
}
if (missing.length > 0) console.log(`\nskipped, as there are no recordings of them here: ${missing.join(', ')}`);
console.log(`\n${counts.same} same, ${counts.explained} explained, ${counts.different} different`);
process.exit(counts.different === 0 ? 0 : 1);

function lineOf({ verdict, why, file, key, recorded, lab }: Result): string {
  const where = `${WORDS[verdict].padEnd(10)} ${file}  ${key}`;
  if (verdict === 'same') return `${where}  ${oneLine(recorded)}`;
  return `${where}\n             recorded  ${oneLine(recorded)}\n             lab       ${oneLine(lab)}${why === null ? '' : `\n             explained: ${why}`}`;
}

function oneLine(text: string | null): string {
  return text === null ? '(nothing)' : text.replace(/\n/g, ' ⏎ ');
}
