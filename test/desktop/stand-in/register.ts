/** Puts the stand-in in the place of `electron`, for import and require alike. Given to Node by --import; workers inherit it. */
import { registerHooks } from 'node:module';
import { isMainThread } from 'node:worker_threads';

registerHooks({
  resolve(specifier, context, next) {
    if (specifier !== 'electron' && !specifier.startsWith('electron/')) return next(specifier, context);
    if (!isMainThread) throw new Error("Electron's modules don't work in workers");
    return { url: new URL('./electron.ts', import.meta.url).href, shortCircuit: true };
  },
});
