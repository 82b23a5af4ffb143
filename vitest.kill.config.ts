import { defineConfig } from 'vitest/config';

/** The long form of the kill tests, one after another: `npm run test:kill`. */
export default defineConfig({ test: { include: ['test/kill/**/*.kill.ts'] } });
