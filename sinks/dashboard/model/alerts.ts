import type { JournalRecord } from '../../../store/record.ts';
import { Book } from '../../alerts/book.ts';
import { listAlerts, type ListedAlert } from '../../alerts/listing.ts';
import { Outbox } from '../../alerts/outbox.ts';

export interface AlertView extends ListedAlert {
  /** What it means and what to do, in the words that people were told. */
  readonly text: string | null;
}

/** What people have been told of, and what has reached them, folded from journal lines. */
export class Alerts {
  readonly #book = new Book();
  readonly #outbox = new Outbox();

  apply(record: JournalRecord): void {
    if (record.machine !== 'incident' && record.machine !== 'silence') {
      this.#outbox.apply(record);
      return;
    }
    const message = this.#book.apply(record);
    if (message) this.#outbox.add(message);
  }

  /** Newest first, as `alerts.list` tells them. @param now epoch ms */
  list(now: number): AlertView[] {
    const keepers = new Set<string>();
    const [book, outbox] = [this.#book, this.#outbox];
    const mail = { book, outbox, order: [], keepers, digestOver: Infinity };
    const incidents = [...this.#book.incidents.values()];
    const textOf = (id: string): string | null => {
      const messages = incidents.find(({ number }) => number === id)?.messages ?? [];
      return (
        messages
          .findLast(({ kind }) => kind === 'raised' || kind === 'updated')
          ?.text.paragraphs.join(' ') ?? null
      );
    };
    return listAlerts(mail, now).map((alert) => ({ ...alert, text: textOf(alert.id) }));
  }

  snapshot(): unknown {
    return { book: this.#book.snapshot(), outbox: this.#outbox.snapshot() };
  }

  /** Makes a new one what the other one was. */
  restore(state: unknown): void {
    const { book, outbox } = structuredClone(state) as { book: unknown; outbox: unknown };
    this.#book.restore(book);
    this.#outbox.restore(outbox, this.#book);
  }
}
