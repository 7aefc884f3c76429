/** A clean end: every lab writes down what it has and gives its ports back before the program goes. */
import type { App } from 'electron';
import type { PageApi } from '../contract/page-api.ts';

/** A lab that doesn't end by then is left: its journal is on disk, and what was accepted is in it. */
const END_WITHIN_MS = 10_000;

export function endCleanly(app: App, end: () => Promise<void>): void {
  let stage: 'running' | 'ending' | 'ended' = 'running';
  app.on('before-quit', (event) => {
    if (stage === 'ended') return;
    event.preventDefault();
    if (stage === 'ending') return;
    stage = 'ending';
    const late = new Promise<void>((resolve) => setTimeout(resolve, END_WITHIN_MS));
    void Promise.race([end(), late])
      .catch((error: unknown) => console.error(error))
      .then(() => {
        stage = 'ended';
        app.quit();
      });
  });
  app.on('window-all-closed', () => app.quit());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
}

/** Closes every world, also when one of them fails to. */
export async function closeWorlds(api: Pick<PageApi, 'worlds' | 'close'>): Promise<void> {
  const closed = await Promise.allSettled((await api.worlds()).map(({ id }) => api.close(id)));
  for (const one of closed) if (one.status === 'rejected') console.error(one.reason);
}
