import { fileURLToPath } from 'node:url';
import type { Person } from '../index.ts';

/** Nobody's number: 555-0100 to 555-0199 are kept for fiction (North American Numbering Plan). */
export const ada: Person = { name: 'Ada Lovelace', phone: '+14155550101' };

/** The file of a list with that many people. */
export const peopleList = (count: 'three' | 'four' | 'six' | 'twelve' | 'twenty'): string =>
  fileURLToPath(new URL(`contacts/${count}.csv`, import.meta.url));
