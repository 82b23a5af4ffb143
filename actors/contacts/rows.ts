import { pipeline } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { UserError } from '../../errors.ts';
import { readBytes } from './bytes.ts';
import { csvOptions, readOpening, type Delimiter } from './delimiter.ts';
import { countLineEnds, findOpenQuote } from './quotes.ts';

/** One row of the file, the header too. */
export interface Row {
  /** Where it starts; the file's first line is 1. */
  readonly line: number;
  /** Where it ends: below `line` when a quoted cell holds line breaks. */
  readonly endLine: number;
  readonly cells: readonly string[];
}

/** No contact is this long, but everything behind a quote left open is. Bounds the memory. */
const ROW_BYTES_MAX = 128_000;
const HEAD_BYTES = 65_536;

/**
 * Streams a CSV file's rows, without blank ones.
 *
 * @throws UserError when the file can't be read, is no CSV file, or a quote is left open.
 */
export async function* readRows(
  file: string,
  onBytes: (bytes: Buffer) => void = () => {},
): AsyncGenerator<Row, void> {
  const bytes = readBytes(file, onBytes);
  try {
    const head = await readHead(bytes);
    const { delimiter, skipped } = readOpening(head);
    const rows = prepend(head.subarray(skipped.bytes), bytes);
    yield* parseRows(file, { delimiter, firstLine: 1 + skipped.lines }, rows);
  } finally {
    await bytes.return();
  }
}

async function* parseRows(
  file: string,
  { delimiter, firstLine }: { readonly delimiter: Delimiter; readonly firstLine: number },
  bytes: AsyncGenerator<Buffer, void>,
): AsyncGenerator<Row, void> {
  // Counted here, because csv-parse counts a quoted \r\n twice and a row by its last line; and
  // counted as rows are parsed, because an error throws away those that wait to be read.
  let line = firstLine;
  const toRow = ({ record, raw }: Parsed): Row | null => {
    const start = line;
    line += countLineEnds(raw);
    // A row's own line end comes last, and of \r\n only the \r is in `raw`.
    const endLine = /[\r\n]$/.test(raw) ? line - 1 : line;
    const open = endLine > start ? findOpenQuote(raw, delimiter) : null;
    if (open !== null) throw new UserError(openQuote(file, start + open));
    const cells = record.map(unquote);
    return cells.some((cell) => cell.trim() !== '') ? { line: start, endLine, cells } : null;
  };
  const options = { ...csvOptions(delimiter), max_record_size: ROW_BYTES_MAX, raw: true };
  const parser = parse({ ...options, on_record: toRow as never });
  // The loop below meets the error; without a callback it would be thrown at nobody.
  pipeline(bytes, parser, () => {});
  try {
    yield* parser as AsyncIterable<Row>;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const open = findOpenQuote(typeof error['raw'] === 'string' ? error['raw'] : '', delimiter);
    const sentence =
      open === null
        ? `${file} has a row on line ${line} that is longer than ${ROW_BYTES_MAX} bytes`
        : openQuote(file, line + open);
    // Without its cause, which carries the raw row, names and numbers included.
    throw new UserError(sentence);
  }
}

/** What csv-parse hands over with `raw`; its types know the bare record only. */
interface Parsed {
  readonly record: readonly string[];
  readonly raw: string;
}

/** The quotes that csv-parse leaves on when blanks stand between the closing one and the comma. */
function unquote(cell: string): string {
  return /^"([^"]*)"\s+$/.exec(cell)?.[1] ?? cell;
}

function openQuote(file: string, line: number): string {
  return `${file} has a quote on line ${line} that is not closed; a quote inside a quoted cell is written twice`;
}

async function readHead(bytes: AsyncGenerator<Buffer, void>): Promise<Buffer> {
  let head = Buffer.alloc(0);
  while (head.length < HEAD_BYTES) {
    const { value } = await bytes.next();
    if (value === undefined) break;
    head = Buffer.concat([head, value]);
  }
  return head;
}

async function* prepend(
  head: Buffer,
  rest: AsyncGenerator<Buffer, void>,
): AsyncGenerator<Buffer, void> {
  if (head.length > 0) yield head;
  yield* rest;
}
