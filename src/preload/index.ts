/**
 * The page's one channel to the program behind it: `window.mailLab`, and nothing else. It runs sandboxed and in a
 * world of its own; it carries plain data both ways and understands none of it.
 */
import { contextBridge, ipcRenderer } from 'electron';

const { port1: ours, port2: theirs } = new MessageChannel();
ipcRenderer.postMessage('page-port', null, [theirs]);

contextBridge.exposeInMainWorld('mailLab', {
  post: (message: unknown): void => ours.postMessage(message),
  on(heard: (message: unknown) => void): void {
    ours.addEventListener('message', (event) => heard((event as MessageEvent).data));
    ours.start(); // what came before waits until somebody hears
  },
  onClose: (closed: () => void): void => ours.addEventListener('close', () => closed()),
});
