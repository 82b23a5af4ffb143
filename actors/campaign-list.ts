import path from 'node:path';
import type { CallingRules } from '../config.ts';
import type { ContactDetails } from '../store/contacts.ts';
import type { Contact, Wishes } from './contacts/contact.ts';

/** A campaign is named after its file: `spring list.csv` → `spring-list`. */
export function nameOf(file: string, taken: (name: string) => boolean): string {
  const base = path.basename(file, path.extname(file));
  const slug =
    base
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'campaign';
  for (let number = 1; ; number++) {
    const name = number === 1 ? slug : `${slug}-${number}`;
    if (!taken(name)) return name;
  }
}

/** Why a contact of a list is not called, or null. */
export const skipReason = (
  { doNotCall, consent }: Wishes,
  { requiresConsent }: Pick<CallingRules, 'requiresConsent'>,
): string | null => {
  if (doNotCall) return 'do not call';
  if (consent === 'no') return 'no consent';
  return consent === null && requiresConsent ? 'no consent on record' : null;
};

export const detailsOf = (contact: Contact, id: string, rules: CallingRules): ContactDetails => {
  const { phone, name, variables, named, timezone } = contact;
  const skip = skipReason(contact, rules);
  const has = Object.keys(named).length > 0;
  return { id, phone, name, variables, ...(has && { named }), timezone, skip };
};
