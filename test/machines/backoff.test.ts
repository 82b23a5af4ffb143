import { describe, expect, test } from 'vitest';
import {
  backoffDelayMs,
  defaultRetryPolicy,
  waitMs,
  type RetryPolicy,
} from '../../machines/backoff.ts';
import { uniform } from '../../machines/random.ts';
import { policy } from './fixtures.ts';

const SEED = 7;
/** The waits that follow one another, each drawn from the one before. */
const waits = (count: number, retryPolicy: RetryPolicy, seed = SEED): number[] => {
  const drawn: number[] = [];
  for (let retry = 1; retry <= count; retry++) {
    drawn.push(backoffDelayMs(retryPolicy, retry, drawn.at(-1) ?? 0, seed));
  }
  return drawn;
};

describe('the wait before a retry', () => {
  test('is 5, 10 and 20 seconds by default', () => {
    expect(waits(3, defaultRetryPolicy)).toEqual([5_000, 10_000, 20_000]);
  });

  test('grows by the multiplier', () => {
    expect(waits(4, policy({ initialDelayMs: 100, multiplier: 3 }))).toEqual([
      100, 300, 900, 2_700,
    ]);
  });

  test('stays the same with a multiplier of 1', () => {
    expect(waits(3, policy({ multiplier: 1 }))).toEqual([5_000, 5_000, 5_000]);
  });

  test('is never longer than the longest allowed', () => {
    expect(waits(6, policy({ maxDelayMs: 30_000 }))).toEqual([
      5_000, 10_000, 20_000, 30_000, 30_000, 30_000,
    ]);
  });

  test('is the longest allowed when the first would be longer', () => {
    expect(waits(2, policy({ initialDelayMs: 90_000 }))).toEqual([60_000, 60_000]);
    expect(waits(2, policy({ initialDelayMs: 90_000, jitter: 'decorrelated' }))).toEqual([
      60_000, 60_000,
    ]);
  });

  test.for(['none', 'decorrelated'] as const)(
    'is none when none is wanted, jitter %s',
    (jitter) => {
      expect(waits(2_000, policy({ initialDelayMs: 0, jitter })).every((ms) => ms === 0)).toBe(
        true,
      );
    },
  );

  test('is rounded up, so that nobody comes early', () => {
    expect(backoffDelayMs(policy({ initialDelayMs: 1.2 }), 1, 0, SEED)).toBe(2);
    expect(waitMs(policy(), 1, 0, SEED, 5_000.001)).toBe(5_001);
    const drawn = 5_000 + uniform(SEED, 2) * 10_000;
    expect(drawn % 1).toBeGreaterThan(0);
    expect(backoffDelayMs(policy({ jitter: 'decorrelated' }), 2, 5_000, SEED)).toBe(
      Math.ceil(drawn),
    );
  });

  test('stays finite for three thousand retries', () => {
    const drawn = waits(3_000, policy());
    expect(drawn.every((ms) => Number.isInteger(ms) && ms >= 5_000 && ms <= 60_000)).toBe(true);
  });
});

describe('decorrelated jitter', () => {
  const jittered = policy({ jitter: 'decorrelated' });

  test('draws the same waits from the same seed', () => {
    expect(waits(20, jittered, 1)).toEqual(waits(20, jittered, 1));
    expect(waits(20, jittered, 1)).not.toEqual(waits(20, jittered, 2));
  });

  test('begins with the initial delay, because there is no wait before it', () => {
    expect(waits(1, jittered)).toEqual([5_000]);
  });

  test.for([1, 2, 3, 4, 5])('keeps within its bounds for 3,000 retries, seed %i', (seed) => {
    const drawn = waits(3_000, jittered, seed);
    const outOfBounds = drawn.filter((ms, i) => {
      const widest = Math.min(60_000, Math.max(5_000, (drawn[i - 1] ?? 0) * 3));
      return !(Number.isInteger(ms) && ms >= 5_000 && ms <= widest);
    });
    expect(outOfBounds).toEqual([]);
  });

  test('spreads the waits of many requests', () => {
    const second = Array.from({ length: 1_000 }, (_, seed) => waits(2, jittered, seed)[1] ?? 0);
    const mean = second.reduce((sum, ms) => sum + ms, 0) / second.length;
    expect(Math.min(...second)).toBeLessThan(5_500);
    expect(Math.max(...second)).toBeGreaterThan(14_500);
    expect(mean).toBeGreaterThan(9_500);
    expect(mean).toBeLessThan(10_500);
  });
});

describe('a provider’s hint', () => {
  test('lengthens a wait', () => {
    expect(waitMs(policy(), 1, 0, SEED, 9_000)).toBe(9_000);
  });

  test('never shortens one', () => {
    expect(waitMs(policy(), 1, 0, SEED, 0)).toBe(5_000);
    expect(waitMs(policy(), 1, 0, SEED, 4_999)).toBe(5_000);
  });

  test('is not needed', () => {
    expect(waitMs(policy(), 2, 5_000, SEED, null)).toBe(10_000);
    expect(waitMs(policy({ initialDelayMs: 0 }), 1, 0, SEED, null)).toBe(0);
  });
});
