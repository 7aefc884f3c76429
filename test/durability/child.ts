/** A lab in a process of its own, which a test kills. Folder in argv[2]; says the port of C on its first line. */
import { openLab } from '../../src/engine/lab.ts';
import { RELAY_SCENARIO } from './world.ts';

const lab = await openLab({ scenario: RELAY_SCENARIO, dir: process.argv[2] as string, version: 'test' });
const { port } = await lab.publish('c', 'internet', 0);
process.stdout.write(`${port}\n`);
// A test that went away leaves no lab behind.
process.stdin.on('end', () => process.exit(0));
process.stdin.resume();
await lab.driver.run();
