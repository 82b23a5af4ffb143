/**
 * Whole campaigns in virtual time, each from one seed: random faults, latencies, crashes, clock
 * jumps and errands, with every line looked at as it is written.
 *
 * Run by `npm run simulate -- --seed N [--count M]`. Expect: one line for each seed, exit code 1
 * when something happened that must never happen. The same seed writes the same journal.
 */
import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const USAGE = 'Usage: npm run simulate -- --seed N [--count M], whole numbers\n';

function refuse(): never {
  process.stderr.write(USAGE);
  process.exit(2);
}

function read() {
  const text = (usual: string) => ({ type: 'string', default: usual }) as const;
  try {
    const help = { type: 'boolean', default: false } as const;
    return parseArgs({ options: { seed: text('1'), count: text('1'), help } }).values;
  } catch {
    return refuse();
  }
}

const values = read();
if (values.help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const [seed, count] = [Number(values.seed), Number(values.count)];
if (!Number.isSafeInteger(seed) || !(Number.isSafeInteger(count) && count >= 1)) refuse();
for (let at = seed; at < seed + count; at++) {
  const { problems, records, lives, journal } = await simulate(at);
  const verdict = problems.length === 0 ? 'ok' : `${problems.length} problems`;
  process.stdout.write(
    `seed ${at}: ${verdict}, ${records} records in ${lives} lives, journal ${journal.slice(0, 16)}\n`,
  );
  for (const problem of problems) process.stdout.write(`  ${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}
