import { setImmediate as nextRound } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../scenarios/world/virtual-clock.ts';

const START = 1_790_000_000_000;

describe('firing', () => {
  test('goes by due time, then by the order in which timers were set', async () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    for (const [name, delay] of [
      ['c', 20],
      ['a', 10],
      ['d', 20],
      ['b', 10],
    ] as const) {
      clock.setTimeout(() => fired.push(name), delay);
    }
    await clock.advance(20);
    expect(fired).toEqual(['a', 'b', 'c', 'd']);
  });

  test('keeps the order with a thousand timers, some cancelled', async () => {
    const clock = new VirtualClock({ settleRounds: 1 });
    const fired: number[] = [];
    const delays = Array.from({ length: 1000 }, (_, i) => (i * 7919) % 501);
    const handles = delays.map((delay, i) => clock.setTimeout(() => fired.push(i), delay));
    for (let i = 0; i < 1000; i += 3) clock.clearTimeout(handles[i]!);
    expect(clock.pending).toBe(666);
    await clock.runUntilIdle();
    const expected = delays
      .map((delay, i) => ({ delay, i }))
      .filter(({ i }) => i % 3 !== 0)
      .sort((a, b) => a.delay - b.delay || a.i - b.i);
    expect(fired).toEqual(expected.map(({ i }) => i));
  });

  test('shows the exact due time inside a callback and the target afterwards', async () => {
    const clock = new VirtualClock({ startAt: 1000 });
    const seen: number[] = [];
    clock.setTimeout(() => seen.push(clock.now()), 7);
    clock.setTimeout(() => seen.push(clock.now()), 2.5);
    await clock.advance(10);
    expect(seen).toEqual([1002.5, 1007]);
    expect(clock.now()).toBe(1010);
  });

  test('takes in timers that callbacks and their promise chains set on the way', async () => {
    const clock = new VirtualClock();
    const seen: number[] = [];
    const wait = (ms: number) => new Promise<void>((resolve) => void clock.setTimeout(resolve, ms));
    void (async () => {
      for (let i = 0; i < 3; i += 1) {
        await wait(10);
        await nextRound();
        seen.push(clock.now() - START);
      }
    })();
    await clock.advance(25);
    expect(seen).toEqual([10, 20]);
    await clock.advance(5);
    expect(seen).toEqual([10, 20, 30]);
  });

  test('treats a negative delay as none, but fires only when moved', async () => {
    const clock = new VirtualClock();
    let fired = false;
    clock.setTimeout(() => (fired = true), -5);
    await nextRound();
    expect(fired).toBe(false);
    await clock.advance(0);
    expect(fired).toBe(true);
    expect(clock.now()).toBe(START);
  });

  test('goes beyond 2³¹−1 ms', async () => {
    const clock = new VirtualClock();
    let firedAt = 0;
    clock.setTimeout(() => (firedAt = clock.now()), 2 ** 33);
    await clock.advance(2 ** 33);
    expect(firedAt).toBe(START + 2 ** 33);
  });

  test('forgets a cancelled timer at once, and does not mind a second cancel', async () => {
    const clock = new VirtualClock();
    const handle = clock.setTimeout(() => expect.unreachable(), 5);
    clock.setTimeout(() => {}, 9);
    expect([clock.pending, clock.nextDueAt]).toEqual([2, START + 5]);
    clock.clearTimeout(handle);
    clock.clearTimeout(handle);
    expect([clock.pending, clock.nextDueAt]).toEqual([1, START + 9]);
    await clock.advance(10);
    clock.clearTimeout(handle);
    expect([clock.pending, clock.nextDueAt]).toEqual([0, null]);
  });

  test('lets a callback cancel a timer that is due at the same time', async () => {
    const clock = new VirtualClock();
    clock.setTimeout(() => clock.clearTimeout(second), 5);
    const second = clock.setTimeout(() => expect.unreachable(), 5);
    await clock.advance(5);
  });
});

describe('running', () => {
  test('stops at the moment the predicate holds', async () => {
    const clock = new VirtualClock();
    let count = 0;
    const tick = (): void => {
      count += 1;
      clock.setTimeout(tick, 100);
    };
    clock.setTimeout(tick, 100);
    await clock.runUntil(() => count === 5);
    expect(clock.now()).toBe(START + 500);
  });

  test('lets what was begun before settle first', async () => {
    const clock = new VirtualClock();
    let done = false;
    void Promise.resolve().then(() => clock.setTimeout(() => (done = true), 10));
    await clock.runUntil(() => done);
    expect(clock.now()).toBe(START + 10);
  });

  test('awaits work outside the process between timers', async () => {
    const seen: string[] = [];
    const clock = new VirtualClock({
      settleRounds: 1,
      settled: async () => void seen.push('settled'),
    });
    clock.setTimeout(() => seen.push('a'), 1);
    clock.setTimeout(() => seen.push('b'), 1);
    await clock.runUntilIdle();
    expect(seen).toEqual(['settled', 'a', 'settled', 'b', 'settled']);
  });

  test('rejects when no timer can make the predicate true', async () => {
    await expect(new VirtualClock().runUntil(() => false)).rejects.toThrow('No timer is left');
  });

  test('gives up on timers that never end', async () => {
    const clock = new VirtualClock();
    const tick = (): void => void clock.setTimeout(tick, 100);
    tick();
    await expect(clock.runUntilIdle({ withinMs: 1000 })).rejects.toThrow('Gave up');
    expect(clock.now()).toBe(START + 1000);
  });

  test('is refused while the clock is being moved', async () => {
    const clock = new VirtualClock();
    const first = clock.advance(10);
    await expect(clock.advance(10)).rejects.toThrow('being moved already');
    await first;
    await clock.advance(10);
    expect(clock.now()).toBe(START + 20);
  });

  test('passes on what a callback throws, and can go on', async () => {
    const clock = new VirtualClock();
    clock.setTimeout(() => {
      throw new Error('thrown by a callback');
    }, 5);
    await expect(clock.advance(10)).rejects.toThrow('thrown by a callback');
    await clock.advance(5);
    expect(clock.now()).toBe(START + 10);
  });
});

test('options out of range are refused by name', async () => {
  expect(() => new VirtualClock({ startAt: -1 })).toThrow(
    new RangeError('startAt must be a finite number of at least 0, got -1'),
  );
  expect(() => new VirtualClock({ settleRounds: 0 })).toThrow('settleRounds must be');
  expect(() => new VirtualClock().setTimeout(() => {}, NaN)).toThrow('delayMs must be');
  await expect(new VirtualClock().advance(-1)).rejects.toThrow('ms must be');
  await expect(new VirtualClock().runUntilIdle({ withinMs: NaN })).rejects.toThrow('withinMs');
});
