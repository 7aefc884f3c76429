/**
 * Opens a message beside the page: a mail may be made so that reading it takes long. One that takes too long is given up,
 * and what is left of it is its bytes.
 */
import { unread, type OpenMail } from './open-mail.ts';

/** A thread that is given a message's bytes, and answers with the message; mail-thread.ts starts one. */
export interface MailThread {
  addEventListener(what: 'message', heard: (event: { data: { mail?: OpenMail; trouble?: string } }) => void): void;
  addEventListener(what: 'error', heard: (event: { message: string }) => void): void;
  postMessage(raw: string): void;
  terminate(): void;
}

/** Real ms; what people send takes a few. */
const READING_MS_MAX = 8_000;

export async function readMail(raw: string, start: () => MailThread): Promise<OpenMail> {
  const thread = start();
  try {
    return await new Promise<OpenMail>((resolve, reject) => {
      setTimeout(() => reject(new Error('reading it takes too long')), READING_MS_MAX);
      thread.addEventListener('error', ({ message }) => reject(new Error(message)));
      thread.addEventListener('message', ({ data }) => {
        if (data.mail !== undefined) resolve(data.mail);
        else reject(new Error(data.trouble));
      });
      thread.postMessage(raw);
    });
  } catch (error) {
    return unread(raw, `This message can’t be parsed: ${(error as Error).message}. Its bytes are under Raw.`);
  } finally {
    thread.terminate();
  }
}
