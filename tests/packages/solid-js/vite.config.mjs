import { defineConfig } from 'vite';
import solid from 'vite-plugin-solid';

export default defineConfig({
  plugins: [solid({ ssr: true })],
  // The runtime goes into the build: wrangler would take that of browsers.
  ssr: { noExternal: true, resolve: { conditions: ['worker', 'solid'] } },
});
