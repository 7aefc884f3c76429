/**
 * `npm run bench:ui`: how fast the window is, in a real Chromium that draws without a graphics card.
 *
 * Three things a person would notice: a lab with a hundred thousand events opens and scrolls; a flood at full speed leaves
 * the page smooth; any moment of the past is there at once. Exit code 1 when a target is missed. The figures are of this
 * machine today: what else runs on it is in them. `npm run bench:ui many flood moments` takes those that are named.
 */
import os from 'node:os';
import { measureFlood } from './ui/flood.ts';
import { measureMany } from './ui/many.ts';
import { measureMoments } from './ui/moments.ts';
import { missedCount } from './ui/numbers.ts';
import { openStage } from './ui/stage.ts';

const MEASURES = { many: measureMany, flood: measureFlood, moments: measureMoments };
const named = process.argv.slice(2);
const unknown = named.filter((name) => !(name in MEASURES));
if (unknown.length > 0)
  throw new Error(`there is no measure '${unknown[0]}'; there are: ${Object.keys(MEASURES).join(', ')}`);

console.log(`On ${os.cpus().length} cores, load ${os.loadavg()[0]?.toFixed(1)} before it begins`);
const stage = await openStage();
try {
  for (const [name, measure] of Object.entries(MEASURES))
    if (named.length === 0 || named.includes(name)) await measure(stage);
} finally {
  await stage.close();
}
process.exitCode = missedCount() === 0 ? 0 : 1;
