import fs from 'node:fs';
import { JournalError } from './journal-error.ts';
import { checkLine, type Header, type JournalRecord } from './record.ts';
import { firstSeqOf, listSegments } from './segments.ts';

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
  #isHeaderRead = false;

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
    if (!from) return;
    this.#file = from.file;
    this.#byte = from.byte;
    this.#seq = from.seq;
    this.#crc = from.crc;
    this.#isHeaderRead = true;
  }

  /** Behind the last record that was read; null where there is none yet. */
  get position(): Position | null {
    if (this.#file === null || this.#crc === null) return null;
    return { file: this.#file, byte: this.#byte, seq: this.#seq, crc: this.#crc };
  }

  /** @throws JournalError where a line is damaged */
  *read(): Generator<JournalRecord> {
    for (;;) {
      const files = this.#list();
      this.#file ??=
        files.findLast((file) => firstSeqOf(file) <= this.#after + 1) ?? files[0] ?? null;
      if (this.#file === null) return;
      yield* this.#readFile(this.#file);
      const next = files[files.indexOf(this.#file) + 1];
      if (next === undefined) return;
      // The writer may have finished this file between our reading it and listing the next.
      yield* this.#readFile(this.#file);
      this.#file = next;
      this.#byte = 0;
      this.#isHeaderRead = false;
    }
  }

  *#readFile(file: string): Generator<JournalRecord> {
    const fd = fs.openSync(file, 'r');
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

  #readHeader(bytes: Buffer, file: string): number {
    if (checkLine(bytes, 0) === null)
      throw new JournalError('The header of this journal file is damaged', {
        file,
        line: 1,
        byte: 0,
      });
    const { first, previous } = JSON.parse(bytes.toString('utf8')) as Header;
    this.#seq = first - 1;
    return Number.parseInt(previous, 16);
  }

  #take(bytes: Buffer, file: string): JournalRecord | null {
    if (!this.#isHeaderRead) {
      this.#isHeaderRead = true;
      this.#crc ??= this.#readHeader(bytes, file);
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
    const record = JSON.parse(bytes.toString('utf8')) as JournalRecord;
    this.#seq = record.seq;
    return record;
  }
}
