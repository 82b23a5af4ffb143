import { describe, expect, it } from 'vitest';
import { LONGEST_HINT_MS, retryHintMs } from '../../../runtime/http/hint.ts';
import { answered, NOW, randomFrom } from '../../actors/errors/answers.ts';

const HOUR_MS = 3_600_000;

const hint = (headers: Record<string, string>, status = 429, body: unknown = null) =>
  retryHintMs({ status, headers: new Headers(headers), body, now: NOW });

const iso = (ms: number): string => new Date(ms).toISOString();
const http = (ms: number): string => new Date(ms).toUTCString();

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['1', 1_000],
    ['120', 120_000],
    ['1.1', 1_100],
    ['0.0001', 1],
    ['0.5', 500],
    [' 7 ', 7_000],
    ['3, 9', 9_000],
    ['999999999', LONGEST_HINT_MS],
    ['9'.repeat(400), LONGEST_HINT_MS],
    ['Sun, 06 Nov 1994 08:50:07 GMT', 30_000],
    ['Sunday, 06-Nov-94 08:50:07 GMT', 30_000],
    ['Sun Nov  6 08:50:07 1994', 30_000],
    ['1994-11-06T08:50:07Z', 30_000],
    ['Sun, 06 Nov 1994 08:49:00 GMT', 0],
    ['Fri, 31 Dec 9999 23:59:59 GMT', LONGEST_HINT_MS],
  ])('%s means %i ms', (value, ms) => {
    for (const status of [200, 429, 500, 503])
      expect(hint({ 'retry-after': value }, status)).toBe(ms);
  });

  it.each([
    '',
    '-5',
    '+5',
    'soon',
    'NaN',
    'Infinity',
    '1e3',
    '0x10',
    '1,5,x',
    ',',
    '5s',
    '1 2',
    '١٢',
    'Sun, 06 Nov 1994 08:50:07 CET',
    'Sun, 99 Nov 1994 08:50:07 GMT',
    'foo 1',
    '1994-11-06',
    'null',
  ])('%s means nothing', (value) => {
    const bytes = Buffer.from(value).toString('latin1');
    expect(hint({ 'retry-after': bytes }, 503)).toBeNull();
  });

  it("counts a date from the answer's own Date, whatever the clock here says", () => {
    const date = http(NOW + 5 * HOUR_MS);
    expect(hint({ 'retry-after': http(NOW + 5 * HOUR_MS + 9_000), date }, 503)).toBe(9_000);
    expect(hint({ 'retry-after': http(NOW + 9_000), date: 'yesterday' }, 503)).toBe(9_000);
  });
});

describe('several hints', () => {
  it.each([
    [{ 'retry-after': '1', 'retry-after-ms': '0' }, 1_000],
    [{ 'retry-after': '9', 'retry-after-ms': '0' }, 9_000],
    [{ 'retry-after': '0', 'retry-after-ms': '250' }, 250],
    [{ 'retry-after-ms': '250.2' }, 251],
    [{ 'retry-after-ms': '-1', 'retry-after': '2' }, 2_000],
    [{ 'retry-after': 'soon', 'retry-after-ms': 'NaN' }, null],
    [{ 'retry-after': '2', 'x-ratelimit-reset-requests': '1m' }, 60_000],
    [{ 'retry-after': '90', 'x-ratelimit-reset-requests': '1m' }, 90_000],
  ])('%o mean %s ms', (headers, ms) => {
    expect(hint(headers as Record<string, string>)).toBe(ms);
  });

  it('are heard in the body too, in the way of Telegram', () => {
    expect(hint({}, 429, { parameters: { retry_after: 35 } })).toBe(35_000);
    expect(hint({ 'retry-after': '40' }, 429, { parameters: { retry_after: 35 } })).toBe(40_000);
    for (const retry_after of [-1, Number.NaN, Infinity, null, [3], {}, 'x', true]) {
      expect(hint({}, 429, { parameters: { retry_after } })).toBeNull();
    }
  });

  it('are heard in the way of Discord, in the body and as seconds until the reset', () => {
    expect(hint({}, 429, { message: 'You are being rate limited.', retry_after: 0.65 })).toBe(650);
    const spent = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '1.5' };
    expect(hint(spent)).toBe(1_500);
    expect(hint({ ...spent, 'x-ratelimit-remaining': '2' })).toBeNull();
  });
});

