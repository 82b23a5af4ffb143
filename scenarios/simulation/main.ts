/**
 * Whole campaigns in virtual time, each from one seed: random faults, latencies, crashes, clock
 * jumps and errands, with every line looked at as it is written.
 *
 * Run by `npm run simulate -- --seed N [--count M]`. Expect: one line for each seed, exit code 1
 * when something happened that must never happen. The same seed writes the same journal.
 */
import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '1' } },
});
const [seed, count] = [Number(values.seed), Number(values.count)];
if (!Number.isSafeInteger(seed) || !(Number.isSafeInteger(count) && count >= 1)) {
  process.stderr.write('Usage: npm run simulate -- --seed N [--count M], whole numbers\n');
  process.exit(2);
}
for (let at = seed; at < seed + count; at++) {
  const { problems, records, lives, journal } = await simulate(at);
  const verdict = problems.length === 0 ? 'ok' : `${problems.length} problems`;
  process.stdout.write(
    `seed ${at}: ${verdict}, ${records} records in ${lives} lives, journal ${journal.slice(0, 16)}\n`,
  );
  for (const problem of problems) process.stdout.write(`  ${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}
