import type { CountryCode } from 'libphonenumber-js/max';
import { readConsent, readDoNotCall, readText, readTimezone } from './cells.ts';
import type { Columns, VariableColumn } from './columns.ts';
import type { Contact, RejectedRow } from './contact.ts';
import { readCountryCell } from './country.ts';
import { readPhone } from './phone.ts';
import type { Row } from './rows.ts';

export type RowResult =
  | { readonly kind: 'contact'; readonly contact: Contact }
  | { readonly kind: 'rejected'; readonly rejected: RejectedRow };

const UNCLEAR_CONSENT = 'Consent is neither a clear yes nor a clear no; write yes or no';

/** Reads one row; the row's own country goes before the default one. */
export function readRow(
  row: Row,
  columns: Columns,
  defaultCountry: CountryCode | null = null,
): RowResult {
  const reason = findFault(row, columns);
  if (reason !== null) return rejected(row, reason);
  const { fields } = columns;
  const cell = (index: number | undefined) => (index === undefined ? '' : (row.cells[index] ?? ''));
  const country = readCountryCell(cell(fields.country));
  const result = readPhone(cell(columns.phone), country ?? defaultCountry);
  if (!result.ok) return rejected(row, result.reason);
  const consent = readConsent(cell(fields.consent));
  const timezone = cell(fields.timezone);
  if (consent === 'unclear') return rejected(row, UNCLEAR_CONSENT);
  return {
    kind: 'contact',
    contact: {
      line: row.line,
      name: readName(columns, cell),
      phone: result.phone,
      variables: readVariables(columns.variables, cell),
      named: readVariables(columns.named, cell),
      externalId: readText(cell(fields.externalId)),
      timezone: readTimezone(timezone),
      hasUnknownTimezone: timezone.trim() !== '' && readTimezone(timezone) === null,
      country: country === 'unknown' ? null : country,
      language: readText(cell(fields.language)),
      consent,
      doNotCall: readDoNotCall(cell(fields.doNotCall)),
    },
  };
}

function findFault(row: Row, columns: Columns): string | null {
  if (row.cells.length !== columns.count) {
    const span =
      row.endLine > row.line
        ? `; it runs from line ${row.line} to ${row.endLine}, so a quote may be left open`
        : '';
    return `Row has ${plural(row.cells.length)} where the header has ${columns.count}${span}`;
  }
  // What the decoder puts in place of bytes it can't read. A garbled name would be said aloud.
  if (row.cells.some((cell) => cell.includes('\uFFFD'))) {
    return 'Row holds characters that are not UTF-8; save the list as "CSV UTF-8"';
  }
  return null;
}

function readName(columns: Columns, cell: (index: number | undefined) => string): string {
  const parts = columns.fields.name === undefined ? columns.nameParts : [columns.fields.name];
  return parts
    .map((index) => cell(index).trim())
    .filter((part) => part !== '')
    .join(' ');
}

/** Built from entries, so that a column called `__proto__` is a variable like any other. */
function readVariables(
  columns: readonly VariableColumn[],
  cell: (index: number | undefined) => string,
) {
  return Object.fromEntries(
    columns
      .map(({ index, name, unnamed }) => ({ name, unnamed, text: cell(index).trim() }))
      .filter(({ unnamed, text }) => !unnamed || text !== '')
      .map(({ name, text }) => [name, text]),
  );
}

function rejected(row: Row, reason: string): RowResult {
  return { kind: 'rejected', rejected: { line: row.line, reason, row: row.cells } };
}

function plural(count: number): string {
  return count === 1 ? '1 column' : `${count} columns`;
}
