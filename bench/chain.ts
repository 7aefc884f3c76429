/**
 * `npm run bench`: C → B → A in the lab beside two private Postfix instances in a row, in turn, in one run.
 *
 * One smtp-source with 20 connections feeds both, 4 KiB a message; every 250 is said after fsync, on the same disk.
 * Postfix makes each message durable twice, as smtp-sink at its end keeps nothing; the lab does it three times.
 * Absolute figures say how fast the machine is today; what counts is the ratio of the medians.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startLabChain } from './lab.ts';
import { measure } from './load.ts';
import { startPostfixPair } from './postfix.ts';

const ROUNDS = Number(process.env['ROUNDS'] ?? 5);
const MESSAGES = Number(process.env['MESSAGES'] ?? 3000);

const dir = fs.mkdtempSync(path.join(process.env['BENCH_DIR'] ?? os.tmpdir(), 'mail-lab-bench-'));
fs.chmodSync(dir, 0o755); // Postfix's own user must be able to enter
const labDir = path.join(dir, 'lab');
fs.mkdirSync(labDir);
const postfix = await startPostfixPair(path.join(dir, 'postfix'));
const lab = await startLabChain(labDir);

const contestants = [
  {
    name: 'Postfix → Postfix → sink',
    port: postfix.port,
    delivered: postfix.delivered,
    to: 'alice@a.test',
    rates: [] as number[],
  },
  {
    name: 'Mail Lab C → B → A',
    port: lab.port,
    delivered: lab.delivered,
    to: 'alice@theorganisation.test',
    rates: [] as number[],
  },
];

async function run(one: (typeof contestants)[number], messages: number): Promise<number> {
  const before = await one.delivered();
  await lab.settled();
  const { deliveriesPerSecond } = await measure({
    port: one.port,
    messages,
    to: one.to,
    from: 'carol@elsewhere.test',
    connections: 'kept',
    delivered: async () => (await one.delivered()) - before,
  });
  return deliveriesPerSecond;
}

try {
  console.log(
    `${MESSAGES} messages of 4 KiB a round, 20 connections, ${ROUNDS} rounds in turn, on ${os.cpus().length} cores`,
  );
  // A whole round each to warm up: daemons are forked, caches filled, hot code compiled.
  for (const one of contestants) await run(one, MESSAGES);
  for (let round = 1; round <= ROUNDS; round += 1) {
    for (const one of contestants) {
      one.rates.push(await run(one, MESSAGES));
      console.log(`  round ${round}  ${one.name.padEnd(26)} ${one.rates.at(-1)?.toFixed(0).padStart(6)} delivered/s`);
    }
  }
  const medians = contestants.map(({ name, rates }) => {
    const sorted = [...rates].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] as number;
    console.log(
      `${name.padEnd(26)} median ${median.toFixed(0)}/s (${sorted[0]?.toFixed(0)} to ${sorted.at(-1)?.toFixed(0)})`,
    );
    return median;
  });
  console.log(`ratio ${((medians[1] as number) / (medians[0] as number)).toFixed(1)}`);
} finally {
  await lab.stop();
  await postfix.stop();
  fs.rmSync(dir, { recursive: true, force: true });
}
