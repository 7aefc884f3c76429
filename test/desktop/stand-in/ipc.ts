/**
 * The stand-in's way between a preload and main where no Chromium is needed: `ipcMain`, `ipcRenderer`, `contextBridge` and
 * MessagePortMain, over Node's own ports. Ports are really handed over, messages really cloned, and the bridge lets plain
 * data and functions through and nothing else. It is to be as strict as Electron, never kinder.
 */
import { EventEmitter } from 'node:events';
import { MessageChannel, type MessagePort } from 'node:worker_threads';

/** A port as main holds it: nothing is heard before `start`. */
export class MessagePortMain extends EventEmitter {
  port: MessagePort;
  started = false;
  constructor(port: MessagePort) {
    super();
    this.port = port;
    port.once('close', () => this.emit('close'));
  }
  postMessage(data: unknown): void {
    this.port.postMessage(data);
  }
  start(): void {
    if (this.started) return;
    this.started = true;
    this.port.on('message', (data: unknown) => this.emit('message', { data, ports: [] }));
  }
  close(): void {
    this.port.close();
  }
}

/** What the bridge makes of a value: a copy, and of a function one that is called across, with copies. */
function across(value: unknown): unknown {
  if (typeof value !== 'function') return structuredClone(value);
  return (...args: unknown[]): unknown => across((value as (...given: unknown[]) => unknown)(...args.map(across)));
}

/** A page with its preload's world, as main sees it: the sender of its messages, and its main frame. */
export interface StandInPage {
  sender: { mainFrame: { url: string } };
  /** `electron`, as a sandboxed preload may use it. */
  electron: {
    ipcRenderer: { postMessage(channel: string, message: unknown, ports?: MessagePort[]): void };
    contextBridge: { exposeInMainWorld(key: string, api: Record<string, unknown>): void };
  };
  /** What the preload exposed in the page's own world. */
  window: Record<string, unknown>;
  /** The page is closed, or the program ends: no port between them is left. */
  end(): void;
}

export function createPage(ipcMain: EventEmitter, url: string): StandInPage {
  const mainFrame = { url };
  const sender = { mainFrame };
  const given: MessagePortMain[] = [];
  const window: Record<string, unknown> = {};
  return {
    sender,
    window,
    electron: {
      ipcRenderer: {
        postMessage(channel, message, ports = []) {
          const { port1, port2 } = new MessageChannel();
          port2.once('message', (sent: { message: unknown; ports: MessagePort[] }) => {
            port2.close();
            const theirs = sent.ports.map((port) => new MessagePortMain(port));
            given.push(...theirs);
            ipcMain.emit(channel, { sender, senderFrame: mainFrame, ports: theirs }, sent.message);
          });
          port1.postMessage({ message, ports }, ports);
        },
      },
      contextBridge: {
        exposeInMainWorld(key, api) {
          if (key in window)
            throw new Error(`Cannot bind an API on top of an existing property on the window object: ${key}`);
          window[key] = Object.freeze(
            Object.fromEntries(Object.entries(api).map(([name, value]) => [name, across(value)])),
          );
        },
      },
    },
    end() {
      for (const port of given.splice(0)) port.close();
    },
  };
}
