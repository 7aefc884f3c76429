/**
 * What Electron puts around a preload, in the page: `require('electron')` in a world of its own, and the bridge from there to
 * the page's world. The two worlds share the window's events and no object, so the bridge carries text.
 * Evaluated as text: `isolated` around the preload's code, `main` in the page's own world.
 */
export function isolated(preload) {
  if (window !== window.top) return;
  const bridge = { keys: {}, ports: new Map(), count: 0 };
  const say = (name, detail) =>
    window.dispatchEvent(new CustomEvent(`bridge:${name}`, { detail: JSON.stringify(detail) }));
  const hear = (name, heard) => window.addEventListener(`bridge:${name}`, (event) => heard(JSON.parse(event.detail)));
  const expose = () =>
    say('expose', Object.fromEntries(Object.entries(bridge.keys).map(([key, api]) => [key, Object.keys(api)])));
  hear('ready', expose);
  hear('call', ({ key, name, args }) => {
    const given = args.map((arg) =>
      arg?.callback === undefined ? arg?.value : (value) => say('callback', { id: arg.callback, value }),
    );
    bridge.keys[key][name](...given);
  });
  const contextBridge = {
    exposeInMainWorld(key, api) {
      if (key in bridge.keys)
        throw new Error(`Cannot bind an API on top of an existing property on the window object: ${key}`);
      bridge.keys[key] = api;
      expose();
    },
  };
  const ipcRenderer = {
    postMessage(channel, message, ports = []) {
      const ids = ports.map((port) => {
        const id = (bridge.count += 1);
        bridge.ports.set(id, port);
        port.onmessage = ({ data }) => globalThis.toProgram(JSON.stringify({ port: id, data }));
        return id;
      });
      globalThis.toProgram(JSON.stringify({ channel, message, ports: ids }));
    },
  };
  globalThis.fromProgram = ({ port, data, closed }) => {
    if (closed === true) bridge.ports.get(port)?.close();
    else bridge.ports.get(port)?.postMessage(data);
  };
  const require = (name) => {
    if (name !== 'electron' && name !== 'electron/renderer')
      throw new Error(`module not found: ${name}: a sandboxed preload has no other`);
    return { contextBridge, ipcRenderer };
  };
  preload(require);
}

export function main() {
  if (window !== window.top) return;
  const callbacks = [];
  const say = (name, detail) =>
    window.dispatchEvent(new CustomEvent(`bridge:${name}`, { detail: JSON.stringify(detail) }));
  window.addEventListener('bridge:expose', (event) => {
    for (const [key, names] of Object.entries(JSON.parse(event.detail))) {
      if (window[key] !== undefined) continue;
      const wrap = (arg) => (typeof arg === 'function' ? { callback: callbacks.push(arg) - 1 } : { value: arg });
      const api = Object.fromEntries(
        names.map((name) => [name, (...args) => say('call', { key, name, args: args.map(wrap) })]),
      );
      Object.defineProperty(window, key, { value: Object.freeze(api), writable: false, configurable: false });
    }
  });
  window.addEventListener('bridge:callback', (event) => {
    const { id, value } = JSON.parse(event.detail);
    callbacks[id](value);
  });
  say('ready', null);
}
