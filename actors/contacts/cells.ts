import type { Consent } from './contact.ts';

const YES = new Set(['yes', 'y', 'true', '1', 'x']);
/** A no in the languages of its lists, and what else takes a consent back. */
const NO = new Set(['no', 'n', 'false', '0', 'non', 'nein', 'não', 'nao', 'nee', 'nej', 'nie']);
const WITHDRAWN = /^(opt(ed)?[ -]?out|unsubscribed|withdrawn|revoked|denied|declined|refused)\b/;

/** `null` for an empty cell and for anything that is neither a yes nor a no, such as a date. */
export function readConsent(cell: string): Consent {
  const word = readWord(cell);
  if (YES.has(word)) return 'yes';
  return NO.has(word) || WITHDRAWN.test(word) ? 'no' : null;
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
