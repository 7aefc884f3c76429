/** What the native menu, and files opened from outside, ask of the page: done as if its own controls had been pressed. */
import type { WindowNews } from '../../contract/page-api.ts';
import { attempt, lookAt, shown } from '../lab/store.ts';
import { takeFile } from '../send/drafts.ts';
import { back, forward, togglePlay } from './moves.ts';

export const windowNews: Omit<WindowNews, 'trouble' | 'show'> = {
  mailFile: (name, bytes) =>
    void attempt(async () => {
      if (shown.world === null) throw new Error(`${name} is a mail: open a lab first, then it can be sent there`);
      await takeFile(new File([Uint8Array.from(bytes, (sign) => sign.charCodeAt(0))], name));
      shown.sending = true;
    }),
  command(name) {
    if (name === 'licenses') shown.licenses = true;
    if (name === 'licenses' || shown.world === null) return;
    switch (name) {
      case 'send':
        return void (shown.sending = true);
      case 'play-pause':
        return void togglePlay();
      case 'back':
        return void back();
      case 'forward':
        return void forward();
      case 'now':
        return void lookAt(null);
      default:
        shown.page = name;
    }
  },
};
