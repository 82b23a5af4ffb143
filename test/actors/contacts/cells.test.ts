import { describe, expect, it } from 'vitest';
import { readConsent, readDoNotCall, readTimezone } from '../../../actors/contacts/cells.ts';

describe('a consent cell', () => {
  it.each(['yes', 'Y', 'TRUE', '1', ' x ', 'Ja', 'sí', 'WAHR', '✓', 'Opt-in', 'opted in', 'Yes!'])(
    'says yes as "%s"',
    (cell) => {
      expect(readConsent(cell)).toBe('yes');
    },
  );

  it.each(['no', 'N', 'False', '0', 'No.', 'FALSCH', 'Opted out', 'withdrawn 2026-05-01'])(
    'says no as "%s"',
    (cell) => {
      expect(readConsent(cell)).toBe('no');
    },
  );

  it.each(['', '  '])('says nothing as "%s"', (cell) => {
    expect(readConsent(cell)).toBeNull();
  });

  it.each(['maybe', 'pending', '2026-05-01', 'n/a', '-', 'yes, but not on Mondays'])(
    'is unclear as "%s"',
    (cell) => {
      expect(readConsent(cell)).toBe('unclear');
    },
  );
});

describe('a do-not-call cell', () => {
  it.each(['yes', 'Y', 'true', '1', 'X'])('forbids the call as "%s"', (cell) => {
    expect(readDoNotCall(cell)).toBe(true);
  });

  it.each(['', ' ', 'no', 'N', 'false', '0'])('allows the call as "%s"', (cell) => {
    expect(readDoNotCall(cell)).toBe(false);
  });

  it.each(['asked us in May', '2026-05-01', '.'.repeat(100_000)])(
    'forbids the call when it holds something else',
    (cell) => {
      expect(readDoNotCall(cell)).toBe(true);
    },
  );
});

describe('a time zone cell', () => {
  it('is kept when the zone is known', () => {
    expect(readTimezone(' Europe/Berlin ')).toBe('Europe/Berlin');
  });

  it('is taken as absent when it names no zone', () => {
    expect(readTimezone('Pacific')).toBeNull();
    expect(readTimezone('')).toBeNull();
  });
});
