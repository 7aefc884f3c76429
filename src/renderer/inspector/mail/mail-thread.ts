/** The thread in which messages are read. */
import type { MailThread } from './read-mail.ts';

export const startMailThread = (): MailThread =>
  new Worker(new URL('./mail-worker.ts', import.meta.url), { type: 'module' });
