import type { CountryCode } from 'libphonenumber-js/max';
import { UserError } from '../../errors.ts';
import { readHeader, type Columns } from './columns.ts';
import type { Contact, DuplicateRow, ListItem, RejectedRow } from './contact.ts';
import { readCountry } from './phone.ts';
import { readRow } from './row.ts';
import { readRows } from './rows.ts';

export interface ContactListOptions {
  /**
   * ISO 3166 two-letter code for numbers without `+`; a row's own country goes before it.
   * @default none: a number without `+` is rejected
   */
  readonly defaultCountry?: string | undefined;
  /**
   * Told the header's columns once, before the first item: `rejectedCsv` wants them.
   * @default nobody is told
   */
  readonly onColumns?: ((columns: readonly string[]) => void) | undefined;
}

export interface ImportedContactList {
  /** In file order. Empty when every row was rejected: what to make of that is up to the caller. */
  readonly contacts: readonly Contact[];
  readonly rejected: readonly RejectedRow[];
  readonly duplicates: readonly DuplicateRow[];
  readonly columns: readonly string[];
}

/**
 * Streams a contact list, row by row in file order; only the numbers seen stay in memory.
 * An error can come after the first items, so nobody should be called before the last one.
 *
 * @throws RangeError when `defaultCountry` is no country code.
 * @throws UserError when the file can't be read, is no CSV file, has a quote left open, no phone
 * column or no row. A row that can't be called is an item, not an error.
 */
export async function* readContactList(
  file: string,
  options: ContactListOptions = {},
): AsyncGenerator<ListItem, void> {
  const defaultCountry = readDefaultCountry(options.defaultCountry);
  const lineByPhone = new Map<string, number>();
  let columns: Columns | null = null;
  let rows = 0;
  for await (const row of readRows(file)) {
    if (columns === null) {
      columns = readHeader(file, row.line, row.cells);
      options.onColumns?.(row.cells);
      continue;
    }
    rows += 1;
    const item = readRow(row, columns, defaultCountry);
    yield item.kind === 'contact' ? onlyOnce(item.contact, lineByPhone) : item;
  }
  if (columns === null) {
    throw new UserError(`${file} is empty: it needs a header line and at least one contact`);
  }
  if (rows === 0) throw new UserError(`${file} has a header line, but no contact below it`);
}

/**
 * Reads a whole contact list into memory. A number that stands in it twice is one contact, the
 * first; but when any of its rows says "do not call" or "no consent", that holds for the contact.
 *
 * @throws RangeError and UserError as {@link readContactList} does.
 */
export async function importContactList(
  file: string,
  options: ContactListOptions = {},
): Promise<ImportedContactList> {
  const contacts = new Map<number, Contact>();
  const rejected: RejectedRow[] = [];
  const duplicates: DuplicateRow[] = [];
  let columns: readonly string[] = [];
  const onColumns = (seen: readonly string[]) => {
    columns = seen;
    options.onColumns?.(seen);
  };
  for await (const item of readContactList(file, { ...options, onColumns })) {
    if (item.kind === 'contact') contacts.set(item.contact.line, item.contact);
    else if (item.kind === 'rejected') rejected.push(item.rejected);
    else {
      const { kind: _, ...duplicate } = item;
      duplicates.push(duplicate);
      const first = contacts.get(item.firstLine);
      if (first) contacts.set(first.line, withWishesOf(duplicate, first));
    }
  }
  return { contacts: [...contacts.values()], rejected, duplicates, columns };
}

function onlyOnce(contact: Contact, lineByPhone: Map<string, number>): ListItem {
  const { line, phone, consent, doNotCall } = contact;
  const firstLine = lineByPhone.get(phone);
  if (firstLine !== undefined) return { kind: 'duplicate', line, firstLine, consent, doNotCall };
  lineByPhone.set(phone, line);
  return { kind: 'contact', contact };
}

function withWishesOf(duplicate: DuplicateRow, first: Contact): Contact {
  return {
    ...first,
    doNotCall: first.doNotCall || duplicate.doNotCall,
    consent: duplicate.consent === 'no' ? 'no' : first.consent,
  };
}

function readDefaultCountry(value: string | undefined): CountryCode | null {
  if (value === undefined) return null;
  const country = readCountry(value);
  if (country !== null) return country;
  throw new RangeError(
    `defaultCountry must be an ISO 3166 two-letter country code, got ${JSON.stringify(value)}`,
  );
}
