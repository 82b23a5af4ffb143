import { expect, it } from 'vitest';
import type { Contact, Wishes } from '../../../actors/contacts/contact.ts';
import { NumbersSeen } from '../../../actors/contacts/numbers-seen.ts';

const said: Wishes = { consent: null, doNotCall: false };

const row = (phone: string, line: number, wishes: Partial<Wishes> = {}): Contact => ({
  line,
  name: '',
  phone,
  variables: {},
  named: {},
  externalId: null,
  timezone: null,
  hasUnknownTimezone: false,
  country: null,
  language: null,
  ...said,
  ...wishes,
});

it('a number is told from its neighbours, and found again with the row it stood in first', () => {
  const seen = new NumbersSeen();
  const numbers = Array.from({ length: 20_000 }, (_, index) => `+${10_000_000 + index * 7}`);
  // The longest that E.164 allows, and two that differ in the upper half of a double only.
  numbers.push('+999999999999999', '+4294967297', '+8589934593');
  for (const [index, number] of numbers.entries()) {
    expect(seen.add(row(number, index + 2))).toBeNull();
  }
  for (const [index, number] of numbers.entries()) {
    expect(seen.add(row(number, 1))).toEqual({ firstLine: index + 2, first: index, ...said });
  }
});

it('what one of its rows refuses stays refused', () => {
  const seen = new NumbersSeen();
  const number = '+14155552671';
  seen.add(row(number, 2, { consent: 'yes' }));
  expect(seen.add(row(number, 3))).toMatchObject({ consent: 'yes', doNotCall: false });
  expect(seen.add(row(number, 4, { consent: 'no' }))).toMatchObject({ consent: 'no' });
  expect(seen.add(row(number, 5, { consent: 'yes', doNotCall: true }))).toMatchObject({
    consent: 'no',
    doNotCall: true,
  });
  expect(seen.add(row(number, 6))).toMatchObject({ consent: 'no', doNotCall: true });
});
