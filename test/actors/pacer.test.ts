import { expect, test } from 'vitest';
import { Pacer } from '../../actors/pacer.ts';
import { VirtualClock } from '../../scenarios/world/virtual-clock.ts';

test('lets one through every so often, in the order in which they came', async () => {
  const clock = new VirtualClock({ startAt: 1_000 });
  const pacer = new Pacer(clock, 2);
  const turns: [string, number][] = [];
  for (const name of ['a', 'b', 'c']) void pacer.turn().then(() => turns.push([name, clock.now()]));
  await clock.advance(2_000);
  expect(turns).toEqual([
    ['a', 1_000],
    ['b', 1_500],
    ['c', 2_000],
  ]);
});

test('owes nobody a burst for the time in which nobody came', async () => {
  const clock = new VirtualClock({ startAt: 1_000 });
  const pacer = new Pacer(clock, 1);
  await pacer.turn();
  await clock.advance(10_000);
  const turns: number[] = [];
  for (let n = 0; n < 2; n++) void pacer.turn().then(() => turns.push(clock.now()));
  await clock.advance(5_000);
  expect(turns).toEqual([11_000, 12_000]);
});

test('leaves no timer behind when it is closed', async () => {
  const clock = new VirtualClock({ startAt: 1_000 });
  const pacer = new Pacer(clock, 1);
  await pacer.turn();
  void pacer.turn();
  pacer.close();
  expect(clock.pending).toBe(0);
});

test.each([0, -1, Number.NaN, Infinity])('refuses %d a second', (perSecond) => {
  expect(() => new Pacer(new VirtualClock(), perSecond)).toThrow(RangeError);
});
