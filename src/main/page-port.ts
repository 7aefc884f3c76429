/**
 * The page's one channel: the preload hands over one end of a MessagePort when the page is loaded, and the contract is
 * served on it. Only the main frame of our own window is answered.
 */
import type { IpcMain, MessagePortMain, WebContents } from 'electron';
import type { Channel } from '../contract/channel.ts';
import { isPage } from './security.ts';

/** The one name on Electron's own wire; src/preload says it too. */
export const PORT_NAME = 'page-port';

/** Calls `connect` for each page that our window loads, with its channel. The channel of the page before is closed. */
export function servePorts(
  ipc: Pick<IpcMain, 'on'>,
  ours: () => WebContents | null,
  connect: (channel: Channel) => void,
): void {
  let open: MessagePortMain | null = null;
  ipc.on(PORT_NAME, (event) => {
    const [port] = event.ports;
    if (port === undefined) return;
    const own =
      event.sender === ours() && event.senderFrame === event.sender.mainFrame && isPage(event.senderFrame.url);
    if (!own) return port.close();
    open?.close();
    open = port;
    connect(portChannel(port));
  });
}

function portChannel(port: MessagePortMain): Channel {
  return {
    post: (message) => port.postMessage(message),
    on(heard) {
      port.on('message', ({ data }) => heard(data));
      port.start();
    },
    onClose: (closed) => void port.once('close', closed),
  };
}
