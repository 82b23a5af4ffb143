import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** They leave nothing behind in their process, so that it need not be begun anew for each file. */
const together = [
  'machines',
  'store',
  'actors',
  'scenarios/world',
  'sinks/{metrics,console,file}',
].map((place) => `test/${place}/**/*.test.ts`);

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: together },
      },
      {
        extends: true,
        test: { name: 'together', include: together, isolate: false },
      },
    ],
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
