import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    coverage: {
      provider: 'v8',
      include: [
        'machines/**',
        'store/**',
        'config/**',
        'config.ts',
        'runtime/**',
        'actors/**',
        'sinks/**',
        'scenarios/**',
        'cli/**',
      ],
    },
  },
});
