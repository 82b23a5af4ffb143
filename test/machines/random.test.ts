import { describe, expect, test } from 'vitest';
import { seedOf, uniform } from '../../machines/random.ts';

describe('a uniform number', () => {
  test('depends on its seed and its place alone', () => {
    expect(uniform(7, 3)).toBe(uniform(7, 3));
    expect(uniform(7, 3)).not.toBe(uniform(7, 4));
    expect(uniform(7, 3)).not.toBe(uniform(8, 3));
  });

  test('is at least 0 and below 1, whatever the seed', () => {
    const numbers = [0, -1, 2 ** 31, 2 ** 32 - 1].flatMap((seed) =>
      Array.from({ length: 1_000 }, (_, n) => uniform(seed, n)),
    );
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
  });

  test('falls into each tenth about as often', () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let n = 0; n < 10_000; n++) tenths[Math.floor(uniform(42, n) * 10)]! += 1;
    expect(Math.min(...tenths)).toBeGreaterThan(900);
    expect(Math.max(...tenths)).toBeLessThan(1_100);
  });
});

describe('a seed', () => {
  test('is the FNV-1a hash of a name', () => {
    expect(seedOf('')).toBe(0x811c9dc5);
    expect(seedOf('a')).toBe(0xe40c292c);
    expect(seedOf('foobar')).toBe(0xbf9cf968);
  });
});
