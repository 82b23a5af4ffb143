import { describe, expect, it } from 'vitest';
import { readCountry, readCountryCell } from '../../../actors/contacts/country.ts';

describe('a country code', () => {
  it('is read in any case', () => {
    expect(readCountry(' de ')).toBe('DE');
  });

  it('is none when no country has it', () => {
    for (const text of ['', 'XX', 'Germany', 'UK', '001', '__proto__']) {
      expect(readCountry(text)).toBeNull();
    }
  });
});

describe('a country cell', () => {
  it.each([
    ['gb', 'GB'],
    ['UK', 'GB'],
    ['u.k.', 'GB'],
    ['United Kingdom', 'GB'],
    ['USA', 'US'],
    ['U.S.', 'US'],
    ['United States of America', 'US'],
    [' france ', 'FR'],
    ["Cote d'Ivoire", 'CI'],
    ['Bosnia and Herzegovina', 'BA'],
    ['Hong Kong', 'HK'],
    ['Turkey', 'TR'],
    ['Türkiye', 'TR'],
    ['ＤＥ', 'DE'],
  ])('%s means %s', (cell, code) => {
    expect(readCountryCell(cell)).toBe(code);
  });

  it('may be empty', () => {
    expect(readCountryCell(' \u00A0')).toBeNull();
  });

  it('is unknown when it is anything else', () => {
    for (const cell of ['XX', 'Utopia', 'Deutschland', '44', '+44', '-', '__proto__', 'toString']) {
      expect(readCountryCell(cell), cell).toBe('unknown');
    }
  });
});
