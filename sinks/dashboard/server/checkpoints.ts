import { Book } from '../model/book.ts';

/** At most so many are kept, however long the journal is. */
const MOST = 12;

interface Checkpoint {
  readonly seq: number;
  readonly state: unknown;
}

/**
 * Books at some moments of a journal, so that looking at another moment folds on from the nearest
 * one before it. They stand evenly over the whole journal, and further apart the longer it gets.
 */
export class Checkpoints {
  #every: number;
  #kept: Checkpoint[] = [];
  /** Close behind the moment looked at last: people go back from there step by step. */
  #near: Checkpoint | null = null;

  /** @param every records between two of them at first. @default 10_000 */
  constructor(every = 10_000) {
    this.#every = every;
  }

  /** To be told of the book after each record. */
  note(book: Book): void {
    const { seq } = book.model;
    if (seq % this.#every !== 0) return;
    this.#kept.push({ seq, state: book.snapshot() });
    if (this.#kept.length <= MOST) return;
    this.#every *= 2;
    this.#kept = this.#kept.filter((checkpoint) => checkpoint.seq % this.#every === 0);
  }

  keepNear(book: Book): void {
    this.#near = { seq: book.model.seq, state: book.snapshot() };
  }

  /** A book of one's own, as it was at a seq or at the nearest known moment before. */
  bookBefore(seq: number): Book {
    const fitting = [...this.#kept, ...(this.#near ? [this.#near] : [])].filter(
      (checkpoint) => checkpoint.seq <= seq,
    );
    const book = new Book();
    const nearest = fitting.toSorted((a, b) => a.seq - b.seq).at(-1);
    if (nearest) book.restore(nearest.state);
    return book;
  }
}
