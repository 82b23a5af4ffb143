import type { IncidentContext } from '../../machines/incident.ts';
import type { JournalRecord } from '../../store/record.ts';
import { toldBy } from '../alerts/told.ts';
import { timeOf, type Row } from './row.ts';

type Known = Pick<IncidentContext, 'severity' | 'service'>;

/** Rows for what people are told. A line of an incident does not repeat what it is about. */
export class AlertRows {
  readonly #open = new Map<string, Known>();

  rowOf(record: JournalRecord): Row | null {
    const { machine, actor, from, context, seq, at, done } = record;
    if (machine !== 'incident') return null;
    if (from === null) {
      const { severity, service } = context as unknown as IncidentContext;
      this.#open.set(actor, { severity, service });
    }
    const known = this.#open.get(actor);
    if (done === true || record.event.type === 'actor.failed') this.#open.delete(actor);
    const told = toldBy(record);
    if (!told) return null;
    const { isResolved, title } = told;
    const severity = isResolved ? 'info' : (known?.severity ?? 'critical');
    const what = `${isResolved ? 'Resolved' : 'Alert'}: ${title}`;
    return { seq, cells: [seq, timeOf(at), severity, what, known?.service ?? '', '', '', '', 0] };
  }

  snapshot(): unknown {
    return [...this.#open];
  }

  restore(state: unknown): void {
    for (const [actor, known] of (state ?? []) as [string, Known][]) this.#open.set(actor, known);
  }
}
