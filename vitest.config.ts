import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{src,tools,tests,bench}/**/*.test.ts'],
    globalSetup: ['src/runtime/web/testing/build.ts'],
  },
});
