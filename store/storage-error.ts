/** The disk refuses something that the agent can't do without. One sentence, naming the file. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly isStorageError = true;
  readonly file: string;

  constructor(file: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`${file} could not be written: ${why}`, { cause });
    this.file = file;
  }
}

export function isStorageError(error: unknown): error is StorageError {
  return error instanceof Error && 'isStorageError' in error;
}

/** @throws StorageError for whatever `work` throws */
export function writing<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new StorageError(file, error);
  }
}
