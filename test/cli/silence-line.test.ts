import { expect, test } from 'vitest';
import { silenceLine } from '../../cli/silence-line.ts';

test('a silence that an earlier version took is listed, however far away it is', () => {
  const match = { services: [], rules: [] };
  const from = Date.now() + 1e8 * 86_400_000;
  const silence = { number: '3', match, from, until: from + 3_600_000 };
  expect(silenceLine(silence)).toBe('   3  all  from a time far away until a time far away');
});
