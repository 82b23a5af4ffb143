import type { CallView } from '../model/calls.ts';
import { Book } from '../model/book.ts';

/** At most so many are kept, however long the journal is. */
const MOST = 12;

interface State {
  readonly model: { readonly calls: readonly CallView[] };
  readonly metrics: unknown;
  readonly alerts: unknown;
}

interface Checkpoint {
  readonly seq: number;
  readonly state: State;
}

/** Every call once: most are the same at many moments. */
interface Saved {
  readonly every: number;
  readonly calls: readonly CallView[];
  /** With the places of their calls in that list. */
  readonly kept: readonly {
    readonly seq: number;
    readonly state: object;
    readonly calls: number[];
  }[];
}

const stateOf = (book: Book): State => book.snapshot() as State;

/**
 * Books at some moments of a journal, so that looking at another moment folds on from the nearest
 * one before it. They stand evenly over the whole journal, and further apart the longer it gets.
 */
export class Checkpoints {
  #every: number;
  #kept: Checkpoint[] = [];
  /** Close behind the moment looked at last: people go back from there step by step. */
  #near: Checkpoint | null = null;
  #load: (() => unknown) | null;

  /**
   * @param every records between two of them at first. @default 10_000
   * @param load what {@link save} gave before this start; asked for when somebody looks back
   */
  constructor(every = 10_000, load: (() => unknown) | null = null) {
    this.#every = every;
    this.#load = load;
  }

  /** To be told of the book after each record. */
  note(book: Book): void {
    const { seq } = book.model;
    if (seq % this.#every !== 0) return;
    this.#kept.push({ seq, state: stateOf(book) });
    this.#thin();
  }

  keepNear(book: Book): void {
    this.#near = { seq: book.model.seq, state: stateOf(book) };
  }

  /** A book of one's own, as it was at a seq or at the nearest known moment before. */
  bookBefore(seq: number): Book {
    this.#loadOnce();
    const fitting = [...this.#kept, ...(this.#near ? [this.#near] : [])].filter(
      (checkpoint) => checkpoint.seq <= seq,
    );
    const book = new Book();
    const nearest = fitting.toSorted((a, b) => a.seq - b.seq).at(-1);
    if (nearest) book.restore(nearest.state);
    return book;
  }

  /** Plain JSON for a later start. */
  save(): Saved {
    this.#loadOnce();
    const calls: CallView[] = [];
    // A record is about one call at most, so its seq names the state that it has made.
    const places = new Map<number, number>();
    const placeOf = (call: CallView): number => {
      const known = places.get(call.seq);
      if (known !== undefined) return known;
      places.set(call.seq, calls.length);
      return calls.push(call) - 1;
    };
    const kept = this.#kept.map(({ seq, state }) => ({
      seq,
      state: { ...state, model: { ...state.model, calls: [] } },
      calls: state.model.calls.map(placeOf),
    }));
    return { every: this.#every, calls, kept };
  }

  #loadOnce(): void {
    const saved = this.#load?.() as Saved | null | undefined;
    this.#load = null;
    if (!saved) return;
    const before = saved.kept.map(({ seq, state, calls }): Checkpoint => {
      const found = calls.map((place) => saved.calls[place]);
      const { model, ...rest } = state as State;
      return { seq, state: { ...rest, model: { ...model, calls: found as CallView[] } } };
    });
    this.#every = Math.max(this.#every, saved.every);
    const first = this.#kept[0]?.seq ?? Infinity;
    this.#kept = [...before.filter(({ seq }) => seq < first), ...this.#kept].filter(
      ({ seq }) => seq % this.#every === 0,
    );
    this.#thin();
  }

  #thin(): void {
    while (this.#kept.length > MOST) {
      this.#every *= 2;
      this.#kept = this.#kept.filter(({ seq }) => seq % this.#every === 0);
    }
  }
}
