/**
 * Does a request cost more when many others are waiting? Measures guarded calls beside 100 and
 * beside 20,000 requests that wait for their retry, in one process, in turns, and prints the ratio.
 *
 * Usage: npm run bench
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { AICallAgent } from '../index.ts';
import type { Guard } from '../runtime/guard.ts';

const FEW = 100;
const MANY = 20_000;
const CALLS = 4_000;
const ROUNDS = 7;
const HOUR_MS = 3_600_000;

interface Bed {
  readonly agent: AICallAgent;
  readonly guard: Guard;
  readonly dir: string;
  readonly heapBytesPerWaiting: number;
}

/** An agent with `waiting` requests that have failed once and wait an hour for their retry. */
async function bed(waiting: number): Promise<Bed> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'call-agent-bench-'));
  const agent = await AICallAgent.start({
    dataDir: dir,
    env: { LOG_FILE_PATH: path.join(dir, 'log.json') },
    healthChecks: false,
  });
  const down = agent.guard('Down', {
    retry: { initialDelayMs: HOUR_MS, maxDelayMs: HOUR_MS, deadlineMs: 10 * HOUR_MS },
  });
  const before = heap();
  for (let started = 0; started < waiting; started++) {
    void down.tryExecute(() => Promise.reject(new Error('down')));
    if (started % 500 === 0) await new Promise(setImmediate);
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  await agent.flush();
  return { agent, dir, guard: agent.guard('Up'), heapBytesPerWaiting: (heap() - before) / waiting };
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Microseconds a guarded call takes, 64 at a time. */
async function microsPerCall({ guard }: Bed): Promise<number> {
  const start = process.hrtime.bigint();
  for (let done = 0; done < CALLS; done += 64) {
    await Promise.all(Array.from({ length: 64 }, () => guard.execute(() => Promise.resolve(1))));
  }
  return Number(process.hrtime.bigint() - start) / 1000 / CALLS;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const few = await bed(FEW);
const many = await bed(MANY);
const times = { few: [] as number[], many: [] as number[], ratio: [] as number[] };
for (let round = 0; round <= ROUNDS; round++) {
  const beside = { few: await microsPerCall(few), many: await microsPerCall(many) };
  if (round === 0) continue; // warm-up
  times.few.push(beside.few);
  times.many.push(beside.many);
  times.ratio.push(beside.many / beside.few);
}

console.log(`a guarded call, journalled, 64 at a time, median of ${ROUNDS} rounds of ${CALLS}`);
console.log(`  beside ${FEW} waiting requests:    ${median(times.few).toFixed(1)} µs`);
console.log(`  beside ${MANY} waiting requests:  ${median(times.many).toFixed(1)} µs`);
console.log(`  ratio: ${median(times.ratio).toFixed(2)}`);
console.log(`  heap of a waiting request: ${(many.heapBytesPerWaiting / 1024).toFixed(1)} KB`);

for (const { agent, dir } of [few, many]) {
  await agent.stop();
  fs.rmSync(dir, { recursive: true });
}
