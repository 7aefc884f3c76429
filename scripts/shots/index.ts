/**
 * `npm run shots [-- FOLDER] [--only=WORDS]`: pictures of every view, light and dark, wide and narrow.
 *
 * Builds the page, opens labs and plays them to telling moments through the page, as a person would, and saves what is
 * to be seen as PNG files in FOLDER (out/shots). Prints what a look at each finds: words cut without a title, poor
 * contrast, complaints of the browser. Ends with 0 when there is nothing, 1 otherwise, 2 when there is no browser.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { SCENES } from './scenes.ts';
import { buildPage, CHROMIUM, openBrowser, ROOT, Stage } from './stage.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', default: '' } },
});
if (!fs.existsSync(CHROMIUM)) {
  console.error(
    `There is no browser at ${CHROMIUM}: no pictures. Install Chromium, or name it: CHROMIUM=/path/to/chromium npm run shots`,
  );
  process.exit(2);
}
const out = path.resolve(positionals[0] ?? path.join(ROOT, 'out/shots'));
fs.mkdirSync(out, { recursive: true });
const wanted = values.only.split(',').filter((word) => word !== '');
const scenes = SCENES.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)));

const built = buildPage();
const browser = await openBrowser();
let faults = 0;
for (const { name, play } of scenes) {
  const stage = await Stage.open(browser, built, out);
  try {
    await play(stage);
  } catch (error) {
    await stage.page.screenshot({ path: path.join(out, `${name}-broken.png`) });
    stage.complain(error instanceof Error ? error.message : String(error), `${name}-broken.png`);
  }
  faults += stage.complaints.size;
  console.log(`${stage.complaints.size === 0 ? 'well ' : 'FAULT'} ${name}`);
  for (const [what, pictures] of stage.complaints) {
    const where =
      pictures[0] === '' ? '' : ` (${pictures[0]}${pictures.length > 1 ? ` and ${pictures.length - 1} more` : ''})`;
    console.log(`      ${what.replaceAll('\n', '\n      ')}${where}`);
  }
  await stage.close();
}
await browser.close();
fs.rmSync(built, { recursive: true, force: true, maxRetries: 3 });
console.log(`\nPictures in ${out}; ${faults === 0 ? 'nothing to complain about' : `${faults} complaints`}.`);
process.exit(faults === 0 ? 0 : 1);
