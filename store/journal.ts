import path from 'node:path';
import { EventEmitter } from 'eventemitter3';
import { GROUP_MS, SharedSync, type Durability } from './durability.ts';
import { realFileSystem, writeAll, type FileSystem } from './file-system.ts';
import { JournalError } from './journal-error.ts';
import { encodeHeader, encodeRecord, formatCrc, type JournalRecord, type Line } from './record.ts';
import { firstSeqOf, readJournal, segmentName, type Tail } from './segments.ts';
import { placeAfter } from './write-place.ts';
import { WriterNote } from './writer-note.ts';

export interface JournalOptions {
  /** A file that has reached this is followed by a new one. @default 67108864 (64 MiB) */
  readonly segmentBytes?: number;
  /** @default group */
  readonly durability?: Durability;
  /** @default the real one */
  readonly disk?: FileSystem;
  /** Puts what was written on disk. @default the disk's own */
  readonly sync?: (fd: number) => Promise<void>;
  /** Begins a shared sync a little later. @default after 10 ms */
  readonly later?: (work: () => void) => void;
  /** Where the journal ends, where somebody has read it. @default it is read */
  readonly tail?: Tail;
  /** A second file for the writer's note, outside the journal's folder. @default none */
  readonly noteCopy?: string;
  /** What is before this place is not read: a snapshot stands for it. @default all is read */
  readonly after?: Tail | null;
  /** Whose records `onRecord` is to see; the last one of all comes in any case. @default everybody's */
  readonly isWanted?: (actor: string) => boolean;
  /** Sees every record that is there already, in order, where it is read. */
  readonly onRecord?: (record: JournalRecord) => void;
}

export interface JournalEvents {
  record: (record: JournalRecord) => void;
  /** Once: it can't be written, or put on disk, any more. */
  failed: (error: JournalError) => void;
}

const afterAWhile = (work: () => void): void => void setTimeout(work, GROUP_MS).unref();

/**
 * The append-only journal of one data folder. A record is written before {@link append} returns,
 * so that a killed process loses nothing; {@link onDisk} waits until a power cut loses nothing
 * either. Its `record` event comes after the write, in order.
 */
export class Journal extends EventEmitter<JournalEvents> {
  /** Bytes of an incomplete last line that were cut off when the journal was opened. */
  readonly recoveredBytes: number;
  readonly #dir: string;
  readonly #disk: FileSystem;
  readonly #segmentBytes: number;
  readonly #durability: Durability;
  readonly #later: (work: () => void) => void;
  readonly #sync: SharedSync;
  readonly #note: WriterNote;
  #fd: number;
  #file: string;
  #bytes: number;
  #seq: number;
  #at: number;
  #crc: number;
  #failure: JournalError | null = null;
  #isClosed = false;
  #isSyncDue = false;
  readonly #untold: JournalRecord[] = [];
  #isTelling = false;

