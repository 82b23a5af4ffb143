export interface JournalPosition {
  readonly file: string;
  /** Of the damaged line, or of the one expected there. */
  readonly seq?: number;
  /** In the file, 1-based; the header is line 1. */
  readonly line?: number;
  /** Offset of the line in the file. */
  readonly byte?: number;
}

/** The journal can't be trusted or can't be written; the message names the place. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly isJournalError = true;
  readonly file: string;
  readonly seq: number | null;
  readonly line: number | null;
  readonly byte: number | null;

  constructor(what: string, at: JournalPosition, cause?: unknown) {
    const place = [
      at.file,
      at.line !== undefined && `line ${at.line}`,
      at.seq !== undefined && `seq ${at.seq}`,
      at.byte !== undefined && `byte ${at.byte}`,
    ];
    super(`${what} (${place.filter(Boolean).join(', ')})`, { cause });
    this.file = at.file;
    this.seq = at.seq ?? null;
    this.line = at.line ?? null;
    this.byte = at.byte ?? null;
  }
}

export function isJournalError(error: unknown): error is JournalError {
  return error instanceof Error && 'isJournalError' in error;
}
