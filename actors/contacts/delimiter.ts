import type { Options } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { hasPhoneColumn } from './columns.ts';

export type Delimiter = ',' | ';' | '\t';

/** What both readings of the file, the first look and the real one, must agree on. */
export function csvOptions(delimiter: Delimiter) {
  return {
    delimiter,
    bom: true,
    // Spelled out, because csv-parse would take the first line's ending for the whole file.
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    // A quote in the middle of a cell (a 5" pipe) is text, not a reason to give up.
    relax_quotes: true,
    ltrim: true,
  } satisfies Options;
}

/**
 * Finds the delimiter from the header: the one that makes a phone column, then the one that makes
 * most columns, then the comma.
 *
 * @param head the file's first bytes, enough for the header
 */
export function findDelimiter(head: Buffer): Delimiter {
  const candidates: readonly Delimiter[] = [',', ';', '\t'];
  const scored = candidates.map((delimiter) => ({ delimiter, score: score(head, delimiter) }));
  return scored.reduce((best, next) => (next.score > best.score ? next : best)).delimiter;
}

function score(head: Buffer, delimiter: Delimiter): number {
  try {
    const [header = []] = parse(head, {
      ...csvOptions(delimiter),
      skip_records_with_empty_values: true,
      to: 1,
    });
    // A header never has more columns than the head has bytes, so this decides first.
    return header.length + (hasPhoneColumn(header) ? head.length + 1 : 0);
  } catch {
    // A quote left open: whoever reads the rows says so, with the line.
    return 1;
  }
}