describe('the reset of a rate limit', () => {
  it.each([
    ['6m0s', 360_000],
    ['17ms', 17],
    ['1s', 1_000],
    ['1.5s', 1_500],
    ['2m59.56s', 179_560],
    ['1h0m0.5s', HOUR_MS + 500],
    ['1h', HOUR_MS],
    ['100µs', 1],
    ['1ns', 1],
    ['0s', 0],
    ['9999h', LONGEST_HINT_MS],
  ])("is read as OpenAI's duration: %s", (value, ms) => {
    expect(hint({ 'x-ratelimit-reset-requests': value })).toBe(ms);
    expect(hint({ 'x-ratelimit-reset-tokens': value })).toBe(ms);
  });

  it.each(['', 's', '5', '-5s', '5 s', '5d', '1s2', 'ms', '1..5s'])('is not %s', (value) => {
    expect(hint({ 'x-ratelimit-reset-tokens': value })).toBeNull();
  });

  it('counts only where nothing remains', () => {
    const resets = { 'x-ratelimit-reset-requests': '10s', 'x-ratelimit-reset-tokens': '6m0s' };
    const remaining = (requests: string, tokens: string) => ({
      ...resets,
      'x-ratelimit-remaining-requests': requests,
      'x-ratelimit-remaining-tokens': tokens,
    });
    expect(hint(resets)).toBe(360_000);
    expect(hint(remaining('0', '149984'))).toBe(10_000);
    expect(hint(remaining('12', '0'))).toBe(360_000);
    expect(hint(remaining('12', '149984'))).toBeNull();
  });

  it('counts with 429 alone, for good answers and other errors carry it as well', () => {
    const headers = {
      'x-ratelimit-reset-requests': '6m0s',
      'x-ratelimit-reset': String(NOW / 1_000 + 60),
      'anthropic-ratelimit-tokens-reset': iso(NOW + 60_000),
    };
    for (const status of [200, 400, 401, 500, 503, 529]) expect(hint(headers, status)).toBeNull();
    expect(hint(headers)).toBe(360_000);
  });

  it.each([
    [String(NOW / 1_000 + 60), 60_000],
    [String(NOW + 60_000), 60_000],
    ['60', 60_000],
    [String(NOW / 1_000 - 60), 0],
    ['1e9', null],
    ['-60', null],
    ['tomorrow', null],
  ])('is read as an epoch: %s', (value, ms) => {
    expect(hint({ 'x-ratelimit-reset': value })).toBe(ms);
    expect(hint({ 'x-ratelimit-reset': value, 'x-ratelimit-remaining': '0' })).toBe(ms);
    expect(hint({ 'x-ratelimit-reset': value, 'x-ratelimit-remaining': '3' })).toBeNull();
  });

  it.each(['requests', 'tokens', 'input-tokens', 'output-tokens'])(
    "is read as Anthropic's moment: %s",
    (what) => {
      const name = `anthropic-ratelimit-${what}-reset`;
      expect(hint({ [name]: iso(NOW + 61_500) })).toBe(61_500);
      expect(hint({ [name]: '1994-11-06T08:49:37.0000001Z' })).toBe(1);
      expect(hint({ [name]: '1994-11-06T10:50:37+02:00' })).toBe(60_000);
      expect(hint({ [name]: '1994-11-06 08:50:37' })).toBeNull();
      const date = http(NOW + HOUR_MS);
      expect(hint({ [name]: iso(NOW + HOUR_MS + 5_000), date })).toBe(5_000);
      const remaining = `anthropic-ratelimit-${what}-remaining`;
      expect(hint({ [name]: iso(NOW + 5_000), [remaining]: '1' })).toBeNull();
    },
  );
});

