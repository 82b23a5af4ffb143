import type { CallResult } from '../../machines/call-protocol.ts';
import type { JournalRecord } from '../../store/record.ts';
import { clockTime } from '../alerts/words.ts';
import { ReadingSink } from './reading-sink.ts';

/** How a call has ended, a line each. */
export function endingOf({ status, disposition, crm, error, retryAt }: CallResult): string[] {
  const why = error?.message ?? disposition ?? 'no reason given';
  if (status === 'completed') {
    const owed =
      crm === 'pending' ? ['⚠ The CRM could not be updated; it will be at the next start'] : [];
    return [...owed, '✅ CALL COMPLETED SUCCESSFULLY'];
  }
  if (status === 'failed') return [`❌ CALL FAILED: ${why}`];
  // An error's own wait is over soon; after a busy line it is half an hour.
  const again = error || retryAt === null ? '' : `, again at ${clockTime(retryAt)}`;
  if (status === 'deferred') return [`⏳ Call deferred: ${why}${again}`];
  return [`❓ CALL UNKNOWN: it was dialled, and nobody knows whether it rang (${why})`];
}

/** Tells how calls end, and nothing of the way there. */
export class EndingsSink extends ReadingSink {
  readonly name = 'console';
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void) {
    super();
    this.#write = write;
  }

  take(record: JournalRecord): void {
    for (const happening of this.reader.read(record)) {
      if (happening.type === 'call.ended') endingOf(happening.result).forEach(this.#write);
    }
  }
}
