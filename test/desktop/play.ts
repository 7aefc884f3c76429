/** Speaks the contract from within the window's page, over what the preload gives it, as the page itself does. */
import type { Page } from 'playwright-core';

/** How long to wait for a word of the program. */
export const patience = { realMs: 8_000 };

/** A call of PageApi, made in the page. Numbers far from those of the page's own calls, which share the channel. */
let count = 1_000_000;
export function call<Value>(page: Page, name: string, ...args: unknown[]): Promise<Value> {
  count += 1;
  return page.evaluate(
    ([id, called, given, realMs]) =>
      new Promise<Value>((resolve, reject) => {
        const { mailLab } = globalThis as unknown as {
          mailLab?: { post(message: unknown): void; on(heard: (message: any) => void): void };
        };
        if (mailLab === undefined) throw new Error('window.mailLab is missing');
        setTimeout(() => reject(new Error(`no answer to ${called} within ${realMs} ms`)), realMs);
        mailLab.on(({ answer, value, error }) => {
          if (answer !== id) return;
          if (error === undefined) resolve(value);
          else reject(new Error(error));
        });
        mailLab.post({ call: id, name: called, args: given });
      }),
    [count, name, args, patience.realMs] as const,
  );
}

export interface Check {
  name: string;
  passed: boolean;
}

/** Plays one lab by its guide, as fast as it can. Returns its checks. */
export async function playLab(page: Page, lab: string): Promise<Check[]> {
  const { id } = await call<{ id: string }>(page, 'open', lab);
  const ask = <Value>(name: string, ...args: unknown[]): Promise<Value> => call<Value>(page, 'ask', id, name, args);
  await ask('setPace', 'max');
  const { guide } = await ask<{ guide: unknown[] }>('lesson');
  for (const index of guide.keys()) await ask('doGuideStep', index);
  for (let look = 0; look < 100; look += 1) {
    const checks = await ask<Check[]>('checks', null);
    if (checks.every(({ passed }) => passed)) return checks;
    await ask('jump', null);
  }
  return ask<Check[]>('checks', null);
}
