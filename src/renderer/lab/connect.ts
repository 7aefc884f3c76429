/** The page's way to the program behind it: the preload's channel in the window, a WebSocket in a browser. */
import { connectChannel, type Channel } from '../../contract/channel.ts';
import { callText, messageOf } from '../../contract/frames.ts';
import type { PageApi, PageNews, WindowNews } from '../../contract/page-api.ts';

export function connect(news: Partial<PageNews & WindowNews>, lost: () => void): PageApi {
  const channel = window.mailLab ?? webSocketChannel();
  channel.onClose(lost);
  return connectChannel<PageApi, PageNews & WindowNews>(channel, news);
}

function webSocketChannel(): Channel {
  const token = new URLSearchParams(location.search).get('token') ?? '';
  const socket = new WebSocket(`ws://${location.host}/lab?token=${encodeURIComponent(token)}`);
  socket.binaryType = 'arraybuffer';
  const early: string[] = [];
  /** Frames are heard in the order in which they came, though some take a while to be inflated. */
  let before = Promise.resolve();
  socket.addEventListener('open', () => {
    for (const text of early.splice(0)) socket.send(text);
  });
  return {
    post(message) {
      const text = callText(message);
      if (socket.readyState === WebSocket.CONNECTING) early.push(text);
      else socket.send(text);
    },
    on: (heard) =>
      socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
        const text = typeof data === 'string' ? data : inflated(data);
        before = before.then(async () => heard(messageOf(await text))).catch((error: unknown) => console.error(error));
      }),
    onClose: (closed) => socket.addEventListener('close', closed),
  };
}

const inflated = (bytes: ArrayBuffer): Promise<string> =>
  new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))).text();
