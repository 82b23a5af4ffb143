import { defineConfig } from 'vite';

/** `npm run build:page` makes `dist/`, which is committed: whoever installs need not build. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: { outDir: 'dist', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: false },
});
