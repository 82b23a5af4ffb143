import { setImmediate as nextRound } from 'node:timers/promises';
import { JournalFollower } from '../store/follow.ts';
import type { Journal } from '../store/journal.ts';
import type { JournalRecord } from '../store/record.ts';
import type { Checkpoint, Cursor } from './cursor.ts';

/** A reader of the journal that tells somebody. */
export interface Sink {
  readonly name: string;
  /**
   * What was recorded while it was not there is told later: it has a cursor on disk, and what
   * finds no place in its queue is read from the journal's files. It is not primed: its state is
   * saved with the cursor. @default false
   */
  readonly isDurable?: boolean;
  /** A record from before this start: what is needed to understand the next ones, told to nobody. */
  prime?(record: JournalRecord): void;
  /** One record at a time, in order; the next waits until this one is taken. */
  take(record: JournalRecord): void | Promise<void>;
  /**
   * Asked of a durable sink before its cursor is moved: up to where everything is told and safe.
   * @param now where it is: the last record it has taken, and its state behind that
   * @returns null while there is nothing to say: the cursor stays where it is
   * @default now
   */
  settle?(now: Checkpoint): Checkpoint | null | Promise<Checkpoint | null>;
  /** What keeps it from telling just now, as a sentence. */
  trouble?(): string | null;
  close?(): void | Promise<void>;
  /**
   * What it keeps, as plain JSON, so that a start need not read the whole journal. A durable sink's
   * is saved with its cursor; of the others see `Projection` in `store/projection.ts`: one that has
   * `prime` alone costs every start the whole journal.
   */
  snapshot?(): unknown;
  /** Takes a snapshot in place of the records up to then. */
  restore?(state: unknown): void;
  /** Raised when the snapshot's shape changes. @default 1 */
  readonly version?: number;
}

export interface AttachOptions {
  /** Records that may wait; what comes on top is dropped and counted, or read from disk later. @default 100000 */
  readonly maxQueued?: number;
  readonly onError?: (sink: string, error: unknown) => void;
  /** Where it has left off. Without one it starts with what is recorded from now on. */
  readonly cursor?: Cursor;
}

/** How long a cursor may be behind: what a kill makes a sink repeat. */
const SAVE_EVERY_MS = 500;
/** Records read from disk in one go, before somebody else has a turn. */
const SLICE = 200;

/**
 * Puts a sink behind the journal. A call never waits for a sink, and never sees what it throws.
 */
export class Attachment {
  readonly name: string;
  /** Records it was never given. */
  dropped = 0;
  failed = 0;
  /** What the sink threw last. */
  error: unknown = null;
  /** Why its cursor could not be written last. */
  cursorError: unknown = null;
  readonly sink: Sink;
  readonly #journal: Journal;
  readonly #options: AttachOptions;
  readonly #maxQueued: number;
  #queue: JournalRecord[] = [];
  /** Of the batch that has left the queue. */
  #inHand = 0;
  #taken: number;
  /** The journal's files have records for it that its queue has not. */
  #isBehind: boolean;
  #isGivenUp = false;
  #isDetached = false;
  #detaching: Promise<void> | null = null;
  #draining: Promise<void> | null = null;
  #saving: Promise<void> | null = null;
  #saveTimer: NodeJS.Timeout | null = null;

