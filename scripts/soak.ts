/**
 * `npm run soak`: a lab with hostile programs on all of its ports, beside ordinary mail, for five minutes; `--seconds 60` for less. A minute
 * of warming up comes before that, until the lab's caches are full.
 *
 *   warm up (everything at once) ─► baseline ─► ordinary mail alone ─► with hostile programs ─► alone again until all is quiet ─► the same again?
 *
 * It ends with 0 when ordinary mail kept at least half its rate and heard no reply later than 2 s, memory and descriptors came back, and all
 * that got a 250 is where it was promised; with 1 otherwise. Real programs over real sockets, on 127.0.0.1 alone.
 */
import os from 'node:os';
import { parseArgs } from 'node:util';
import { startCast } from './soak/cast.ts';
import type { Measured } from './soak/lab.ts';
import { createLedger } from './soak/ledger.ts';

const WARM_MS = 60_000;
const RATE_MIN = 0.5;
const REPLY_MS_MAX = 2_000;
const MEMORY_MAX = 1.2;
/** After the storm, what was held must be given back within so many real ms: as long as the lab's own time-outs towards programs. */
const BACK_MS_MAX = 60_000;
const LOOK_EVERY_MS = 500;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '300' } } });
const seconds = Number(values.seconds);
if (!(seconds >= 20)) throw new Error(`--seconds ${values.seconds}: write a number of seconds, 20 or more`);
const share = (part: number): number => Math.round(seconds * part * 1_000);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MB`;
const memoryOf = ({ rssBytes, keptBytes }: Measured): string =>
  `${megabytes(rssBytes)}, of which ${megabytes(keptBytes)} in use`;

const ledger = createLedger();
const cast = await startCast(ledger);
const failures: string[] = [];
const judge = (words: string, isGood: boolean): void => {
  console.log(`  ${isGood ? 'good' : 'BAD '}  ${words}`);
  if (!isGood) failures.push(words);
};

/** When all that was promised is delivered, and no more descriptors are open than that; or when the time for it is over. */
async function settled(descriptors: number): Promise<Measured> {
  const until = performance.now() + BACK_MS_MAX;
  for (;;) {
    const now = await cast.measure();
    if (ledger.missing().length === 0 && now.queued === 0 && now.descriptors <= descriptors) return now;
    if (performance.now() > until) return now;
    await sleep(LOOK_EVERY_MS);
  }
}

console.log(`${seconds} s on ${os.cpus().length} cores, load ${os.loadavg()[0]?.toFixed(1)} before it begins`);
try {
  const { descriptors } = await cast.measure();
  cast.ordinary('begin');
  await cast.hostile('begin');
  await sleep(WARM_MS);
  await cast.hostile('stop');
  cast.ordinary('stop');
  const baseline = await settled(descriptors);
  console.log(
    `Warm: ${memoryOf(baseline)}, ${baseline.descriptors} descriptors, and ${descriptors} before it was warm`,
  );

  const phase = async (name: string, ms: number): Promise<ReturnType<typeof ledger.since>> => {
    const mark = ledger.mark();
    await sleep(ms);
    const seen = ledger.since(mark);
    console.log(
      `${name}: ${seen.rate.toFixed(1)} messages/s, slowest reply ${seen.slowestMs.toFixed(0)} ms, median ${seen.medianMs.toFixed(1)} ms, ${seen.refused.length} refused`,
    );
    return seen;
  };
  cast.ordinary('begin');
  await sleep(1_000);
  const alone = await phase('Ordinary mail alone', share(0.2));
  await cast.hostile('begin');
  const beside = await phase('Beside hostile programs', share(0.7));
  const peak = await cast.measure();
  await cast.hostile('stop');
  await phase('Alone again', share(0.1));
  cast.ordinary('stop');
  const end = await settled(descriptors);
  console.log(
    `In the storm: ${memoryOf(peak)}, ${peak.descriptors} descriptors. At the end: ${memoryOf(end)}, ${end.descriptors} descriptors; journal ${megabytes(end.journalBytes)}`,
  );
  console.log(
    `What was done: ${Object.entries(cast.did())
      .map(([name, count]) => `${name} ${count}`)
      .join(', ')}`,
  );

  judge(
    `ordinary mail keeps ${((100 * beside.rate) / alone.rate).toFixed(0)} % of its rate, and must keep ${100 * RATE_MIN} %`,
    beside.rate >= RATE_MIN * alone.rate,
  );
  judge(
    `its slowest reply took ${beside.slowestMs.toFixed(0)} ms, and may take ${REPLY_MS_MAX}`,
    beside.slowestMs <= REPLY_MS_MAX,
  );
  judge(
    `${beside.refused.length} of its messages were refused or lost${beside.refused.length > 0 ? `: ${[...new Set(beside.refused)].slice(0, 5).join('; ')}` : ''}`,
    beside.refused.length === 0,
  );
  judge(
    `memory is ${(end.rssBytes / baseline.rssBytes).toFixed(2)} times what it was, and may be ${MEMORY_MAX}`,
    end.rssBytes <= MEMORY_MAX * baseline.rssBytes,
  );
  judge(`${end.descriptors} descriptors are open, and ${descriptors} were`, end.descriptors <= descriptors);
  judge(
    `of ${ledger.promised()} messages that got a 250, ${ledger.missing().length} are missing and ${ledger.doubled().length} came twice`,
    ledger.missing().length === 0 && ledger.doubled().length === 0,
  );
  judge(
    `${cast.troubles().length} troubles were told${cast.troubles().length > 0 ? `: ${cast.troubles().slice(0, 5).join('; ')}` : ''}`,
    cast.troubles().length === 0,
  );
} finally {
  await cast.end();
}
console.log(failures.length === 0 ? '\nAll 7 criteria are met.' : `\n${failures.length} of 7 criteria are not met.`);
process.exitCode = failures.length === 0 ? 0 : 1;
