import { once } from 'node:events';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SystemClock } from '../../runtime/clock.ts';

const NOW = 1_790_000_000_000;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the system clock', () => {
  test('tells the wall clock’s time, and fires when a delay is over', () => {
    const clock = new SystemClock();
    const fired: number[] = [];
    clock.setTimeout(() => fired.push(clock.now()), 5_000);
    vi.advanceTimersByTime(4_999);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(fired).toEqual([NOW + 5_000]);
  });

  test('fires at once for a delay that is over already', () => {
    const clock = new SystemClock();
    const callback = vi.fn<() => void>();
    clock.setTimeout(callback, -5_000);
    vi.advanceTimersByTime(0);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  test('does not fire a timer that was cleared', () => {
    const clock = new SystemClock();
    const callback = vi.fn<() => void>();
    clock.clearTimeout(clock.setTimeout(callback, 1_000));
    vi.advanceTimersByTime(2_000);
    expect(callback).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  test.for([0, -1, NaN, Infinity])('refuses a speed of %d', (speed) => {
    expect(() => new SystemClock({ speed })).toThrow(
      new RangeError(`speed must be a positive number, got ${speed}`),
    );
  });
});

describe('a system clock that runs faster', () => {
  test('passes all waits as many times sooner', () => {
    const clock = new SystemClock({ speed: 100 });
    const fired: number[] = [];
    clock.setTimeout(() => fired.push(clock.now()), 60_000);
    vi.advanceTimersByTime(599);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(fired).toEqual([NOW + 60_000]);
  });

  test('never fires before its own time has come, rounding included', () => {
    const clock = new SystemClock({ speed: 7 });
    for (const delay of [1, 2, 3, 5, 8, 13, 100, 101]) {
      const dueAt = clock.now() + delay;
      let firedAt = 0;
      clock.setTimeout(() => (firedAt = clock.now()), delay);
      vi.advanceTimersByTime(50);
      expect(firedAt).toBeGreaterThanOrEqual(dueAt);
    }
  });

  test('may run slower, too', () => {
    const clock = new SystemClock({ speed: 0.5 });
    const callback = vi.fn<() => void>();
    clock.setTimeout(callback, 1_000);
    vi.advanceTimersByTime(1_999);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
  });
});

describe('a system clock that begins at a journal’s last line', () => {
  test('is never before it, and goes on from there', () => {
    const clock = new SystemClock({ notBefore: NOW + 3_600_000 });
    expect(clock.now()).toBe(NOW + 3_600_000);
    vi.advanceTimersByTime(10);
    expect(clock.now()).toBe(NOW + 3_600_010);
  });

  test('is the wall clock’s when that is later', () => {
    expect(new SystemClock({ notBefore: NOW - 1 }).now()).toBe(NOW);
  });
});

describe('a wall clock that is set', () => {
  test.for([-3_600_000, 3_600_000])('by %i ms changes no wait, and is told by itself', (jump) => {
    const clock = new SystemClock();
    const fired: number[] = [];
    clock.setTimeout(() => fired.push(clock.now()), 10_000);
    vi.advanceTimersByTime(5_000);
    vi.setSystemTime(NOW + 5_000 + jump);
    expect(clock.now()).toBe(NOW + 5_000);
    expect(clock.wall()).toBe(NOW + 5_000 + jump);
    vi.advanceTimersByTime(4_999);
    expect(fired).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(fired).toEqual([NOW + 10_000]);
  });
});

describe('a delay longer than a Node timer can be', () => {
  const LONGEST_MS = 2 ** 31 - 1;

  test.for([1, 100])('is waited for in full at speed %i', (speed) => {
    const clock = new SystemClock({ speed });
    const callback = vi.fn<() => void>();
    const delayMs = 3 * LONGEST_MS * speed + 5 * speed;
    clock.setTimeout(callback, delayMs);
    vi.advanceTimersByTime(3 * LONGEST_MS + 4);
    expect(callback).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(callback).toHaveBeenCalledTimes(1);
    expect(clock.now()).toBe(NOW + delayMs);
  });

  test('can be cleared in any of its parts', () => {
    const clock = new SystemClock();
    const callback = vi.fn<() => void>();
    const handle = clock.setTimeout(callback, 2 * LONGEST_MS + 10);
    vi.advanceTimersByTime(LONGEST_MS + 5);
    clock.clearTimeout(handle);
    vi.advanceTimersByTime(2 * LONGEST_MS);
    expect(callback).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a time limit', () => {
  test('is over when its time is, at any speed', () => {
    for (const speed of [1, 20, 100, 400, 1_000]) {
      const clock = new SystemClock({ speed });
      const fired: number[] = [];
      const start = clock.now();
      clock.setTimeLimit(() => fired.push(clock.now() - start), 5_000);
      vi.advanceTimersByTime(Math.floor(5_000 / speed) - 1);
      expect(fired).toEqual([]);
      vi.advanceTimersByTime(4);
      expect(fired).toHaveLength(1);
      expect(fired[0]).toBeGreaterThanOrEqual(5_000);
    }
  });

  test('of less than a timer’s millisecond is no longer than two', () => {
    const clock = new SystemClock({ speed: 100_000 });
    const callback = vi.fn<() => void>();
    clock.setTimeLimit(callback, 5_000);
    vi.advanceTimersByTime(2);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  test('hears first what came in while the process stood still', async () => {
    vi.useRealTimers();
    const server = net.createServer((socket) => socket.end('answer')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const order: string[] = [];
    const clock = new SystemClock({ speed: 1_000 });
    const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    await once(server, 'connection');
    const over = new Promise<void>((resolve) => {
      clock.setTimeLimit(() => resolve(void order.push('limit')), 5_000);
    });
    const heard = once(socket, 'data').then(() => order.push('answer'));
    const until = performance.now() + 50;
    while (performance.now() < until);
    await Promise.all([over, heard]);
    server.close();
    expect(order).toEqual(['answer', 'limit']);
  });

  test.for([50, 400, 1_000, 20_000])(
    'is over before a longer one, however often the process stands still, at speed %i',
    async (speed) => {
      vi.useRealTimers();
      const clock = new SystemClock({ speed });
      const order: string[] = [];
      const limit = (name: string, ms: number): Promise<void> =>
        new Promise((resolve) => {
          clock.setTimeLimit(() => resolve(void order.push(name)), ms);
        });
      // What comes in by a socket comes in a later round.
      const patience = limit('patience', 5_000);
      await new Promise(setImmediate);
      const all = Promise.all([patience, limit('answer', 8_000)]);
      let isOver = false;
      void all.then(() => (isOver = true));
      for (let round = 1; !isOver; round++) {
        const until = performance.now() + ((round * 7) % 20);
        while (performance.now() < until);
        // oxlint-disable-next-line no-await-in-loop -- one round of the event loop after the other
        await new Promise(setImmediate);
      }
      expect(order).toEqual(['patience', 'answer']);
    },
  );

  test('that was cleared does not fire', () => {
    const clock = new SystemClock();
    const callback = vi.fn<() => void>();
    const handle = clock.setTimeLimit(callback, 1_000);
    vi.advanceTimersByTime(950);
    clock.clearTimeout(handle);
    vi.advanceTimersByTime(2_000);
    expect(callback).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('does not count the time in which the process could not listen', async () => {
    vi.useRealTimers();
    const clock = new SystemClock({ speed: 100 });
    let isOver = false;
    const over = new Promise<void>((resolve) => {
      clock.setTimeLimit(() => resolve(void (isOver = true)), 5_000);
    });
    const moment = new Promise<void>((resolve) => void clock.setTimeout(resolve, 5_000));
    const until = performance.now() + 60;
    while (performance.now() < until);
    await moment;
    expect(isOver, 'the plain timer is late already, the limit has most of its time left').toBe(
      false,
    );
    await over;
  });
});