  private constructor(dir: string, tail: Tail, options: JournalOptions) {
    super();
    this.#dir = dir;
    this.#disk = options.disk ?? realFileSystem;
    this.#segmentBytes = options.segmentBytes ?? 64 * 2 ** 20;
    this.#durability = options.durability ?? 'group';
    this.#later = options.later ?? afterAWhile;
    const sync = options.sync ?? ((fd: number) => this.#disk.sync(fd));
    this.#sync = new SharedSync(() => this.#syncNow(sync));
    this.#seq = tail.seq;
    this.#at = tail.at;
    this.#crc = tail.crc;
    this.recoveredBytes = tail.tornBytes;
    this.#note = WriterNote.take(dir, this.#disk, tail, options.noteCopy);
    const place = placeAfter(dir, tail);
    this.#file = place.file;
    this.#bytes = place.bytes;
    this.#fd = this.#disk.open(this.#file, 'append');
    if (place.file === tail.file && !place.isAnew) this.#refuseMoved(tail);
    if (tail.file && (tail.tornBytes > 0 || place.isAnew)) {
      this.#cut(tail.file, place.isAnew ? 0 : tail.bytes);
    }
    if (this.#bytes === 0) this.#writeHeader();
    if (tail.seq === 0) this.#disk.syncFolder(path.dirname(dir));
  }

  /**
   * Opens the journal in `dir`, which the caller has locked, and cuts off a torn last line.
   * @throws JournalError where it is damaged
   */
  static open(dir: string, options: JournalOptions = {}): Journal {
    const { disk = realFileSystem, onRecord, after, isWanted } = options;
    disk.makeFolder(dir);
    const visit = (record: JournalRecord): void => {
      onRecord?.(record);
    };
    return new Journal(
      dir,
      options.tail ??
        readJournal(dir, visit, { disk, ...(after && { after }), ...(isWanted && { isWanted }) }),
      options,
    );
  }

  /** The folder of its files. */
  get dir(): string {
    return this.#dir;
  }

  /** Of the last record; 0 in an empty journal. */
  get seq(): number {
    return this.#seq;
  }

  /** Time of the last record; 0 in an empty journal. */
  get at(): number {
    return this.#at;
  }

  /** Where the last record ends. */
  get tail(): Tail {
    const place = { file: this.#file, bytes: this.#bytes, tornBytes: 0, epoch: this.epoch };
    return { seq: this.#seq, at: this.#at, crc: this.#crc, ...place };
  }

  /** Rises by one with each start that writes to this journal. */
  get epoch(): number {
    return this.#note.epoch;
  }

  /**
   * Writes one record.
   * @param now epoch ms; a time before the last record's is taken as that
   * @throws JournalError when it can't be written; from then on the journal is read-only
   */
  append(line: Line, now: number): JournalRecord {
    if (this.#failure) throw this.#failure;
    if (!Number.isFinite(now)) throw new RangeError(`now must be epoch milliseconds, got ${now}`);
    if (this.#bytes >= this.#segmentBytes) this.#rotate();
    const seq = this.#seq + 1;
    const at = Math.max(this.#at, now);
    const { text, crc } = encodeRecord(line, seq, at, this.#crc);
    this.#write(text);
    this.#seq = seq;
    this.#at = at;
    this.#crc = crc;
    if (this.#durability === 'strict') this.#syncHere();
    else if (this.#durability === 'group') this.#syncSoon();
    const record: JournalRecord = { v: 1, seq, at, ...line, crc: formatCrc(crc) };
    this.#tell(record);
    return record;
  }

  /**
   * Resolves when everything appended so far is on disk. One sync serves all who wait.
   * @throws JournalError when the disk refuses; it is never asked again, because after a failed
   *   fsync the kernel may call lost pages clean (PostgreSQL, "fsync() errors", 2018)
   */
  onDisk(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure);
    return this.#sync.wait();
  }

  /** Ends the file that is being written, and begins the next one; not while it is empty. */
  beginFile(): void {
    if (this.#failure) throw this.#failure;
    if (firstSeqOf(this.#file) <= this.#seq) this.#rotate();
  }

  /** As {@link onDisk}, here and now. @throws JournalError when the disk refuses */
  syncNow(): void {
    if (this.#failure) throw this.#failure;
    this.#syncHere();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closeWhenSynced(this.#fd);
    this.#sync.whenIdle(() => this.#note.close());
    this.#failure ??= new JournalError('The journal is closed', { file: this.#file });
    this.removeAllListeners();
  }

  async #syncNow(sync: (fd: number) => Promise<void>): Promise<void> {
    if (this.#isClosed && this.#failure) throw this.#failure;
    const seq = this.#seq;
    try {
      await sync(this.#fd);
      if (!this.#isClosed) this.#markSynced(seq);
    } catch (error) {
      throw this.#fail('The journal could not be put on disk', {}, error);
    }
  }

  #syncHere(): void {
    try {
      this.#disk.syncNow(this.#fd);
      this.#markSynced(this.#seq);
    } catch (error) {
      throw this.#fail('The journal could not be put on disk', {}, error);
    }
  }

  #syncSoon(): void {
    if (this.#isSyncDue) return;
    this.#isSyncDue = true;
    this.#later(() => {
      this.#isSyncDue = false;
      // Whoever waits is told by `onDisk`; for nobody's sake, by the `failed` event.
      if (!this.#failure) void this.#sync.wait().catch(() => {});
    });
  }

  /** @throws JournalError when another writer has taken the journal over */
  #markSynced(seq: number): void {
    this.#refuseFenced();
    this.#note.markSynced(seq);
  }

  #refuseFenced(): void {
    if (!this.#note.isFenced()) return;
    throw this.#fail('Another process has taken over this journal', {});
  }

  /** Before the note was taken, a writer that is fenced off now may have gone on from the same line. */
  #refuseMoved({ bytes, tornBytes }: Tail): void {
    if (this.#disk.size(this.#fd) === bytes + tornBytes) return;
    this.#disk.close(this.#fd);
    this.#note.close();
    throw new JournalError('Another process was writing to this journal', { file: this.#file });
  }

  #fail(what: string, place: { seq?: number; byte?: number }, cause?: unknown): JournalError {
    const isFirst = this.#failure === null;
    this.#failure ??= new JournalError(what, { file: this.#file, ...place }, cause);
    if (isFirst) this.emit('failed', this.#failure);
    return this.#failure;
  }

  #write(text: string): void {
    this.#refuseFenced();
    const bytes = Buffer.from(text);
    try {
      writeAll(this.#disk, this.#fd, bytes);
    } catch (error) {
      this.#cutBack();
      const place = { seq: this.#seq + 1, byte: this.#bytes };
      throw this.#fail('The journal could not be written', place, error);
    }
    this.#bytes += bytes.length;
  }

  #cut(file: string, bytes: number): void {
    const fd = file === this.#file ? this.#fd : this.#disk.open(file, 'update');
    this.#disk.truncate(fd, bytes);
    this.#disk.syncNow(fd);
    if (fd !== this.#fd) this.#disk.close(fd);
  }

  /** Best effort: a part left behind is cut off as a torn line when the journal is next opened. */
  #cutBack(): void {
    try {
      this.#disk.truncate(this.#fd, this.#bytes);
    } catch {
      // The failure that led here is the one to tell.
    }
  }

  #writeHeader(): void {
    this.#write(encodeHeader(this.#seq + 1, this.#crc, this.epoch));
    this.#disk.syncNow(this.#fd);
    this.#disk.syncFolder(this.#dir);
  }

  /** What was appended so far is on disk before the next file begins. */
  #rotate(): void {
    try {
      this.#disk.syncNow(this.#fd);
      this.#markSynced(this.#seq);
      const file = path.join(this.#dir, segmentName(this.#seq + 1));
      const fd = this.#disk.open(file, 'create');
      this.#closeWhenSynced(this.#fd);
      this.#fd = fd;
      this.#file = file;
      this.#bytes = 0;
      this.#writeHeader();
    } catch (error) {
      throw this.#fail('The journal could not go on in a new file', {}, error);
    }
  }

  /** A sync under way holds the descriptor's number: closed too early, it could be another file's. */
  #closeWhenSynced(fd: number): void {
    this.#sync.whenIdle(() => this.#disk.close(fd));
  }

  /** In order also when a subscriber appends: its record is told when this one has been. */
  #tell(record: JournalRecord): void {
    this.#untold.push(record);
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let next = this.#untold.shift(); next; next = this.#untold.shift()) {
        this.emit('record', next);
      }
    } finally {
      this.#isTelling = false;
    }
  }
}
