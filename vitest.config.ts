import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{src,tools}/**/*.test.ts'],
    globalSetup: ['src/runtime/web/testing/build.ts'],
  },
});
