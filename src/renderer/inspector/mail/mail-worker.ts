/** Reads a message in a thread of its own: see read-mail.ts. */
import { openMail } from './open-mail.ts';

self.addEventListener('message', ({ data }: MessageEvent<string>) => {
  openMail(data).then(
    (mail) => self.postMessage({ mail }),
    (error: unknown) => self.postMessage({ trouble: String(error) }),
  );
});
