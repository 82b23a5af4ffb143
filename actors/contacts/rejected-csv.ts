import fs from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../store/make-folder.ts';
import { PendingFile } from '../../store/pending-file.ts';
import type { RejectedRow } from './contact.ts';

/**
 * The rejected rows as CSV (RFC 4180): line, reason, then the row as it stood, under the list's own
 * header. Safe to open in a spreadsheet, and readable again by `readContactList` once mended.
 * Written row by row; without a row there is no file.
 */
export class RejectedFile {
  readonly #path: string;
  #file: PendingFile | null = null;
  #count = 0;
  /** The first row, to say what is wrong with a list that holds nothing else. */
  first: RejectedRow | null = null;

  /** @param file of a list that is not there yet: what an import cut short has left is removed */
  constructor(file: string) {
    this.#path = file;
    for (const left of [file, `${file}.tmp`]) fs.rmSync(left, { force: true });
  }

  get count(): number {
    return this.#count;
  }

  add(header: readonly string[], rejected: RejectedRow): void {
    this.first ??= rejected;
    this.#count++;
    if (!this.#file) {
      makeFolder(path.dirname(this.#path));
      this.#file = new PendingFile(this.#path);
      this.#write(['line', 'reason', ...header]);
    }
    const { line, reason, row } = rejected;
    this.#write([String(line), reason, ...row]);
  }

  /** @returns where it is, or null when no row was rejected */
  finish(): string | null {
    this.#file?.finish();
    return this.#file && this.#path;
  }

  /** Nothing of it stays. */
  abandon(): void {
    this.#file?.abandon();
  }

  #write(cells: readonly string[]): void {
    this.#file?.write(Buffer.from(csvLine(cells)));
  }
}

const NAME = 'rejected.csv';

function filesCalled(dataDir: string, name: string): string[] {
  const folder = path.join(dataDir, 'campaigns');
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .map((campaign) => path.join(folder, campaign, name))
    .filter((file) => fs.existsSync(file));
}

/** Those of every import into a data folder. */
export const rejectedFiles = (dataDir: string): string[] => filesCalled(dataDir, NAME);

/** Removes what a crash has left half written; not while a list may be taken in. */
export function sweepRejected(dataDir: string): void {
  for (const file of filesCalled(dataDir, `${NAME}.tmp`)) fs.rmSync(file);
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
