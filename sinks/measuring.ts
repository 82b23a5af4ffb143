import type { JournalRecord } from '../store/record.ts';

const LOOKING: ReadonlySet<string> = new Set(['follow', 'lookup']);

/** Looking at a call that goes on is no work: thousands of such answers would hide what fails. */
export const isLooking = (operation: unknown): boolean => LOOKING.has(operation as string);

/**
 * How long a service took for an answer: our own wait before the request went out, for a turn to
 * dial or for the disk, is none of its time.
 * @param record of the attempt's end
 * @param startedAt when the attempt began
 * @returns milliseconds
 */
export function answerMs({ at, event }: JournalRecord, startedAt: number): number {
  const heldMs = event['heldMs'];
  return Math.max(0, at - startedAt - (typeof heldMs === 'number' ? heldMs : 0));
}