  constructor(journal: Journal, sink: Sink, options: AttachOptions) {
    this.name = sink.name;
    this.sink = sink;
    this.#journal = journal;
    this.#options = options;
    this.#maxQueued = options.maxQueued ?? 100_000;
    const start = options.cursor ? (options.cursor.start ?? 0) : journal.seq;
    // A cursor beyond the end is that of a journal that is no more.
    this.#taken = start > journal.seq ? 0 : start;
    this.#isBehind = this.#taken < journal.seq;
    if (this.#taken > 0) options.cursor?.restore(sink);
    journal.on('record', this.#enqueue);
    if (this.#isBehind) this.#draining = this.#drain();
  }

  /** Records in memory that wait for it. */
  get queued(): number {
    return this.#queue.length + this.#inHand;
  }

  /** Records of the journal that it has not taken yet, those on disk included. */
  get behind(): number {
    return this.#isBehind ? this.#journal.seq - this.#taken : this.queued;
  }

  /** What keeps the sink from telling just now. */
  get trouble(): string | null {
    return this.sink.trouble?.() ?? null;
  }

  /** Resolves when everything recorded so far is taken. */
  async flush(): Promise<void> {
    while (this.#draining) await this.#draining;
  }

  /**
   * Takes what is there and lets go of the journal.
   * @param patienceMs what is not taken by then is left: to its next start, where it is durable
   */
  detach(patienceMs = 2 ** 31 - 1): Promise<void> {
    this.#detaching ??= this.#detach(patienceMs);
    return this.#detaching;
  }

  async #detach(patienceMs: number): Promise<void> {
    this.#journal.off('record', this.#enqueue);
    const { promise: isLate, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      this.#isGivenUp = true;
      resolve();
    }, patienceMs);
    await Promise.race([this.flush(), isLate]);
    clearTimeout(timer);
    await this.#guard(() => this.sink.close?.());
    this.#isDetached = true;
    if (this.#saveTimer) clearTimeout(this.#saveTimer);
    await this.#saving;
    await this.#save();
  }

  readonly #enqueue = (record: JournalRecord): void => {
    if (!this.#isBehind && this.queued >= this.#maxQueued) {
      if (this.#options.cursor) this.#isBehind = true;
      else this.dropped++;
    } else if (!this.#isBehind) this.#queue.push(record);
    this.#draining ??= this.#drain();
  };

  async #drain(): Promise<void> {
    // The record's writer goes on first.
    await Promise.resolve();
    while (!this.#isGivenUp && (this.#queue.length > 0 || this.#isBehind)) {
      if (this.#queue.length > 0) await this.#takeQueued();
      else await this.#catchUp();
    }
    this.#draining = null;
  }

  async #takeQueued(): Promise<void> {
    const batch = this.#queue;
    this.#queue = [];
    this.#inHand = batch.length;
    for (const record of batch) {
      if (this.#isGivenUp) return;
      await this.#take(record);
      this.#inHand--;
    }
  }

  /** Reads the journal's files from where the sink is; with the last record it is live again. */
  async #catchUp(): Promise<void> {
    const before = this.#taken;
    try {
      const follower = new JournalFollower(this.#journal.dir, { after: this.#taken });
      let count = 0;
      for (const record of follower.read()) {
        if (this.#isGivenUp) return;
        await this.#take(record);
        if (++count % SLICE === 0) await nextRound();
      }
      if (this.#taken === before && this.#taken < this.#journal.seq) {
        throw new Error(`the journal's files end at seq ${this.#taken}`);
      }
    } catch (error) {
      this.dropped += this.#journal.seq - this.#taken;
      this.#taken = this.#journal.seq;
      this.#fail(error);
    }
    if (this.#taken === this.#journal.seq) this.#isBehind = false;
  }

  async #take(record: JournalRecord): Promise<void> {
    await this.#guard(() => this.sink.take(record));
    this.#taken = record.seq;
    if (this.#options.cursor) this.#saveLater();
  }

  #saveLater(): void {
    if (this.#saveTimer || this.#isDetached) return;
    this.#saveTimer = setTimeout(() => {
      this.#saveTimer = null;
      this.#saving = this.#save();
    }, SAVE_EVERY_MS).unref();
  }

  async #save(): Promise<void> {
    const { cursor } = this.#options;
    if (!cursor) return;
    const now = { seq: this.#taken, state: this.sink.snapshot?.() ?? null };
    try {
      const settled = this.sink.settle ? await this.sink.settle(now) : now;
      if (settled) await cursor.save(settled, this.sink.version);
      this.cursorError = null;
      // What it tells later moves the cursor later.
      if ((settled?.seq ?? 0) < now.seq) this.#saveLater();
    } catch (error) {
      this.cursorError = error;
    }
  }

  async #guard(work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.failed++;
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.error = error;
    this.#options.onError?.(this.name, error);
  }
}

export function attach(journal: Journal, sink: Sink, options: AttachOptions = {}): Attachment {
  return new Attachment(journal, sink, options);
}
