import type { CountryCode, PhoneNumber } from 'libphonenumber-js/max';
import { numbering } from './numbering.ts';

export type PhoneResult =
  | { readonly ok: true; readonly phone: string }
  | { readonly ok: false; readonly reason: string };

const REASONS: Readonly<Record<string, string>> = {
  NOT_A_NUMBER: 'Phone cell does not hold one phone number',
  INVALID_COUNTRY: 'Phone number starts with a country code that does not exist',
  TOO_SHORT: 'Phone number is too short for its country',
  TOO_LONG: 'Phone number is too long for its country',
  INVALID_LENGTH: 'Phone number has a length that its country does not use',
};

const NO_COUNTRY = 'Phone number has no + with a country code, and no country is given for it';
const UNKNOWN_COUNTRY =
  'Country is not known: write its two-letter code (ISO 3166), such as GB, or its name in English';

/**
 * Turns what people type into E.164, or says which rule it breaks, never repeating the number.
 *
 * Valid means valid by the numbering plan (libphonenumber's full metadata), which says nothing
 * about whether anybody answers. So numbers set aside for fiction and tests pass where their range
 * is a real one: +1 … 555 01xx, Twilio's +1 500 555 000x, Australia's and some of Britain's. Those
 * in a range never handed out don't: Britain's +44 7700 900xxx, France's +33 6 39 98 xxxx.
 *
 * @param country how to read a number without `+`; with `null` or `unknown` such a number is refused,
 * because a guessed country code calls a stranger.
 */
export function readPhone(cell: string, country: CountryCode | 'unknown' | null): PhoneResult {
  const text = tidy(cell);
  const misread = spreadsheetDamage(text);
  if (misread !== null) return refused(misread);
  const isKnown = country !== null && country !== 'unknown';
  if (!text.startsWith('+') && !isKnown) {
    if (!/\d/.test(text)) return refused(REASONS['NOT_A_NUMBER']);
    return refused(country === null ? NO_COUNTRY : UNKNOWN_COUNTRY);
  }
  const { ParseError, parsePhoneNumberWithError } = numbering();
  try {
    const options = isKnown ? { defaultCountry: country } : {};
    // Not taken out of surrounding text: "mornings +1…, evenings +1…" is for a person to sort out.
    return judge(parsePhoneNumberWithError(text, { ...options, extract: false }));
  } catch (error) {
    if (error instanceof ParseError) return refused(REASONS[error.message]);
    throw error;
  }
}

/** The digits behind the country code. @param phone E.164 */
export const nationalOf = (phone: string): string =>
  numbering().parsePhoneNumberWithError(phone).nationalNumber;

/** Takes off what programs put around a number: Excel's text mark, a link, invisible marks. */
function tidy(cell: string): string {
  return cell
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .trim()
    .replace(/^['’]\s*/, '')
    .replace(/^tel:\s*/i, '')
    .replace(/^\(\+(\d+)\)/, '+$1 ');
}

/** These would parse, some of them as a number of somebody else. */
function spreadsheetDamage(text: string): string | null {
  if (text === '') return 'Phone number is missing';
  // libphonenumber's own limit; before it, one of the patterns below could take minutes.
  if (text.length > 250) return REASONS['TOO_LONG'] ?? null;
  if (/^[+-]?\d+([.,]\d+)?\s*E\s*[+-]?\d+$/i.test(text)) {
    return 'Phone number is in Excel scientific notation; format the column as text';
  }
  if (/^\+?\d{5,}[.,]0+$/.test(text)) {
    return 'Phone number was turned into a decimal by a spreadsheet; format the column as text';
  }
  // "030/1234567" is one number, "+49 30 1234567/68" is two.
  if (/\d{5}.*\/\s*\d{1,3}$/.test(text)) return REASONS['NOT_A_NUMBER'] ?? null;
  return null;
}

function judge(parsed: PhoneNumber): PhoneResult {
  if (parsed.ext !== undefined) {
    return refused("Phone number has an extension, which can't be dialled");
  }
  // ITU-T E.164, 6.2.1: at most 15 digits. Germany's plan as libphonenumber knows it allows more.
  if (parsed.number.length > '+'.length + 15) return refused(REASONS['TOO_LONG']);
  if (parsed.isValid()) return { ok: true, phone: parsed.number };
  return refused(REASONS[numbering().validatePhoneNumberLength(parsed.number) ?? '']);
}

function refused(reason: string | undefined): PhoneResult {
  return {
    ok: false,
    reason: reason ?? "Phone number is not valid in its country's numbering plan",
  };
}
