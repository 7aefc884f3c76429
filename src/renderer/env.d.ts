declare module '*.vue' {
  import type { DefineComponent } from 'vue';

  const component: DefineComponent<object, object, unknown>;
  export default component;
}
declare module '*.css';
declare module '*.css?url' {
  const url: string;
  export default url;
}
declare module '@fontsource-variable/inter';
declare module '@fontsource-variable/jetbrains-mono';

/** What the preload exposes in the window: one channel, and nothing else. Not there in a browser. */
interface Window {
  mailLab?: {
    post(message: unknown): void;
    on(heard: (message: unknown) => void): void;
    onClose(closed: () => void): void;
  };
}
