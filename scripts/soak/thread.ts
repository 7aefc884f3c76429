/** A lab's thread as it is, which also collects its garbage when it is asked to: what is measured then is what it keeps. */
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', (message: unknown) => {
  if (message !== 'collect') return;
  (globalThis as { gc?: (how: object) => void }).gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  parentPort?.postMessage({ collected: process.memoryUsage() });
});
// It ends with the lab.
await import('../../src/engine/worker.ts');
