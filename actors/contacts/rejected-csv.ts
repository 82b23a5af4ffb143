import type { RejectedRow } from './contact.ts';

/**
 * The rejected rows as CSV (RFC 4180): line, reason, then the row as it stood, under the list's own
 * header. Safe to open in a spreadsheet, and readable again by `readContactList` once mended.
 */
export function rejectedCsv(header: readonly string[], rows: readonly RejectedRow[]): string {
  return [
    csvLine(['line', 'reason', ...header]),
    ...rows.map(({ line, reason, row }) => csvLine([String(line), reason, ...row])),
  ].join('');
}

/** One line of CSV with its line end; cells that a spreadsheet would run as a formula are defused. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(text: string): string {
  // The apostrophe is a spreadsheet's own mark for text; the phone reader takes it off again.
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
  // Semicolons and tabs too: where they part columns, a spreadsheet would split the cell.
  return /[",;\t\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
