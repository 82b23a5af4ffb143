import fs from 'node:fs';
import path from 'node:path';
import { openIfThere, realFileSystem } from './file-system.ts';
import { JournalError } from './journal-error.ts';
import { isCompressed, rawLines } from './raw-lines.ts';
import {
  checkHeader,
  checkLine,
  FORMAT_VERSION,
  readHeader,
  type JournalRecord,
} from './record.ts';
import { firstSeqOf, headerOf, isSameSegment, listSegments, removedMeanwhile } from './segments.ts';
import { upcastFrom, type Upcast } from './upcast.ts';

const CHUNK_BYTES = 1 << 18;
const NEWLINE = 10;

/** A place between two records of a journal, from which reading can go on. */
export interface Position {
  readonly file: string;
  readonly byte: number;
  /** Of the record before. */
  readonly seq: number;
  readonly crc: number;
}

/**
 * Reads a journal that somebody else is writing: each {@link read} gives the records that have
 * become whole since the last one. What stands behind the last newline is left for the next time.
 */
export class JournalFollower {
  readonly #list: () => string[];
  readonly #after: number;
  #file: string | null = null;
  #byte = 0;
  /** Null before the first file's header is read: it says what the chain goes on from. */
  #crc: number | null = null;
  #seq = 0;
  /** Null before this file's header is read. */
  #format: { readonly upcast: Upcast | null } | null = null;

  /**
   * @param place a journal's folder, or one of its files alone
   * @param after give only records behind this seq; files that end before it are not opened. @default 0
   * @param from where to begin, as {@link position} told it. @default the first file
   */
  constructor(
    place: string,
    { after = 0, from = null }: { readonly after?: number; readonly from?: Position | null } = {},
  ) {
    const isFile = fs.statSync(place, { throwIfNoEntry: false })?.isFile() === true;
    this.#list = isFile ? () => [place] : () => listSegments(place);
    this.#after = after;
    // Removed since: what is behind `after` is found from the beginning.
    if (!from || !this.#list().some((file) => isFile || isSameSegment(file, from.file))) return;
    this.#file = from.file;
    this.#byte = from.byte;
    this.#seq = from.seq;
    this.#crc = from.crc;
  }

  /** Behind the last record that was read; null where there is none yet. */
  get position(): Position | null {
    if (this.#file === null || this.#crc === null) return null;
    return { file: this.#file, byte: this.#byte, seq: this.#seq, crc: this.#crc };
  }

  /** @throws JournalError where a line is damaged, or was removed before it was read */
  *read(): Generator<JournalRecord> {
    for (;;) {
      const files = this.#list();
      this.#file ??=
        files.findLast((file) => firstSeqOf(file) <= this.#after + 1) ?? files[0] ?? null;
      if (this.#file === null) return;
      const current = this.#file;
      const index = files.findIndex((file) => isSameSegment(file, current));
      const isListed = index >= 0;
      if (isListed && !(yield* this.#readWhileThere(current))) continue;
      const next = isListed ? files[index + 1] : this.#behindRemoved(files, current);
      if (next === undefined) return;
      // The writer may have finished this file between our reading it and listing the next.
      const isPlain = isListed && !isCompressed(current);
      if (isPlain && !(yield* this.#readWhileThere(current))) continue;
      this.#file = next;
      this.#byte = 0;
      this.#format = null;
    }
  }

  /** @returns false when the file has been removed from the journal since it was listed */
  *#readWhileThere(file: string): Generator<JournalRecord, boolean> {
    try {
      yield* this.#readFile(file);
      return true;
    } catch (error) {
      const isGone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (isGone && !this.#list().some((one) => isSameSegment(one, file))) return false;
      throw error;
    }
  }

  /**
   * Where to go on when the file being read was removed: it was read to its end, or not.
   * @throws JournalError when it was not
   */
  #behindRemoved(files: readonly string[], current: string): string {
    const next = files.find((file) => firstSeqOf(file) === this.#seq + 1);
    if (next === undefined) throw removedMeanwhile(path.dirname(current));
    return next;
  }

  *#readFile(file: string): Generator<JournalRecord> {
    if (this.#byte > 0 && this.#format === null) this.#readAs(headerOf(file).version);
    const fd = isCompressed(file) ? null : openIfThere(realFileSystem, file);
    if (fd === null) return yield* this.#readCompressed(file);
    try {
      let chunkBytes = CHUNK_BYTES;
      for (;;) {
        const chunk = Buffer.allocUnsafe(chunkBytes);
        const data = chunk.subarray(0, fs.readSync(fd, chunk, 0, chunkBytes, this.#byte));
        const end = data.lastIndexOf(NEWLINE);
        if (end < 0 && data.length < chunkBytes) return;
        if (end < 0) chunkBytes *= 2;
        for (let start = 0; start <= end;) {
          const stop = data.indexOf(NEWLINE, start);
          const record = this.#take(data.subarray(start, stop), file);
          this.#byte += stop + 1 - start;
          start = stop + 1;
          if (record && record.seq > this.#after) yield record;
        }
      }
    } finally {
      fs.closeSync(fd);
    }
  }

  /** Also where the file has been compressed since it was listed. */
  *#readCompressed(file: string): Generator<JournalRecord> {
    for (const { bytes, whole } of rawLines(file, { from: this.#byte })) {
      if (!whole) {
        throw new JournalError('A journal file ends in the middle of a line', {
          file,
          seq: this.#seq + 1,
          byte: this.#byte,
        });
      }
      const record = this.#take(bytes, file);
      this.#byte += bytes.length + 1;
      if (record && record.seq > this.#after) yield record;
    }
  }

  #readAs(version: number): void {
    this.#format = { upcast: upcastFrom(version, FORMAT_VERSION) };
  }

  /** The first file that is read begins the chain; every other goes on with it. */
  #takeHeader(bytes: Buffer, file: string): void {
    const crc = this.#crc;
    const header = crc === null ? readHeader(bytes) : checkHeader(bytes, this.#seq + 1, crc);
    if (typeof header === 'string') throw new JournalError(header, { file, line: 1, byte: 0 });
    this.#seq = header.first - 1;
    this.#crc = Number.parseInt(header.previous, 16);
    this.#readAs(header.version);
  }

  #take(bytes: Buffer, file: string): JournalRecord | null {
    if (this.#format === null) {
      this.#takeHeader(bytes, file);
      return null;
    }
    const crc = checkLine(bytes, this.#crc ?? 0);
    if (crc === null)
      throw new JournalError('A journal line is damaged', {
        file,
        seq: this.#seq + 1,
        byte: this.#byte,
      });
    this.#crc = crc;
    // Known already: proven, because the chain goes through it, but not parsed.
    if (this.#seq < this.#after) {
      this.#seq++;
      return null;
    }
    const record = JSON.parse(bytes.toString('utf8')) as JournalRecord;
    this.#seq = record.seq;
    return this.#format.upcast?.(record) ?? record;
  }
}
