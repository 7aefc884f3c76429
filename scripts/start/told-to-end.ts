/**
 * When Mail Lab is to end: at Ctrl-C, at a word of the system, and when the `npm start` above it is gone. npm runs a script in a
 * shell, and ends that shell when it is told to end itself; the shell passes nothing on.
 */
const LOOK_EVERY_MS = 500;

/** Calls back once for each time that it is told so. */
export function whenToldToEnd(end: (signal: NodeJS.Signals) => void): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(signal));
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    end('SIGTERM');
  }, LOOK_EVERY_MS);
  timer.unref();
}
