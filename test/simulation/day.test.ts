import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { bareEnvironment } from '../cli/support/surroundings.ts';

const FILE = fileURLToPath(new URL('../../scenarios/simulation/day.ts', import.meta.url));
/** The simulated providers remember their last ten thousand requests, and V8 keeps compiled code. */
const LEEWAY_BYTES = 4 * 2 ** 20;

interface InUse {
  readonly heapBytes: number;
  readonly descriptors: number | null;
  readonly timers: number;
  readonly records: number;
}

test(
  'after a day of campaign as much is in use as after an hour',
  { timeout: 180_000 },
  async () => {
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['--expose-gc', FILE], {
      env: bareEnvironment(),
    });
    const { first, last, state } = JSON.parse(stdout) as {
      first: InUse;
      last: InUse;
      state: string;
    };
    expect(last.records).toBeGreaterThan(first.records + 5_000);
    // A pipe of the process itself may come or go; a leak would be in the hundreds.
    expect(last.descriptors ?? 0).toBeLessThanOrEqual((first.descriptors ?? 0) + 2);
    expect(last.timers).toBe(first.timers);
    expect(last.heapBytes).toBeLessThan(first.heapBytes + LEEWAY_BYTES);
    expect(state).toBe('done');
  },
);
