const shownDigits = { front: 4, back: 2 };

/** `+14155552671` → `+1415*****71`. */
export function maskPhone(phone: string): string {
  const digits = phone.replace(/\D/g, '');
  const plus = phone.trim().startsWith('+') ? '+' : '';
  const hidden = Math.max(0, digits.length - shownDigits.front - shownDigits.back);
  if (hidden < 3) return `${plus}${'*'.repeat(digits.length)}`;
  return `${plus}${digits.slice(0, shownDigits.front)}${'*'.repeat(hidden)}${digits.slice(-shownDigits.back)}`;
}

/** What may stand between two digits of a number, URL encoding included. */
export const separator = String.raw`(?:%(?:20|28|29|2B|2D|2E|2F)|[\s()./_+\u2010-\u2015-]){0,3}`;

/** A plus in its many spellings, an international prefix, or behind a scheme that takes a number. */
const prefix = String.raw`(?:\+|\uFF0B|%(?:25)?2B|\\u002b|&#43;|\b(?:00|011)|(?<=\b(?:tel|sips?|whatsapp):))`;

const phoneLike = new RegExp(`${prefix}${separator}\\d(?:${separator}\\d){6,}`, 'gi');

/** Masks every phone number in a text that is written with its country code. */
export function maskPhones(text: string): string {
  return text.replace(phoneLike, (found) => `+${maskPhone(digitsOf(found))}`);
}

/** Without the escapes, whose digits are none of the number's. */
const digitsOf = (found: string): string =>
  found
    .replace(/%(?:25)?2B|\\u002b|&#43;|%(?:20|28|29|2D|2E|2F)/gi, '')
    .replace(/\D/g, '')
    .replace(/^(?:00|011)/, '');
