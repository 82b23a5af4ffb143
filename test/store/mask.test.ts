import { describe, expect, test } from 'vitest';
import { maskPhone, maskPhones } from '../../store/mask.ts';

/** The longest run of digits that follow one another, separators left out. */
const longestRun = (text: string): number =>
  Math.max(0, ...text.split('*').map((part) => part.replace(/\D/g, '').length));

describe('a number', () => {
  test.each([
    ['+14155552671', '+1415*****71'],
    ['14155552671', '1415*****71'],
    ['+49 (151) 123-45678', '+4915*******78'],
    [' +442079460000', '+4420******00'],
    ['+123456789012345', '+1234*********45'],
    ['+123456789', '+1234***89'],
    ['+12345678', '+********'],
    ['110', '***'],
    ['', ''],
  ])('%s is shown as %s', (phone, masked) => {
    expect(maskPhone(phone)).toBe(masked);
  });
});

describe('in a text', () => {
  test.each([
    '+14155552671',
    '+1 415 555 2671',
    '+1 (415) 555-2671',
    '+1-415-555-2671',
    '+1.415.555.2671',
    '+1\u00a0415\u00a0555\u00a02671',
    '%2B14155552671',
    '%2b14155552671',
    '0014155552671',
    '+4915112345678',
    '+49 151 1234 5678',
    '+442079460000',
    '+44 (0) 20 7946 0000',
    '+6834002',
    '+683 4002',
    '+29052123',
    '+123456789012345',
  ])('%s is masked', (phone) => {
    const masked = maskPhones(`The 'To' number ${phone} is not valid.`);
    expect(masked).toMatch(/^The 'To' number \+?[0-9]{0,4}\*{3,}[0-9]{0,2} is not valid\.$/);
    expect(longestRun(masked)).toBeLessThan(6);
    expect(masked).not.toContain(phone);
  });

  test('every number is masked, wherever it stands', () => {
    const text = 'To=+14155552671&From=%2B442079460000,"whatsapp:+4915112345678";tel:+6834002';
    expect(maskPhones(text)).toBe(
      'To=+1415*****71&From=+4420******00,"whatsapp:+4915*******78";tel:+*******',
    );
  });

  test('masking a masked text changes nothing', () => {
    const once = maskPhones('No route to +14155552671 from +12345678');
    expect(maskPhones(once)).toBe(once);
  });

  test('no number of 7 to 15 digits keeps six in a row, however it is grouped', () => {
    const separators = ['', ' ', '-', '.', ') ', ' ('];
    for (let length = 7; length <= 15; length++) {
      const digits = '1234567890123456'.slice(0, length);
      for (const separator of separators) {
        for (let group = 1; group < length; group++) {
          const groups = digits.match(new RegExp(`.{1,${group}}`, 'g')) ?? [];
          const masked = maskPhones(`call to +${groups.join(separator)} failed`);
          expect(longestRun(masked), masked).toBeLessThan(6);
          expect(masked).toContain('***');
        }
      }
    }
  });

  test.each([
    'call:0007.2',
    'request 12345678901234 of account AC0123456789abcdef0123456789abcdef',
    'quota of 10000000 characters, 9999999 left, costs 1234567.89 USD',
    '2026-09-21T15:33:20.123Z',
    '2000-01-01 00:00:00.000',
    'epoch 1790000000123',
    'sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    '1 + 2 = 3',
    'HTTP 503, retry in 60 s (attempt 3 of 4)',
    'a+b, C++, +5 V, +100 %, UTC+02:00',
  ])('%s is left alone', (text) => {
    expect(maskPhones(text)).toBe(text);
  });
});
