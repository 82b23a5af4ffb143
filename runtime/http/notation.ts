const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Whole milliseconds, rounded up: a wait must not end early. Floating-point dust (1.1 * 1000) is no
 * reason to wait a millisecond more.
 */
export function wholeMs(ms: number): number {
  const nearest = Math.round(ms);
  return Math.abs(ms - nearest) <= 2 * Number.EPSILON * Math.abs(ms) ? nearest : Math.ceil(ms);
}

/** Digits with or without decimals; no sign, no exponent, no `Infinity`. */
export const decimalIn = (text: string): number | null =>
  /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : null;

const goUnits: { readonly [unit: string]: number } = {
  h: HOUR_MS,
  m: MINUTE_MS,
  s: SECOND_MS,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

/** A duration as Go prints it (`time.Duration.String`): `6m0s`, `17ms`, `1.5s`. @returns ms */
export function goDurationMs(text: string): number | null {
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/.test(text)) return null;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g);
  return parts.reduce(
    (sum, [, amount, unit = '']) => sum + Number(amount) * (goUnits[unit] ?? 0),
    0,
  );
}

const time = String.raw`\d{2}:\d{2}:\d{2}`;
const imfFixdate = new RegExp(String.raw`^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} ${time} GMT$`);
const rfc850 = new RegExp(String.raw`^[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} ${time} GMT$`);
const asctime = new RegExp(String.raw`^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d ${time} \d{4}$`);

const validOrNull = (ms: number): number | null => (Number.isNaN(ms) ? null : ms);

/** RFC 9110, section 5.6.7, with its two obsolete forms. `Date.parse` alone reads anything. @returns epoch ms */
export function httpDate(text: string): number | null {
  if (imfFixdate.test(text) || rfc850.test(text)) return validOrNull(Date.parse(text));
  return asctime.test(text) ? validOrNull(Date.parse(`${text} GMT`)) : null;
}

const rfc3339 = new RegExp(
  String.raw`^\d{4}-\d{2}-\d{2}T${time}(\.\d+)?(?:Z|[+-]\d{2}:\d{2})$`,
  'i',
);

/** RFC 3339. What is finer than a millisecond is rounded up. @returns epoch ms */
export function internetDate(text: string): number | null {
  const match = rfc3339.exec(text);
  if (!match) return null;
  const finer = /[1-9]/.test((match[1] ?? '').slice(4)) ? 1 : 0;
  return validOrNull(Date.parse(text) + finer);
}

const FIRST_EPOCH_S = 1e8;
const FIRST_EPOCH_MS = 1e11;

/**
 * The wait until an `X-RateLimit-Reset`: epoch seconds (GitHub's convention), though some send
 * epoch milliseconds, and some the seconds that are left (draft-ietf-httpapi-ratelimit-headers).
 * 10^8 s is in 1973, and so is 10^11 ms, so that the three don't overlap.
 */
export function resetMs(text: string, now: number): number | null {
  const value = decimalIn(text);
  if (value === null) return null;
  if (value < FIRST_EPOCH_S) return value * SECOND_MS;
  return wholeMs(value < FIRST_EPOCH_MS ? value * SECOND_MS : value) - now;
}
