import { maskPhone, maskPhones, separator } from '../store/mask.ts';
import { hideCredentials } from './credentials.ts';
import { cutTo, lineOf } from './http/message.ts';

const LONGEST_MESSAGE = 300;
/** A shorter secret is no key, and masking it would garble every message. */
const SHORTEST_SECRET = 6;
/** A shorter part of a name is also a part of half the words of a language. */
const SHORTEST_PART = 3;
const SHORTEST_NAME = 2;

/** Scripts that put no space between words: a name is found in the middle of a text. */
const unspaced =
  /[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]/u;

/** What must not be told of a person. */
export interface Private {
  readonly name: string;
  /** E.164. */
  readonly phone: string;
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** A name, or a part of one, as it may stand in a text. */
function formOf(part: string): string {
  if (unspaced.test(part)) return escape(part);
  return `(?<![\\p{L}\\p{M}])${escape(part)}(?![\\p{L}\\p{M}])`;
}

function hideName(text: string, name: string): string {
  const whole = name.normalize('NFC').trim();
  const parts = whole
    .split(/\s+/)
    .filter((part) => part.length >= (unspaced.test(part) ? SHORTEST_NAME : SHORTEST_PART));
  const forms = [whole, ...parts].filter((part) => part.length >= SHORTEST_NAME).map(formOf);
  return forms.length === 0 ? text : text.replace(new RegExp(forms.join('|'), 'giu'), '[name]');
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
 * number. Keys, numbers and the name of the person concerned are masked, and it is not endless: it
 * is cut only here, when nothing is left that half of could be told.
 */
export function redact(text: string, secrets: readonly string[], person?: Private): string {
  let safe = lineOf(text).normalize('NFC');
  for (const secret of secrets) {
    if (secret.length >= SHORTEST_SECRET) safe = safe.replaceAll(secret, '***');
  }
  safe = hideCredentials(safe);
  if (person) safe = hideName(hideNumber(safe, person.phone), person.name);
  safe = maskPhones(safe);
  return cutTo(LONGEST_MESSAGE, safe);
}
