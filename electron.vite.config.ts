/** Builds the three parts of the desktop program: main, preload (CommonJS, as it is sandboxed) and the page. */
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';
import path from 'node:path';
import { licenses } from './scripts/licenses.ts';

const here = (file: string): string => path.resolve(import.meta.dirname, file);

export default defineConfig({
  main: {
    build: { outDir: 'out/main', rollupOptions: { input: { index: here('src/main/index.ts') } } },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: { index: here('src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: here('src/renderer'),
    plugins: [vue(), licenses(here('.'))],
    build: {
      outDir: here('out/renderer'),
      emptyOutDir: true,
      assetsInlineLimit: 0,
      rollupOptions: { input: here('src/renderer/index.html') },
    },
    html: { cspNonce: 'NONCE' },
  },
});
