import type { AlertText } from '../../machines/incident.ts';
import type { JournalRecord } from '../../store/record.ts';

/** What people are told with a journal line, in one sentence. */
export interface Told {
  readonly isResolved: boolean;
  readonly title: string;
}

/** The alert that a line tells of, or null. A repeat of what is known already is not told again. */
export function toldBy({ machine, event }: JournalRecord): Told | null {
  if (machine !== 'incident') return null;
  const text = event['text'] as AlertText | null | undefined;
  if (!text) return null;
  if (event.type === 'alert.updated' && event['why'] !== 'changed') return null;
  const isResolved = event.type === 'alert.resolved';
  return { isResolved, title: isResolved ? text.title.replace(/^Resolved: /, '') : text.title };
}
