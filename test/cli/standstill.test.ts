import { expect, test } from 'vitest';
import { Standstill, standstillSentence } from '../../cli/standstill.ts';

test('a story that ran ahead of the computer says so, in its own time', () => {
  expect(standstillSentence(150, 400)).toBe(
    'This computer was busy: the program stood still for 150 ms, which is 1m at --speed 400. Try a lower --speed.',
  );
  expect(standstillSentence(150, 20), 'three seconds are no reason').toBeNull();
});

test('it is seen how long the process did not get to run', async () => {
  const standstill = new Standstill();
  await new Promise((resolve) => setTimeout(resolve, 20));
  const until = performance.now() + 60;
  while (performance.now() < until);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(standstill.sentence(1_000)).toMatch(/stood still for \d+ ms, which is/);
});
