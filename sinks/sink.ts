import type { Journal } from '../store/journal.ts';
import type { JournalRecord } from '../store/record.ts';

/** A reader of the journal that tells somebody. */
export interface Sink {
  readonly name: string;
  /** A record from before this start: what is needed to understand the next ones, told to nobody. */
  prime?(record: JournalRecord): void;
  /** One record at a time, in order; the next waits until this one is taken. */
  take(record: JournalRecord): void | Promise<void>;
  close?(): void | Promise<void>;
  /**
   * What `prime` has given it, as plain JSON, so that a start need not read the whole journal; see
   * `Projection` in `store/projection.ts`. A sink that has `prime` alone costs every start the whole journal.
   */
  snapshot?(): unknown;
  /** Takes a snapshot in place of the records up to then. */
  restore?(state: unknown): void;
  /** Raised when the snapshot's shape changes. @default 1 */
  readonly version?: number;
}

export interface AttachOptions {
  /** Records that may wait; what comes on top is dropped and counted. @default 100000 */
  readonly maxQueued?: number;
  readonly onError?: (sink: string, error: unknown) => void;
}

/**
 * Puts a sink behind the journal. A call never waits for a sink, and never sees what it throws.
 */
export class Attachment {
  readonly name: string;
  dropped = 0;
  failed = 0;
  /** What the sink threw last. */
  error: unknown = null;
  readonly #sink: Sink;
  readonly #journal: Journal;
  readonly #maxQueued: number;
  readonly #onError: (sink: string, error: unknown) => void;
  #queue: JournalRecord[] = [];
  #draining: Promise<void> | null = null;

  constructor(journal: Journal, sink: Sink, options: AttachOptions) {
    this.name = sink.name;
    this.#sink = sink;
    this.#journal = journal;
    this.#maxQueued = options.maxQueued ?? 100_000;
    this.#onError = options.onError ?? (() => {});
    journal.on('record', this.#enqueue);
  }

  /** Resolves when everything recorded so far is taken. */
  async flush(): Promise<void> {
    while (this.#draining) await this.#draining;
  }

  /** Takes what is queued and lets go of the journal. */
  async detach(): Promise<void> {
    this.#journal.off('record', this.#enqueue);
    await this.flush();
    await this.#guard(() => this.#sink.close?.());
  }

  readonly #enqueue = (record: JournalRecord): void => {
    if (this.#queue.length >= this.#maxQueued) {
      this.dropped++;
      return;
    }
    this.#queue.push(record);
    this.#draining ??= this.#drain();
  };

  async #drain(): Promise<void> {
    // The record's writer goes on first.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      for (const record of batch) await this.#guard(() => this.#sink.take(record));
    }
    this.#draining = null;
  }

  async #guard(work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.failed++;
      this.error = error;
      this.#onError(this.name, error);
    }
  }
}

export function attach(journal: Journal, sink: Sink, options: AttachOptions = {}): Attachment {
  return new Attachment(journal, sink, options);
}
