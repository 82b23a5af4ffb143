import { describe, expect, it } from 'vitest';
import { readCountry } from '../../../actors/contacts/country.ts';
import { readPhone } from '../../../actors/contacts/phone.ts';

const reason = (cell: string, country: string | null = null) => {
  const result = readPhone(cell, country === null ? null : readCountry(country));
  return result.ok ? `accepted as ${result.phone}` : result.reason;
};

describe('a phone cell that holds a number', () => {
  it.each([
    ['is E.164 already', '+14155552671', '+14155552671'],
    ['has brackets, blanks and hyphens', ' +1 (415) 555-2671 ', '+14155552671'],
    [
      'has no-break spaces and invisible marks',
      '\u202A+1\u00A0415\u00A05552671\u202C',
      '+14155552671',
    ],
    ["has Excel's apostrophe in front", "'+14155552671", '+14155552671'],
    ['has its country code in brackets', '(+1) 415 555 2671', '+14155552671'],
    ['is a tel: link', 'tel:+14155552671', '+14155552671'],
    ['has full-width digits', '＋１４１５５５５２６７１', '+14155552671'],
    ['repeats the national zero in brackets', '+44 (0)20 7946 0000', '+442079460000'],
  ])('is accepted when it %s', (_, cell, phone) => {
    expect(readPhone(cell, null)).toEqual({ ok: true, phone });
  });

  it.each(['+14155550100', '+12025550199', '+15005550006', '+61491570006', '+442079460000'])(
    'is accepted when it is fictional but in a range in use, as %s',
    (phone) => {
      expect(readPhone(phone, null)).toEqual({ ok: true, phone });
    },
  );

  it('is read with the country given when it has no +', () => {
    expect(readPhone('(415) 555-2671', 'US')).toEqual({ ok: true, phone: '+14155552671' });
    expect(readPhone('030/1234567', 'DE')).toEqual({ ok: true, phone: '+49301234567' });
    expect(readPhone('0014155552671', 'DE')).toEqual({ ok: true, phone: '+14155552671' });
  });

  it('keeps its own country code when another country is given', () => {
    expect(readPhone('+14155552671', 'DE')).toEqual({ ok: true, phone: '+14155552671' });
  });
});

describe('a phone cell that can not be called', () => {
  const noCountry = 'Phone number has no + with a country code, and no country is given for it';
  const notOne = 'Phone cell does not hold one phone number';
  const invalid = "Phone number is not valid in its country's numbering plan";
  const excel = 'Phone number is in Excel scientific notation; format the column as text';
  const decimal =
    'Phone number was turned into a decimal by a spreadsheet; format the column as text';
  it.each([
    ['it is empty', '   ', null, 'Phone number is missing'],
    ['nothing gives its country', '4155552671', null, noCountry],
    ['it starts with 00 and nothing gives the country', '0014155552671', null, noCountry],
    ['it is a word', 'unknown', null, notOne],
    ['it is a word and a country is given', 'unknown', 'US', notOne],
    ['it spells letters', '+1-800-FLOWERS', null, notOne],
    ['it holds two numbers', '+14155552671 or +14155552672', null, notOne],
    ['it holds two endings of one number', '+49 30 1234567/68', null, notOne],
    [
      'its country code does not exist',
      '+999123456',
      null,
      'Phone number starts with a country code that does not exist',
    ],
    ['it is too short', '+911', null, 'Phone number is too short for its country'],
    ['it is too long', '+1415555267100', null, 'Phone number is too long for its country'],
    ['it is absurdly long', '1'.repeat(100_000), 'US', 'Phone number is too long for its country'],
    ['its area code does not exist', '+12381234567', null, invalid],
    ['it is from a range never handed out', '+447700900123', null, invalid],
    [
      'it has an extension',
      '+14155552671 x12',
      null,
      "Phone number has an extension, which can't be dialled",
    ],
    ['Excel wrote it as 1.41556E+10', '1.41556E+10', 'US', excel],
    ['Excel wrote it with a decimal comma', '1,41556E+10', 'DE', excel],
    ['Excel left no decimals', '4E+11', null, excel],
    ['a spreadsheet put .0 behind it', '1701234567.0', 'DE', decimal],
  ])('is refused when %s', (_, cell, country, expected) => {
    expect(reason(cell, country)).toBe(expected);
  });

  it('is never repeated in the reason', () => {
    for (const cell of ['4155552671', '+1415555267100', '+12381234567', '+14155552671 x12']) {
      expect(reason(cell)).not.toMatch(/\d{3}/);
    }
  });
});

it('a number of more digits than E.164 allows is refused, whatever its country’s plan says', () => {
  expect(readPhone('030 12340 1234567', 'DE')).toEqual({
    ok: false,
    reason: 'Phone number is too long for its country',
  });
});
