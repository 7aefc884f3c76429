/** Something to do for the lab of this folder's tests: a message, and mail that nobody ever takes. */
import type { SendRequest } from '../../src/contract/events.ts';
import type { LabApi } from '../../src/contract/lab-api.ts';
import type { RetryPolicy } from '../../src/contract/settings.ts';

export const mail = (change: Partial<SendRequest>): SendRequest => ({
  name: null,
  from: 'carol@elsewhere.test',
  to: ['alice@theorganisation.test'],
  subject: 'Minutes',
  body: 'Hello',
  raw: null,
  sizeBytes: null,
  spam: false,
  ret: null,
  envid: null,
  notify: null,
  via: null,
  network: null,
  ...change,
});

/** C tries again and again what nobody takes. Returns an instant a hundred years off, which no jump reaches while a test lasts. */
export async function keepBusy(api: LabApi): Promise<number> {
  const curve = { kind: 'fixed', everyMs: 1_000, countedFrom: 'try' } as const;
  const retry: RetryPolicy = {
    preset: 'article',
    curve,
    warnAfterMs: null,
    giveUpAfterMs: 1e13,
    giveUpReportsAfterMs: 1e13,
  };
  await api.act({ do: 'set', host: 'c', settings: { retry } });
  await api.act({ do: 'host', host: 'b', power: 'off' });
  await api.act({ do: 'send', messages: [mail({})], everyMs: 0, connections: 1 });
  return (await api.clock()).now + 3e12;
}
