/**
 * What the window tells its page beside the news of the labs: what a person chose in the native menu, or opened from outside.
 * It goes over the same channel; a browser's page never hears it.
 */
import type { Channel } from '../contract/channel.ts';
import type { WindowNews } from '../contract/page-api.ts';

export interface PageLink {
  /** Tell the page; what comes while there is none waits for it. */
  tell<Name extends keyof WindowNews>(name: Name, ...args: Parameters<WindowNews[Name]>): void;
  /** The page that is there from now on. */
  connect(channel: Channel): void;
}

export function createPageLink(): PageLink {
  let page: Channel | null = null;
  const waiting: unknown[] = [];
  return {
    tell(name, ...args) {
      const message = { news: name, args };
      if (page === null) waiting.push(message);
      else page.post(message);
    },
    connect(channel) {
      page = channel;
      channel.onClose(() => {
        if (page === channel) page = null;
      });
      for (const message of waiting.splice(0)) channel.post(message);
    },
  };
}
