import fs from 'node:fs';
import { setImmediate as nextRound } from 'node:timers/promises';
import { UserError } from '../../../errors.ts';
import { baseOf } from '../../../store/base.ts';
import { realFileSystem } from '../../../store/file-system.ts';
import { JournalFollower, type Position } from '../../../store/follow.ts';
import type { JournalRecord } from '../../../store/record.ts';
import { Book } from '../model/book.ts';
import { Checkpoints } from './checkpoints.ts';
import { Keeper, type Keepable, type Pace } from './keeper.ts';
import { lastSeqOf, removedUpTo } from './last-seq.ts';
import { notInFile } from './queries.ts';

/** Records between two remembered places, from which later reading can begin. */
const MARK_EVERY = 1_000;
/** Records that are folded before others get a turn. */
const SLICE = 500;
/** So many records before a moment that is looked at, the state is kept for the next look. */
const NEAR = 500;
/** File systems without change notices are looked at this often. */
const POLL_MS = 200;

export interface SourceOptions {
  /** Where its state is kept for later starts. @default nowhere: nothing is written */
  readonly keepIn?: string | null;
  readonly keepPace?: Pace;
  /** Told once when it can't be kept there. */
  readonly onNotKept?: (error: Error) => void;
}

const nothing = () => ({ book: new Book(), first: 0, marks: [], position: null });

/**
 * A journal on disk as the dashboard sees it: folded as far as it goes, followed as it grows, and
 * readable from any record on. It never writes to it.
 */
export class JournalSource {
  readonly book: Book;
  /** The last record's seq when reading began: so far it goes until it has caught up. */
  readonly goal: number;
  /** Why reading has ended for good: damage. */
  problem: Error | null = null;
  /** What was there at first has been read. */
  hasCaughtUp = false;
  readonly #place: string;
  readonly #follower: JournalFollower;
  readonly #marks: Position[];
  /** The first record's seq when reading began; 0 while there is none. */
  #first: number;
  readonly #keeper: Keeper | null;
  readonly #checkpoints: Checkpoints;
  readonly #listeners = new Set<() => void>();
  #watcher: fs.FSWatcher | null = null;
  #timer: NodeJS.Timeout | null = null;
  #advancing: Promise<void> | null = null;
  readonly #ending = new AbortController();

  /** @param place a journal's folder, or one of its files alone */
  constructor(
    place: string,
    { keepIn = null, keepPace: pace, onNotKept: onProblem }: SourceOptions = {},
  ) {
    this.#place = place;
    this.#keeper = keepIn === null ? null : new Keeper(keepIn, place, { pace, onProblem });
    // What was kept in a file that was removed does not fit any more.
    const { book, first, marks, position } = this.#keeper?.load() ?? nothing();
    this.#checkpoints = new Checkpoints(undefined, () => this.#keeper?.loadMoments());
    this.book = book;
    this.#first = first;
    this.goal = lastSeqOf(place);
    this.#marks = [...marks];
    this.#follower = new JournalFollower(place, { after: this.seq, from: position });
  }

  /** The first record's seq; 0 while there is none. It rises when files are removed. */
  get first(): number {
    return this.#first === 0 ? 0 : Math.max(this.#first, removedUpTo(this.#place) + 1);
  }

  /** Of the last record that was read. */
  get seq(): number {
    return this.book.model.seq;
  }

  /** Of the last record there is, as far as is known: what comes behind it is new. */
  get end(): number {
    return this.hasCaughtUp ? this.seq : Math.max(this.seq, this.goal);
  }

