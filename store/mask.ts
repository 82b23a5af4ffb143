const shownDigits = { front: 4, back: 2 };

/** `+14155552671` → `+1415*****71`. */
export function maskPhone(phone: string): string {
  const digits = phone.replace(/\D/g, '');
  const plus = phone.trim().startsWith('+') ? '+' : '';
  const hidden = Math.max(0, digits.length - shownDigits.front - shownDigits.back);
  if (hidden < 3) return `${plus}${'*'.repeat(digits.length)}`;
  return `${plus}${digits.slice(0, shownDigits.front)}${'*'.repeat(hidden)}${digits.slice(-shownDigits.back)}`;
}

/** Numbers as they occur in a provider's error text, with the usual separators, escapes included. */
const phoneLike = /(?:\+|%2B|\b00)\d(?:[\s().-]{0,2}\d){6,14}/gi;

/** Masks every phone number in a text. */
export function maskPhones(text: string): string {
  return text.replace(phoneLike, (found) => maskPhone(found.replace(/^%2B/i, '+')));
}
