/** The page alone, for the browser: the same as the renderer part of electron.vite.config.ts. */
import vue from '@vitejs/plugin-vue';
import path from 'node:path';
import { defineConfig } from 'vite';
import { licenses } from '../../scripts/licenses.ts';

const here = (file: string): string => path.resolve(import.meta.dirname, file);

export default defineConfig({
  root: import.meta.dirname,
  plugins: [vue(), licenses(here('../..'))],
  build: { outDir: here('../../out/renderer'), emptyOutDir: true, assetsInlineLimit: 0 },
  html: { cspNonce: 'NONCE' },
});
