/** The page's way to the program behind it: the preload's channel in the window, a WebSocket in a browser. */
import { connectChannel, type Channel } from '../../contract/channel.ts';
import type { PageApi, PageNews } from '../../contract/page-api.ts';

export function connect(news: Partial<PageNews>, lost: () => void): PageApi {
  const channel = window.mailLab ?? webSocketChannel();
  channel.onClose(lost);
  return connectChannel<PageApi, PageNews>(channel, news);
}

function webSocketChannel(): Channel {
  const token = new URLSearchParams(location.search).get('token') ?? '';
  const socket = new WebSocket(`ws://${location.host}/lab?token=${encodeURIComponent(token)}`);
  const early: string[] = [];
  socket.addEventListener('open', () => {
    for (const text of early.splice(0)) socket.send(text);
  });
  return {
    post(message) {
      const text = JSON.stringify(message);
      if (socket.readyState === WebSocket.CONNECTING) early.push(text);
      else socket.send(text);
    },
    on: (heard) => socket.addEventListener('message', (event: MessageEvent<string>) => heard(JSON.parse(event.data))),
    onClose: (closed) => socket.addEventListener('close', closed),
  };
}
