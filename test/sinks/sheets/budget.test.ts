import { expect, test } from 'vitest';
import { Budget } from '../../../sinks/sheets/budget.ts';
import { StillClock } from './desk.ts';

test('lets a few requests out at once and no more than 20 in any minute', async () => {
  const clock = new StillClock();
  const budget = new Budget(clock);
  const start = clock.now();
  const times: number[] = [];
  const spending = Array.from({ length: 60 }, async () => {
    await budget.spend(AbortSignal.timeout(20_000));
    times.push(clock.now() - start);
  });
  for (let step = 0; step < 60; step++) {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    clock.next();
  }
  await Promise.all(spending);
  expect(times.filter((at) => at === 0)).toHaveLength(5);
  for (const from of times) {
    expect(times.filter((at) => at >= from && at < from + 60_000).length).toBeLessThanOrEqual(20);
  }
  expect(times.at(-1)).toBeLessThan(60 * 4_000);
});

test('stops waiting when it is told to', async () => {
  const budget = new Budget(new StillClock());
  const abort = new AbortController();
  for (let n = 0; n < 5; n++) await budget.spend(abort.signal);
  const waiting = budget.spend(abort.signal);
  abort.abort(new Error('stopped'));
  await expect(waiting).rejects.toThrow('stopped');
});
