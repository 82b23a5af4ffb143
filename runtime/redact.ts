import { maskPhone, maskPhones, separator } from '../store/mask.ts';

const LONGEST_MESSAGE = 300;
/** A shorter secret is no key, and masking it would garble every message. */
const SHORTEST_SECRET = 6;
/** A shorter part of a name is also a part of half the words of a language. */
const SHORTEST_NAME = 3;

/** Longer than any id or hash: the token of an address that is good for whoever has it. */
const token = /[A-Za-z0-9_-]{72,}/g;

/** What must not be told of a person. */
export interface Private {
  readonly name: string;
  /** E.164. */
  readonly phone: string;
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function hideName(text: string, name: string): string {
  const parts = [name, ...name.split(/\s+/)].filter((part) => part.length >= SHORTEST_NAME);
  if (parts.length === 0) return text;
  const any = parts.map(escape).join('|');
  return text.replace(new RegExp(`(?<![\\p{L}])(?:${any})(?![\\p{L}])`, 'giu'), '[name]');
}

/** The number in any notation: with other separators, or without its country code. */
function hideNumber(text: string, phone: string): string {
  const digits = phone.replace(/\D/g, '');
  if (digits.length < 8) return text;
  const separated = (part: string): string => part.split('').join(separator);
  const forms = [digits, digits.slice(1), digits.slice(2), digits.slice(3)]
    .filter((form) => form.length >= 7)
    .map(separated);
  return text.replace(new RegExp(`\\+?(?:${forms.join('|')})`, 'g'), maskPhone(phone));
}

/**
 * A text from outside, fit for a journal line: what a provider says may repeat a key, a name or a
 * number. Keys, numbers and the name of the person concerned are masked, and it is not endless.
 */
export function redact(text: string, secrets: readonly string[], person?: Private): string {
  let safe = text.replace(/\s+/g, ' ').trim().replace(token, '***');
  for (const secret of secrets) {
    if (secret.length >= SHORTEST_SECRET) safe = safe.replaceAll(secret, '***');
  }
  if (person) safe = hideName(hideNumber(safe, person.phone), person.name);
  safe = maskPhones(safe);
  return safe.length > LONGEST_MESSAGE ? `${safe.slice(0, LONGEST_MESSAGE)}…` : safe;
}
