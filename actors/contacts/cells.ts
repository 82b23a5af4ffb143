import type { Consent } from './contact.ts';

/** The words, and the marks, of lists in several languages; spreadsheets translate TRUE and FALSE. */
const YES = wordsOf(
  'yes y true t 1 x ok okay ✓ ✔ ✅ ja j oui si sí sì sim tak da wahr vrai vero verdadero verdadeiro ' +
    'given granted agreed consented confirmed subscribed opt-in opted-in',
);
const NO = wordsOf('no n false f 0 ✗ ✘ ❌ non nein não nao nee nej nie falsch faux falso');
/** What else takes a consent back. */
const WITHDRAWN = /^(opt(ed)?[ -]?out|unsubscribed|withdrawn|revoked|denied|declined|refused)\b/;

/**
 * `null` for an empty cell. Anything else, such as "maybe" or a date of which nobody knows what
 * happened then, is unclear: no consent can be read out of it, and none is made up.
 */
export function readConsent(cell: string): Consent | 'unclear' {
  const word = readWord(cell);
  if (word === '') return null;
  if (YES.has(word) || YES.has(word.replace(' ', '-'))) return 'yes';
  return NO.has(word) || WITHDRAWN.test(word) ? 'no' : 'unclear';
}

/**
 * Fails closed: whoever writes "asked us in May" or a date into this column means yes. Only an
 * empty cell and a clear no let the contact be called.
 */
export function readDoNotCall(cell: string): boolean {
  const word = readWord(cell);
  return word !== '' && !NO.has(word);
}

/** The cell as it stands, or `null` when it names no time zone known here. */
export function readTimezone(cell: string): string | null {
  const zone = cell.trim();
  if (zone === '') return null;
  if (knownZones.has(zone)) return zone;
  try {
    Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    return null;
  }
  knownZones.add(zone);
  return zone;
}

/** The cell trimmed, or `null` when it is empty. */
export function readText(cell: string): string | null {
  const text = cell.trim();
  return text === '' ? null : text;
}

/** Asking Intl costs more than reading the whole row. Holds valid zones only, so it can't grow. */
const knownZones = new Set<string>();

/** "No." is a no. Only short cells are looked at closely: a long one is no word of these anyway. */
function readWord(cell: string): string {
  const word = cell.normalize('NFKC').trim().toLowerCase();
  return word.length > 20 ? word : word.replace(/[.!]+$/, '');
}

function wordsOf(list: string): ReadonlySet<string> {
  return new Set(list.split(' '));
}
