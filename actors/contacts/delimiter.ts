import type { Options } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { hasPhoneColumn } from './columns.ts';

/** One character. */
export type Delimiter = string;

/** Excel's own first line, `sep=;`: it names the delimiter, and is no row. */
const SEPARATOR_LINE =
  /^(?:\xEF\xBB\xBF)?(?:sep=([^\s\w"]|\t)|"sep=([^\s\w"]|\t)") *(?:\r\n|\n|\r)/i;
const LONGEST_SEPARATOR_LINE = 64;

/** How a file begins. */
export interface Opening {
  readonly delimiter: Delimiter;
  /** What stands before the header and is no row: bytes to leave out, and the lines they hold. */
  readonly skipped: { readonly bytes: number; readonly lines: number };
}

/** @param head the file's first bytes, enough for the header */
export function readOpening(head: Buffer): Opening {
  const found = SEPARATOR_LINE.exec(head.toString('latin1', 0, LONGEST_SEPARATOR_LINE));
  const delimiter = found?.[1] ?? found?.[2];
  return found && delimiter !== undefined
    ? { delimiter, skipped: { bytes: found[0].length, lines: 1 } }
    : { delimiter: findDelimiter(head), skipped: { bytes: 0, lines: 0 } };
}

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
 */
function findDelimiter(head: Buffer): Delimiter {
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
