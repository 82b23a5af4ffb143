import type { Person } from '../index.ts';

/** Nobody's number: 555-0100 to 555-0199 are kept for fiction (North American Numbering Plan). */
export const ada: Person = { name: 'Ada Lovelace', phone: '+14155550101' };