  /** Folds what is there, then follows. Resolves when it has caught up. */
  async open(): Promise<void> {
    await this.advance();
    this.hasCaughtUp = true;
    if (this.#isClosed) return;
    try {
      this.#watcher = fs.watch(this.#place, () => void this.advance());
      this.#watcher.on('error', () => {}); // the timer looks as well
      this.#watcher.unref();
    } catch {
      // Not every file system can tell; the timer looks.
    }
    this.#timer = setInterval(() => void this.advance(), POLL_MS).unref();
  }

  /** Reads on to the journal's end. */
  advance(): Promise<void> {
    this.#advancing ??= this.#advance().finally(() => (this.#advancing = null));
    return this.#advancing;
  }

  /** Calls back after the journal has grown. @returns ends that */
  onGrowth(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Aborted when nothing more will be read. */
  get ended(): AbortSignal {
    return this.#ending.signal;
  }

  get #isClosed(): boolean {
    return this.ended.aborted;
  }

  /** Every record behind a seq, to the end of what has been read so far. */
  *after(seq: number): Generator<JournalRecord> {
    if (seq >= this.seq) return;
    for (const record of this.#readerFrom(seq).read()) {
      yield record;
      // Not one line further: it may be damaged, and that is told elsewhere.
      if (record.seq >= this.seq) return;
    }
  }

  /**
   * The state of things after a record, folded in slices from the nearest moment that is kept, so
   * that nobody else waits for it.
   * @param isWanted asked between slices; the result is null once it says no
   * @throws UserError when the records up to there were removed, or stand in an earlier file
   */
  async momentAt(seq: number, isWanted: () => boolean = () => true): Promise<Book | null> {
    const removed = removedUpTo(this.#place);
    if (seq < removed) {
      throw new UserError(
        `What was before seq ${removed + 1} was removed from this journal: choose a later moment.`,
      );
    }
    if (removed === 0 && seq < this.first && this.first > 1)
      throw new UserError(notInFile(this.first));
    let book = this.#checkpoints.bookBefore(seq);
    if (book.model.seq < removed) book = new Book();
    let count = 0;
    for (const record of this.#behind(book.model.seq)) {
      if (record.seq > seq) break;
      book.apply(record);
      if (count >= NEAR && record.seq === seq - NEAR) this.#checkpoints.keepNear(book);
      if (++count % SLICE !== 0) continue;
      await nextRound();
      if (!isWanted()) return null;
    }
    return book;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#ending.abort();
    this.#keeper?.close(this.#keepable());
    this.#watcher?.close();
    if (this.#timer) clearInterval(this.#timer);
    this.#listeners.clear();
  }

  async #advance(): Promise<void> {
    if (this.problem || this.#isClosed) return;
    const before = this.seq;
    try {
      let count = 0;
      for (const record of this.#toCome()) {
        this.#take(record);
        if (++count % SLICE !== 0) continue;
        this.#keeper?.consider(this.#keepable());
        await nextRound();
        if (this.#isClosed) return;
      }
      this.#keeper?.consider(this.#keepable());
    } catch (error) {
      this.problem = error instanceof Error ? error : new Error(String(error));
    }
    if (this.seq > before) for (const listener of this.#listeners) listener();
  }

  *#toCome(): Generator<JournalRecord> {
    if (this.seq === 0) yield* this.#base();
    yield* this.#follower.read();
  }

  *#behind(seq: number): Generator<JournalRecord> {
    if (seq === 0) yield* this.#base();
    yield* this.after(seq);
  }

  /** What is left of records that were removed. */
  *#base(): Generator<JournalRecord> {
    if (removedUpTo(this.#place) === 0) return;
    yield* baseOf(this.#place, realFileSystem)?.records() ?? [];
  }

  #keepable(): Keepable {
    const { book } = this;
    const first = this.#first;
    const { position } = this.#follower;
    const moments = (): unknown => this.#checkpoints.save();
    return { book, marks: this.#marks, first, position, moments };
  }

  #take(record: JournalRecord): void {
    this.#first ||= record.seq;
    this.book.apply(record);
    this.#checkpoints.note(this.book);
    const { position } = this.#follower;
    if (position && record.seq % MARK_EVERY === 0) this.#marks.push(position);
  }

  #readerFrom(seq: number): JournalFollower {
    return new JournalFollower(this.#place, { after: seq, from: this.#markBefore(seq) });
  }

  #markBefore(seq: number): Position | null {
    let low = 0;
    let high = this.#marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#marks[middle]?.seq ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return this.#marks[low - 1] ?? null;
  }
}
