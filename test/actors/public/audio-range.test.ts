import { expect, test } from 'vitest';
import { rangeOf } from '../../../actors/public/audio.ts';

test.each([
  ['bytes=0-99', { start: 0, end: 99 }],
  ['bytes=0-0', { start: 0, end: 0 }],
  ['bytes=100-', { start: 100, end: 999 }],
  ['bytes=990-5000', { start: 990, end: 999 }],
  ['bytes=-10', { start: 990, end: 999 }],
  ['bytes=-5000', { start: 0, end: 999 }],
])('%s of 1000 bytes is one range', (header, range) => {
  expect(rangeOf(header, 1000)).toEqual(range);
});

test.each([
  undefined,
  '',
  'bytes=-',
  'bytes=9-3',
  'bytes=0-1,5-6',
  'chunks=0-1',
  'bytes=a-b',
  'bytes = 0-1',
])('%s asks for everything', (header) => {
  expect(rangeOf(header, 1000)).toBeNull();
});

test.each(['bytes=1000-', 'bytes=1000-2000', 'bytes=-0'])('%s can’t be had', (header) => {
  expect(rangeOf(header, 1000)).toBe('unsatisfiable');
});
