import fs from 'node:fs';
import { JournalError } from './journal-error.ts';
import { checkLine, type JournalRecord } from './record.ts';
import { listSegments } from './segments.ts';

const CHUNK_BYTES = 1 << 18;
const NEWLINE = 10;

/**
 * Reads a journal that somebody else is writing: each {@link read} gives the records that have
 * become whole since the last one. What stands behind the last newline is left for the next time.
 */
export class JournalFollower {
  readonly #dir: string;
  #file: string | null = null;
  #byte = 0;
  #crc = 0;
  #seq = 0;
  #isHeaderRead = false;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** @throws JournalError where a line is damaged */
  *read(): Generator<JournalRecord> {
    for (;;) {
      const files = listSegments(this.#dir);
      this.#file ??= files[0] ?? null;
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
          if (record) yield record;
        }
      }
    } finally {
      fs.closeSync(fd);
    }
  }

  #take(bytes: Buffer, file: string): JournalRecord | null {
    if (!this.#isHeaderRead) {
      this.#isHeaderRead = true;
      return null;
    }
    const crc = checkLine(bytes, this.#crc);
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
