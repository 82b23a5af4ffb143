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

describe('in any spelling', () => {
  test.each([
    // The plus.
    [String.raw`{"to":"\u002b14155552671"}`, '{"to":"+1415*****71"}'],
    [String.raw`\u002B14155552671`, '+1415*****71'],
    ['&#43;14155552671', '+1415*****71'],
    ['To=%252B14155552671&x=1', 'To=+1415*****71&x=1'],
    ['To=%252b14155552671', 'To=+1415*****71'],
    ['\uff0b14155552671', '+1415*****71'],
    ['+ 1 415 555 2671', '+1415*****71'],
    // A scheme that takes a number stays, whether or not the number has its plus.
    ['tel:14155552671', 'tel:+1415*****71'],
    ['tel:+1-415-555-2671', 'tel:+1415*****71'],
    ['TEL:14155552671', 'TEL:+1415*****71'],
    ['whatsapp:4915112345678', 'whatsapp:+4915*******78'],
    ['whatsapp:%2B4915112345678', 'whatsapp:+4915*******78'],
    ['<sip:14155552671@pbx.example>', '<sip:+1415*****71@pbx.example>'],
    ['sips:+14155552671@pbx.example', 'sips:+1415*****71@pbx.example'],
    // What is dialled for a plus is none of the number's digits.
    ['011 44 20 7946 0000', '+4420******00'],
    ['01149 151 12345678', '+4915*******78'],
    ['00 49 151 12345678', '+4915*******78'],
    ['0049-151-12345678', '+4915*******78'],
    // What stands between the digits.
    ['%2B1%20415%20555%202671', '+1415*****71'],
    ['%2B1%28415%29555%2D2671', '+1415*****71'],
    ['%2B1%2e415%2e555%2e2671', '+1415*****71'],
    ['%2B1%2F415%2F5552671', '+1415*****71'],
    ['+1+415+555+2671', '+1415*****71'],
    ['+49/151/123/45678', '+4915*******78'],
    ['+49 (0)151 / 12345678', '+4901********78'],
    ['+49\u2013151\u20131234\u20135678', '+4915*******78'],
    ['+49\u2014151\u201112345678', '+4915*******78'],
    ['+49_151_12345678', '+4915*******78'],
    // More digits than E.164 allows: with an extension, or mistyped.
    ['+4915112345678901', '+4915**********01'],
    ['+4915112345678 9012 3456', '+4915***************56'],
    ['+491511234567890123456789', '+4915******************89'],
  ])('%s reads %s', (text, masked) => {
    expect(maskPhones(text)).toBe(masked);
    expect(maskPhones(masked)).toBe(masked);
  });

  test('whatever stands before the number and between its digits, few of them are shown', () => {
    const prefixes = `+ \uff0b %2B %2b %252B \\u002b &#43; 00 011 tel: sip: sips: whatsapp: tel:+ sip:%2B`;
    const separators = [' ', '\u00a0', ' / ', ') (', ''].concat(
      `- . / _ + \u2010 \u2013 \u2015 %20 %28 %29 %2B %2D %2E %2F %2d %29%20%28`.split(' '),
    );
    for (const prefix of prefixes.split(' ')) {
      for (const separator of separators) {
        const number = ['44', '20', '7946', '1234'].join(separator);
        const masked = maskPhones(`"${prefix}${number}" is not valid`);
        const scheme = /^[a-z]+:/.exec(prefix)?.[0] ?? '';
        expect(masked, `${prefix}${number}`).toBe(`"${scheme}+4420******34" is not valid`);
      }
    }
  });

  test.each([
    'hotel:14155552671',
    'gossip:14155552671',
    'tel:110',
    'sip:alice@pbx.example:5060',
    'call:0007/dial#2',
    'id 550e8400-e29b-41d4-a716-446655440000',
    'id f47ac10b-58cc-4372-a567-0e02b2c3d479',
    'CA0123456789abcdef0123456789abcdef',
    'md5 d41d8cd98f00b204e9800998ecf8427e',
    'sha1 00112e33f44a',
    'x0014155552671',
    'req_0114155552671',
    '2026-09-21',
    '2026-09-21T00:11:22.333+02:00',
    '2026-09-21T15%3A33%3A20%2B02%3A00',
    '20260921T153320Z',
    '127.0.0.1:8080, 10.0.0.12',
    'v1.2.3+build.7',
    '100%2B100',
  ])('%s is no number', (text) => {
    expect(maskPhones(text)).toBe(text);
  });
});

describe('numbers that follow one another', () => {
  const numbers = ['+14155552671', '+14155552672', '+14155552673'];

  test.each([' ', '/', '+', '-', '%20'])('with "%s" between are masked', (between) => {
    expect(longestRun(maskPhones(numbers.join(between)))).toBeLessThan(7);
  });

  test.each([', ', ' / ', '; ', ' and ', '","', '|', '&'])(
    'with "%s" between are masked',
    (between) => {
      expect(maskPhones(numbers.join(between))).toBe(
        ['+1415*****71', '+1415*****72', '+1415*****73'].join(between),
      );
    },
  );

  test('as one of thirty digits are masked', () => {
    expect(longestRun(maskPhones('+123456789012345678901234567890'))).toBeLessThan(7);
  });
});
