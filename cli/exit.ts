/** What a command's exit code tells other programs. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  /** A campaign has stopped before its end and can be resumed. */
  resumable: 3,
  interrupted: 130,
} as const;

/** The command line is wrong. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly isUsageError = true;
}

export function isUsageError(error: unknown): error is UsageError {
  return error instanceof Error && 'isUsageError' in error;
}
