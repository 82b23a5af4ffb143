import type { Matcher } from '../../../machines/silence.ts';
import type { JournalRecord } from '../../../store/record.ts';
import { Book } from '../../alerts/book.ts';
import { listAlerts, type ListedAlert } from '../../alerts/listing.ts';
import { isFailing, Outbox } from '../../alerts/outbox.ts';
import { pendingFor } from '../../alerts/plan.ts';
import { mailOf, type Mail } from '../../alerts/routing.ts';

/** The last transition of an incident or a silence. */
export interface AlertMove {
  readonly seq: number;
  readonly from: string;
  readonly to: string;
  readonly event: string;
}

export interface AlertView extends ListedAlert {
  /** What it means and what to do, in the words that people were told. */
  readonly text: string | null;
  /** Null when it has only just begun. */
  readonly move: AlertMove | null;
}

/** A way to people. Times are epoch ms. */
export interface ChannelView {
  readonly name: string;
  /** `broken` says itself that it does not work; `failing` does not answer. */
  readonly state: 'working' | 'failing' | 'broken';
  /** Messages that it has yet to deliver. */
  readonly waiting: number;
  readonly error: string | null;
  readonly failingSince: number | null;
  /** When it is tried again; null when nothing keeps it from being tried. */
  readonly nextTryAt: number | null;
}

export interface SilenceView {
  /** As people type it. */
  readonly id: string;
  readonly state: string;
  readonly match: Matcher;
  readonly from: number;
  readonly until: number;
  readonly by: string;
  readonly move: AlertMove | null;
}

/** A channel that is set up. */
export interface KnownChannel {
  readonly name: string;
  readonly keepsIncidents?: boolean;
}

/** Moves that are kept before those of alerts that nobody lists any more are forgotten. */
const MOST_MOVES = 1_500;

/** What people have been told of, and what has reached them, folded from journal lines. */
export class Alerts {
  readonly #book = new Book();
  readonly #outbox = new Outbox();
  /** By actor. */
  readonly #moves = new Map<string, AlertMove>();

  apply(record: JournalRecord): void {
    if (record.machine !== 'incident' && record.machine !== 'silence') {
      this.#outbox.apply(record);
      return;
    }
    const message = this.#book.apply(record);
    if (message) this.#outbox.add(message);
    this.#noteMove(record);
  }

  /**
   * Newest first, as `alerts.list` tells them.
   * @param now epoch ms
   * @param channels the one that is asked first in front. @default those that the journal knows
   */
  list(now: number, channels: readonly KnownChannel[] | null = null): AlertView[] {
    const incidents = new Map([...this.#book.incidents.values()].map((one) => [one.number, one]));
    const textOf = (id: string): string | null =>
      incidents
        .get(id)
        ?.messages.findLast(({ kind }) => kind === 'raised' || kind === 'updated')
        ?.text.paragraphs.join(' ') ?? null;
    return listAlerts(this.#mail(channels), now).map((alert) => {
      return {
        ...alert,
        text: textOf(alert.id),
        move: this.#moves.get(`alert:${alert.id}`) ?? null,
      };
    });
  }

  /** @param probeAt when a channel's open breaker lets it be tried; null where it is not open */
  channels(
    now: number,
    channels: readonly KnownChannel[] | null,
    probeAt: (channel: string) => number | null,
  ): ChannelView[] {
    const mail = this.#mail(channels);
    return mail.order.map((name): ChannelView => {
      const state = this.#outbox.channel(name);
      const nextTryAt = Math.max(state.nextTryAt, probeAt(name) ?? 0);
      return {
        name,
        state: state.isBroken ? 'broken' : isFailing(state) ? 'failing' : 'working',
        waiting: [...pendingFor(name, mail, now)].flatMap(({ messages }) => messages).length,
        error: state.error?.message ?? null,
        failingSince: state.failingSince,
        nextTryAt: nextTryAt > now ? nextTryAt : null,
      };
    });
  }

  /** Those that have not ended. */
  silences(): SilenceView[] {
    return [...this.#book.silences].map(([id, { number, state, match, from, until, by }]) => {
      return { id: number, state, match, from, until, by, move: this.#moves.get(id) ?? null };
    });
  }

  snapshot(): unknown {
    return {
      book: this.#book.snapshot(),
      outbox: this.#outbox.snapshot(),
      moves: [...this.#moves],
    };
  }

  /** Makes a new one what the other one was. */
  restore(state: unknown): void {
    const { book, outbox, moves } = structuredClone(state) as {
      book: unknown;
      outbox: unknown;
      moves: [string, AlertMove][];
    };
    this.#book.restore(book);
    this.#outbox.restore(outbox, this.#book);
    for (const [actor, move] of moves) this.#moves.set(actor, move);
  }

  #mail(channels: readonly KnownChannel[] | null): Mail {
    const known = channels ?? [...this.#outbox.channels.keys()].map((name) => ({ name }));
    return mailOf({ book: this.#book, outbox: this.#outbox }, known, Infinity);
  }

  #noteMove({ seq, actor, from, to, event }: JournalRecord): void {
    if (from !== null) this.#moves.set(actor, { seq, from, to, event: event.type });
    if (this.#moves.size <= MOST_MOVES) return;
    for (const one of this.#moves.keys()) {
      if (!this.#book.incidents.has(one) && !this.#book.silences.has(one)) this.#moves.delete(one);
    }
  }
}
