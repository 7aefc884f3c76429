/** Starts a lab's thread from its source as it is. The window's program has the thread built, and starts that itself. */
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { WorkerOptions } from '../engine/worker.ts';

/**
 * Node takes the types out of a source by WebAssembly. V8 13.6 compiles anew what is called often there, and may free such code
 * while another thread still runs through it (`Runtime_TierUpWasmToJSWrapper` in the core that was left): then the whole program
 * dies, with all labs. With threads that come and go, it leaves that code as it is.
 */
export const KEEP_WASM_WRAPPERS = '--wasm-wrapper-tiering-budget=1000000000';
setFlagsFromString(KEEP_WASM_WRAPPERS);

const SOURCE = fileURLToPath(new URL('../engine/worker.ts', import.meta.url));

export const startThread = (workerData: WorkerOptions): Worker => new Worker(SOURCE, { workerData });
