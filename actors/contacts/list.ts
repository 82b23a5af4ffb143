import type { CountryCode } from 'libphonenumber-js/max';
import { UserError } from '../../errors.ts';
import { readHeader, type Columns } from './columns.ts';
import type { Contact, ListItem } from './contact.ts';
import { readCountry } from './country.ts';
import { NumbersSeen } from './numbers-seen.ts';
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
  /**
   * Told the file's bytes as they are read, to sum them up.
   * @default nobody is told
   */
  readonly onBytes?: ((bytes: Buffer) => void) | undefined;
}

/**
 * Streams a contact list, row by row in file order; only the numbers seen stay in memory, at 20 to
 * 30 bytes each. An error can come after the first items, so nobody should be called before the last one.
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
  const seen = new NumbersSeen();
  let columns: Columns | null = null;
  let rows = 0;
  for await (const row of readRows(file, options.onBytes)) {
    if (columns === null) {
      columns = readHeader(file, row.line, row.cells);
      options.onColumns?.(row.cells);
      continue;
    }
    rows += 1;
    const item = readRow(row, columns, defaultCountry);
    yield item.kind === 'contact' ? onlyOnce(item.contact, seen) : item;
  }
  if (columns === null) {
    throw new UserError(`${file} is empty: it needs a header line and at least one contact`);
  }
  if (rows === 0) throw new UserError(`${file} has a header line, but no contact below it`);
}

function onlyOnce(contact: Contact, seen: NumbersSeen): ListItem {
  const earlier = seen.add(contact);
  return earlier === null
    ? { kind: 'contact', contact }
    : { kind: 'duplicate', line: contact.line, ...earlier };
}

function readDefaultCountry(value: string | undefined): CountryCode | null {
  if (value === undefined) return null;
  const country = readCountry(value);
  if (country !== null) return country;
  throw new RangeError(
    `The default country must be a two-letter code (ISO 3166) such as US, got ${JSON.stringify(value)}`,
  );
}
