import { defineConfig } from 'vitest/config';
import { KEEP_WASM_WRAPPERS } from './src/server/thread.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/browser/build.ts'],
    // Those that did not run are named at the end, with what to install.
    reporters: ['default', './test/skipped.ts'],
    // Processes, not threads: the lab asks `process.getActiveResourcesInfo()` whether a library still steps, and within a
    // thread that call also sees what belongs to the test runner.
    pool: 'forks',
    // A lab keeps one core busy; more of them at once than cores only makes each one slower.
    maxWorkers: 2,
    // Tests start labs in threads of their own.
    execArgv: [KEEP_WASM_WRAPPERS],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
