import { describe, expect, test } from 'vitest';
import { opensAt, opensOn, parseWindow } from '../../actors/calling-window.ts';
import { VirtualClock } from '../../scenarios/world/virtual-clock.ts';

const window = { fromHour: 8, toHour: 21 };
const at = (iso: string): number => Date.parse(iso);
const opening = (phone: string, timezone: string | null, now: string): string | null => {
  const opens = opensAt(window, { phone, timezone }, at(now));
  return opens === null ? null : new Date(opens).toISOString();
};

describe('a calling window', () => {
  test('is two hours of one day, or off', () => {
    expect(parseWindow('8-21')).toEqual(window);
    expect(parseWindow('0-24')).toEqual({ fromHour: 0, toHour: 24 });
    expect(parseWindow('off')).toBeNull();
  });

  test.each(['21-8', '8', '8-25', '-8-21', 'always', ''])('is not "%s"', (text) => {
    expect(() => parseWindow(text)).toThrow(/CALL_WINDOW must be off or two hours/);
  });
});

describe('a contact whose zone the list says', () => {
  const berlin = 'Europe/Berlin';

  test('may be called from the first hour, included', () => {
    expect(opening('+14155550101', berlin, '2026-11-23T07:00:00Z')).toBeNull();
    expect(opening('+14155550101', berlin, '2026-11-23T06:59:59Z')).toBe(
      '2026-11-23T07:00:00.000Z',
    );
  });

  test('may be called up to the last hour, excluded', () => {
    expect(opening('+14155550101', berlin, '2026-11-23T19:59:59Z')).toBeNull();
    expect(opening('+14155550101', berlin, '2026-11-23T20:00:00Z')).toBe(
      '2026-11-24T07:00:00.000Z',
    );
  });

  test('is an hour earlier in summer', () => {
    expect(opening('+14155550101', berlin, '2026-07-01T06:00:00Z')).toBeNull();
  });

  test('may live half an hour off', () => {
    expect(opening('+14155550101', 'Asia/Kolkata', '2026-11-23T02:30:00Z')).toBeNull();
    expect(opening('+14155550101', 'Asia/Kolkata', '2026-11-23T02:29:00Z')).toBe(
      '2026-11-23T02:30:00.000Z',
    );
  });
});

describe('a contact whose zone only its number tells', () => {
  test('goes by the one zone of its country', () => {
    expect(opening('+4915112345678', null, '2026-11-23T05:00:00Z')).toBe(
      '2026-11-23T07:00:00.000Z',
    );
    expect(opening('+81312345678', null, '2026-11-23T05:00:00Z')).toBeNull();
  });

  test('is called only when it is day in every zone of its country', () => {
    // Eight in Honolulu is one in the afternoon in New York.
    expect(opening('+14155550101', null, '2026-11-23T13:30:00Z')).toBe('2026-11-23T18:00:00.000Z');
    expect(opening('+14155550101', null, '2026-11-23T18:00:00Z')).toBeNull();
  });

  test('always has an opening ahead of now', () => {
    for (let hour = 0; hour < 48; hour++) {
      const now = at('2026-11-23T00:00:00Z') + hour * 3_600_000;
      const opens = opensAt(window, { phone: '+14155550101', timezone: null }, now);
      expect(opens === null || opens > now).toBe(true);
    }
  });
});

describe('a clock that is not the computer’s', () => {
  const contact = { phone: '+14155550101', timezone: 'Europe/Berlin' };
  const HOUR_MS = 3_600_000;

  test('goes by the hours that the computer tells, and waits on its own', () => {
    // At six in Berlin, on a clock that trials have taken three hours ahead.
    const startAt = at('2026-11-23T08:00:00Z');
    const ahead = new VirtualClock({ startAt, wallAheadMs: -3 * HOUR_MS });
    expect(opensOn(ahead, window, contact)).toBe(startAt + 2 * HOUR_MS);
    const behind = new VirtualClock({ startAt, wallAheadMs: HOUR_MS });
    expect(opensOn(behind, window, contact)).toBeNull();
  });
});
