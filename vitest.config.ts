import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A guard against what hangs, not a measure: a busy machine takes its time.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Many tests wait for processes of their own: on two cores one worker would leave one idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
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
