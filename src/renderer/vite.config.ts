/** The page alone, for the browser: the same as the renderer part of electron.vite.config.ts. */
import vue from '@vitejs/plugin-vue';
import path from 'node:path';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [vue()],
  build: { outDir: path.resolve(import.meta.dirname, '../../out/renderer'), emptyOutDir: true, assetsInlineLimit: 0 },
  html: { cspNonce: 'NONCE' },
});