describe("HubSpot's policies", () => {
  const limited = (policyName: string, headers = {}, now = NOW) =>
    answered('hubspot', { status: 429, body: { policyName }, headers, now }).retryAfterMs;

  it('are waited for where no header says how long', () => {
    expect(limited('SECONDLY')).toBe(1_000);
    expect(limited('TEN_SECONDLY_ROLLING')).toBe(10_000);
    expect(limited('DAILY')).toBe(Date.UTC(1994, 10, 7) - NOW);
    expect(limited('DAILY', {}, Date.UTC(1994, 10, 7))).toBe(24 * HOUR_MS);
    expect(limited('DAILY', {}, Date.UTC(1994, 10, 7) - 1)).toBe(1);
    expect(limited('MONTHLY')).toBeNull();
  });

  it('give way to a header', () => {
    expect(limited('SECONDLY', { 'retry-after': '4' })).toBe(4_000);
    expect(limited('DAILY', { 'retry-after': '600' })).toBe(600_000);
  });
});

describe('any hint', () => {
  const names = [
    'retry-after',
    'retry-after-ms',
    'x-ratelimit-reset',
    'x-ratelimit-reset-requests',
    'x-ratelimit-reset-tokens',
    'anthropic-ratelimit-requests-reset',
    'date',
  ];

  /** A wait written in a notation of the header's. */
  const writers: { readonly [name: string]: (ms: number) => string } = {
    'retry-after': (ms) => String(ms / 1_000),
    'retry-after-ms': String,
    'x-ratelimit-reset': (ms) => String((NOW + ms) / 1_000),
    'x-ratelimit-reset-requests': (ms) => `${Math.floor(ms / 60_000)}m${(ms % 60_000) / 1_000}s`,
    'x-ratelimit-reset-tokens': (ms) => `${ms}ms`,
    'anthropic-ratelimit-requests-reset': (ms) => iso(NOW + ms),
  };

  it('is what was written, and of several the longest, to the millisecond', () => {
    const random = randomFrom(20_261);
    const writable = Object.keys(writers);
    for (let round = 0; round < 3_000; round++) {
      const headers: Record<string, string> = {};
      let longest = 0;
      for (let left = 1 + random(4); left > 0; left--) {
        const name = writable[random(writable.length)] ?? '';
        if (name in headers) continue;
        const ms = random(2) === 0 ? random(5_000) : random(6 * 24 * HOUR_MS);
        headers[name] = writers[name]?.(ms) ?? '';
        longest = Math.max(longest, ms);
      }
      expect(hint(headers), JSON.stringify(headers)).toBe(longest);
    }
  });

  it('is never negative, a fraction or beyond the cap, whatever the headers hold', () => {
    const random = randomFrom(7);
    const broken: string[] = [];
    const pieces = [
      '1',
      '0',
      '9'.repeat(20),
      '.',
      '-',
      '+',
      ',',
      ' ',
      ':',
      'e',
      's',
      'ms',
      'h',
      'm',
    ]
      .concat(['NaN', 'Infinity', 'Sun, 06 Nov 1994 08:49:37 GMT', '1994-11-06T08:49:37Z', 'GMT'])
      .concat([String(NOW), 'T', 'Z', '\u00B5s', 'null', '"']);
    for (let round = 0; round < 20_000; round++) {
      const headers: Record<string, string> = {};
      for (let left = 1 + random(3); left > 0; left--) {
        const parts = Array.from({ length: random(5) }, () => pieces[random(pieces.length)]);
        headers[names[random(names.length)] ?? ''] = parts.join('');
      }
      const ms = hint(headers, random(2) === 0 ? 429 : 503);
      const isFine = ms === null || (Number.isInteger(ms) && ms >= 0 && ms <= LONGEST_HINT_MS);
      if (!isFine) broken.push(`${JSON.stringify(headers)} gave ${ms}`);
    }
    expect(broken).toEqual([]);
  });
});
