import fs from 'node:fs';
import path from 'node:path';
import { EventEmitter } from 'eventemitter3';
import { JournalError } from './journal-error.ts';
import { encodeHeader, encodeRecord, formatCrc, type JournalRecord, type Line } from './record.ts';
import { readJournal, segmentName, type Tail } from './segments.ts';

export interface JournalOptions {
  /** A file that has reached this is followed by a new one. @default 67108864 (64 MiB) */
  readonly segmentBytes?: number;
  /** Puts what was written on disk. @default fdatasync */
  readonly sync?: (fd: number) => Promise<void>;
  /** Sees every record that is there already, in order. */
  readonly onRecord?: (record: JournalRecord) => void;
}

export interface JournalEvents {
  record: (record: JournalRecord) => void;
}

const fdatasync = (fd: number): Promise<void> =>
  new Promise((resolve, reject) => {
    fs.fdatasync(fd, (error) => (error ? reject(error) : resolve()));
  });

function syncFolder(dir: string): void {
  const fd = fs.openSync(dir, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * The append-only journal of one data folder. A record is written before {@link append} returns,
 * so that a killed process loses nothing; {@link onDisk} waits until a power cut loses nothing
 * either. Its `record` event comes after the write, in order.
 */
export class Journal extends EventEmitter<JournalEvents> {
  /** Bytes of an incomplete last line that were cut off when the journal was opened. */
  readonly recoveredBytes: number;
  readonly #dir: string;
  readonly #segmentBytes: number;
  readonly #sync: (fd: number) => Promise<void>;
  #fd: number;
  #file: string;
  #bytes: number;
  #seq: number;
  #at: number;
  #crc: number;
  #failure: JournalError | null = null;
  #isClosed = false;
  readonly #untold: JournalRecord[] = [];
  #isTelling = false;
  #syncing: Promise<void> | null = null;
  #nextSync: Promise<void> | null = null;

  private constructor(dir: string, tail: Tail, options: JournalOptions) {
    super();
    this.#dir = dir;
    this.#segmentBytes = options.segmentBytes ?? 64 * 2 ** 20;
    this.#sync = options.sync ?? fdatasync;
    this.#seq = tail.seq;
    this.#at = tail.at;
    this.#crc = tail.crc;
    this.recoveredBytes = tail.tornBytes;
    this.#file = tail.file ?? path.join(dir, segmentName(tail.seq + 1));
    this.#fd = fs.openSync(this.#file, 'a', 0o600);
    this.#bytes = tail.bytes;
    if (tail.tornBytes > 0) fs.ftruncateSync(this.#fd, tail.bytes);
    if (tail.bytes === 0) this.#writeHeader();
  }

  /**
   * Opens the journal in `dir`, which the caller has locked, and cuts off a torn last line.
   * @throws JournalError where it is damaged
   */
  static open(dir: string, options: JournalOptions = {}): Journal {
    fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
    const tail = readJournal(dir, (record) => {
      options.onRecord?.(record);
    });
    return new Journal(dir, tail, options);
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
    this.#nextSync ??= this.#queueSync();
    return this.#nextSync;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closeWhenSynced(this.#fd);
    this.#failure ??= new JournalError('The journal is closed', { file: this.#file });
    this.removeAllListeners();
  }

  async #queueSync(): Promise<void> {
    await this.#syncing;
    this.#syncing = this.#nextSync;
    this.#nextSync = null;
    if (this.#isClosed && this.#failure) throw this.#failure;
    try {
      await this.#sync(this.#fd);
    } catch (error) {
      this.#failure ??= new JournalError(
        'The journal could not be put on disk',
        { file: this.#file },
        error,
      );
      throw this.#failure;
    }
  }

  #write(text: string): void {
    const bytes = Buffer.from(text);
    try {
      for (let done = 0; done < bytes.length;) {
        done += fs.writeSync(this.#fd, bytes, done, bytes.length - done);
      }
    } catch (error) {
      this.#failure = new JournalError(
        'The journal could not be written',
        { file: this.#file, seq: this.#seq + 1, byte: this.#bytes },
        error,
      );
      this.#cutBack();
      throw this.#failure;
    }
    this.#bytes += bytes.length;
  }

  /** Best effort: a part left behind is cut off as a torn line when the journal is next opened. */
  #cutBack(): void {
    try {
      fs.ftruncateSync(this.#fd, this.#bytes);
    } catch {
      // The failure that led here is the one to tell.
    }
  }

  #writeHeader(): void {
    this.#write(encodeHeader(this.#seq + 1, this.#crc));
    syncFolder(this.#dir);
  }

  /** What was appended so far is on disk before the next file begins. */
  #rotate(): void {
    try {
      fs.fdatasyncSync(this.#fd);
      const file = path.join(this.#dir, segmentName(this.#seq + 1));
      const fd = fs.openSync(file, 'ax', 0o600);
      this.#closeWhenSynced(this.#fd);
      this.#fd = fd;
      this.#file = file;
      this.#bytes = 0;
      this.#writeHeader();
    } catch (error) {
      this.#failure ??= new JournalError(
        'The journal could not go on in a new file',
        { file: this.#file },
        error,
      );
      throw this.#failure;
    }
  }

  /** A sync under way holds the descriptor's number: closed too early, it could be another file's. */
  #closeWhenSynced(fd: number): void {
    const close = (): void => fs.closeSync(fd);
    if (this.#syncing) void this.#syncing.then(close, close);
    else close();
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
